//! A line that is JSON, as `tracing-subscriber` writes it, and bunyan, pino and `slog`.

use serde_json::{Map, Value};

use super::Level;

/// What a line of JSON says. Texts are as they were written: whoever shows them sees to it that
/// they do no harm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// When.
    pub time: Option<Time>,
    /// How bad it is.
    pub level: Option<Level>,
    /// Who says it: a module.
    pub target: Option<String>,
    /// Within what, the outermost first: `request{id=7}`.
    pub spans: Vec<String>,
    /// What.
    pub message: Option<String>,
    /// What else.
    pub fields: Vec<(String, String)>,
}

/// A moment, as loggers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// In words, mostly RFC 3339.
    Text(String),
    /// Milliseconds since 1970, in UTC.
    Millis(i64),
}

/// What carries the time, the message, and so on; `tracing`'s own name first.
const TIME: [&str; 4] = ["timestamp", "time", "ts", "@timestamp"];
const LEVEL: [&str; 3] = ["level", "severity", "lvl"];
const MESSAGE: [&str; 2] = ["message", "msg"];
const TARGET: [&str; 2] = ["target", "logger"];
/// What is the same in every line of a process, and bunyan and pino write into each; `hostname`
/// tells them from others, to whom `pid` may mean something.
const NOISE: [&str; 3] = ["hostname", "pid", "v"];

/// What a line says, if it is an object of JSON that somebody has logged: one with a level or a
/// message.
#[must_use]
pub fn entry(line: &str) -> Option<Entry> {
    let line = line.trim();
    if !line.starts_with('{') || !line.ends_with('}') {
        return None;
    }
    let mut object: Map<String, Value> = serde_json::from_str(line).ok()?;
    let level = take(&mut object, &LEVEL).and_then(|value| level(&value));
    let time = take(&mut object, &TIME).and_then(time);
    let target = take(&mut object, &TARGET).map(text);
    let spans = spans(&mut object);
    let mut fields = match object.shift_remove("fields") {
        // The flattened form has them beside the rest.
        Some(Value::Object(fields)) => fields,
        Some(other) => Map::from_iter([("fields".to_owned(), other)]),
        None => Map::new(),
    };
    let message = take(&mut fields, &MESSAGE).or_else(|| take(&mut object, &MESSAGE)).map(text);
    if level.is_none() && message.is_none() {
        return None;
    }
    if object.contains_key(NOISE[0]) {
        object.retain(|name, _| !NOISE.contains(&name.as_str()));
    }
    let fields = fields.into_iter().chain(object).map(|(name, value)| (name, text(value)));
    Some(Entry { time, level, target, spans, message, fields: fields.collect() })
}

/// Take out the first of these keys that is there.
fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    let name = names.iter().find(|name| object.contains_key(**name))?;
    object.shift_remove(*name)
}

fn level(value: &Value) -> Option<Level> {
    let number = || Level::from_number(value.as_u64()?);
    value.as_str().map_or_else(number, Level::from_field)
}

