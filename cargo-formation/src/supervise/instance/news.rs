//! What news of its runs means for an instance, and what comes after a crash.

use std::time::Duration;

use super::{Company, Failure, Instance, Role, Slot, Vacancy};
use crate::formation::{Exit, ExitCode, Moment, Restart};
use crate::supervise::notice::{Next, Notice};
use crate::supervise::outbox::Outbox;
use crate::supervise::protocol::{Hope, Owner, RunId, RunNews};
use crate::supervise::run::Health;
use crate::supervise::version::Version;

/// The delay after the first failure; it doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// The delay never exceeds this.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Failures are forgotten after this long in health.
const HEALTHY_AFTER: Duration = Duration::from_secs(10);
/// After this many failures in a row it waits for new code.
const FAILURES_BEFORE_GIVING_UP: u32 = 10;
/// After this many a service is given up that was never up: everything else waits for it, and
/// what is not installed will not be after a minute.
const FAILURES_OF_A_START: u32 = 3;

impl Instance {
    /// News of one of its runs. A failure that was not asked for is returned.
    pub(in crate::supervise) fn news(
        &mut self,
        run: RunId,
        news: &RunNews,
        now: Moment,
        out: &mut Outbox,
    ) -> Option<Failure> {
        match news {
            RunNews::Spawned(pid) => self.spawned(run, *pid, out),
            RunNews::Ready => self.ready(run, now, out),
            RunNews::Idle => self.idle(run, now, out),
            RunNews::Unwell(reason) => self.unwell(run, reason, out),
            RunNews::Well => self.well(run, out),
            RunNews::Elsewhere(ports) => {
                out.say(Notice::Elsewhere { name: self.name.clone(), ports: ports.clone() });
            }
            RunNews::AddressInUse(ports) => self.address_in_use(run, ports, out),
            RunNews::Exited(exit) => return self.exited(run, *exit, now, out),
            RunNews::Survivors(pids) => self.survivors(run, pids, now, out),
            RunNews::NotSpawned(reason, hope) => {
                return self.not_spawned(run, (reason, *hope), now, out);
            }
            RunNews::Gone => {
                // A run whose exit was never reported is over all the same.
                let failure = self.exited(run, Exit::Unknown, now, out);
                self.leaving.retain(|leaving| leaving.id != run);
                return failure;
            }
            RunNews::Unreachable(pid, reason) => out.say(Notice::Unreachable {
                name: self.name.clone(),
                pid: *pid,
                reason: reason.clone(),
            }),
            RunNews::PidFile(path) => {
                out.say(Notice::PidFile { name: self.name.clone(), path: path.clone() });
            }
        }
        None
    }

    fn spawned(&mut self, id: RunId, pid: u32, out: &mut Outbox) {
        if let Some(run) = self.run_mut(id).filter(|run| run.pid.is_none()) {
            run.pid = Some(pid);
            let beside = self.beside(id);
            out.say(Notice::Started { name: self.name.clone(), pid, beside });
        }
    }

    /// The process of the run that goes on while this one, a candidate, starts.
    fn beside(&self, id: RunId) -> Option<u32> {
        match &self.slot {
            Slot::Handover { current, candidate } if candidate.id == id => current.pid,
            Slot::Vacant(_) | Slot::Single(_) | Slot::Handover { .. } => None,
        }
    }

    fn ready(&mut self, id: RunId, now: Moment, out: &mut Outbox) {
        let news = self.run_mut(id).is_some_and(|run| run.ready(now));
        if !news {
            return;
        }
        self.first_ready.get_or_insert(now);
        let taken_over = match &self.slot {
            Slot::Handover { current, candidate } if candidate.id == id => Some(current.id),
            Slot::Vacant(_) | Slot::Single(_) | Slot::Handover { .. } => None,
        };
        if let Some((old, _)) = taken_over.and_then(|old| self.vacate(old)) {
            self.dismiss(old, now, out);
        }
    }

    fn unwell(&mut self, id: RunId, reason: &str, out: &mut Outbox) {
        if self.run_mut(id).is_some_and(|run| run.fares(Health::Unwell)) {
            out.say(Notice::Unwell { name: self.name.clone(), reason: reason.to_owned() });
        }
    }

    fn well(&mut self, id: RunId, out: &mut Outbox) {
        if self.run_mut(id).is_some_and(|run| run.fares(Health::Well)) {
            out.say(Notice::WellAgain(self.name.clone()));
        }
    }

