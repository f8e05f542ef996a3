//! An app.json as it is read: whole, or not at all.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::emit::shared::Unreadable;

/// The object that the file is. An empty one is an object with nothing in it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, Unreadable> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    let file = match serde_json::from_str(text) {
        Ok(Value::Object(file)) => file,
        Ok(_) => return Err(Unreadable("it is no object of JSON".to_owned())),
        Err(error) => {
            return Err(Unreadable(format!(
                "it is no JSON: {error}; if it has comments, take them out: they would be lost"
            )));
        }
    };
    match serde_json::from_str(text) {
        Ok(Distinct) => Ok(file),
        Err(error) => Err(Unreadable(format!(
            "it has the {error}; take one of the two out: it would be lost"
        ))),
    }
}

/// JSON without a key that is twice in one object. To `serde_json` the last of them is all.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(key) = keys.replace(key) {
                return Err(A::Error::custom(format!("key `{key}` for the second time")));
            }
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_key_that_is_there_twice_is_refused_wherever_it_is() {
        let refused = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            refused("{\"env\":{\"A\":\"1\"},\n \"env\":{\"B\":\"2\"}}"),
            "it has the key `env` for the second time at line 2 column 6; take one of the two \
             out: it would be lost"
        );
        assert!(refused("{\"a\":[1,{\"b\":{\"c\":1,\"\\u0063\":2}}]}").contains("key `c` for"));
        assert!(refused("{\"a\":1,\"a\":2 x}").starts_with("it is no JSON"));
        assert!(read("{\"a\":[{\"b\":1},{\"b\":-1.5}],\"b\":{\"a\":[null,true,\"\"]}}").is_ok());
    }
}
