//! One child and everything that descends from it.

use std::collections::BTreeSet;
use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use super::census::Member;

/// Whether its process group is all that is known of a child.
const KNOWN_BY_GROUP: bool = !cfg!(target_os = "linux");

/// A child from its start until nothing of it is alive.
#[derive(Debug)]
pub(super) struct Tree {
    leader: Pid,
    kind: Kind,
    /// The sessions that are known to be of it: that of its leader, and those of who left it.
    sessions: Vec<Pid>,
    life: Life,
    /// A signal that was sent to the group, and not yet to those who left it.
    pending: Option<Signal>,
    force: Force,
    /// Who could not be signalled, each told once.
    unreachable: BTreeSet<u32>,
}

/// What a child is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run, whose tree is the unit.
    Run,
    /// Somebody who may leave behind whom he likes: cargo.
    Stranger,
}

/// Whether the leader is alive, and whether it is known who outlived it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Alive,
    LeaderEnded,
    SurvivorsTold,
}

/// Whether everything that is found is to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Force {
    None,
    Kill,
}

/// What a look at a tree brought to light.
#[derive(Debug)]
pub(super) enum News {
    Survivors(Vec<u32>),
    Unreachable(u32, io::Error),
    Gone,
}

impl Tree {
    pub(super) fn new(leader: Pid, kind: Kind) -> Self {
        Self {
            leader,
            kind,
            sessions: vec![leader],
            life: Life::Alive,
            pending: None,
            force: Force::None,
            unreachable: BTreeSet::new(),
        }
    }

    /// The sessions that are known to be of it; their numbers are those of groups, too.
    pub(super) fn sessions(&self) -> &[Pid] {
        &self.sessions
    }

    /// From now on this session is known to be of it. True if it was not.
    pub(super) fn take_in(&mut self, session: Pid) -> bool {
        let is_new = !self.sessions.contains(&session);
        if is_new {
            self.sessions.push(session);
        }
        is_new
    }

    /// Whether somebody who was left to us can be of it.
    pub(super) fn may_have_left(&self) -> bool {
        self.kind == Kind::Run && self.needs_a_look()
    }

    /// Whether its leader has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.life != Life::Alive
    }

    /// Whether this process is the leader, and not another that got its number later.
    pub(super) fn leads(&self, pid: Pid) -> bool {
        self.leader == pid && self.life == Life::Alive
    }

    pub(super) fn leader_ended(&mut self) {
        self.life = Life::LeaderEnded;
    }

    /// Whether its end has to be looked for, because nobody will report it.
    pub(super) fn is_dying(&self) -> bool {
        self.life != Life::Alive || self.force == Force::Kill
    }

    /// Whether a look at the process table is due.
    pub(super) fn needs_a_look(&self) -> bool {
        self.is_dying() || self.pending.is_some()
    }

    /// Send a signal to the group now, and to those who left it at the next look.
    pub(super) fn signal(&mut self, signal: Signal) {
        self.signal_group(signal);
        // One that is stopped could not hear anything else.
        self.signal_group(Signal::CONT);
        self.pending = Some(signal);
    }

    pub(super) fn kill(&mut self) {
        self.force = Force::Kill;
        self.signal_group(Signal::KILL);
    }

    /// As long as the leader is not reaped the group's number is nobody else's. After that
    /// the members are signalled one by one where they are known, at the next look.
    fn signal_group(&self, signal: Signal) {
        if self.life != Life::Alive && !KNOWN_BY_GROUP {
            return;
        }
        match kill_process_group(self.leader, signal) {
            // Not yet: between its start and its `setsid` the leader is in our group.
            Err(Errno::SRCH) if self.life == Life::Alive => {
                let _ = kill_process(self.leader, signal);
            }
            // Whoever cannot be signalled is found and told at the next look.
            Ok(()) | Err(_) => {}
        }
    }

    /// Do what is to be done about the members that live.
    pub(super) fn look(&mut self, members: &[Member]) -> Vec<News> {
        let mut news = Vec::new();
        if let Some(signal) = self.pending.take() {
            let reached =
                |member: &&Member| self.life == Life::Alive && member.group == Some(self.leader);
            let rest = members.iter().filter(|member| !reached(member));
            let rest: Vec<u32> = rest.map(|member| member.pid).collect();
            self.signal_each(&rest, signal, &mut news);
            self.signal_each(&rest, Signal::CONT, &mut news);
        }
        let alive: Vec<u32> = self.alive(members);
        if self.force == Force::Kill {
            self.signal_each(&alive, Signal::KILL, &mut news);
        }
        match self.life {
            Life::LeaderEnded | Life::SurvivorsTold if alive.is_empty() => news.push(News::Gone),
            Life::LeaderEnded => {
                self.life = Life::SurvivorsTold;
                news.push(News::Survivors(alive));
            }
            Life::Alive | Life::SurvivorsTold => {}
        }
        news
    }

    /// Who lives. Where only the group is known, its leader's number stands for all of them.
    fn alive(&self, members: &[Member]) -> Vec<u32> {
        let leader = u32::try_from(self.leader.as_raw_nonzero().get()).unwrap_or_default();
        if KNOWN_BY_GROUP && test_kill_process_group(self.leader) != Err(Errno::SRCH) {
            vec![leader]
        } else {
            members.iter().map(|member| member.pid).collect()
        }
    }

    fn signal_each(&mut self, pids: &[u32], signal: Signal, news: &mut Vec<News>) {
        for &pid in pids {
            let Some(raw) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { continue };
            match kill_process(raw, signal) {
                // It ended in this moment.
                Ok(()) | Err(Errno::SRCH) => {}
                Err(error) => {
                    if self.unreachable.insert(pid) {
                        news.push(News::Unreachable(pid, error.into()));
                    }
                }
            }
        }
    }
}
