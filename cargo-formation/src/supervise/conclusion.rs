//! When it is over: somebody has stopped everything, or nothing is left to run.

use super::gate::Gate;
use super::member::{Member, Standing};
use super::notice::Notice;
use super::protocol::{Action, AtTheEnd, BuildEnd, Edits, Occasion};
use super::{Phase, Supervise};
use crate::formation::{ExitCode, Moment};

impl Supervise {
    /// End the tool when nothing is left to do.
    pub(super) fn conclude(&mut self, now: Moment) {
        match self.phase {
            Phase::Ahead | Phase::Preparing | Phase::Over => {}
            Phase::Up => {
                if let Some(code) = self.nothing_left() {
                    self.out.say(Notice::NothingLeft(code));
                    self.wind_down(code, now);
                    self.quit_when_gone(code, now);
                }
            }
            Phase::Stopping { code, .. } | Phase::Killing { code } => {
                if self.is_gone() {
                    self.out.say(Notice::Stopped);
                }
                self.quit_when_gone(code, now);
            }
        }
    }

    fn quit_when_gone(&mut self, code: ExitCode, now: Moment) {
        if self.needs_no_services() {
            self.services.dismiss(now, &mut self.out);
        }
        if self.is_gone() {
            // Nothing is said after the last.
            self.answer();
            self.phase = Phase::Over;
            self.out.push(Action::Quit(code));
        }
    }

    /// Whether nothing is alive: of the formation, of cargo, of the backing services.
    fn is_gone(&self) -> bool {
        self.needs_no_services() && self.services.are_gone()
    }

    /// Whether nothing of the formation and of cargo is alive.
    pub(super) fn needs_no_services(&self) -> bool {
        let release_runs = self.gate.as_ref().is_some_and(Gate::is_running);
        let gone = self.members.iter().all(|member| member.instance.is_gone());
        gone && !release_runs && self.rebuild.is_idle()
    }

    /// The exit code of a formation that has ended by itself, if it has.
    fn nothing_left(&self) -> Option<ExitCode> {
        let stays = self.at_the_end == AtTheEnd::Stay;
        if stays || self.rebuild.outcome() != Some(BuildEnd::Succeeded) {
            return None;
        }
        let release_runs = self.gate.as_ref().is_some_and(Gate::is_running);
        // Whom somebody has stopped, somebody may start.
        let ended = |member: &Member| member.instance.ended().filter(|_| !member.is_kept_down());
        let wanted = self.members.iter().filter(|member| member.standing == Standing::Wanted);
        let (waiting, left): (Vec<_>, Vec<_>) = wanted.partition(|member| member.is_waiting());
        let ends: Option<Vec<_>> = left.into_iter().map(ended).collect();
        let ends = ends.filter(|_| !release_runs)?;
        // Of a formation of nothing else, the next time is the purpose.
        if ends.is_empty() && waiting.iter().any(|member| member.occasion == Occasion::Timed) {
            return None;
        }
        if ends.is_empty() && self.gate.as_ref().is_some_and(|gate| !gate.has_passed()) {
            return None;
        }
        let all_well = ends.iter().all(|exit| exit.success());
        match (all_well, self.edits) {
            (true, _) => Some(ExitCode::SUCCESS),
            (false, Edits::Ignored) => Some(self.first_failure.unwrap_or(ExitCode::PROBLEM)),
            // Somebody may still mend it.
            (false, Edits::Watched) => None,
        }
    }
}
