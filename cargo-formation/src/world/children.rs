//! Every child of the tool: one thread starts them, signals them and reaps them.
//!
//! One thread, because `std` waits for a child that failed to `exec`, and a reaper on
//! another thread would take that child from it. And because a process id is sure to be
//! the child's only until somebody has reaped it: here nobody can between the look and
//! the signal.
//!
//! A run is a tree in a session of its own. On Linux its members are found by their session,
//! by the tag in their environment, or, without an environment, by their parent: orphans are
//! left to us. Elsewhere the process group is all there is.

mod census;
#[cfg(target_os = "linux")]
mod family;
#[cfg(target_os = "linux")]
mod table;
mod tree;
mod usage;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};

pub(super) use self::census::left;
use self::census::{Census, Foundling, MOST_LOOKS, Sight};
pub use self::census::{Mark, TAG, Token};
use self::tree::{Kind, Tree};
pub use self::usage::{Usage, usage};
use crate::formation::Exit;

/// While trees are dying whose last members are not our children, this often is looked.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// How often, before the last word, it is looked for those nobody knows of.
const LAST_LOOKS: usize = 20;

/// How long the guard may take to end when it is told to.
const FAREWELL: Duration = Duration::from_secs(1);

/// A child, as long as the tool lives; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildId(pub u64);

/// What the thread is asked to do.
#[derive(Debug)]
pub enum Order {
    /// Start a child.
    Spawn {
        /// How it will be called.
        child: ChildId,
        /// What to start, by way of the shim: a session of its own.
        command: Box<Command>,
    },
    /// Send a signal to all of a child.
    Signal(ChildId, Signal),
    /// Force all of a child to end, again and again until nothing is left.
    Kill(ChildId),
    /// Some child has changed its state.
    Reap,
    /// Start the guard, or another one if somebody ended it.
    Guard(Box<Command>),
    /// Tell the guard that there is nothing to do, end the thread, and say so.
    Dismiss(Sender<()>),
}

/// What the thread reports.
#[derive(Debug)]
pub enum Report {
    /// The child is this process.
    Spawned(ChildId, u32),
    /// It could not be started.
    NotSpawned(ChildId, io::Error),
    /// Its leader ended.
    Exited(ChildId, Exit),
    /// Its leader ended and these live on.
    Survivors(ChildId, Vec<u32>),
    /// Nothing of it is alive.
    Gone(ChildId),
    /// This process of it could not be signalled.
    Unreachable(ChildId, u32, io::Error),
    /// The guard was ended by somebody else.
    Unguarded,
}

/// The thread's address.
#[derive(Clone, Debug)]
pub struct Children {
    orders: Sender<Order>,
}

impl Children {
    /// Start the thread. `report` is called on it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(token: Token, report: impl Fn(Report) + Send + 'static) -> io::Result<Self> {
        become_reaper();
        let (orders, receiver) = channel();
        let mut nursery = Nursery { token, trees: BTreeMap::new(), guard: None, report };
        thread::Builder::new().name("children".into()).spawn(move || nursery.work(&receiver))?;
        Ok(Self { orders })
    }

    /// Ask for something. Orders are carried out in the order in which they are given.
    pub fn order(&self, order: Order) {
        // The thread ends only when it is dismissed; then nobody needs anything.
        let _ = self.orders.send(order);
    }

    /// End the guard and the thread, and wait until they have: nobody is to find a process
    /// of ours after our own end. A guard that somebody has stopped is not waited for.
    pub fn dismiss(&self) {
        let (done, wait) = channel();
        self.order(Order::Dismiss(done));
        let _ = wait.recv_timeout(FAREWELL);
    }
}

/// The process group of this process, if it has a number in our namespace.
#[cfg(target_os = "linux")]
pub(super) fn own_group() -> Option<Pid> {
    table::own()?.group
}

/// The process group of this process.
#[cfg(not(target_os = "linux"))]
pub(super) fn own_group() -> Option<Pid> {
    Some(rustix::process::getpgrp())
}

