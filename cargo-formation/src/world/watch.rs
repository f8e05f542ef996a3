//! The eyes of `dev`: what is watched is looked at, and what differs is reported.
//!
//! # What the caller is promised
//!
//! A path is *covered* if the [`WatchSet`] of the time cares about it. The watch remembers a
//! fingerprint of each covered path: what it last saw there (see `fingerprint`).
//!
//! 1. **Nothing is lost.** Once a path was seen, every later edit of it is followed by a
//!    report that names it: in a few milliseconds if the kernel tells, with the next sweep
//!    if not. An edit is what changes date, size, inode or content; two may share a report.
//! 2. **Nothing is made up.** Without a difference there is no report.
//! 3. **No gap at the beginning, none between two sets.** [`Watch::start`] and
//!    [`Watch::update`] take a [`Mark`]. What was covered stays remembered. What is covered
//!    for the first time is reported if it was written after the mark, or the directory is
//!    in which files came and went; so is what was seen to change after the mark, when
//!    nobody cared about it yet.
//! 4. **Whoever asks gets everything.** [`Watch::check`] looks at every path. When its
//!    [`News::Checked`] arrives, every edit made before the question has been reported.
//!
//! # Why that is enough for builds
//!
//! Take a mark, start cargo, and when it has ended, hand over the set that its dep-info
//! makes, with that mark; then check. An edit before the mark is in the build, since cargo
//! started after it. An edit after the mark of anything that the build reads is reported
//! by 1 or by 3, and so is followed by a build that begins after it. What is up to date is
//! known by 4: if no report stands between the start of a build and `Checked`, nothing that
//! this build has read was edited since.
//!
//! What was edited before the mark may be reported after it, and costs a build for nothing.
//! The other way round costs an edit, and does not happen.
//!
//! # What is not seen
//!
//! Directories reached by a link are looked at only if they are a package, or what dep-info
//! names. An edit of a file that is covered by the name of a link elsewhere waits for a
//! sweep. On file systems that tell nothing, network and shared ones, everything does.

mod arms;
mod barrier;
mod fingerprint;
mod ignored;
mod ledger;
mod listing;
mod looking;
mod pace;
mod settling;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;

use notify::{RecommendedWatcher, Watcher};

use self::arms::Arms;
use self::fingerprint::Stamp;
use self::looking::{Looking, Message, may_differ};
use super::clock::{self, Clock};
use crate::formation::Moment;
use crate::plan::watch::{Changes, WatchSet};

pub use self::arms::Trouble;

/// A moment on both clocks: that of the tool, and that which stamps files.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    moment: Moment,
    stamp: Stamp,
}

impl Mark {
    /// Now.
    #[must_use]
    pub fn now(clock: Clock) -> Self {
        Self { moment: clock.now(), stamp: Stamp::of(clock::wall()) }
    }
}

/// What the watch reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Something has changed that somebody cares about.
    Changes(Changes),
    /// Everything that differed when this number was asked about has been reported.
    Checked(u64),
    /// Changes are noticed late, for this reason. Said once.
    Trouble(Trouble),
}

/// A watch. It ends when this is dropped; what it is about to report then is not reported.
#[derive(Debug)]
pub struct Watch {
    messages: Sender<Message>,
}

impl Watch {
    /// Watch this set, and report from a thread of its own. What was written after `since`
    /// is reported, also if it was before this call.
    ///
    /// Returns before everything has been looked at for the first time.
    ///
    /// # Errors
    /// When there is no thread to be had. Without the kernel's help it goes on, and says so.
    pub fn start(
        set: WatchSet,
        since: Mark,
        clock: Clock,
        report: impl FnMut(News) + Send + 'static,
    ) -> io::Result<Self> {
        let (messages, inbox) = mpsc::channel();
        let events = messages.clone();
        let tell = move |event: notify::Result<notify::Event>| {
            // That somebody opened or read a file is told, too: thousands of times in a build.
            if event.as_ref().map_or(true, |event| may_differ(event.kind)) {
                let _ = events.send(Message::Told(event));
            }
        };
        let watcher = RecommendedWatcher::new(tell, notify::Config::default());
        let arms = Arms::new(watcher.map(|watcher| Box::new(watcher) as Box<dyn Watcher + Send>));
        let looking = Looking::new(arms, inbox, clock, pace::pause, report);
        Self::begin(looking, messages, set, since)
    }

    fn begin(
        looking: Looking<impl FnMut(News) + Send + 'static>,
        messages: Sender<Message>,
        set: WatchSet,
        since: Mark,
    ) -> io::Result<Self> {
        let _ = messages.send(Message::Adopt(Box::new(set), since));
        thread::Builder::new().name("watch".into()).spawn(move || looking.look_until_the_end())?;
        Ok(Self { messages })
    }

    /// Watch this set from now on. `since` is the mark from before whatever the set was
    /// made of: the build whose dep-info it has, or the reading of the table.
    pub fn update(&self, set: WatchSet, since: Mark) {
        let _ = self.messages.send(Message::Adopt(Box::new(set), since));
    }

    /// Look at everything now, report what differs, and then [`News::Checked`] with this
    /// number.
    ///
    /// While git has its index locked the answer waits, as every report does.
    pub fn check(&self, number: u64) {
        let _ = self.messages.send(Message::Check(number));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::End);
    }
}
