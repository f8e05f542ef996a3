//! Builds: when cargo starts, when it is cancelled, and what an edit means meanwhile.
//!
//! Edits are counted, not collected: a build knows how many there were when it
//! began, and as long as there are more the next build is due. So an edit that
//! arrives at any moment is followed by a build that began after it.

use std::time::Duration;

use super::outbox::Outbox;
use super::protocol::{Action, BuildEnd, BuildId, Edits, Errors};
use crate::formation::{Certainty, Moment};

/// How long edits are gathered before cargo starts: one save is several events.
const COALESCE: Duration = Duration::from_millis(3);
/// How long a cancelled cargo may take before it is killed.
const CANCEL_GRACE: Duration = Duration::from_millis(300);
/// How many builds in a row may be cancelled, so that constant saving still shows results.
const MOST_CANCELS: u32 = 3;

/// The builds of a formation.
#[derive(Debug)]
pub(super) struct Rebuild {
    edits_policy: Edits,
    /// How many edits there were.
    edits: u64,
    /// How many there were when the latest build began.
    seen: u64,
    latest: BuildId,
    /// The latest of which it is known what it has read.
    understood: BuildId,
    state: State,
    last_end: Option<BuildEnd>,
    /// Whether one of them has succeeded.
    has_succeeded: bool,
    /// When the latest began.
    began: Moment,
    /// How long all of them took that are over.
    spent: Duration,
    /// And how long of that they have waited for others.
    waited: Duration,
    cancels: u32,
    again: Again,
    /// What happens to the errors of the next build.
    errors: Errors,
    /// What happened to those of the latest.
    latest_errors: Errors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Edits are gathered until then.
    Gathering {
        until: Moment,
    },
    Building,
    /// Cargo was asked to end, and is killed then.
    Cancelling {
        until: Moment,
    },
    /// Cargo was killed.
    Killed,
}

/// Whether a failed build is repeated because `release` succeeded during or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    No,
    /// `release` succeeded after the latest build began.
    IfFailed,
    /// It has been repeated, and is not once more.
    Spent,
}

impl Rebuild {
    pub(super) fn new(edits_policy: Edits) -> Self {
        Self {
            edits_policy,
            edits: 0,
            seen: 0,
            latest: BuildId(0),
            understood: BuildId(0),
            state: State::Idle,
            last_end: None,
            has_succeeded: false,
            began: Moment::default(),
            spent: Duration::ZERO,
            waited: Duration::ZERO,
            cancels: 0,
            again: Again::No,
            errors: Errors::Shown,
            latest_errors: Errors::Shown,
        }
    }

    /// The first build.
    pub(super) fn begin(&mut self, now: Moment, out: &mut Outbox) {
        if self.state == State::Idle {
            self.start(now, out);
        }
    }

    /// A file that the build reads, or may read, has changed. What it may read is no reason to
    /// throw away what is half built: somebody who runs may be writing it.
    pub(super) fn edited(&mut self, certainty: Certainty, now: Moment, out: &mut Outbox) {
        self.edits += 1;
        self.again = Again::No;
        match self.state {
            State::Idle => self.state = State::Gathering { until: now + COALESCE },
            State::Building if certainty == Certainty::Known && self.cancels < MOST_CANCELS => {
                self.cancels += 1;
                self.cancel(now, out);
            }
            State::Gathering { .. }
            | State::Building
            | State::Cancelling { .. }
            | State::Killed => {}
        }
    }

    /// A build is over. True if it was the latest and nobody had cancelled it.
    pub(super) fn ended(
        &mut self,
        build: BuildId,
        end: BuildEnd,
        now: Moment,
        out: &mut Outbox,
    ) -> bool {
        if build != self.latest {
            return false;
        }
        let cancelled = match self.state {
            State::Building => false,
            State::Cancelling { .. } | State::Killed => true,
            State::Idle | State::Gathering { .. } => return false,
        };
        self.state = State::Idle;
        self.spent += now.since(self.began);
        if !cancelled {
            self.cancels = 0;
            self.last_end = Some(end);
            if end == BuildEnd::Succeeded {
                self.has_succeeded = true;
                self.again = Again::No;
            }
        }
        if self.edits > self.seen {
            self.start(now, out);
        }
        !cancelled
    }

    /// What a build has read is watched, and nothing of it was edited since unless we know.
    pub(super) fn understood(&mut self, build: BuildId) {
        self.understood = self.understood.max(build);
    }

    /// A build has waited so long for another cargo.
    pub(super) fn waited(&mut self, waited: Duration) {
        self.waited += waited;
    }

    /// `release` succeeded. A build that failed before that may succeed now.
    pub(super) fn released(&mut self) {
        if self.again == Again::No {
            self.again = Again::IfFailed;
        }
    }