/// Descendants whose parent dies become our children, so that their end is noticed at once.
#[cfg(target_os = "linux")]
fn become_reaper() {
    // Without it everything works, a little later.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Descendants whose parent dies become children of process 1, which reaps them.
#[cfg(not(target_os = "linux"))]
fn become_reaper() {}

/// Stop being who orphans are left to: before this process becomes another program, which
/// would not expect them.
#[cfg(target_os = "linux")]
pub fn resign() {
    let _ = rustix::process::set_child_subreaper(None);
}

/// Stop being who orphans are left to; here nobody is.
#[cfg(not(target_os = "linux"))]
pub fn resign() {}

/// What the thread owns.
struct Nursery<R> {
    token: Token,
    trees: BTreeMap<ChildId, Tree>,
    guard: Option<std::process::Child>,
    report: R,
}

impl<R: Fn(Report)> Nursery<R> {
    fn work(&mut self, orders: &Receiver<Order>) {
        loop {
            let first = if self.trees.values().any(Tree::needs_a_look) {
                match orders.recv_timeout(LOOK_AGAIN) {
                    Ok(order) => Some(order),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                let Ok(order) = orders.recv() else { return };
                Some(order)
            };
            // All that is waiting, so that one look at the process table serves all of it.
            for order in first.into_iter().chain(orders.try_iter()) {
                if let Order::Dismiss(done) = order {
                    self.see_out(orders);
                    self.look_once_more(orders);
                    self.dismiss_guard();
                    let _ = done.send(());
                    return;
                }
                self.obey(order);
            }
            self.look_after();
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Spawn { child, command } => self.spawn(child, *command),
            Order::Signal(child, signal) => {
                if let Some(tree) = self.trees.get_mut(&child) {
                    tree.signal(signal);
                }
            }
            Order::Kill(child) => {
                if let Some(tree) = self.trees.get_mut(&child) {
                    tree.kill();
                }
            }
            Order::Reap => self.reap(),
            Order::Guard(command) => self.guard(*command),
            Order::Dismiss(_) => {}
        }
    }

    fn spawn(&mut self, child: ChildId, mut command: Command) {
        let is_tagged = command.get_envs().any(|(name, tag)| name == TAG && tag.is_some());
        let kind = if is_tagged { Kind::Run } else { Kind::Stranger };
        match command.spawn() {
            Ok(process) => {
                // The handle is dropped: the child is known by its id, and reaped below.
                let pid = process.id();
                if let Some(leader) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                    self.trees.insert(child, Tree::new(leader, kind));
                    self.tell_guard(&format!("+{pid}\n"));
                    (self.report)(Report::Spawned(child, pid));
                }
            }
            Err(error) => (self.report)(Report::NotSpawned(child, error)),
        }
    }

    /// Collect every child that ended: ours, and strangers that were left to us.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let tree = self.trees.iter_mut().find(|(_, tree)| tree.leads(pid));
            if let Some((child, tree)) = tree {
                tree.leader_ended();
                (self.report)(Report::Exited(*child, exit(status)));
            } else if self.is_guard(pid) {
                self.guard = None;
                (self.report)(Report::Unguarded);
            }
        }
    }

    /// See who is left of the trees that somebody wants to end, and do what is to be done.
    fn look_after(&mut self) {
        if !self.trees.values().any(Tree::needs_a_look) {
            return;
        }
        let Some(mut census) = self.look() else { return };
        for foundling in std::mem::take(&mut census.foundlings) {
            self.take_in(foundling, &mut census);
        }
        let mut gone = Vec::new();
        for (child, tree) in &mut self.trees {
            let members = census.members.get(child).map_or(&[][..], Vec::as_slice);
            for news in tree.look(members) {
                match news {
                    tree::News::Survivors(pids) => (self.report)(Report::Survivors(*child, pids)),
                    tree::News::Unreachable(pid, error) => {
                        (self.report)(Report::Unreachable(*child, pid, error));
                    }
                    tree::News::Gone => gone.push(*child),
                }
            }
        }
        for child in gone {
            if let Some(tree) = self.trees.remove(&child) {
                for session in tree.sessions() {
                    self.tell_guard(&format!("-{}\n", session.as_raw_nonzero()));
                }
            }
            (self.report)(Report::Gone(child));
        }
    }

    /// Look at the process table until the end of a tree would not be announced too early.
    fn look(&self) -> Option<Census> {
        let sessions = self
            .trees
            .iter()
            .flat_map(|(child, tree)| tree.sessions().iter().map(|session| (*session, *child)));
        let sessions = sessions.collect();
        let mut census = census::take(&self.token, &sessions)?;
        for _ in 1..MOST_LOOKS {
            let mut dying = self.trees.iter().filter(|(_, tree)| tree.is_dying());
            if census.sight == Sight::Whole
                || dying.all(|(child, _)| census.members.contains_key(child))
            {
                break;
            }
            census = census::take(&self.token, &sessions)?;
        }
        Some(census)
    }

    /// A process that was left to us is of a run whose leader ended, or else of one that is to
    /// stop. There may be several; which of them has then to wait for it does not matter much.
    fn take_in(&mut self, foundling: Foundling, census: &mut Census) {
        let runs = || self.trees.iter().filter(|(_, tree)| tree.may_have_left());
        let ended = runs().find(|(_, tree)| tree.has_ended());
        let Some(child) = ended.or_else(|| runs().next()).map(|(child, _)| *child) else { return };
        let Some(tree) = self.trees.get_mut(&child) else { return };
        if tree.take_in(foundling.session) {
            self.tell_guard(&format!("+{}\n", foundling.session.as_raw_nonzero()));
        }
        census.members.entry(child).or_default().push(foundling.member);
    }

    /// Start a guard and tell it what there is to guard.
    fn guard(&mut self, mut command: Command) {
        // Without a guard everything works, except that nobody cleans up after a `kill -9`.
        self.guard = command.spawn().ok();
        let sessions: Vec<Pid> = self.trees.values().flat_map(Tree::sessions).copied().collect();
        for session in sessions {
            self.tell_guard(&format!("+{}\n", session.as_raw_nonzero()));
        }
    }

    fn is_guard(&self, pid: Pid) -> bool {
        let raw = u32::try_from(pid.as_raw_nonzero().get()).ok();
        self.guard.as_ref().is_some_and(|guard| Some(guard.id()) == raw)
    }

    fn tell_guard(&mut self, words: &str) {
        use std::io::Write;
        if let Some(pipe) = self.guard.as_mut().and_then(|guard| guard.stdin.as_mut()) {
            // A guard that is gone is noticed by its end.
            let _ = pipe.write_all(words.as_bytes());
        }
    }

    /// Whoever was killed is seen to its end: nobody is to find a process of ours after our own.
    fn see_out(&mut self, orders: &Receiver<Order>) {
        for _ in 0..LAST_LOOKS {
            self.reap();
            self.look_after();
            if !self.trees.values().any(Tree::is_dying) {
                return;
            }
            // What is ordered after the farewell is of no interest: this lets time pass.
            let _ = orders.recv_timeout(LOOK_AGAIN);
        }
    }

    /// Nothing is to be left; if something is, because it was not seen or has come since, it
    /// is of a run that is over, and is killed.
    fn look_once_more(&self, orders: &Receiver<Order>) {
        let nobody = HashSet::new();
        for _ in 0..LAST_LOOKS {
            let left = left(&self.token, &nobody).into_iter();
            // Who may not be signalled is not waited for: that was said before.
            let killed = left.filter(|pid| kill_process(*pid, Signal::KILL).is_ok());
            if killed.count() == 0 {
                return;
            }
            // What is ordered after the farewell is of no interest: this lets time pass.
            let _ = orders.recv_timeout(LOOK_AGAIN);
        }
    }

    fn dismiss_guard(&mut self) {
        self.tell_guard("done\n");
        if let Some(mut guard) = self.guard.take() {
            let _ = guard.wait();
        }
    }
}

fn exit(status: WaitStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}
