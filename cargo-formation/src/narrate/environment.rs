//! The environment of an instance as text: for the eye, for a file, for a script.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::plan::dotenv;

/// How an environment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentFormat {
    /// `NAME=value`, a variable a line, the values as they are.
    Text,
    /// Lines that an environment file, and a POSIX shell, read back as they were.
    Dotenv,
    /// One JSON object.
    Json,
}

/// How much of an environment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentExtent {
    /// Everything the instance gets.
    Whole,
    /// What the shell does not have, or has with another value.
    FormationOnly,
}

/// Write the variables `env` of an instance, sorted by name; `shell` is the tool's own
/// environment. Bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn environment(
    env: &[(OsString, OsString)],
    shell: &[(OsString, OsString)],
    format: EnvironmentFormat,
    extent: EnvironmentExtent,
) -> String {
    let shown = env.iter().filter(|variable| match extent {
        EnvironmentExtent::Whole => true,
        EnvironmentExtent::FormationOnly => !shell.contains(variable),
    });
    let shown: Variables<'_> =
        shown.map(|(n, v)| (n.to_string_lossy(), v.to_string_lossy())).collect();
    match format {
        EnvironmentFormat::Text => lines(&shown, |name, value| format!("{name}={value}\n")),
        EnvironmentFormat::Dotenv => lines(&shown, assignment),
        EnvironmentFormat::Json => {
            let object: serde_json::Map<_, _> = shown
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
                .collect();
            format!("{:#}\n", serde_json::Value::Object(object))
        }
    }
}

/// Variables by name, as text.
type Variables<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// Every variable as `line` writes it.
fn lines(variables: &Variables<'_>, line: impl Fn(&str, &str) -> String) -> String {
    variables.iter().map(|(name, value)| line(name, value)).collect()
}

/// One line, or more if the value has more.
fn assignment(name: &str, value: &str) -> String {
    if dotenv::is_name(name) {
        format!("{name}={}\n", quoted(value))
    } else {
        // Shells export functions under such names. Neither reader takes them.
        format!("# {} cannot be written in this form\n", name.escape_debug())
    }
}

/// A value as both readers take it for itself.
fn quoted(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&b);
    if value.bytes().all(plain) {
        value.to_owned()
    } else if value.contains('\'') {
        let mut text = String::from("\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                text.push('\\');
            }
            text.push(c);
        }
        text + "\""
    } else {
        format!("'{value}'")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::process::Command;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{EnvironmentExtent, EnvironmentFormat, environment, quoted};
    use crate::plan::dotenv;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn check(format: EnvironmentFormat, extent: EnvironmentExtent, expected: &str) {
        let env = [("PS", "web.1"), ("HOME", "/home/ann"), ("A", "x \"y\""), ("LANG", "C")];
        let shell = [("HOME", "/home/ann"), ("LANG", "de"), ("CARGO", "/bin/cargo")];
        let text = environment(&variables(&env), &variables(&shell), format, extent);
        assert_eq!(text, expected);
    }

    #[test]
    fn sorted_lines_of_everything_or_of_what_the_formation_adds() {
        let whole = "A=x \"y\"\nHOME=/home/ann\nLANG=C\nPS=web.1\n";
        check(EnvironmentFormat::Text, EnvironmentExtent::Whole, whole);
        let own = "A='x \"y\"'\nLANG=C\nPS=web.1\n";
        check(EnvironmentFormat::Dotenv, EnvironmentExtent::FormationOnly, own);
    }

    #[test]
    fn json_is_one_object() {
        let own = "{\n  \"A\": \"x \\\"y\\\"\",\n  \"LANG\": \"C\",\n  \"PS\": \"web.1\"\n}\n";
        check(EnvironmentFormat::Json, EnvironmentExtent::FormationOnly, own);
    }

    #[test]
    fn a_name_no_file_can_hold_becomes_a_comment() {
        let env = variables(&[("BASH_FUNC_f%%", "() {\n}"), ("B", "1")]);
        let text = environment(&env, &[], EnvironmentFormat::Dotenv, EnvironmentExtent::Whole);
        assert_eq!(text, "B=1\n# BASH_FUNC_f%% cannot be written in this form\n");
    }

    /// What `sh` makes of a value.
    #[cfg(unix)]
    fn in_shell(value: &str) -> String {
        let script = format!("A={}\nprintf '%s' \"$A\"", quoted(value));
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    #[cfg(unix)]
    fn a_shell_reads_the_same_value() {
        for value in [
            "",
            "plain/1.2:@%+,-",
            "two words",
            "it's",
            "'",
            "\"",
            "$HOME `id` $(id)",
            "it's $HOME",
            "it's `id`",
            "\\",
            "\\n",
            "'\\n'",
            "'\\\n'",
            "a\nb\n#c",
            "'a'\r\nb",
            "~",
            "~root",
            "*",
            "a=b",
            "#x",
            " # x ",
            "!x",
            "grüße's",
            "é",
        ] {
            assert_eq!(in_shell(value), value);
        }
    }

    proptest! {
        #[test]
        fn an_environment_file_reads_the_same_value(
            value in "[^\u{0}]*|['\"\\\\$`{}nrt #\n\r]*"
        ) {
            let env = variables(&[("A", &value)]);
            let text =
                environment(&env, &[], EnvironmentFormat::Dotenv, EnvironmentExtent::Whole);
            let read = dotenv::parse(&text, |_| None);
            prop_assert_eq!(read.map(|mut values| values.remove("A")), Ok(Some(value)));
        }
    }
}
