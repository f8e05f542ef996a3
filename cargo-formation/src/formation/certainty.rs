//! How sure it is that a build reads a file.

/// How sure it is that a build reads a file that has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It may. A process may have written it that runs between its sources.
    #[default]
    Possible,
    /// It does: a source, a manifest, something that a build has read.
    Known,
}
