//! Who belongs to which run: a look at the process table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use rustix::process::Pid;

use super::ChildId;

/// The variable that every process of a run carries.
pub const TAG: &str = "FORMATION_RUN";

/// What tells the runs of this tool from those of every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token nobody else has.
    #[must_use]
    pub fn random() -> Self {
        // The standard library seeds this from the operating system.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        Self(format!("{:016x}", hasher.finish()))
    }

    /// The token that the guard is started with.
    #[must_use]
    pub fn from_argument(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The value of the tag for a run.
    #[must_use]
    pub fn tag(&self, child: ChildId) -> String {
        format!("{}.{}", self.0, child.0)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the processes of one run are known by.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The tool's token.
    pub token: Token,
    /// The run.
    pub child: ChildId,
    /// The process id of its leader, which is the number of its session.
    pub leader: u32,
}

impl Mark {
    /// The ids of its living processes. Reads the whole process table: not for the loop.
    ///
    /// `None` where that cannot be told.
    pub(in crate::world) fn members(&self) -> Option<Vec<u32>> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let leader = Pid::from_raw(i32::try_from(self.leader).ok()?)?;
        let mut found = members(&self.token, &HashMap::from([(leader, self.child)]))?;
        let members = found.remove(&self.child).unwrap_or_default();
        Some(members.into_iter().map(|member| member.pid).collect())
    }
}

/// A living process of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) pid: u32,
    pub(super) group: Pid,
}

/// The living members of every run that is found. Zombies do not count: they run nothing.
///
/// `None` when the table cannot be read, for want of a file descriptor say: look again.
#[cfg(target_os = "linux")]
pub(super) fn members(
    token: &Token,
    sessions: &HashMap<Pid, ChildId>,
) -> Option<BTreeMap<ChildId, Vec<Member>>> {
    let mut members: BTreeMap<ChildId, Vec<Member>> = BTreeMap::new();
    for entry in linux::processes()? {
        let child = sessions.get(&entry.session).copied();
        let child = child.or_else(|| linux::tag(entry.pid, token).map(ChildId));
        if let Some(child) = child {
            members.entry(child).or_default().push(Member { pid: entry.pid, group: entry.group });
        }
    }
    Some(members)
}

/// Nobody is found where there is no process table to read: the process group is the unit.
#[cfg(not(target_os = "linux"))]
pub(super) fn members(
    _token: &Token,
    _sessions: &HashMap<Pid, ChildId>,
) -> Option<BTreeMap<ChildId, Vec<Member>>> {
    Some(BTreeMap::new())
}

/// Every living process of this tool: in a session or a group of one of these leaders, or
/// with the tag. Zombies do not live: who reaps an orphan may take its time.
#[cfg(target_os = "linux")]
pub(in crate::world) fn left(token: &Token, leaders: &HashSet<Pid>) -> Vec<Pid> {
    let ours = |entry: &linux::Entry| {
        leaders.contains(&entry.session)
            || leaders.contains(&entry.group)
            || linux::tag(entry.pid, token).is_some()
    };
    let found = linux::processes().into_iter().flatten().filter(ours);
    found.filter_map(|entry| Pid::from_raw(i32::try_from(entry.pid).ok()?)).collect()
}

/// The leaders in whose group somebody lives, or waits to be reaped: all that can be known.
#[cfg(not(target_os = "linux"))]
pub(in crate::world) fn left(_token: &Token, leaders: &HashSet<Pid>) -> Vec<Pid> {
    let alive = |leader: &&Pid| rustix::process::test_kill_process_group(**leader).is_ok();
    leaders.iter().filter(alive).copied().collect()
}

/// Reading `/proc`; see `proc(5)`.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use rustix::process::Pid;

    use super::{TAG, Token};

    pub(super) struct Entry {
        pub(super) pid: u32,
        pub(super) group: Pid,
        pub(super) session: Pid,
    }

    /// The living processes. One that ends while we look may be missing, or not.
    pub(super) fn processes() -> Option<impl Iterator<Item = Entry>> {
        let entries = fs::read_dir("/proc").ok()?.flatten();
        Some(entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?)))
    }

    /// `pid (name) state ppid pgrp session …`; the name may hold anything, `)` too.
    fn stat(pid: u32) -> Option<Entry> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let after_name = memchr::memrchr(b')', &stat)? + 1;
        let rest = std::str::from_utf8(stat.get(after_name..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?;
        let _parent = fields.next()?;
        let group = Pid::from_raw(fields.next()?.parse().ok()?)?;
        let session = Pid::from_raw(fields.next()?.parse().ok()?)?;
        (!matches!(state, "Z" | "X")).then_some(Entry { pid, group, session })
    }

    /// The number of the run whose tag this process carries.
    ///
    /// What is read is the environment at its `exec`. A process of another user cannot be read.
    pub(super) fn tag(pid: u32, token: &Token) -> Option<u64> {
        let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let prefix = format!("{TAG}={token}.");
        environ.split(|byte| *byte == 0).find_map(|variable| {
            let number = variable.strip_prefix(prefix.as_bytes())?;
            std::str::from_utf8(number).ok()?.parse().ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Token;
    use crate::world::children::ChildId;

    #[test]
    fn two_tools_have_two_tokens() {
        assert_ne!(Token::random(), Token::random());
    }

    #[test]
    fn the_tag_of_a_run_holds_both() {
        assert_eq!(Token::from_argument("ab").tag(ChildId(7)), "ab.7");
    }
}
