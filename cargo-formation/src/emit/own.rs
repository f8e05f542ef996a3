//! What only one platform knows: `platform.<name>` of the settings.

use serde_json::Value;

use super::app::App;
use super::notice::Refusal;
use super::platform::Platform;
use crate::formation::nearest;

/// The keys of one platform, all of them known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<'f> {
    platform: Platform,
    settings: Option<&'f Value>,
}

impl<'f> Own<'f> {
    /// Look at the keys. One that the platform does not know is refused.
    pub(super) fn read(app: &App<'f>, platform: Platform) -> Result<Self, Vec<Refusal>> {
        let mut platforms = app.formation.settings.platforms.iter();
        let settings = platforms.find(|found| found.name == platform.word());
        let settings = settings.map(|found| &found.settings);
        let keys = settings.and_then(Value::as_object).into_iter().flat_map(|table| table.keys());
        let unknown = keys.filter(|key| !platform.keys().contains(&key.as_str()));
        let refusals: Vec<Refusal> = unknown.map(|key| unknown_key(platform, key)).collect();
        if refusals.is_empty() { Ok(Self { platform, settings }) } else { Err(refusals) }
    }

    /// A text of which every character is allowed.
    pub(super) fn text(
        &self,
        key: &str,
        allowed: impl Fn(char) -> bool,
    ) -> Result<Option<&'f str>, Refusal> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value
            .as_str()
            .filter(|text| !text.is_empty() && text.chars().all(allowed))
            .map(Some)
            .ok_or_else(|| self.wrong(key, value, "a text, without blanks and quotes"))
    }

    /// Texts of which each is as it should be, which is `expected`.
    pub(super) fn texts(
        &self,
        key: &str,
        expected: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<Vec<&'f str>, Refusal> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let texts: Option<Vec<&str>> =
            value.as_array().and_then(|values| values.iter().map(Value::as_str).collect());
        texts
            .filter(|texts| texts.iter().all(|text| is_right(text)))
            .ok_or_else(|| self.wrong(key, value, expected))
    }

    /// What stands in a table, which is `expected`, by its names.
    pub(super) fn table(
        &self,
        key: &str,
        expected: &str,
    ) -> Result<impl Iterator<Item = (&'f str, &'f Value)> + use<'f>, Refusal> {
        let value = self.value(key);
        let table =
            value.map(|value| value.as_object().ok_or_else(|| self.wrong(key, value, expected)));
        let entries = table.transpose()?.into_iter().flatten();
        Ok(entries.map(|(name, value)| (name.as_str(), value)))
    }

    fn value(&self, key: &str) -> Option<&'f Value> {
        self.settings?.get(key)
    }

    fn wrong(&self, key: &str, value: &Value, expected: &str) -> Refusal {
        self.refusal(key, &format!("expected {expected}, and it is {value}"))
    }

    /// What is wrong with a key, of which a dot leads to one in it.
    pub(super) fn refusal(&self, key: &str, why: &str) -> Refusal {
        Refusal::Setting { platform: self.platform, key: key.to_owned(), why: why.to_owned() }
    }
}

fn unknown_key(platform: Platform, key: &str) -> Refusal {
    let known = platform.keys();
    let why = match nearest(key, known.iter().copied()) {
        Some(meant) => format!("there is no such key; did you mean `{meant}`?"),
        None if known.is_empty() => "there is no such key, nor any other".to_owned(),
        None => format!("there is no such key; there are `{}`", known.join("`, `")),
    };
    Refusal::Setting { platform, key: key.to_owned(), why }
}
