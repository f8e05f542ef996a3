//! What is scheduled: a run for each time, or for whoever asks; never two at once.
//!
//! When a time has come is not known here, and none is kept: a time that comes while the run of
//! another lasts is skipped, and one that comes while nothing may start yet is the same as the
//! next.

use super::Supervise;
use super::asked::Command;
use super::command::Seat;
use super::member::{Hold, Member, Standing};
use super::notice::Notice;
use super::protocol::{Occasion, Whom};
use super::version::Version;
use crate::formation::ProcessName;

impl Member {
    /// Whether it runs by a schedule.
    pub(super) fn is_scheduled(&self) -> bool {
        match self.occasion {
            Occasion::Always => false,
            Occasion::Asked | Occasion::Timed => true,
        }
    }

    /// The run that was asked for, as long as it lasts.
    pub(super) fn under_way(&self) -> Option<Version> {
        let asked_for = |version: &Version| version.again >= self.asked_of_schedule();
        self.instance.latest().filter(|_| self.is_scheduled()).filter(asked_for)
    }

    /// How often it was to be started again since it is scheduled; whoever was there before is as
    /// good as any.
    fn asked_of_schedule(&self) -> u32 {
        if self.asked.again == self.unscheduled { 0 } else { self.asked.again }
    }

    /// Whether nothing of it runs and nobody has asked for it; and whether it has run makes no
    /// difference, because there will be another time.
    pub(super) fn is_waiting(&self) -> bool {
        let comes = self.occasion == Occasion::Timed || self.instance.ended().is_none();
        comes && self.asked.hold == Hold::Scheduled && self.instance.is_gone()
    }
}

impl Supervise {
    /// The time of this type has come.
    pub(super) fn due(&mut self, process: &ProcessName) {
        if self.is_ending() {
            return;
        }
        let timed = self.members.iter_mut().filter(|member| {
            let is_here = member.standing == Standing::Wanted;
            is_here
                && member.occasion == Occasion::Timed
                && member.instance.name.process() == process
        });
        for member in timed {
            let is_gone = member.instance.is_gone();
            match member.asked.hold {
                Hold::Stopped => {}
                Hold::Scheduled if is_gone => member.asked.restart(),
                // It was asked for, and could not start yet.
                Hold::Free if is_gone => {}
                Hold::Scheduled | Hold::Free | Hold::Lent => {
                    self.out.say(Notice::Skipped(member.instance.name.clone()));
                }
            }
        }
    }

    /// Who has run waits for the next time; and who is scheduled no more waits for nothing.
    pub(super) fn keep_schedules(&mut self) {
        let here = self.members.iter_mut().filter(|member| member.standing == Standing::Wanted);
        for member in here {
            let has_ended = member.instance.has_ended(member.asked_of_schedule());
            match (member.is_scheduled(), member.asked.hold) {
                (true, Hold::Free) if has_ended => member.asked.hold = Hold::Scheduled,
                (false, Hold::Scheduled) => member.asked.hold = Hold::Free,
                (true | false, Hold::Free | Hold::Scheduled | Hold::Stopped | Hold::Lent) => {}
            }
        }
    }

    /// What is asked of everybody is not asked of those that are scheduled, except to stop. Those
    /// that were stopped wait for their time again, when everybody is started.
    pub(super) fn spare_scheduled(&mut self, command: &Command, seats: Vec<Seat>) -> Vec<Seat> {
        let (Command::Restart(Whom::All)
        | Command::Renew(_)
        | Command::Start(Whom::All)
        | Command::Settle(Whom::All)) = command
        else {
            return seats;
        };
        let starts = matches!(command, Command::Start(_));
        let is_asked = |seat: &Seat| {
            let Seat::Member(id) = *seat else { return true };
            let member = &mut self.members[id];
            if member.is_scheduled() && starts && member.asked.hold == Hold::Stopped {
                member.asked.hold = Hold::Scheduled;
            }
            !member.is_scheduled()
        };
        seats.into_iter().filter(is_asked).collect()
    }

    /// Whether somebody is to start, is scheduled, and runs.
    pub(super) fn is_busy(&self, command: &Command, seat: Seat) -> bool {
        let is_under_way = |id: usize| self.members[id].under_way().is_some();
        let Seat::Member(id) = seat else { return false };
        matches!(command, Command::Start(_)) && is_under_way(id)
    }

    /// Who was lent and is back starts at once, or when it is time.
    pub(super) fn hold_of_who_is_back(&self, seat: Seat) -> Hold {
        match seat {
            Seat::Member(id) if self.members[id].is_scheduled() => Hold::Scheduled,
            Seat::Member(_) | Seat::Service(_) => Hold::Free,
        }
    }
}
