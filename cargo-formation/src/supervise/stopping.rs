//! How it stops: asked once, forced the second time, and who is waited for meanwhile.

use std::time::Duration;

use super::notice::{Awaited, Notice};
use super::protocol::{Action, StopReason};
use super::{Phase, Supervise};
use crate::formation::{ExitCode, Moment};

/// After this long somebody who waits wants to know for whom; then after twice as long, and so on.
const FIRST_WAITING_NOTICE: Duration = Duration::from_secs(1);

/// Signals this close together are one request: when a terminal window is closed, both the
/// kernel and the shell send `SIGHUP`, and a Ctrl-C may arrive by way of a parent, too.
const SAME_REQUEST: Duration = Duration::from_millis(200);

impl Supervise {
    /// The first one asks, the second one kills.
    pub(super) fn stop(&mut self, reason: StopReason, now: Moment) {
        match self.phase {
            Phase::Ahead | Phase::Preparing | Phase::Up => {
                self.out.say(Notice::Stopping(reason));
                self.wind_down(reason.code(), now);
            }
            Phase::Stopping { since, .. } if now.since(since) < SAME_REQUEST => {}
            Phase::Stopping { .. } if reason == StopReason::OutputClosed => {}
            Phase::Stopping { code, .. } => {
                self.phase = Phase::Killing { code };
                self.out.say(Notice::Killing);
                self.rebuild.kill(&mut self.out);
                for member in &mut self.members {
                    member.instance.kill(now, &mut self.out);
                }
                if let Some(gate) = &mut self.gate {
                    gate.kill(now, &mut self.out);
                }
                self.services.kill(now, &mut self.out);
            }
            Phase::Killing { .. } | Phase::Over => {}
        }
    }

    /// Nothing is wanted any more.
    pub(super) fn wind_down(&mut self, code: ExitCode, now: Moment) {
        if !matches!(self.phase, Phase::Ahead | Phase::Preparing | Phase::Up) {
            return;
        }
        self.phase = Phase::Stopping { code, since: now, tell: now + FIRST_WAITING_NOTICE };
        self.rebuild.stop(now, &mut self.out);
        self.out.push(Action::CloseRoutes);
        for member in &mut self.members {
            member.instance.hurry(now, &mut self.out);
        }
        if let Some(gate) = &mut self.gate {
            gate.ask(now, &mut self.out);
        }
        self.services.rest();
    }

    /// Who waits for long wants to know for whom.
    pub(super) fn say_who_is_awaited(&mut self, now: Moment) {
        if let Phase::Stopping { code, since, tell } = self.phase
            && now >= tell
        {
            self.phase = Phase::Stopping { code, since, tell: now + now.since(since) };
            let awaited = self.awaited(now);
            if !awaited.is_empty() {
                self.out.say(Notice::Waiting(awaited));
            }
        }
    }

    fn awaited(&self, now: Moment) -> Vec<Awaited> {
        let gate = self.gate.iter().filter_map(|gate| gate.awaited(now));
        let instances = self.members.iter().flat_map(|member| member.instance.awaited(now));
        let mut awaited: Vec<_> = gate.chain(instances).collect();
        if self.needs_no_services() {
            awaited.extend(self.services.awaited(now));
        }
        awaited
    }
}
