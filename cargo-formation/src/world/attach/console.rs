//! The terminals of one instance, run after run, and who is attached to them.
//!
//! Whoever is attached to an instance is a guest, and the run that lives is the host: the
//! newest, where an old one still finishes its work. Guests see what the host writes, all of
//! them, and all of them may type. What a guest does not take in time it misses, and is told
//! how much; neither the run nor its log ever waits for a guest.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::super::children::ChildId;
use super::super::pty::{Pty, Size};
use super::keys::Keys;
use super::lines::{Bytes, Presence, Said, Seen};
use super::screen::Screen;

/// So many bytes may wait for a guest.
const MOST_WAITING: usize = 1024 * 1024;
/// What waits is joined to pieces of about this size.
const PIECE: usize = 16 * 1024;
/// A bell: what a terminal answers when it cannot take what is typed.
const BELL: &[u8] = b"\x07";

/// The terminals of one instance.
#[derive(Clone, Debug)]
pub struct Console(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Of the tool's own terminal: what counts where there is no guest.
    size: Size,
    /// The runs that live, the newest last.
    hosts: Vec<Host>,
    guests: BTreeMap<u64, Visit>,
    /// How the next guest is called.
    next: u64,
    /// Told when a guest has left.
    left: Arc<Notify>,
}

/// A run that lives.
#[derive(Debug)]
struct Host {
    child: ChildId,
    pty: Pty,
    keys: Keys,
    screen: Screen,
}

/// What waits for a guest.
#[derive(Debug)]
struct Visit {
    size: Size,
    waiting: VecDeque<Seen>,
    /// How many bytes of output are in there.
    bytes: usize,
    more: Arc<Notify>,
}

impl Console {
    /// That of an instance that has not begun, at a tool whose own terminal has this size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let (hosts, guests) = (Vec::new(), BTreeMap::new());
        let state = State { size, hosts, guests, next: 0, left: Arc::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The size that a terminal of it has now: what fits on the windows of all guests.
    #[must_use]
    pub fn size(&self) -> Size {
        self.state().fitting()
    }

    /// The tool's own terminal has this size now.
    pub fn resize(&self, size: Size) {
        self.state().change(|state| state.size = size);
    }

    /// A run begins, and guests see it from now on. To be called inside of a local task set.
    ///
    /// # Errors
    /// When there are no more descriptors to be had.
    pub fn begin(&self, child: ChildId, pty: &Pty) -> io::Result<()> {
        let keys = Keys::of(pty.try_clone()?)?;
        let pty = pty.try_clone()?;
        let mut state = self.state();
        state.hosts.push(Host { child, pty, keys, screen: Screen::default() });
        state.tell(|| Seen::Began);
        Ok(())
    }

    /// A run wrote something.
    pub(in crate::world) fn wrote(&self, child: ChildId, bytes: &[u8]) {
        let mut state = self.state();
        let newest = state.hosts.last().map(|host| host.child);
        let Some(host) = state.hosts.iter_mut().find(|host| host.child == child) else { return };
        host.screen.push(bytes);
        if newest == Some(child) {
            state.guests.values_mut().for_each(|guest| guest.show(bytes));
        }
    }

    /// A run ended, like this: `exit code 3`. If an older one lives, guests see that.
    pub fn ended(&self, child: ChildId, how: &str) {
        let mut state = self.state();
        let newest = state.hosts.last().map(|host| host.child);
        state.hosts.retain(|host| host.child != child);
        if newest != Some(child) {
            return;
        }
        state.tell(|| Seen::Ended { how: how.to_owned() });
        if !state.hosts.is_empty() {
            state.tell(|| Seen::Began);
            let State { hosts, guests, .. } = &mut *state;
            let screen = hosts.last().map(|host| host.screen.last(host_rows(guests)));
            for guest in guests.values_mut() {
                guest.show(screen.as_deref().unwrap_or(&[]));
            }
        }
    }

    /// Nothing of this will run any more.
    pub fn close(&self) {
        self.state().tell(|| Seen::Done);
    }

    /// Wait until no guest is left: who knows that nothing comes any more leaves.
    pub async fn seen_out(&self) {
        loop {
            let left = {
                let state = self.state();
                if state.guests.is_empty() {
                    return;
                }
                Arc::clone(&state.left)
            };
            left.notified().await;
        }
    }

    /// Attach a guest, whose window has this size. It is told first of all how this is called.
    #[must_use]
    pub fn attach(&self, instance: &str, size: Size) -> Guest {
        let more = Arc::new(Notify::new());
        let mut state = self.state();
        let (others, number) = (state.guests.len(), state.next);
        state.next += 1;
        let mut visit = Visit { size, waiting: VecDeque::new(), bytes: 0, more: Arc::clone(&more) };
        let host = state.hosts.last();
        let run = if host.is_some() { Presence::Alive } else { Presence::Awaited };
        visit.tell(Seen::Attached { instance: instance.to_owned(), others, run });
        visit.show(&host.map(|host| host.screen.last(size.rows)).unwrap_or_default());
        state.change(|state| drop(state.guests.insert(number, visit)));
        if let Some(host) = state.hosts.last() {
            host.pty.nudge();
        }
        drop(state);
        Guest { console: self.clone(), number, more }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done with it panics halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What fits on the windows of all guests.
    fn fitting(&self) -> Size {
        let sizes = self.guests.values().map(|guest| guest.size);
        sizes.reduce(Size::least).unwrap_or(self.size)
    }

    /// Change what the size depends on.
    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.fitting();
        change(self);
        let size = self.fitting();
        if size != before {
            self.hosts.iter().for_each(|host| host.pty.resize(size));
        }
    }

    fn tell(&mut self, news: impl Fn() -> Seen) {
        self.guests.values_mut().for_each(|guest| guest.tell(news()));
    }
}

/// How many lines the guest with the highest window can see.
fn host_rows(guests: &BTreeMap<u64, Visit>) -> u16 {
    guests.values().map(|guest| guest.size.rows).max().unwrap_or_default()
}

impl Visit {
    fn tell(&mut self, news: Seen) {
        self.waiting.push_back(news);
        self.more.notify_one();
    }

