//! Numbers that the parser would lay out otherwise, as `1.10` and `1e2`, or round, as one of
//! thirty digits: words hold their places while the file is edited.

use serde_json::Value;

/// How such a word begins.
const WORD: &str = "number-as-it-was-";

/// A text of JSON without numbers that would change, and these in their order.
pub(super) fn held(text: &str) -> (String, Vec<String>) {
    let (mut held, mut numbers) = (String::new(), Vec::new());
    // A file with such words in it has them for somebody's sake.
    if text.contains(WORD) {
        return (text.to_owned(), numbers);
    }
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece(rest));
        if changes(piece) {
            held.extend(["\"", WORD, &numbers.len().to_string(), "\""]);
            numbers.push(piece.to_owned());
        } else {
            held.push_str(piece);
        }
        rest = after;
    }
    (held, numbers)
}

/// The text with the numbers, if there were some, in their places again.
pub(super) fn released(text: &str, numbers: &[String]) -> String {
    if numbers.is_empty() {
        return text.to_owned();
    }
    let begin = format!("\"{WORD}");
    let mut pieces = text.split(&begin);
    let mut released = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (index, after) = piece.split_once('"').unwrap_or((piece, ""));
        let number = index.parse::<usize>().ok().and_then(|index| numbers.get(index));
        released.extend([number.map_or(index, String::as_str), after]);
    }
    released
}

/// How long the first piece of a text is: a text in quotes, a number, or one character of neither.
fn piece(text: &str) -> usize {
    let is_of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    match text.chars().next() {
        Some('"') => {
            let mut is_escaped = true;
            let end = text.find(|c: char| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            end.map_or(text.len(), |end| end + 1)
        }
        Some('-' | '0'..='9') => text.find(|c| !is_of_number(c)).unwrap_or(text.len()),
        Some(other) => other.len_utf8(),
        None => 0,
    }
}

/// Whether this is a number that would be written otherwise.
fn changes(piece: &str) -> bool {
    let number = piece.parse::<Value>().ok().filter(Value::is_number);
    let written = number.map(|number| number.to_string());
    written.is_some_and(|written| written != piece)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use serde_json::Value;

    use super::{held, released};

    #[test]
    fn only_what_would_change_is_held() {
        let text = r#"{"a": [1.10,-0,1e2 ,12345678901234567890123456789,7,-1.5], "\"1e2": "1e2"}"#;
        let (plain, numbers) = held(text);
        assert_eq!(numbers, ["1.10", "-0", "1e2", "12345678901234567890123456789"]);
        assert!(plain.contains("7,-1.5], \"\\\"1e2\": \"1e2\"}"), "{plain}");
        assert_eq!(released(&plain, &numbers), text);
        let (plain, numbers) = held(r#"["a\\", 1.10, "1.10"]"#);
        assert_eq!(
            (plain.as_str(), numbers.len()),
            (r#"["a\\", "number-as-it-was-0", "1.10"]"#, 1)
        );
        let theirs = r#"["number-as-it-was-0", 1.10]"#;
        assert_eq!(held(theirs), (theirs.to_owned(), Vec::new()));
    }

    proptest! {
        /// Also of what is no JSON.
        #[test]
        fn a_text_is_itself_again(text in "(\"|\\\\|[0-9.eE+-]|[a ,:{}\\[\\]ü]){0,40}") {
            let (plain, numbers) = held(&text);
            prop_assert_eq!(released(&plain, &numbers), text);
        }

        #[test]
        fn every_number_is_kept(digits in "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?") {
            let (plain, numbers) = held(&format!("{{\"a\":[{digits}]}}"));
            let read: Value = plain.parse().unwrap();
            prop_assert_eq!(released(&read["a"][0].to_string(), &numbers), digits);
        }
    }
}
