//! The grammar of environment files, case by case and at random.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, prop_assert_eq, proptest};

use super::{DotenvProblem, parse};

fn outer(name: &str) -> Option<String> {
    match name {
        "HOME" => Some("/home/ann".into()),
        "FOO" => Some("foo".into()),
        "FOOBAR" => Some("foobar".into()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

/// The value of `A`, or what is wrong and where.
fn read(text: &str) -> Result<String, Vec<(usize, DotenvProblem)>> {
    match parse(text, outer) {
        Ok(mut values) => Ok(values.remove("A").unwrap_or_else(|| format!("{values:?}"))),
        Err(errors) => Err(errors.into_iter().map(|error| (error.line, error.kind)).collect()),
    }
}

fn check(text: &str, value: &str) {
    assert_eq!(read(text).as_deref(), Ok(value), "{text}");
}

fn refused(text: &str, line: usize, kind: DotenvProblem) {
    assert_eq!(read(text), Err(vec![(line, kind)]), "{text}");
}

#[test]
fn plain_values() {
    check("A=bar", "bar");
    check("A = bar \t", "bar");
    check("  A=bar\r\n", "bar");
    check("export A=bar", "bar");
    check("export\tA=bar", "bar");
    check("\u{feff}A=bar", "bar");
    check("A=", "");
    check("A=\nB=1", "");
    check("A=two words  and = more ", "two words  and = more");
    check("A=http://h/api?foo=bar&baz=1", "http://h/api?foo=bar&baz=1");
    check("A=base64===", "base64===");
    check("A=~pun|u@|0n$=", "~pun|u@|0n$=");
    check("A=user@domain.com", "user@domain.com");
    check("A=grüße 🦀", "grüße 🦀");
    check("A=C:\\new\\table", "C:\\new\\table");
    check("A=it's", "it's");
    check("A=1\nA=2", "2");
}

#[test]
fn comments() {
    check("", "{}");
    check("#c\n   # c\n\t\n\r\n", "{}");
    check("A=stripped # comment", "stripped");
    check("A=kept#hash", "kept#hash");
    check("A=#kept", "#kept");
    check("A= # comment", "");
    check("A=\"quoted # hash\" # comment", "quoted # hash");
    check("A='quoted # hash'\t# comment", "quoted # hash");
}

#[test]
fn quotes() {
    check("A=\"qux\"", "qux");
    check("A= 'barney' ", "barney");
    check("A=\"escaped\\\"quote\"", "escaped\"quote");
    check("A=\"bar\\nbaz\\t\\\\n\\$FOO\\`\"", "bar\nbaz\t\\n$FOO`");
    check("A=\"\\d+\"", "\\d+");
    check("A='raw\\n$FOO \"x\"'", "raw\\n$FOO \"x\"");
    check("A=\"one\ntwo\n\"", "one\ntwo\n");
    check("A='one\n# two\n'\nB=1", "one\n# two\n");
    check("A=\"one \\\ntwo\"", "one two");
    check("A=''", "");
    check("A=\"\"", "");
}

#[test]
fn variables() {
    check("A=$FOO/$FOOBAR/${FOO}BAR", "foo/foobar/fooBAR");
    check("A=\"$HOME/x\"", "/home/ann/x");
    check("B=b\nA=$B$B", "bb");
    check("FOO=mine\nA=$FOO", "foo");
    check("A=${NOPE:-default}", "default");
    check("A=${EMPTY:-default}", "default");
    check("A=${FOO:-$NOPE}", "foo");
    check("A=${NOPE:-${NO:-$FOO}-x}!", "foo-x!");
    check("A=${NOPE:-}", "");
    check("A=${FOO:-${EMPTY:-$NOPE}}", "foo");
    check("A=\\$FOO", "$FOO");
    check("A=5$ $1 $$", "5$ $1 $$");
    check("A=$(id)", "$(id)");
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    refused("\n\njust words", 3, DotenvProblem::NoValue);
    refused("-foo=x", 1, DotenvProblem::Name("-foo".into()));
    refused("ünï=x", 1, DotenvProblem::Name("ünï".into()));
    refused("2A=x", 1, DotenvProblem::Name("2A".into()));
    refused("=x", 1, DotenvProblem::Name(String::new()));
    refused("export B C=x", 1, DotenvProblem::Name("B C".into()));
    refused("A='x\n\nB=1", 1, DotenvProblem::Unclosed('\''));
    refused("B=1\nA=\"x\nC=1", 2, DotenvProblem::Unclosed('"'));
    refused("A=\"x\"y", 1, DotenvProblem::AfterQuote);
    refused("A=\"x\"#y", 1, DotenvProblem::AfterQuote);
    refused("A=${FOO", 1, DotenvProblem::Substitution);
    refused("A=${}", 1, DotenvProblem::Substitution);
    refused("A=${FOO-x}", 1, DotenvProblem::Substitution);
    refused("A=${FOO:-x", 1, DotenvProblem::Substitution);
    refused("A=${FOO:-x}$NOPE", 1, DotenvProblem::Unset("NOPE".into()));
    refused("A=pa$word", 1, DotenvProblem::Unset("word".into()));
    refused("A=$B\nB=later", 1, DotenvProblem::Unset("B".into()));
    refused("A=x\0", 1, DotenvProblem::Nul);
}

#[test]
fn all_problems_are_told_at_once() {
    let lines = read("one\nB=2\n\"three\"\n4=4").unwrap_err();
    let lines: Vec<_> = lines.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 4]);
    let lines = read("A=\"open\n4=4").unwrap_err();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn no_message_repeats_a_value() {
    for text in ["A=\"s3cret\"s3cret", "A='s3cret", "A=s3cret${", "A=s3cret\0"] {
        let errors = parse(text, outer).unwrap_err();
        assert!(!errors[0].to_string().contains("s3cret"), "{errors:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_in_double_quotes_reads_back(
        values in proptest::collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,8}", value(), 0..6)
    ) {
        let line = |(name, value): (&String, &String)| {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            format!("{name}=\"{escaped}\"\n")
        };
        let text: String = values.iter().map(line).collect();
        prop_assert_eq!(parse(&text, outer), Ok(values));
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC*|[A$={}:\"'\\\\\n\r #-]*") {
        let read: Result<BTreeMap<_, _>, _> = parse(&text, outer);
        let lines = text.split('\n').count();
        for error in read.err().unwrap_or_default() {
            prop_assert_eq!(error.line.clamp(1, lines), error.line);
        }
    }
}

/// Any value an environment can hold, with the characters that mean something more often.
fn value() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        proptest::prop_oneof![
            proptest::char::any(),
            proptest::sample::select(vec![
                '"', '\'', '\\', '$', '{', '}', '#', '\n', '\r', ' ', 'n'
            ]),
        ],
        0..12,
    )
    .prop_map(|chars| chars.into_iter().filter(|c| *c != '\0').collect())
}
