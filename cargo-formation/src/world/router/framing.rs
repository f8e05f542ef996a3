//! Where one exchange ends and the next begins, on one connection to a run.
//!
//! Bytes are looked at as they pass and never changed. What is not HTTP/1, or could be read in
//! two ways, is [plain](Framing::is_plain) from then on: nothing is known of it.

mod body;
mod head;

use std::collections::VecDeque;

use self::body::Body;
pub(super) use self::head::{Asked, Kind, Look, asked};
use self::head::{Collector, Then};

/// How many requests may wait for their answers on one connection. The next is not taken until
/// one was given: a client that never listens is to cost nothing.
const MOST_ASKED: usize = 128;

/// Nothing can be known of these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plain;

/// What has passed on one connection to a run.
#[derive(Debug, Default)]
pub(super) struct Framing {
    mode: Mode,
    requests: Stage,
    responses: Stage,
    /// The requests whose heads have passed and whose answers have not.
    asked: VecDeque<Asked>,
}

/// What can be said of the connection as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// Exchanges follow each other.
    #[default]
    Tracked,
    /// The answer after which the connection is closed has passed.
    Last,
    /// Nothing: an upgrade, another protocol, or no protocol at all.
    Plain,
}

/// How far one side has come with its message.
#[derive(Debug)]
enum Stage {
    Head(Collector),
    Body(Body),
}

impl Default for Stage {
    fn default() -> Self {
        Self::Head(Collector::default())
    }
}

impl Stage {
    fn is_start(&self) -> bool {
        matches!(self, Self::Head(collector) if collector.is_empty())
    }
}

/// What it means that a run has closed its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// Nothing was under way.
    AtRest,
    /// All it had to say has been said.
    Whole,
    /// This is how the end of what it said is told.
    Told,
    /// It had been asked this and had not begun to answer.
    Unanswered(Asked),
    /// It was saying something, and whoever reads it can tell that the end is missing.
    Cut,
    /// Nothing is known of what it says.
    Plain,
}

impl Framing {
    /// Whether nothing is under way, so that another run may take the next request.
    pub(super) fn is_at_rest(&self) -> bool {
        self.mode != Mode::Plain && self.requests.is_start() && self.asked.is_empty()
    }

    /// Whether nothing is known of what passes.
    pub(super) fn is_plain(&self) -> bool {
        self.mode == Mode::Plain
    }

    /// Whether the answer after which the connection is closed has passed.
    pub(super) fn is_over(&self) -> bool {
        self.mode == Mode::Last
    }

    /// Look at bytes of the client; how many of them may pass now.
    ///
    /// What is left begins a request that has to wait: `may_begin` said so, too many others
    /// wait, or the answer to the last one can change what these bytes mean.
    pub(super) fn client(&mut self, bytes: &[u8], may_begin: impl Fn() -> bool) -> usize {
        let mut at = 0;
        while at < bytes.len() && !self.is_plain() {
            if self.requests.is_start() && !(self.takes_more() && may_begin()) {
                return at;
            }
            match self.request(&bytes[at..]) {
                Ok(passed) => at += passed,
                Err(Plain) => self.mode = Mode::Plain,
            }
        }
        bytes.len()
    }

    fn takes_more(&self) -> bool {
        let waits = |asked: &Asked| asked.then == Then::Close || asked.kind.may_switch();
        self.mode == Mode::Tracked
            && self.asked.len() < MOST_ASKED
            && !self.asked.back().is_some_and(waits)
    }

    /// Look at what is left of one part of a request.
    fn request(&mut self, bytes: &[u8]) -> Result<usize, Plain> {
        match &mut self.requests {
            Stage::Head(collector) => {
                let (passed, head) = collector.collect(bytes, head::request)?;
                if let Some((asked, body)) = head {
                    self.asked.push_back(asked);
                    self.requests = stage(body);
                }
                Ok(passed)
            }
            Stage::Body(body) => {
                let passed = body.pass(bytes)?;
                if body.is_over() {
                    self.requests = Stage::default();
                }
                Ok(passed)
            }
        }
    }

    /// Look at bytes of the run, all of which pass.
    pub(super) fn run(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() && self.mode == Mode::Tracked {
            match self.response(&bytes[at..]) {
                Ok(passed) => at += passed,
                Err(Plain) => self.mode = Mode::Plain,
            }
        }
    }

    /// Look at what is left of one part of a response.
    fn response(&mut self, bytes: &[u8]) -> Result<usize, Plain> {
        // What nobody asked for is no answer.
        let asked = *self.asked.front().ok_or(Plain)?;
        match &mut self.responses {
            Stage::Head(collector) => {
                let (passed, head) =
                    collector.collect(bytes, |head| head::response(head, asked.kind))?;
                match head {
                    None | Some(head::Response::Interim) => {}
                    Some(head::Response::Final(then, body)) => {
                        self.responses = stage(body);
                        if let Some(asked) = self.asked.front_mut() {
                            asked.then = asked.then.max(then);
                        }
                        self.settle();
                    }
                }
                Ok(passed)
            }
            Stage::Body(body) => {
                let passed = body.pass(bytes)?;
                if body.is_over() {
                    self.responses = Stage::default();
                    self.settle();
                }
                Ok(passed)
            }
        }
    }

    /// After the whole of an answer, the request it belongs to is done with.
    fn settle(&mut self) {
        if self.responses.is_start()
            && self.asked.pop_front().is_some_and(|asked| asked.then == Then::Close)
        {
            self.mode = Mode::Last;
        }
    }

    /// What it means that the run closes its side now.
    pub(super) fn run_end(&self) -> RunEnd {
        match (self.mode, &self.responses, self.asked.front()) {
            (Mode::Plain, ..) => RunEnd::Plain,
            (Mode::Last, ..) => RunEnd::Whole,
            (_, Stage::Body(Body::UntilClose), _) => RunEnd::Told,
            _ if self.is_at_rest() => RunEnd::AtRest,
            (_, responses, Some(asked)) if responses.is_start() => RunEnd::Unanswered(*asked),
            _ => RunEnd::Cut,
        }
    }
}

/// What follows a head.
fn stage(body: Body) -> Stage {
    if body.is_over() { Stage::default() } else { Stage::Body(body) }
}

#[cfg(test)]
pub(super) mod tests;
