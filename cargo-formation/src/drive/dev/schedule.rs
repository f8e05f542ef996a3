//! The times of what is scheduled: kept by the wall clock, and told to the decisions as they come.

use std::time::{Duration, SystemTime};

use super::Loop;
use super::shape::Shape;
use crate::formation::{Moment, ProcessName, ProcessType, Target};
use crate::supervise::{Command, Event, Whom};
use crate::world::clock::wall;
use crate::world::schedule::next;

/// So long nobody looks at the wall clock at most. It may be set, and it goes on while the machine
/// sleeps, when the clock that sleepers are woken by stands still.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// A wall clock that is set back by less is taken for one that was corrected: what was told is not
/// told again.
const CORRECTION: Duration = Duration::from_mins(1);

/// The times that are kept.
#[derive(Debug)]
pub(super) struct Times {
    /// Who runs by which schedule.
    kept: Vec<(ProcessName, String)>,
    /// Every time that has come until then was told.
    told: SystemTime,
    /// When to look again.
    look: Option<Moment>,
}

impl Times {
    /// Nothing is kept yet.
    pub(super) fn since(wall: SystemTime) -> Self {
        Self { kept: Vec::new(), told: wall, look: None }
    }

    /// From now on these are kept. Those of before whose time has come.
    fn keep(
        &mut self,
        kept: Vec<(ProcessName, String)>,
        now: Moment,
        wall: SystemTime,
    ) -> Vec<ProcessName> {
        let due = self.look(now, wall);
        self.kept = kept;
        self.sleep(now, wall);
        due
    }

    /// When to look again.
    pub(super) fn wake(&self) -> Option<Moment> {
        self.look
    }

    /// Those whose time has come since the last look, each once, however often it has.
    fn look(&mut self, now: Moment, wall: SystemTime) -> Vec<ProcessName> {
        let has_come = |schedule: &str| next(schedule, self.told).is_some_and(|at| at <= wall);
        let due = self.kept.iter().filter(|(_, schedule)| has_come(schedule));
        let due = due.map(|(process, _)| process.clone()).collect();
        let set_back = self.told.duration_since(wall).unwrap_or_default();
        if set_back.is_zero() || set_back >= CORRECTION {
            self.told = wall;
        }
        self.sleep(now, wall);
        due
    }

    /// Sleep until the next time comes.
    fn sleep(&mut self, now: Moment, wall: SystemTime) {
        let times = self.kept.iter().filter_map(|(_, schedule)| next(schedule, self.told));
        let until = times.min().map(|at| at.duration_since(wall).unwrap_or_default());
        self.look = until.map(|until| now + until.min(LONGEST_SLEEP));
    }
}

impl Shape {
    /// Whether the times of what is scheduled are kept.
    fn keeps_times(&self) -> bool {
        self.formation.settings.dev.schedule
    }

    /// Those that are scheduled and of the formation here.
    fn scheduled(&self) -> impl Iterator<Item = (&ProcessType, &String)> {
        let here =
            self.formation.processes.iter().filter(|process| self.quantity(&process.name) > 0);
        here.filter_map(|process| Some((process, process.schedule.as_ref()?)))
    }
}

impl Loop {
    /// Whether what is scheduled runs when its time has come: never beside a command that
    /// everything is there for, which would find another formation each time.
    pub(super) fn keeps_times(&self) -> bool {
        self.shape.keeps_times() && !self.errand.is_quiet()
    }

    /// What has to be asked at the start: who was named runs, unless it has its times.
    pub(super) fn start_named(&self) -> Option<Event> {
        let named = self.shape.scheduled().filter(|_| !self.shape.keeps_times());
        start(named.map(|(process, _)| process.name.clone()))
    }

    /// Those whose time has come, as events for the decisions.
    pub(super) fn due(&mut self) -> Vec<Event> {
        let now = self.wiring.clock.now();
        if self.times.wake().is_none_or(|look| now < look) {
            return Vec::new();
        }
        events(self.times.look(now, wall()))
    }

    /// Keep the times of what is run now.
    pub(super) fn keep_times(&mut self) -> Vec<Event> {
        let kept = self.shape.scheduled().filter(|_| self.keeps_times());
        let kept = kept.map(|(process, schedule)| (process.name.clone(), schedule.clone()));
        let kept = kept.collect();
        events(self.times.keep(kept, self.wiring.clock.now(), wall()))
    }

