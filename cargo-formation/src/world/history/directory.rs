//! Where the history of a workspace is, and which files there are of which run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::private;

/// Where the history of the workspace at `root` is, whose canonical path it is, by
/// `XDG_STATE_HOME` and `HOME`; nothing where neither says. A `state` that is not absolute is to
/// be ignored, says the XDG base directory specification.
#[must_use]
pub fn directory(state: Option<&Path>, home: Option<&Path>, root: &Path) -> Option<PathBuf> {
    let state = state.filter(|state| state.is_absolute()).map(PathBuf::from);
    let home = || Some(home.filter(|home| home.is_absolute())?.join(".local/state"));
    Some(state.or_else(home)?.join("cargo-formation").join(private::name(root)))
}

/// Make it, closed to others.
///
/// # Errors
/// When it cannot be made, or somebody else has made it.
pub(super) fn make(directory: &Path) -> io::Result<()> {
    let ours = directory.parent().ok_or(io::ErrorKind::InvalidInput)?;
    ours.parent().map(fs::create_dir_all).transpose()?;
    private::directory(ours, "XDG_STATE_HOME")?;
    private::directory(directory, "XDG_STATE_HOME")
}

/// A file of the history; those of one run follow each other, and so do the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    pub(super) run: RunKey,
    /// The how many-th of the run.
    pub(super) number: u32,
}

/// A run of the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RunKey {
    /// When it began, in microseconds since 1970.
    pub(super) began: u64,
    /// Its process id.
    pub(super) pid: u32,
}

impl Segment {
    pub(super) fn name(self) -> String {
        let Self { run: RunKey { began, pid }, number } = self;
        format!("{began:016}-{pid}.{number:06}.jsonl")
    }

    fn from_name(name: &str) -> Option<Self> {
        let (run, number) = name.strip_suffix(".jsonl")?.split_once('.')?;
        let (began, pid) = run.split_once('-')?;
        let run = RunKey { began: began.parse().ok()?, pid: pid.parse().ok()? };
        Some(Self { run, number: number.parse().ok()? })
    }
}

/// The files that are there, the oldest first.
///
/// # Errors
/// When the directory cannot be read; that it is not there is none.
pub(super) fn segments(directory: &Path) -> io::Result<Vec<Segment>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let names = entries.filter_map(name);
    let mut segments: Vec<Segment> = names.filter_map(|name| Segment::from_name(&name)).collect();
    segments.sort_unstable();
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::{RunKey, Segment, directory};
    use std::path::Path;

    #[test]
    fn the_variable_says_where_unless_it_is_relative() {
        let check = |state: Option<&str>, home: Option<&str>, expected: Option<&str>| {
            let found = directory(state.map(Path::new), home.map(Path::new), Path::new("/app"));
            let above = found.as_deref().and_then(Path::parent);
            assert_eq!(above, expected.map(Path::new));
        };
        check(Some("/state"), Some("/home"), Some("/state/cargo-formation"));
        check(Some("state"), Some("/home"), Some("/home/.local/state/cargo-formation"));
        check(None, Some("/home"), Some("/home/.local/state/cargo-formation"));
        check(None, None, None);
    }

    #[test]
    fn a_name_says_which_file_it_is() {
        let segment = Segment { run: RunKey { began: 1_795_455_780_000_000, pid: 42 }, number: 7 };
        assert_eq!(segment.name(), "1795455780000000-42.000007.jsonl");
        assert_eq!(Segment::from_name(&segment.name()), Some(segment));
        for other in ["", "lock", ".1795455780000000-42.000007.jsonl", "1-2.jsonl", "a-b.c.jsonl"] {
            assert_eq!(Segment::from_name(other), None, "{other}");
        }
    }
}
