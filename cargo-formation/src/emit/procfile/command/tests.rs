//! Commands as words, for each kind of reader.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::super::tests::process;
use super::super::word::Word;
use super::{Command, Refusal};
use crate::formation::Template;

fn command(program: &str, args: &[&str]) -> Result<Command, Refusal> {
    let mut process = process("web");
    process.args = args.iter().map(|arg| Template::parse(arg).unwrap()).collect();
    Command::new(program, &process)
}

fn check(args: &[&str], text: &str) {
    let command = command("./w", args).unwrap().text();
    assert_eq!(command, format!("./w {text}"));
}

#[test]
fn plain_words_stay_bare() {
    check(
        &["--listen", "0.0.0.0:80", "a=b", "x@y,z", "50%+1"],
        "--listen 0.0.0.0:80 a=b x@y,z 50%+1",
    );
    check(
        &["$PORT", "--port=${PORT}", "${PORT}0", "$PORT-1"],
        "$PORT --port=$PORT ${PORT}0 $PORT-1",
    );
}

#[test]
fn other_words_are_quoted_where_they_must_be() {
    check(&["", "a b", "--name=a b", "it's"], r"'' 'a b' --name='a b' 'it'\''s'");
    check(
        &["$NAME", "http://$HOST:80", "a b$HOST"],
        r#""${NAME}" http://"${HOST}":80 'a b'"${HOST}""#,
    );
    check(&["a:", "b", "//x", "//a=b c"], "'a:' b '//x' '//a=b c'");
    check(&["#x", "a;b", "~", "*", "café", "a\tb"], "'#x' 'a;b' '~' '*' 'café' 'a\tb'");
}

#[test]
fn a_dollar_never_stands_before_a_name() {
    check(&["$$HOME", "5$$", "a$$b$$c"], "'$''HOME' '5$' 'a$''b$''c'");
}

#[test]
fn a_line_break_of_any_reader_is_refused() {
    for wrong in ["a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{2028}b", "\u{b}", "\u{1c}"] {
        assert!(matches!(command("./w", &[wrong]), Err(Refusal::Line { .. })), "{wrong:?}");
    }
}

#[test]
fn a_program_is_neither_a_builtin_nor_an_assignment() {
    for builtin in ["exec", "test", "time", "true"] {
        assert!(matches!(command(builtin, &[]), Err(Refusal::ShellWord { .. })), "{builtin}");
    }
    let text = |program| command(program, &[]).unwrap().text();
    assert_eq!(text("a=b/web"), "./a=b/web");
    assert_eq!(text("@x/web"), "./@x/web");
    assert_eq!(text("/a b/web"), "'/a b/web'");
}

#[test]
fn variables_of_the_table_go_through_env() {
    let mut process = process("web");
    let pairs = [("RUST_LOG", "info"), ("GREETING", "good day"), ("URL", "x:$PORT/$GREETING")];
    process.env =
        pairs.iter().map(|(n, v)| ((*n).to_owned(), Template::parse(v).unwrap())).collect();
    process.args = vec![Template::parse("$RUST_LOG").unwrap()];
    let text = Command::new("./w", &process).unwrap().text();
    let env = r#"RUST_LOG=info GREETING='good day' URL='x:'"${PORT}"'/good day'"#;
    assert_eq!(text, format!("env {env} ./w info"));
}

fn any_argument() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{1,4}",
        Just("$PORT".to_owned()),
        Just(": ".to_owned()),
        Just(" //".to_owned()),
        Just("''".to_owned()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_shell_reads_every_literal_word_as_it_was(text in any_argument()) {
        let word = Word::literal(&text);
        if !word.breaks_the_line() {
            assert_eq!(shell_words::split(&word.to_string()).unwrap(), [text]);
        }
    }

    #[test]
    fn nothing_in_a_literal_word_is_replaced_by_foreman(text in any_argument()) {
        let written = Word::literal(&text).to_string();
        let mut after_dollars = written.split('$').skip(1);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        assert!(after_dollars.all(|after| !after.starts_with(is_name)), "{written}");
    }
}
