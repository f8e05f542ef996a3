//! The end of a run, in the order in which it is to be told: its output, its exit, the rest
//! of its output, its tree.

use std::collections::VecDeque;

use tokio::sync::watch;

use crate::formation::Exit;
use crate::supervise::RunNews;
use crate::world::output::Life;

/// What is known of the end of a run, and not told yet.
#[derive(Debug)]
pub(super) struct Ending {
    life: watch::Sender<Life>,
    /// Everything that was written until its life had come so far has been read.
    read: Life,
    /// What is to be told when so much has been read.
    waiting: VecDeque<(Life, RunNews)>,
}

impl Ending {
    /// A run begins. Its reader watches the receiver.
    pub(super) fn new() -> (Self, watch::Receiver<Life>) {
        let (life, receiver) = watch::channel(Life::Leader);
        (Self { life, read: Life::Leader, waiting: VecDeque::new() }, receiver)
    }

    /// The leader ended. What can be told now is returned.
    pub(super) fn exited(&mut self, exit: Exit) -> Vec<RunNews> {
        self.come(Life::Others, RunNews::Exited(exit))
    }

    /// These live on. What can be told now is returned.
    pub(super) fn survivors(&mut self, pids: Vec<u32>) -> Vec<RunNews> {
        self.come(Life::Others, RunNews::Survivors(pids))
    }

    /// Nothing of it is alive. What can be told now is returned.
    pub(super) fn gone(&mut self) -> Vec<RunNews> {
        self.come(Life::Gone, RunNews::Gone)
    }

    /// What it wrote until its life had come so far has been read. What can be told now is
    /// returned.
    pub(super) fn drained(&mut self, life: Life) -> Vec<RunNews> {
        self.read = self.read.max(life);
        self.told()
    }

    fn come(&mut self, life: Life, news: RunNews) -> Vec<RunNews> {
        // The reader is told of what is new to it.
        self.life.send_if_modified(|known| std::mem::replace(known, life.max(*known)) < life);
        self.waiting.push_back((life, news));
        self.told()
    }

    fn told(&mut self) -> Vec<RunNews> {
        let read = self.read;
        let waits = self.waiting.iter().position(|(life, _)| *life > read);
        let told = self.waiting.drain(..waits.unwrap_or(self.waiting.len()));
        told.map(|(_, news)| news).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;
    use crate::formation::Exit;
    use crate::supervise::RunNews;
    use crate::world::output::Life;

    const EXIT: Exit = Exit::Code(0);
    const EXITED: RunNews = RunNews::Exited(EXIT);

    #[test]
    fn an_exit_is_told_after_the_output_and_before_the_tree() {
        let (mut ending, _life) = Ending::new();
        assert_eq!(ending.exited(EXIT), []);
        assert_eq!(ending.gone(), []);
        assert_eq!(ending.drained(Life::Gone), [EXITED, RunNews::Gone]);
    }

    #[test]
    fn the_last_words_of_the_tree_come_before_its_end() {
        let (mut ending, _life) = Ending::new();
        assert_eq!(ending.exited(EXIT), []);
        assert_eq!(ending.drained(Life::Others), [EXITED]);
        assert_eq!(ending.survivors(vec![7]), [RunNews::Survivors(vec![7])]);
        assert_eq!(ending.gone(), []);
        assert_eq!(ending.drained(Life::Gone), [RunNews::Gone]);
    }

    #[test]
    fn a_process_that_closed_its_output_long_ago_is_not_waited_for() {
        let (mut ending, _life) = Ending::new();
        assert_eq!(ending.drained(Life::Gone), []);
        assert_eq!(ending.exited(EXIT), [EXITED]);
        assert_eq!(ending.gone(), [RunNews::Gone]);
    }

    #[test]
    fn its_reader_hears_of_each_step_once() {
        let (mut ending, mut life) = Ending::new();
        ending.exited(EXIT);
        assert!(life.has_changed().unwrap());
        assert_eq!(*life.borrow_and_update(), Life::Others);
        ending.survivors(vec![7]);
        assert!(!life.has_changed().unwrap());
        ending.gone();
        assert_eq!(*life.borrow_and_update(), Life::Gone);
    }
}