    /// Have those of these names that are scheduled, and not of the formation here, be of it.
    ///
    /// # Errors
    /// Why they cannot, in words.
    pub(super) fn plan_scheduled(&mut self, whom: &Whom) -> Result<Vec<Event>, String> {
        let Whom::These(targets) = whom else { return Ok(Vec::new()) };
        if self.supervise.is_ending() {
            return Ok(Vec::new());
        }
        let formation = &self.shape.formation;
        let missing = targets.iter().filter(|target| match target {
            Target::Process(_) => true,
            Target::Instance(name) => name.number == 1,
        });
        let missing = missing.filter_map(|target| formation.get(target.process()));
        let missing = missing.filter(|process| process.schedule.is_some());
        let missing = missing.filter(|process| self.shape.quantity(&process.name) == 0);
        let mut quantities: Vec<String> =
            missing.map(|process| format!("{}=1", process.name)).collect();
        quantities.sort();
        quantities.dedup();
        if quantities.is_empty() {
            return Ok(Vec::new());
        }
        let (shape, _) = self.shape.scaled(&quantities)?;
        let (events, problems) = self.rescale(shape);
        problems.into_iter().next().map_or(Ok(events), Err)
    }

    /// Start those that are scheduled and were not of the formation before, unless they have their
    /// times.
    pub(super) fn start_added(&self, before: &Shape) -> Option<Event> {
        let added = self.shape.scheduled().filter(|_| !self.shape.keeps_times());
        let added = added.filter(|(process, _)| before.quantity(&process.name) == 0);
        start(added.map(|(process, _)| process.name.clone()))
    }
}

fn events(due: Vec<ProcessName>) -> Vec<Event> {
    due.into_iter().map(Event::Due).collect()
}

fn start(names: impl Iterator<Item = ProcessName>) -> Option<Event> {
    let targets: Vec<Target> = names.map(Target::Process).collect();
    if targets.is_empty() {
        return None;
    }
    Some(Event::Asked(None, Command::Start(Whom::These(targets))))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Times;
    use crate::formation::{Moment, ProcessName};

    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;

    /// Midnight of a day, and so many seconds.
    fn wall(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * 24 * HOUR + seconds)
    }

    fn moment(seconds: u64) -> Moment {
        Moment::after_start(Duration::from_secs(seconds))
    }

    fn kept(kept: &[(&str, &str)]) -> Vec<(ProcessName, String)> {
        kept.iter().map(|(name, cron)| (name.parse().unwrap(), (*cron).to_owned())).collect()
    }

    /// What is kept since a wall clock showed so many seconds.
    fn times(names: &[(&str, &str)], since: u64) -> Times {
        let mut times = Times::since(wall(since));
        assert!(times.keep(kept(names), moment(0), wall(since)).is_empty());
        times
    }

    /// Look when both clocks show so many seconds.
    fn look(times: &mut Times, at: u64) -> Vec<String> {
        times.look(moment(at), wall(at)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_time_is_told_once_and_nobody_looks_more_often_than_has_to_be() {
        let mut times = times(&[("often", "* * * * *"), ("daily", "0 3 * * *")], 10);
        assert_eq!(times.wake(), Some(moment(30)), "the wall clock is looked at now and then");
        assert!(look(&mut times, 40).is_empty());
        assert_eq!(times.wake(), Some(moment(60)));
        assert_eq!(look(&mut times, 60), ["often"]);
        assert!(look(&mut times, 60).is_empty());
        assert_eq!(look(&mut times, 120), ["often"]);
        assert!(look(&mut times, 121).is_empty());
    }

    #[test]
    fn many_times_that_passed_in_sleep_are_one() {
        let mut times = times(&[("often", "* * * * *"), ("daily", "0 3 * * *")], 10);
        let woken = times.look(moment(40), wall(50 * HOUR + 1));
        assert_eq!(woken.len(), 2, "{woken:?}");
        assert!(times.look(moment(41), wall(50 * HOUR + 2)).is_empty());
    }

    #[test]
    fn a_clock_that_is_corrected_tells_no_time_twice() {
        let mut times = times(&[("often", "* * * * *")], 10);
        assert_eq!(look(&mut times, 61), ["often"]);
        assert!(times.look(moment(62), wall(58)).is_empty());
        assert!(times.look(moment(66), wall(62)).is_empty(), "that was told");
        assert_eq!(times.look(moment(124), wall(120)).len(), 1);
    }

    #[test]
    fn a_clock_that_is_set_back_begins_anew() {
        let mut times = times(&[("hourly", "0 * * * *")], 2 * HOUR + 10);
        assert!(times.look(moment(20), wall(HOUR + 30)).is_empty());
        assert_eq!(times.look(moment(40), wall(2 * HOUR)).len(), 1);
    }

    #[test]
    fn who_comes_later_has_no_time_of_before() {
        let mut times = times(&[("often", "* * * * *")], 10);
        let both = kept(&[("often", "* * * * *"), ("new", "* * * * *")]);
        let due = times.keep(both, moment(55), wall(65));
        assert_eq!(due, ["often".parse().unwrap()], "and nobody else's time is lost");
        assert!(times.look(moment(60), wall(70)).is_empty());
        assert_eq!(times.look(moment(110), wall(120)).len(), 2);
    }

    #[test]
    fn nobody_wakes_for_nothing() {
        assert_eq!(times(&[], 10).wake(), None);
        assert_eq!(times(&[("never", "0 0 30 2 *")], 10).wake(), None);
    }
}
