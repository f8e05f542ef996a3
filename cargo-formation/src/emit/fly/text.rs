//! A text of TOML on one line, whatever it holds: between the lines of another it would have the
//! line ends of the file in it.

use std::fmt::Write as _;

use toml_edit::{Item, Value, value};

/// The text as the value of a key.
pub(super) fn text(text: &str) -> Item {
    if !text.contains(['\n', '\r']) {
        return value(text);
    }
    // Every escape of a character is one that TOML has.
    escaped(text).parse::<Value>().map_or_else(|_| value(text), Item::Value)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {
                // Writing to a text cannot fail.
                let _ = write!(escaped, "\\u{:04X}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped.push('"');
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::text;

    proptest! {
        #[test]
        fn it_is_itself_on_one_line(before in any::<String>(), after in any::<String>()) {
            let told = format!("{before}\n{after}");
            let item = text(&told);
            prop_assert_eq!(item.as_str(), Some(told.as_str()));
            let line = item.to_string();
            prop_assert!(!line.contains(['\n', '\r']), "{}", line);
            let read: toml_edit::DocumentMut = format!("a = {line}").parse().unwrap();
            prop_assert_eq!(read["a"].as_str(), Some(told.as_str()));
        }
    }
}