    /// A candidate finds its address in use: by the run beside it, which is the only one new.
    fn address_in_use(&mut self, id: RunId, ports: &[u16], out: &mut Outbox) {
        let beside = matches!(&self.slot, Slot::Handover { candidate, .. } if candidate.id == id);
        if beside && self.company == Company::Possible {
            self.company = Company::Impossible;
            out.say(Notice::CannotOverlap { name: self.name.clone(), ports: ports.to_vec() });
        }
    }

    fn idle(&mut self, id: RunId, now: Moment, out: &mut Outbox) {
        let draining = self.leaving.iter_mut().find(|run| run.id == id && run.is_draining());
        if let Some(run) = draining {
            run.ask(now, out);
        }
    }

    /// A leader ended. If it was the instance, or was to become it, that is a matter of policy.
    fn exited(&mut self, id: RunId, exit: Exit, now: Moment, out: &mut Outbox) -> Option<Failure> {
        let healthy = self.run_mut(id)?.healthy_for(now) >= HEALTHY_AFTER;
        let news = self.run_mut(id)?.exited(exit, now);
        if !news {
            return None;
        }
        // Whoever has left the slot was asked to stop: its exit is no surprise.
        let (run, role) = self.vacate(id)?;
        let (name, of) = (self.name.clone(), run.version);
        self.leaving.push(run);
        match role {
            Role::Only => {
                let next = self.after(of, exit, healthy, now);
                out.say(Notice::Ended { name, exit, next });
            }
            Role::Current => {
                out.say(Notice::Ended { name, exit, next: Next::Restart(Duration::ZERO) });
            }
            // It gets the place for itself, as was said.
            Role::Candidate if self.company == Company::Impossible => return None,
            Role::Candidate => {
                self.refused = Some(of);
                out.say(Notice::CandidateFailed { name, exit: Some(exit) });
            }
        }
        (!exit.success()).then_some(Failure(exit))
    }

    /// What the policy says after an exit nobody asked for.
    fn after(&mut self, of: Version, exit: Exit, healthy: bool, now: Moment) -> Next {
        if healthy {
            self.failures = 0;
        }
        let again = match self.policy.restart {
            Restart::Always => true,
            Restart::OnFailure => !exit.success(),
            Restart::Never => false,
        };
        let (vacancy, next) = if !again {
            (Vacancy::Ended { of, exit }, Next::Over)
        } else if exit.success() {
            (Vacancy::Backoff { until: now + FIRST_DELAY, of, exit }, Next::Restart(FIRST_DELAY))
        } else {
            self.failures += 1;
            self.after_failure(of, exit, now)
        };
        self.slot = Slot::Vacant(vacancy);
        next
    }

    fn after_failure(&self, of: Version, exit: Exit, now: Moment) -> (Vacancy, Next) {
        let most = match (self.owner, self.first_ready) {
            (Owner::Service(_), None) => FAILURES_OF_A_START,
            (Owner::Service(_) | Owner::Release | Owner::Instance(_), _) => {
                FAILURES_BEFORE_GIVING_UP
            }
        };
        if self.failures >= most {
            return (Vacancy::Ended { of, exit }, Next::GaveUp(self.failures));
        }
        let delay = backoff(self.failures);
        (Vacancy::Backoff { until: now + delay, of, exit }, Next::Restart(delay))
    }

    fn not_spawned(
        &mut self,
        id: RunId,
        (reason, hope): (&str, Hope),
        now: Moment,
        out: &mut Outbox,
    ) -> Option<Failure> {
        let exit = Exit::Code(i32::from(ExitCode::CANNOT_RUN.0));
        let Some((run, role)) = self.vacate(id) else {
            self.leaving.retain(|run| run.id != id);
            return None;
        };
        let next = match role {
            Role::Only if hope == Hope::None => {
                self.slot = Slot::Vacant(Vacancy::Ended { of: run.version, exit });
                Next::InVain
            }
            Role::Only => self.after(run.version, exit, false, now),
            Role::Current => Next::Restart(Duration::ZERO),
            Role::Candidate => {
                self.refused = Some(run.version);
                Next::Over
            }
        };
        let name = self.name.clone();
        out.say(Notice::NotSpawned { name, reason: reason.to_owned(), next });
        Some(Failure(exit))
    }

    /// The leader is dead and others of the tree are not: the tree is the unit, so they leave too.
    fn survivors(&mut self, id: RunId, pids: &[u32], now: Moment, out: &mut Outbox) {
        let name = self.name.clone();
        let Some(run) = self.leaving.iter_mut().find(|run| run.id == id) else { return };
        if let Some(notice) = run.survivors(name, pids, now, out) {
            out.say(notice);
        }
    }
}

/// How long to wait after this many failures in a row.
fn backoff(failures: u32) -> Duration {
    FIRST_DELAY.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_DELAY)
}
