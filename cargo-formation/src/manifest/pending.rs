//! Keys that are read and checked, and whose effect is still to come.
//!
//! One notice a key says so, and names who uses it. Whoever makes a key work removes its
//! line here.

use super::process::Draft;

/// A key that has no effect yet, and who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The key.
    pub key: &'static str,
    /// The process types that have it.
    pub used_by: Vec<String>,
}

/// A key and whether a process type uses it for something that differs from not having it.
type Line = (&'static str, fn(&Draft) -> bool);

const LINES: [Line; 0] = [];

pub(super) fn pending(drafts: &[Draft]) -> Vec<Pending> {
    let mut pending: Vec<_> = LINES
        .iter()
        .map(|(key, uses)| {
            let used_by = drafts.iter().filter(|draft| uses(draft)).map(|draft| &draft.name);
            Pending { key, used_by: used_by.map(ToString::to_string).collect() }
        })
        .collect();
    pending.retain(|line| !line.used_by.is_empty());
    pending
}
