//! Which of the words that exist somebody may have meant.

/// The candidate that is nearest to `word`, if one is near enough to have been meant.
///
/// Near is what cargo calls near: a third of the letters may differ. Case, `_` and `-`
/// make no difference.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = folded(word);
    let limit = word.chars().count().max(3) / 3;
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &folded(candidate)), candidate))
        .filter(|&(distance, _)| distance <= limit && distance < word.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// A word without what nobody remembers of its spelling: case, and `_` or `-`.
pub(crate) fn folded(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_near() {
        let binaries = ["web", "worker", "clock"];
        assert_eq!(nearest("wroker", binaries), Some("worker"));
        assert_eq!(nearest("Web", binaries), Some("web"));
        assert_eq!(nearest("wbe", binaries), Some("web"));
        assert_eq!(nearest("wb", binaries), Some("web"));
        assert_eq!(nearest("workers", binaries), Some("worker"));
        assert_eq!(nearest("mailer", binaries), None);
        assert_eq!(nearest("walk", binaries), None);
        assert_eq!(nearest("w", binaries), None);
        assert_eq!(nearest("", binaries), None);
        // Every letter is one letter away from every other.
        assert_eq!(nearest("c", ["a"]), None);
    }
}
