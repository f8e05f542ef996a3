//! A line of JSON as a person reads it: time, level, target, message, fields.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::super::Paint;
use super::{Entry, Level};

/// Before what continues a message or a field of several lines.
const INDENT: &str = "    ";

/// A line as `tracing` writes it for people; more than one where the message or a field has
/// more. `time` is what is shown of its time. It holds no escape sequence but those of its own
/// colours, and no control character but the ends of its lines.
#[must_use]
pub fn render(entry: &Entry, time: Option<&str>, paint: Paint) -> String {
    let mut text = String::new();
    if let Some(time) = time {
        text += &painted(&inline(time), Style::new().dimmed(), paint);
        text.push(' ');
    }
    if let Some(level) = entry.level {
        text += &painted(&format!("{level:>5}"), style(level), paint);
        text.push(' ');
    }
    let place: String = entry.spans.iter().fold(String::new(), |place, span| place + span + ":");
    let place = match &entry.target {
        Some(target) => format!("{place}{target}:"),
        None => place,
    };
    if !place.is_empty() {
        text += &painted(&inline(&place), Style::new().dimmed(), paint);
        text.push(' ');
    }
    text += &indented(entry.message.as_deref().unwrap_or_default());
    let is_long = |field: &&(String, String)| field.1.contains('\n');
    for (name, value) in entry.fields.iter().filter(|field| !is_long(field)) {
        let name = painted(&inline(name), Style::new().italic(), paint);
        let _ = write!(text, " {name}={}", quoted(value));
    }
    // A backtrace is of no use on one line.
    for (name, value) in entry.fields.iter().filter(is_long) {
        let name = painted(&inline(name), Style::new().italic(), paint);
        let _ = write!(text, "\n{INDENT}{name}:\n{INDENT}{}", indented(value.trim_end()));
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text
}

/// The colours of `tracing`.
fn style(level: Level) -> Style {
    let colour = match level {
        Level::Trace => AnsiColor::Magenta,
        Level::Debug => AnsiColor::Blue,
        Level::Info => AnsiColor::Green,
        Level::Warn => AnsiColor::Yellow,
        Level::Error => AnsiColor::Red,
    };
    Style::new().fg_color(Some(colour.into()))
}

fn painted(text: &str, style: Style, paint: Paint) -> String {
    match paint {
        Paint::Coloured => format!("{style}{text}{style:#}"),
        Paint::Plain => text.to_owned(),
    }
}

/// A value as it is, or in quotes where it would not be seen where it ends.
fn quoted(value: &str) -> String {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '"';
    // What begins as JSON does is JSON.
    let is_json = value.starts_with(['{', '[']);
    if value.is_empty() || !is_json && value.contains(odd) {
        format!("{value:?}")
    } else {
        inline(value)
    }
}

/// Text of more than one line; those after the first are indented.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| inline(line.trim_end())).collect();
    lines.join(&format!("\n{INDENT}"))
}

/// Text without what would do something to a terminal.
fn inline(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::entry;
    use super::{Paint, render};

    fn check(line: &str, expected: &str) {
        let entry = entry(line).unwrap();
        assert_eq!(render(&entry, Some("17:43:00.123"), Paint::Plain), expected, "{line}");
    }

    #[test]
    fn time_level_target_message_and_fields_stand_in_a_line() {
        check(
            r#"{"timestamp":"…","level":"INFO","fields":{"message":"listening","port":4000,"name":"two words","empty":""},"target":"app::web"}"#,
            r#"17:43:00.123  INFO app::web: listening port=4000 name="two words" empty="""#,
        );
        check(
            r#"{"level":"ERROR","message":"no","spans":[{"name":"a"},{"name":"b","n":1}],"target":"app"}"#,
            "17:43:00.123 ERROR a:b{n=1}:app: no",
        );
        check(r#"{"level":"DEBUG"}"#, "17:43:00.123 DEBUG");
        check(r#"{"msg":"hi","list":[1,{"a":"b c"}]}"#, r#"17:43:00.123 hi list=[1,{"a":"b c"}]"#);
    }

    #[test]
    fn what_has_several_lines_gets_them() {
        check(
            r#"{"level":"ERROR","message":"one\ntwo\r\n","backtrace":"0: main\n1: start\n","n":1}"#,
            "17:43:00.123 ERROR one\n    two\n     n=1\n    backtrace:\n    0: main\n    1: start",
        );
    }

    #[test]
    fn nothing_in_it_reaches_the_terminal() {
        let hostile = r#"{"level":"INFO","message":"\u001b[2Jgone\u0007","\u001b[H":"\u001b]0;x","target":"\u009b31m","t":"x","span":{"name":"\u001b[A"}}"#;
        let shown = render(&entry(hostile).unwrap(), Some("\u{1b}c"), Paint::Plain);
        assert!(!shown.contains(|c: char| c.is_control()), "{shown:?}");
        assert!(shown.contains(r"\u{1b}[2Jgone\u{7}"), "{shown:?}");
    }

    #[test]
    fn colours_are_those_of_tracing() {
        let entry = entry(r#"{"level":"WARN","message":"hm","a":1}"#).unwrap();
        let shown = render(&entry, None, Paint::Coloured);
        assert_eq!(shown, "\u{1b}[33m WARN\u{1b}[0m hm \u{1b}[3ma\u{1b}[0m=1");
    }
}
