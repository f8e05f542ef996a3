//! Who belongs to which run: a look at the process table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use rustix::process::Pid;

use super::ChildId;
#[cfg(target_os = "linux")]
use super::family::Family;
#[cfg(target_os = "linux")]
use super::table::{self, Signs};

/// The variable that every process of a run carries.
pub const TAG: &str = "FORMATION_RUN";

/// So often is looked at once until nobody can have been missed. Where something is born all
/// the time that is never so; that one escapes each of these looks is not to be expected.
pub(super) const MOST_LOOKS: usize = 5;

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
        let mut census = take(&self.token, &HashMap::from([(leader, self.child)]))?;
        let members = census.members.remove(&self.child).unwrap_or_default();
        Some(members.into_iter().map(|member| member.pid).collect())
    }
}

/// A living process of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) pid: u32,
    /// None where it has no number in our namespace.
    pub(super) group: Option<Pid>,
}

/// What a look at the process table has shown. Zombies do not count: they run nothing.
#[derive(Debug)]
pub(super) struct Census {
    /// The living members of every run that is found.
    pub(super) members: BTreeMap<ChildId, Vec<Member>>,
    /// Those that were left to us without any sign of whose they are.
    pub(super) foundlings: Vec<Foundling>,
    /// How far it can be trusted.
    pub(super) sight: Sight,
}

/// A living process that cannot be told to be anybody's: it has a session of its own and no
/// environment, and whoever started it is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foundling {
    pub(super) session: Pid,
    pub(super) member: Member,
}

/// Whether a look can have missed somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// No: no process was born while it was taken.
    Whole,
    /// Yes: one that forked and ended on the way into the background is not seen any more,
    /// and its child was not there yet.
    Blurred,
}

/// Look at the process table.
///
/// `None` when it cannot be read, for want of a file descriptor say: look again.
#[cfg(target_os = "linux")]
pub(super) fn take(token: &Token, sessions: &HashMap<Pid, ChildId>) -> Option<Census> {
    let (found, sight) = Family::find(|entry| {
        let known =
            entry.session.and_then(|session| sessions.get(&session)).copied().map(Signs::Of);
        known.unwrap_or_else(|| table::signs(entry.pid, token))
    })?;
    let mut members: BTreeMap<ChildId, Vec<Member>> = BTreeMap::new();
    for (entry, child) in &found.members {
        members.entry(*child).or_default().push(entry.member());
    }
    Some(Census { members, foundlings: found.foundlings(), sight })
}

/// Nobody is found where there is no process table to read: the process group is the unit.
#[cfg(not(target_os = "linux"))]
pub(super) fn take(_token: &Token, _sessions: &HashMap<Pid, ChildId>) -> Option<Census> {
    Some(Census { members: BTreeMap::new(), foundlings: Vec::new(), sight: Sight::Whole })
}

/// Every living process of this tool: in a session or a group of one of these leaders, with
/// the tag, or a child of one of those that has no environment. Zombies do not live: who reaps
/// an orphan may take its time.
#[cfg(target_os = "linux")]
pub(in crate::world) fn left(token: &Token, leaders: &HashSet<Pid>) -> Vec<Pid> {
    let signs = |entry: &table::Entry| {
        if [entry.session, entry.group].iter().flatten().any(|leader| leaders.contains(leader)) {
            return Signs::Of(());
        }
        match table::signs(entry.pid, token) {
            Signs::Of(_) => Signs::Of(()),
            Signs::Another => Signs::Another,
            Signs::None => Signs::None,
        }
    };
    let mut looks = (0..MOST_LOOKS).filter_map(|_| Family::find(signs));
    let told = looks.find(|(found, sight)| !found.members.is_empty() || *sight == Sight::Whole);
    let members = told.map(|(found, _)| found.members).unwrap_or_default();
    let pids = members.into_iter().map(|(entry, ())| entry.pid);
    pids.filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).collect()
}

/// The leaders in whose group somebody lives, or waits to be reaped: all that can be known.
#[cfg(not(target_os = "linux"))]
pub(in crate::world) fn left(_token: &Token, leaders: &HashSet<Pid>) -> Vec<Pid> {
    let alive = |leader: &&Pid| rustix::process::test_kill_process_group(**leader).is_ok();
    leaders.iter().filter(alive).copied().collect()
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
