//! What the passing of time does to an instance.

use super::{Instance, Patience, Slot};
use crate::formation::Moment;
use crate::supervise::notice::Notice;
use crate::supervise::outbox::Outbox;
use crate::supervise::run::Lapse;

impl Instance {
    /// Whatever time has brought to its runs.
    pub(in crate::supervise) fn woke(&mut self, now: Moment, out: &mut Outbox) {
        let name = self.name.clone();
        let mut abandoned = Vec::new();
        let is_usual = self.patience == Patience::Usual;
        for run in self.leaving.iter_mut().filter(|run| is_usual || run.is_killed()) {
            match run.woke(now, out) {
                Some(Lapse::Killed) => {
                    out.say(Notice::Killed { name: name.clone(), grace: run.grace() });
                }
                Some(Lapse::Abandoned) => {
                    out.say(Notice::Abandoned { name: name.clone(), pid: run.pid });
                    abandoned.push(run.id);
                }
                Some(Lapse::Late | Lapse::Drained) | None => {}
            }
        }
        self.leaving.retain(|run| !abandoned.contains(&run.id));
        self.late(now, out);
    }

    /// A run that is not up in time: a candidate is given up, a single one is left alone.
    fn late(&mut self, now: Moment, out: &mut Outbox) {
        if self.patience == Patience::Endless {
            return;
        }
        let name = self.name.clone();
        let given_up = match &mut self.slot {
            Slot::Vacant(_) => None,
            Slot::Single(run) => {
                if run.woke(now, out) == Some(Lapse::Late) {
                    let after = self.policy.startup;
                    out.say(Notice::Late { name: name.clone(), after });
                }
                None
            }
            Slot::Handover { candidate, .. } => {
                (candidate.woke(now, out) == Some(Lapse::Late)).then_some(candidate.id)
            }
        };
        if let Some((candidate, _)) = given_up.and_then(|id| self.vacate(id)) {
            let of = candidate.version;
            self.dismiss(candidate, now, out);
            if !self.is_alone() {
                self.refused = Some(of);
                out.say(Notice::CandidateFailed { name, exit: None });
            }
        }
    }

    /// Force everything of it to end.
    pub(in crate::supervise) fn kill(&mut self, now: Moment, out: &mut Outbox) {
        self.clear(now, out);
        for run in &mut self.leaving {
            run.kill(now, out);
        }
    }
}
