//! The command as the value of a YAML map, which is how Railpack and Nixpacks read it.

/// The command as a YAML scalar: bare where that is safe, else in double quotes.
///
/// The rules of JSON are YAML's own within double quotes.
pub(super) fn scalar(command: &str) -> String {
    if is_plain(command) {
        command.to_owned()
    } else {
        serde_json::Value::from(command).to_string()
    }
}

/// Whether the bare command is this very text to every reader of YAML.
///
/// Narrower than YAML: it starts like a path or a word, and is no number or constant.
pub(super) fn is_plain(command: &str) -> bool {
    let starts_well = command.starts_with(|c: char| c.is_ascii_alphabetic() || "./_".contains(c));
    let one_word = !command.contains(' ');
    // A bare word may be a constant (`true`, `off`, `null`) or, with `.`, a number.
    let may_be_constant = one_word && !command.contains('/');
    starts_well
        && !may_be_constant
        && !command.contains(": ")
        && !command.ends_with(':')
        && !command.contains(" #")
        && !command.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::{is_plain, scalar};

    #[test]
    fn paths_and_words_are_plain() {
        for plain in ["./bin/web", "env A=b ./bin/web --x 'a b'", "web --port $PORT", "./w a:b"] {
            assert!(is_plain(plain), "{plain}");
            assert_eq!(scalar(plain), plain);
        }
    }

    #[test]
    fn what_yaml_would_read_otherwise_is_quoted() {
        for other in ["true", "1", ".5", "'a' b", "*w", "{w}", "./w a: b", "./w a:", "./w 'a #b'"] {
            assert!(!is_plain(other), "{other}");
            assert_eq!(scalar(other), format!("\"{other}\""));
        }
        assert_eq!(scalar("'a\"\tb' c"), r#""'a\"\tb' c""#);
    }
}
