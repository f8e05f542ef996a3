//! The process table of Linux: reading `/proc`; see `proc(5)`.

use std::fs;

use rustix::process::Pid;

use super::ChildId;
use super::census::{Member, TAG, Token};

/// A living process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) pid: u32,
    pub(super) parent: u32,
    /// None where it is that of a process outside of our namespace, which has no number here.
    pub(super) group: Option<Pid>,
    /// As `group`.
    pub(super) session: Option<Pid>,
}

impl Entry {
    pub(super) fn member(&self) -> Member {
        Member { pid: self.pid, group: self.group }
    }
}

/// What a process itself shows of whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs<Owner> {
    /// It is of this one.
    Of(Owner),
    /// It has an environment, and our tag is not in it.
    Another,
    /// It has no environment, or none that we may read.
    None,
}

/// The living processes. One that ends while we look may be missing, or not.
pub(super) fn processes() -> Option<impl Iterator<Item = Entry>> {
    let entries = fs::read_dir("/proc").ok()?.flatten();
    Some(entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?)))
}

/// Ourselves. The calls that ask for our own group and session fail where these have no number.
pub(super) fn own() -> Option<Entry> {
    stat(std::process::id())
}

/// The number of the process or thread that was born last: as long as it stays, none was.
pub(super) fn youngest() -> Option<u32> {
    fs::read_to_string("/proc/loadavg").ok()?.split_ascii_whitespace().last()?.parse().ok()
}

/// `pid (name) state ppid pgrp session …`; the name may hold anything, `)` too.
fn stat(pid: u32) -> Option<Entry> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = memchr::memrchr(b')', &stat)? + 1;
    entry(pid, std::str::from_utf8(stat.get(after_name..)?).ok()?)
}

/// What is said after the name. Of a process that is gone while it is asked for, the kernel says
/// -1 for its group and its session; those that these have no number for have 0.
fn entry(pid: u32, said: &str) -> Option<Entry> {
    let mut fields = said.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let mut of_many = || fields.next()?.parse().ok().filter(|number: &i32| *number >= 0);
    let (group, session) = (Pid::from_raw(of_many()?), Pid::from_raw(of_many()?));
    (!matches!(state, "Z" | "X")).then_some(Entry { pid, parent, group, session })
}

/// What the environment of a process shows.
///
/// What is read is the environment at its `exec`, unless the process has written over it.
/// During an `exec` there is none, and that of another user cannot be read.
pub(super) fn signs(pid: u32, token: &Token) -> Signs<ChildId> {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let prefix = format!("{TAG}={token}.");
    let run = environ.split(|byte| *byte == 0).find_map(|variable| {
        let number = variable.strip_prefix(prefix.as_bytes())?;
        std::str::from_utf8(number).ok()?.parse().ok()
    });
    match run {
        Some(run) => Signs::Of(ChildId(run)),
        None if environ.contains(&b'=') => Signs::Another,
        None => Signs::None,
    }
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn who_is_gone_while_it_is_asked_for_is_gone() {
        let living = entry(7, " S 1 7 5 0 -1 4194304").unwrap();
        let number = |pid: Option<rustix::process::Pid>| pid.map(|pid| pid.as_raw_nonzero().get());
        assert_eq!((number(living.group), number(living.session)), (Some(7), Some(5)));
        let foreign = entry(7, " S 0 0 0 0 -1 4194304").unwrap();
        assert_eq!((foreign.group, foreign.session), (None, None));
        for gone in [" X 0 -1 -1 0 -1 4194304", " R 1 -1 -1 0 -1 0", " Z 1 7 5 0 -1 0", ""] {
            assert!(entry(7, gone).is_none(), "{gone}");
        }
    }
}
