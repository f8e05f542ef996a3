//! A part of the table as it stands, for emitters that know what it means.

use serde_json::Value;
use toml_edit::{Item, TableLike};

pub(super) fn item(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(plain) => value(plain),
        Item::Table(found) => table(found),
        Item::ArrayOfTables(tables) => {
            Value::Array(tables.iter().map(|found| table(found)).collect())
        }
    }
}

fn value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(flag) => Value::from(*flag.value()),
        toml_edit::Value::Datetime(date) => Value::from(date.value().to_string()),
        toml_edit::Value::Array(values) => Value::Array(values.iter().map(self::value).collect()),
        toml_edit::Value::InlineTable(found) => table(found),
    }
}

fn table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, found)| (key.to_owned(), item(found))).collect())
}