fn time(value: Value) -> Option<Time> {
    if let Value::String(text) = value {
        return Some(Time::Text(text));
    }
    value.as_f64().map(|number| Time::Millis(millis(number)))
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970: in this century their sizes
/// tell which.
#[expect(clippy::cast_possible_truncation, reason = "what is out of range is no time")]
fn millis(number: f64) -> i64 {
    let millis = match number {
        ..1e11 => number * 1e3,
        ..1e14 => number,
        ..1e17 => number / 1e3,
        _ => number / 1e6,
    };
    millis as i64
}

/// All spans, or the innermost if that is all there is.
fn spans(object: &mut Map<String, Value>) -> Vec<String> {
    let innermost = object.shift_remove("span");
    match (object.shift_remove("spans"), innermost) {
        (Some(Value::Array(spans)), _) => spans.into_iter().map(span).collect(),
        (_, Some(innermost)) => vec![span(innermost)],
        (_, None) => Vec::new(),
    }
}

fn span(value: Value) -> String {
    let Value::Object(mut fields) = value else { return text(value) };
    let name = fields.shift_remove("name").map(text).unwrap_or_default();
    if fields.is_empty() {
        return name;
    }
    let fields = fields.into_iter().map(|(name, value)| format!("{name}={value}"));
    format!("{name}{{{}}}", fields.collect::<Vec<_>>().join(" "))
}

fn text(value: Value) -> String {
    if let Value::String(text) = value { text } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Level, Time, entry};

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn listening() -> Entry {
        Entry {
            time: Some(Time::Text("2026-11-23T17:43:00.123456Z".into())),
            level: Some(Level::Info),
            target: Some("app::web".into()),
            spans: Vec::new(),
            message: Some("listening".into()),
            fields: fields(&[("port", "4000"), ("tls", "false")]),
        }
    }

    #[test]
    fn tracing_nested_and_flattened_are_one() {
        let nested = r#"{"timestamp":"2026-11-23T17:43:00.123456Z","level":"INFO","fields":{"message":"listening","port":4000,"tls":false},"target":"app::web"}"#;
        let flattened = r#"{"timestamp":"2026-11-23T17:43:00.123456Z","level":"INFO","message":"listening","port":4000,"tls":false,"target":"app::web"}"#;
        assert_eq!(entry(nested), Some(listening()));
        assert_eq!(entry(flattened), Some(listening()));
        assert_eq!(entry(&format!("  {nested}\r")), Some(listening()));
    }

    #[test]
    fn spans_come_from_the_outermost_to_the_innermost() {
        let line = r#"{"level":"WARN","fields":{"message":"slow"},"span":{"id":7,"name":"query"},"spans":[{"method":"GET","name":"request"},{"id":7,"name":"query"}]}"#;
        let spans = entry(line).unwrap().spans;
        assert_eq!(spans, [r#"request{method="GET"}"#, "query{id=7}"]);
        let alone = r#"{"level":"WARN","message":"slow","span":{"name":"query"}}"#;
        assert_eq!(entry(alone).unwrap().spans, ["query"]);
    }

    #[test]
    fn what_others_write_is_understood() {
        let bunyan = r#"{"v":0,"name":"app","msg":"hi","level":40,"hostname":"h","pid":7,"time":"2026-11-23T17:43:00Z","a":[1]}"#;
        let read = entry(bunyan).unwrap();
        assert_eq!((read.level, read.message.as_deref()), (Some(Level::Warn), Some("hi")));
        assert_eq!(read.fields, fields(&[("name", "app"), ("a", "[1]")]));
        for time in ["1795455780", "1795455780.000", "1795455780000", "1795455780000000"] {
            let line = format!(r#"{{"level":"error","ts":{time},"msg":"hi"}}"#);
            assert_eq!(entry(&line).unwrap().time, Some(Time::Millis(1_795_455_780_000)), "{time}");
        }
    }

    #[test]
    fn what_nobody_has_logged_is_none() {
        for line in [
            "",
            "{",
            "{}",
            "text",
            "[1]",
            r#"{"a":1}"#,
            r#"{"level":"INFO""#,
            r#"{"level":"INFO"} trailing"#,
            r#"{"level":"loud"}"#,
            r#""{level}""#,
        ] {
            assert_eq!(entry(line), None, "{line}");
        }
        assert_eq!(entry(&"{\"a\":".repeat(100_000)), None, "it ends, however deep");
    }

    #[test]
    fn types_that_nobody_expects_are_text() {
        let odd = r#"{"level":"INFO","message":{"a":1},"target":7,"fields":3,"span":null}"#;
        let read = entry(odd).unwrap();
        assert_eq!(read.message.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(read.target.as_deref(), Some("7"));
        assert_eq!(read.fields, fields(&[("fields", "3")]));
    }
}
