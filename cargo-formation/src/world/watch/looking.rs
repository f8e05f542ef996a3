//! The thread that looks: hear what the kernel tells, look there, sweep when it is time,
//! report what is settled.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, ModifyKind};

use super::arms::Arms;
use super::barrier::{self, Barrier};
use super::ledger::Ledger;
use super::pace::{Pace, Told};
use super::settling::Settling;
use super::{Mark, News};
use crate::formation::Moment;
use crate::plan::watch::{Change, Changes, Difference, Journal, WatchSet};
use crate::world::clock::Clock;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// The kernel has something to say.
    Told(notify::Result<notify::Event>),
    /// This is what to watch.
    Adopt(Box<WatchSet>, Mark),
    /// Somebody wants to know whether everything has been reported.
    Check(u64),
    /// Nobody listens any more.
    End,
}

/// How much is heard before something is done about it.
const MOST_HEARD: usize = 4096;
/// How many files are looked at in a sweep before somebody else gets a chance.
const MOST_LOOKED_AT: usize = 512;

/// The state of the thread.
pub(super) struct Looking<R> {
    ledger: Ledger,
    inbox: Receiver<Message>,
    clock: Clock,
    pace: Pace,
    report: R,
    /// What came in during a sweep and has to wait for its end.
    later: VecDeque<Message>,
    hints: Hints,
    /// What differs and has not been told; since when it is known.
    pending: BTreeMap<PathBuf, (Change, Moment)>,
    /// When something was last found to differ.
    latest: Moment,
    /// What has been told to mean too little.
    amended: Changes,
    settling: Settling,
    barrier: Barrier,
    reports: Reports,
    journal: Journal,
    questions: Vec<u64>,
    next_sweep: Moment,
}

/// Where to look.
#[derive(Debug, Default)]
struct Hints {
    paths: BTreeSet<PathBuf>,
    /// Directories that were removed or renamed.
    lost: BTreeSet<PathBuf>,
    /// Whether the kernel has lost something.
    rest: Rest,
}

/// Whether looking where the kernel says is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rest {
    #[default]
    IsAsItWas,
    MayDiffer,
}

/// Whether what differs is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reports {
    /// As soon as it is settled.
    Free,
    /// Not while git is at work.
    Held,
}

impl<R: FnMut(News)> Looking<R> {
    pub(super) fn new(
        arms: Arms,
        inbox: Receiver<Message>,
        clock: Clock,
        pace: Pace,
        report: R,
    ) -> Self {
        Self {
            ledger: Ledger::new(arms),
            inbox,
            clock,
            pace,
            report,
            later: VecDeque::new(),
            hints: Hints::default(),
            pending: BTreeMap::new(),
            latest: Moment::default(),
            amended: Changes::default(),
            settling: Settling::default(),
            barrier: Barrier::default(),
            reports: Reports::Free,
            journal: Journal::default(),
            questions: Vec::new(),
            next_sweep: clock.now(),
        }
    }

    pub(super) fn look_until_the_end(mut self) {
        while let Some(()) = self.hear() {
            self.look();
            self.lift_barrier();
            if self.is_sweep_due() {
                self.sweep();
            }
            self.tell();
            self.answer();
        }
    }

    /// Wait for something to do, and hear all that has come in; nothing at the end.
    fn hear(&mut self) -> Option<()> {
        let mut next = self.later.pop_front().or_else(|| self.wait());
        for _ in 0..MOST_HEARD {
            let Some(message) = next else { break };
            match message {
                Message::Told(event) => self.told(event),
                Message::Adopt(set, since) => self.adopt(*set, since),
                Message::Check(number) => {
                    self.questions.push(number);
                    self.hints.rest = Rest::MayDiffer;
                }
                Message::End => return None,
            }
            next = self.later.pop_front().or_else(|| self.inbox.try_recv().ok());
        }
        Some(())
    }

