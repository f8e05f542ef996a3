//! What somebody may have meant.

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

/// The candidate that is nearest to `word`, if one is near enough to have been meant.
///
/// Near is what cargo calls near: a third of the letters may differ. Case, `_` and `-`
/// make no difference.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let folded = fold(word);
    let limit = folded.chars().count().max(3) / 3;
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &fold(candidate)), candidate))
        .filter(|&(distance, _)| distance <= limit && distance < folded.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The key that `word` may have been meant to be: a near one, or what other tools call it.
pub(super) fn key<'c>(word: &str, known: &[&'c str]) -> Option<&'c str> {
    nearest(word, known.iter().copied()).or_else(|| {
        let (_, meant) = SYNONYMS.iter().find(|(synonym, _)| *synonym == fold(word))?;
        known.iter().copied().find(|candidate| candidate == meant)
    })
}

/// `` `a`, `b`, `c` ``
pub(super) fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::{key, nearest};

    #[test]
    fn a_slip_of_the_finger_is_near() {
        let binaries = ["web", "worker", "clock"];
        assert_eq!(nearest("wroker", binaries), Some("worker"));
        assert_eq!(nearest("Web", binaries), Some("web"));
        assert_eq!(nearest("wbe", binaries), Some("web"));
        assert_eq!(nearest("mailer", binaries), None);
        assert_eq!(nearest("", binaries), None);
        // Every letter is one letter away from every other.
        assert_eq!(nearest("c", ["a"]), None);
    }

    #[test]
    fn a_key_of_another_tool_is_known() {
        assert_eq!(key("replicas", &["bin", "quantity"]), Some("quantity"));
        assert_eq!(key("replicas", &["bin"]), None);
        assert_eq!(key("cargo_env", &["bin", "cargo-env"]), Some("cargo-env"));
    }
}
