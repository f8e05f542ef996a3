//! Which key somebody may have meant.

use crate::formation::{folded, nearest};

/// Keys under which other tools file what a key of the table means.
const SYNONYMS: [(&str, &str); 22] = [
    ("arguments", "args"),
    ("argv", "args"),
    ("binary", "bin"),
    ("cmd", "bin"),
    ("command", "bin"),
    ("count", "quantity"),
    ("crate", "package"),
    ("cron", "schedule"),
    ("cwd", "dir"),
    ("directory", "dir"),
    ("environment", "env"),
    ("exec", "bin"),
    ("healthcheck", "health"),
    ("instances", "quantity"),
    ("limits", "resources"),
    ("name", "app"),
    ("replicas", "quantity"),
    ("scale", "quantity"),
    ("signal", "stop"),
    ("tty", "pty"),
    ("workdir", "dir"),
    ("working-dir", "dir"),
];

/// The key that `word` may have been meant to be: a near one, or what other tools call it.
pub(super) fn key<'c>(word: &str, known: &[&'c str]) -> Option<&'c str> {
    nearest(word, known.iter().copied()).or_else(|| {
        let (_, meant) = SYNONYMS.iter().find(|(synonym, _)| *synonym == folded(word))?;
        known.iter().copied().find(|candidate| candidate == meant)
    })
}

/// `` `a`, `b`, `c` ``
pub(super) fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_key_of_another_tool_is_known() {
        assert_eq!(key("replicas", &["bin", "quantity"]), Some("quantity"));
        assert_eq!(key("replicas", &["bin"]), None);
        assert_eq!(key("cargo_env", &["bin", "cargo-env"]), Some("cargo-env"));
    }
}
