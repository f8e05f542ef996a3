//! YAML as every reader of it understands it, whichever of its versions they know.
//!
//! A text is bare only where nobody could take it for anything else; otherwise it stands between
//! double quotes, where YAML has the escapes of JSON. Lists and maps are blocks, no anchors.

use std::fmt::{self, Write as _};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Nothing.
    Null,
    /// Values, in order.
    List(Vec<Node>),
    /// Values by name, in order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Values by name, in order.
    pub(super) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Texts.
    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// What stands on the line of its name, if all of it does.
    fn inline(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => scalar(text),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Null => "null".to_owned(),
            Self::List(items) if items.is_empty() => "[]".to_owned(),
            Self::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Self::List(_) | Self::Map(_) => return None,
        })
    }

    fn write(&self, depth: usize, text: &mut String) {
        let indent = "  ".repeat(depth);
        // Writing to a string does not fail.
        match self {
            Self::Map(entries) => {
                for (key, value) in entries {
                    let _ = write!(text, "{indent}{}:", scalar(key));
                    value.write_after(depth, text);
                }
            }
            Self::List(items) => {
                for item in items {
                    let _ = write!(text, "{indent}-");
                    item.write_item(depth, text);
                }
            }
            Self::Text(_) | Self::Number(_) | Self::Flag(_) | Self::Null => {
                let _ = writeln!(text, "{indent}{}", self.inline().unwrap_or_default());
            }
        }
    }

    /// What follows a dash: all of it on the same line, or only how it begins.
    fn write_item(&self, depth: usize, text: &mut String) {
        let mut below = self.inline().map(|inline| inline + "\n").unwrap_or_default();
        if below.is_empty() {
            self.write(depth + 1, &mut below);
        }
        text.push(' ');
        text.push_str(below.trim_start());
    }

    /// What follows a name: on the same line, or below it.
    fn write_after(&self, depth: usize, text: &mut String) {
        if let Some(inline) = self.inline() {
            let _ = writeln!(text, " {inline}");
        } else {
            text.push('\n');
            self.write(depth + 1, text);
        }
    }
}

/// A whole document; it ends with a line break.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(0, &mut text);
        f.write_str(&text)
    }
}

/// A text that is this text to every reader.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let json = serde_json::Value::from(text).to_string();
    let mut escaped = String::new();
    for c in json.chars() {
        if is_printable(c) {
            escaped.push(c);
        } else if u32::from(c) > 0xffff {
            let _ = write!(escaped, "\\U{:08x}", u32::from(c));
        } else {
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        }
    }
    escaped
}

/// Whether nobody could take the bare text for anything but this text: letters first, and none
/// of the words that some version of YAML takes for a constant.
fn is_plain(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let constants = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte))
        && !constants.contains(&lower.as_str())
}

/// Whether a character may stand between quotes as it is. JSON lets more stand there: what
/// Unicode, and so YAML 1.1, calls the end of a line, and what has no shape.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        && u32::from(c) & 0xfffe != 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use proptest::sample::select;
    use snapbox::{assert_data_eq, str};

    use super::Node;

    fn read(text: &str) -> serde_json::Value {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn it_is_laid_out_as_people_do() {
        let node = Node::map([
            ("a", Node::texts(["x", "y z"])),
            ("b", Node::map([("c", Node::Number(1)), ("d", Node::Flag(true)), ("e", Node::Null)])),
            ("f", Node::List(vec![Node::map([("g", Node::text("no"))])])),
            ("h", Node::Map(Vec::new())),
        ]);
        assert_data_eq!(
            node.to_string(),
            str![[r#"
a:
  - x
  - "y z"
b:
  c: 1
  d: true
  e: null
f:
  - g: "no"
h: {}

"#]]
        );
    }

    #[test]
    fn nothing_is_taken_for_something_else() {
        for text in [
            "true",
            "NO",
            "y",
            "null",
            "~",
            "",
            " a",
            "a ",
            "1",
            "0x1f",
            "1e3",
            "22:22",
            "1_000",
            "2024-01-01",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "{",
            "[",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%",
            "@",
            "`",
            "'",
            "\"",
            "a\nb",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{7f}",
            "\t",
            "\u{1}",
            "é",
            "🚀",
            "=",
            "<<",
            ".inf",
            ".5",
            "+1",
        ] {
            let document = Node::map([("key", Node::text(text))]).to_string();
            assert_eq!(read(&document)["key"], text, "{document}");
        }
    }

    /// Texts of any characters, more often of those that no YAML has as they are.
    fn hostile() -> impl Strategy<Value = String> {
        let odd: &'static [&str] = &[
            "\0",
            "\u{1}",
            "\r",
            "\n",
            "\u{7f}",
            "\u{80}",
            "\u{85}",
            "\u{9f}",
            "\u{2028}",
            "\u{feff}",
            "\u{fdd0}",
            "\u{fffe}",
            "\u{ffff}",
            "\u{1fffe}",
            "\u{10ffff}",
            "\"",
            "\\",
            "'",
            " ",
            "#",
        ];
        let piece = prop_oneof![any::<String>(), select(odd).prop_map(str::to_owned)];
        vec(piece, 0..4).prop_map(|pieces| pieces.concat())
    }

    /// `c-printable` of YAML 1.2: what a document has in it, and a reader may insist on.
    fn is_of_yaml(c: char) -> bool {
        matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(key in hostile(), text in hostile()) {
            let document = Node::Map(vec![(key.clone(), Node::texts([text.clone()]))]).to_string();
            prop_assert!(document.chars().all(is_of_yaml), "{document:?}");
            prop_assert_eq!(read(&document), serde_json::json!({ key: [text] }));
        }
    }
}