    /// The next message; nothing, when it is time to do something.
    fn wait(&mut self) -> Option<Message> {
        let pause = self.deadline().since(self.clock.now());
        match self.inbox.recv_timeout(pause) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::End),
        }
    }

    fn deadline(&mut self) -> Moment {
        let now = self.clock.now();
        let next = match self.reports {
            Reports::Held => Some(now + barrier::LOOK_AGAIN),
            Reports::Free => self.unsettled_until(now),
        };
        next.map_or(self.next_sweep, |next| next.min(self.next_sweep))
    }

    /// Until when a report waits for the end of a save.
    fn unsettled_until(&mut self, now: Moment) -> Option<Moment> {
        let set = &self.ledger.set;
        let cares = |path: &Path, change| {
            !set.meanings(&Difference { path: path.to_path_buf(), change }).is_empty()
        };
        self.settling.until(&self.pending, cares, now)
    }

    /// What the kernel tells becomes places to look at.
    fn told(&mut self, event: notify::Result<notify::Event>) {
        let Ok(event) = event else {
            self.hints.rest = Rest::MayDiffer;
            return;
        };
        if event.need_rescan() {
            self.hints.rest = Rest::MayDiffer;
        }
        let now = self.clock.now();
        for path in event.paths.iter().flat_map(|path| self.ledger.arms.known(path)) {
            self.settling.told(event.kind, &path, now);
            if matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
                self.hints.lost.insert(path.clone());
            }
            self.hints.paths.insert(path);
        }
    }

    fn adopt(&mut self, set: WatchSet, since: Mark) {
        // What was heard so far is of the old set's directories.
        self.look();
        self.ledger.adopt(set, since.stamp);
        self.barrier.around(self.ledger.repositories());
        for known in self.journal.reconsider(&self.ledger.set, since.moment) {
            self.amended.add(&known.path, known.added, known.seen_at);
        }
        self.gather();
    }

    fn look(&mut self) {
        let paths = std::mem::take(&mut self.hints.paths);
        let lost = std::mem::take(&mut self.hints.lost);
        for path in &lost {
            self.ledger.lost(path);
        }
        if !paths.is_empty() {
            self.ledger.look(&paths);
        }
        self.gather();
    }

    /// Take over what was found.
    fn gather(&mut self) {
        let now = self.clock.now();
        for Difference { path, change } in self.ledger.take() {
            self.latest = now;
            let known = self.pending.remove(&path);
            let seen_at = known.map_or(now, |(_, seen_at)| seen_at);
            let together = known.map_or(Some(change), |(first, _)| first.then(change));
            if let Some(change) = together {
                self.pending.insert(path, (change, seen_at));
            }
        }
        if let Some(trouble) = self.ledger.arms.trouble() {
            (self.report)(News::Trouble(trouble));
        }
    }

    /// Git is done: what it did is looked for at once, so that it is told at once.
    fn lift_barrier(&mut self) {
        if self.reports == Reports::Held && !self.barrier.is_closed(self.latest, self.clock.now()) {
            self.hints.rest = Rest::MayDiffer;
            self.sweep();
            self.reports = Reports::Free;
        }
    }

    fn is_sweep_due(&self) -> bool {
        self.hints.rest == Rest::MayDiffer || self.clock.now() >= self.next_sweep
    }

    /// Look at everything.
    fn sweep(&mut self) {
        self.hints.rest = Rest::IsAsItWas;
        let start = self.clock.now();
        self.ledger.sweep_rules();
        let mut last = self.ledger.sweep(None, MOST_LOOKED_AT);
        while last.is_some() {
            self.hear_meanwhile();
            last = self.ledger.sweep(last, MOST_LOOKED_AT);
        }
        self.ledger.sweep_rest();
        self.gather();
        self.barrier.around(self.ledger.repositories());
        let told =
            if self.ledger.arms.is_told_everything() { Told::Everything } else { Told::Something };
        let now = self.clock.now();
        self.next_sweep = now + (self.pace)(now.since(start), told);
    }

    /// An edit does not wait for the end of a sweep.
    fn hear_meanwhile(&mut self) {
        while let Ok(message) = self.inbox.try_recv() {
            match message {
                Message::Told(event) => self.told(event),
                Message::Adopt(..) | Message::Check(_) | Message::End => {
                    self.later.push_back(message);
                }
            }
        }
        self.look();
        self.tell();
    }

    /// Report what differs, if it is settled and git is not at work.
    fn tell(&mut self) {
        let now = self.clock.now();
        let nothing = self.pending.is_empty() && self.amended.is_empty();
        if nothing || self.reports == Reports::Held {
            return;
        }
        if self.unsettled_until(now).is_some() {
            return;
        }
        if self.barrier.is_closed(self.latest, now) {
            self.reports = Reports::Held;
            return;
        }
        self.look_again();
        // A save may have begun since the first look.
        if self.unsettled_until(self.clock.now()).is_some() {
            return;
        }
        let mut changes = std::mem::take(&mut self.amended);
        for (path, (change, seen_at)) in std::mem::take(&mut self.pending) {
            let difference = Difference { path, change };
            let meanings = self.journal.note(&self.ledger.set, &difference, seen_at);
            changes.add(&difference.path, meanings, seen_at);
        }
        if !changes.is_empty() {
            (self.report)(News::Changes(changes));
        }
    }

    /// What was half-written when it was looked at may be whole, what was gone may be back,
    /// and whoever tells may be late.
    fn look_again(&mut self) {
        let pending: BTreeSet<PathBuf> = self.pending.keys().cloned().collect();
        self.ledger.look(&pending);
        self.gather();
    }

    /// Answer whoever asked, once everything has been told.
    fn answer(&mut self) {
        if self.pending.is_empty() && self.amended.is_empty() && self.reports == Reports::Free {
            for number in std::mem::take(&mut self.questions) {
                (self.report)(News::Checked(number));
            }
        }
    }
}

/// Whether a path can differ after such an event.
pub(super) fn may_differ(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}
