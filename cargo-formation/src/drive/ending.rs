//! The end of a run, in the order in which it is to be told: its output, its exit, its tree.

use tokio::sync::watch;

use crate::formation::Exit;
use crate::supervise::RunNews;
use crate::world::output::Leader;

/// What is known of the end of a run, and not told yet.
#[derive(Debug)]
pub(super) struct Ending {
    leader: watch::Sender<Leader>,
    stage: Stage,
}

/// How far the end has come.
#[derive(Debug)]
enum Stage {
    /// The leader lives, and its output is read.
    Alive,
    /// The leader's output is closed, and it lives.
    Drained,
    /// The leader has ended, its output is still being read; this is to be told after it.
    Ended(Vec<RunNews>),
    /// Everything of the leader has been told.
    Told,
}

impl Ending {
    /// A run begins. Its reader watches the receiver.
    pub(super) fn new() -> (Self, watch::Receiver<Leader>) {
        let (leader, receiver) = watch::channel(Leader::Alive);
        (Self { leader, stage: Stage::Alive }, receiver)
    }

    /// The leader ended. What can be told now is returned.
    pub(super) fn exited(&mut self, exit: Exit) -> Vec<RunNews> {
        let _ = self.leader.send(Leader::Ended);
        let news = RunNews::Exited(exit);
        match &mut self.stage {
            Stage::Alive => {
                self.stage = Stage::Ended(vec![news]);
                Vec::new()
            }
            Stage::Drained => {
                self.stage = Stage::Told;
                vec![news]
            }
            Stage::Ended(_) | Stage::Told => Vec::new(),
        }
    }

    /// Its output has been read. What can be told now is returned.
    pub(super) fn drained(&mut self) -> Vec<RunNews> {
        match std::mem::replace(&mut self.stage, Stage::Told) {
            Stage::Alive => {
                self.stage = Stage::Drained;
                Vec::new()
            }
            Stage::Ended(news) => news,
            earlier @ (Stage::Drained | Stage::Told) => {
                self.stage = earlier;
                Vec::new()
            }
        }
    }

    /// Something that is to be told after the exit. What can be told now is returned.
    pub(super) fn afterwards(&mut self, news: RunNews) -> Vec<RunNews> {
        match &mut self.stage {
            Stage::Ended(waiting) => {
                waiting.push(news);
                Vec::new()
            }
            Stage::Alive | Stage::Drained | Stage::Told => vec![news],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;
    use crate::formation::Exit;
    use crate::supervise::RunNews;

    const EXITED: RunNews = RunNews::Exited(Exit::Code(0));

    #[test]
    fn an_exit_is_told_after_the_output_and_before_the_tree() {
        let (mut ending, _leader) = Ending::new();
        assert_eq!(ending.exited(Exit::Code(0)), []);
        assert_eq!(ending.afterwards(RunNews::Gone), []);
        assert_eq!(ending.drained(), [EXITED, RunNews::Gone]);
    }

    #[test]
    fn a_process_that_closed_its_output_long_ago_is_not_waited_for() {
        let (mut ending, _leader) = Ending::new();
        assert_eq!(ending.drained(), []);
        assert_eq!(ending.exited(Exit::Code(0)), [EXITED]);
        assert_eq!(ending.afterwards(RunNews::Gone), [RunNews::Gone]);
    }

    #[test]
    fn nothing_is_told_twice() {
        let (mut ending, _leader) = Ending::new();
        ending.drained();
        ending.exited(Exit::Code(0));
        assert_eq!(ending.exited(Exit::Code(1)), []);
        assert_eq!(ending.drained(), []);
    }
}