    /// Repeat a failed build, if `release` may have made it possible. True if it does.
    pub(super) fn repeat(&mut self, now: Moment, out: &mut Outbox) -> bool {
        let repeat = self.state == State::Idle
            && self.last_end == Some(BuildEnd::Failed)
            && self.again == Again::IfFailed;
        if repeat {
            self.again = Again::Spent;
            self.start(now, out);
        }
        repeat
    }

    /// What happens to the errors of builds that begin from now on.
    pub(super) fn set_errors(&mut self, errors: Errors) {
        self.errors = errors;
    }

    /// Nothing makes the errors of the latest build go away.
    pub(super) fn errors_stay(&mut self, out: &mut Outbox) {
        if self.outcome() == Some(BuildEnd::Failed) {
            self.show_errors(out);
        }
    }

    /// Everything ends, and nothing will make the errors go away that are known so far.
    pub(super) fn errors_so_far_stay(&mut self, out: &mut Outbox) {
        if self.state == State::Building {
            self.show_errors(out);
        }
    }

    fn show_errors(&mut self, out: &mut Outbox) {
        if self.latest_errors == Errors::Held {
            self.latest_errors = Errors::Shown;
            out.push(Action::ShowErrors(self.latest));
        }
    }

    pub(super) fn woke(&mut self, now: Moment, out: &mut Outbox) {
        match self.state {
            State::Gathering { until } if now >= until => self.start(now, out),
            State::Cancelling { until } if now >= until => self.kill(out),
            State::Idle
            | State::Gathering { .. }
            | State::Building
            | State::Cancelling { .. }
            | State::Killed => {}
        }
    }

    /// No further build; one that is under way is asked to end.
    pub(super) fn stop(&mut self, now: Moment, out: &mut Outbox) {
        self.seen = self.edits;
        match self.state {
            State::Gathering { .. } => self.state = State::Idle,
            State::Building => self.cancel(now, out),
            State::Idle | State::Cancelling { .. } | State::Killed => {}
        }
    }

    /// A build that is under way is forced to end.
    pub(super) fn kill(&mut self, out: &mut Outbox) {
        match self.state {
            State::Building | State::Cancelling { .. } => {
                self.state = State::Killed;
                out.push(Action::KillBuild(self.latest));
            }
            State::Gathering { .. } => self.state = State::Idle,
            State::Idle | State::Killed => {}
        }
    }

    fn start(&mut self, now: Moment, out: &mut Outbox) {
        self.began = now;
        self.latest = BuildId(self.latest.0 + 1);
        self.seen = self.edits;
        self.last_end = None;
        self.state = State::Building;
        self.latest_errors = self.errors;
        out.push(Action::Build(self.latest, self.errors));
    }

    fn cancel(&mut self, now: Moment, out: &mut Outbox) {
        self.state = State::Cancelling { until: now + CANCEL_GRACE };
        out.push(Action::CancelBuild(self.latest));
    }
}

/// What others may ask about the builds.
impl Rebuild {
    /// The latest build, finished or not.
    pub(super) fn latest(&self) -> BuildId {
        self.latest
    }

    /// Whether all is known that can be known of the latest build.
    pub(super) fn is_understood(&self) -> bool {
        self.edits_policy == Edits::Ignored || self.understood >= self.latest
    }

    /// Whether one of them has succeeded.
    pub(super) fn has_succeeded(&self) -> bool {
        self.has_succeeded
    }

    /// Whether nothing was ever built, and nobody has cancelled anything either.
    pub(super) fn is_first(&self) -> bool {
        self.latest <= BuildId(1) && self.outcome().is_none()
    }

    /// How long all builds took until the end of the latest, and how long of that they have
    /// waited for other cargos.
    pub(super) fn spent(&self) -> (Duration, Duration) {
        (self.spent, self.waited)
    }

    /// Whether cargo is not running and not about to.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// How the latest build ended, if it has and nothing is to follow.
    pub(super) fn outcome(&self) -> Option<BuildEnd> {
        if self.is_idle() { self.last_end } else { None }
    }

    /// Whether what is built may run: it is of the latest edit, or the best there will be for now.
    pub(super) fn may_swap(&self) -> bool {
        match (self.state, self.edits_policy) {
            // A build that is not cancelled for a newer edit shows what it has: progress counts.
            (State::Building, Edits::Watched) => true,
            (State::Idle, Edits::Watched) => self.last_end.is_some(),
            // The first is all or nothing; later ones are for what is wanted beside it.
            (State::Idle, Edits::Ignored) => self.has_succeeded && self.last_end.is_some(),
            (State::Building, Edits::Ignored)
            | (State::Gathering { .. } | State::Cancelling { .. } | State::Killed, _) => false,
        }
    }

    /// Whether the latest artifacts may be used for `release`.
    pub(super) fn may_release(&self) -> bool {
        matches!(self.state, State::Building | State::Idle)
    }

    /// When time alone will change something.
    pub(super) fn deadline(&self) -> Option<Moment> {
        match self.state {
            State::Gathering { until } | State::Cancelling { until } => Some(until),
            State::Idle | State::Building | State::Killed => None,
        }
    }
}