    fn show(&mut self, more: &[u8]) {
        if more.is_empty() {
            return;
        }
        let is_full = self.bytes + more.len() > MOST_WAITING;
        match self.waiting.back_mut() {
            Some(Seen::Missed { bytes }) if is_full => *bytes += more.len() as u64,
            _ if is_full => self.tell(Seen::Missed { bytes: more.len() as u64 }),
            Some(Seen::Output { bytes }) if bytes.0.len() < PIECE => {
                bytes.0.extend_from_slice(more);
                self.bytes += more.len();
            }
            _ => {
                self.tell(Seen::Output { bytes: Bytes(more.to_vec()) });
                self.bytes += more.len();
            }
        }
    }

    fn take(&mut self) -> Option<Seen> {
        let news = self.waiting.pop_front()?;
        if let Seen::Output { bytes } = &news {
            self.bytes -= bytes.0.len();
        }
        Some(news)
    }
}

/// Somebody who is attached; no more when this is dropped.
#[derive(Debug)]
pub struct Guest {
    console: Console,
    number: u64,
    more: Arc<Notify>,
}

impl Guest {
    /// What is next to be told. May be cancelled at any time: nothing is lost.
    pub async fn next(&self) -> Seen {
        loop {
            let waiting = {
                let mut state = self.console.state();
                state.guests.get_mut(&self.number).and_then(Visit::take)
            };
            match waiting {
                Some(news) => return news,
                None => self.more.notified().await,
            }
        }
    }

    /// What it says. What is typed while nobody lives is for nobody; what a run does not read
    /// in time is answered with a bell.
    pub fn says(&self, said: Said) {
        let mut state = self.console.state();
        let State { hosts, guests, .. } = &mut *state;
        let Some(visit) = guests.get_mut(&self.number) else { return };
        match said {
            Said::Typed { input } => {
                if let Some(host) = hosts.last()
                    && !host.keys.press(input.0)
                {
                    visit.show(BELL);
                }
            }
            Said::Resized { rows, columns } if rows > 0 && columns > 0 => {
                state.change(|state| {
                    if let Some(visit) = state.guests.get_mut(&self.number) {
                        visit.size = Size { rows, columns };
                    }
                });
            }
            Said::Resized { .. } => {}
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut state = self.console.state();
        state.change(|state| drop(state.guests.remove(&self.number)));
        state.left.notify_one();
    }
}
