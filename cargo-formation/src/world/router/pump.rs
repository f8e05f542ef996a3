//! Bytes between a client and the run it is connected to, both ways.
//!
//! Nothing is read that cannot be written on: what one side does not take, the other keeps. All
//! connections read into one buffer; a connection that waits for somebody has none.

mod client;
mod rest;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, recv};
use tokio::io::AsyncWrite;

pub(super) use self::client::{Client, Gone};
pub(super) use self::rest::Scratch;
use self::rest::{Rest, read};
use super::dial::Link;
use super::framing::{Asked, Framing, RunEnd};

/// A client and a run that are connected.
#[derive(Debug)]
pub(super) struct Pump<'c> {
    client: &'c mut Client,
    link: Link,
    framing: Framing,
    /// What the run is to get and has not taken.
    up: Rest,
    /// Whether the run is to get no more: the client has said its last, or it does not read.
    up_over: bool,
    /// Whether the client is to get no more of what is plain.
    down_over: bool,
}

/// Why a client and a run are not connected any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing is under way, and the next request goes to another run, or to this one anew.
    Change,
    /// Nothing is under way, and the run has closed the connection.
    Left,
    /// All is said.
    Done,
    /// The run ended before it answered this.
    Unanswered(Asked),
    /// The client is gone, or the run is and nobody could tell that the end is missing.
    Broken,
}

/// What one look at one side comes to: something happened, or there is nothing to do yet.
type Turn = Poll<Result<(), Outcome>>;

impl<'c> Pump<'c> {
    pub(super) fn new(client: &'c mut Client, link: Link) -> Self {
        let (framing, up) = (Framing::default(), Rest::default());
        Self { client, link, framing, up, up_over: false, down_over: false }
    }

    /// Pass on what there is. To be called again when who is routed has changed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Poll<Outcome> {
        match self.poll_both(cx, scratch) {
            Poll::Ready(Err(outcome)) => Poll::Ready(outcome),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_both(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<Result<Infallible, Outcome>> {
        loop {
            let down = self.poll_down(cx, scratch)?;
            let up = self.poll_up(cx, scratch)?;
            self.rest()?;
            if down.is_pending() && up.is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// While nothing is under way, the connection may have become needless.
    fn rest(&self) -> Result<(), Outcome> {
        if !self.framing.is_at_rest() || !self.up.is_empty() {
            return Ok(());
        }
        let lease = &self.link.lease;
        if self.client.has_ended() || self.framing.is_over() && !lease.is_routed() {
            return Err(Outcome::Done);
        }
        let is_needed = self.client.is_new() || lease.is_spared();
        if lease.is_routed() && is_needed { Ok(()) } else { Err(Outcome::Change) }
    }

    /// From the run to the client.
    fn poll_down(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Turn {
        ready!(self.client.poll_flush(cx)).map_err(|Gone| Outcome::Broken)?;
        if self.down_over {
            return Poll::Pending;
        }
        match ready!(read(&mut self.link.stream, cx, scratch)) {
            Ok(0) => Poll::Ready(self.run_closed(cx)),
            Ok(length) => {
                self.framing.run(&scratch[..length]);
                Poll::Ready(
                    self.client.send(cx, &scratch[..length]).map_err(|Gone| Outcome::Broken),
                )
            }
            Err(_) => Poll::Ready(Err(self.run_failed())),
        }
    }

    fn run_closed(&mut self, cx: &mut Context<'_>) -> Result<(), Outcome> {
        match self.framing.run_end() {
            RunEnd::AtRest => Err(Outcome::Left),
            // Of what is cut the client can tell, and is to have what there is.
            RunEnd::Whole | RunEnd::Told | RunEnd::Cut => Err(Outcome::Done),
            RunEnd::Unanswered(asked) => Err(Outcome::Unanswered(asked)),
            RunEnd::Plain => {
                self.down_over = true;
                self.client.shut(cx);
                if self.up_over { Err(Outcome::Done) } else { Ok(()) }
            }
        }
    }

    fn run_failed(&self) -> Outcome {
        match self.framing.run_end() {
            RunEnd::AtRest => Outcome::Left,
            RunEnd::Whole => Outcome::Done,
            RunEnd::Unanswered(asked) => Outcome::Unanswered(asked),
            RunEnd::Told | RunEnd::Cut | RunEnd::Plain => Outcome::Broken,
        }
    }

    /// From the client to the run.
    fn poll_up(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Turn {
        if self.up_over {
            return Poll::Pending;
        }
        if ready!(self.up.poll_flush(&mut self.link.stream, cx)).is_err() {
            self.give_up();
            return Poll::Ready(Ok(()));
        }
        if self.client.has_ahead() {
            let ahead = self.client.take_ahead();
            return self.pass(cx, &ahead);
        }
        if self.client.has_ended() {
            return Poll::Ready(self.client_closed(cx));
        }
        match ready!(self.client.poll_read(cx, scratch)) {
            Ok(0) => Poll::Ready(Ok(())),
            Ok(length) => self.pass(cx, &scratch[..length]),
            Err(Gone) => Poll::Ready(Err(Outcome::Broken)),
        }
    }

    /// The run does not read any more. What it still says counts, until it closes.
    fn give_up(&mut self) {
        self.up_over = true;
        self.up = Rest::default();
    }

    /// The client has said its last, and may still listen.
    fn client_closed(&mut self, cx: &mut Context<'_>) -> Result<(), Outcome> {
        self.up_over = true;
        // Who is gone cannot be told.
        let _ = Pin::new(&mut self.link.stream).poll_shutdown(cx);
        if self.down_over { Err(Outcome::Done) } else { Ok(()) }
    }

    /// Pass on what of these bytes may go to this run; the client keeps the others.
    fn pass(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Turn {
        let begins = self.framing.is_at_rest() && !self.framing.is_over();
        // A run that has closed the connection while nothing was under way would not answer, and
        // the kernel knows it before we are told.
        if begins && !self.client.is_new() && self.is_closed() {
            self.client.put_ahead(bytes);
            return Poll::Ready(Err(Outcome::Change));
        }
        let lease = &self.link.lease;
        let passed = self.framing.client(bytes, || lease.is_routed());
        self.client.put_ahead(&bytes[passed..]);
        if passed == 0 {
            return Poll::Pending;
        }
        self.client.has_spoken();
        if self.up.send(&mut self.link.stream, cx, &bytes[..passed]).is_err() {
            self.give_up();
        }
        Poll::Ready(Ok(()))
    }

    fn is_closed(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match recv(&self.link.stream, &mut [0; 1], flags) {
            Ok((_, length)) => length == 0,
            Err(error) => error != rustix::io::Errno::WOULDBLOCK,
        }
    }
}

#[cfg(test)]
mod tests;
