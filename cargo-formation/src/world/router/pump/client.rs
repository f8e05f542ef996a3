//! A client: what it has sent that went nowhere yet, and what it has not taken.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use super::rest::{Rest, read};

/// How much of what a client sends is read while there is no run for it, in bytes: enough to
/// tell what it asks, and to notice when it goes.
const MOST_AHEAD: usize = 16 * 1024;

/// The client has gone, or nobody can reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Gone;

/// A client.
#[derive(Debug)]
pub(in super::super) struct Client {
    stream: TcpStream,
    /// What it has sent and no run has got.
    ahead: Vec<u8>,
    /// What it is to get and has not taken.
    down: Rest,
    speech: Speech,
    /// Whether it has said its last.
    ended: bool,
}

/// Whether anything has passed, one way or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Silence,
    Spoken,
}

impl Client {
    pub(in super::super) fn new(stream: TcpStream) -> Self {
        let (down, speech) = (Rest::default(), Speech::Silence);
        Self { stream, ahead: Vec::new(), down, speech, ended: false }
    }

    /// Whether nothing has passed between it and any run.
    pub(in super::super) fn is_new(&self) -> bool {
        self.speech == Speech::Silence
    }

    /// Something has passed.
    pub(super) fn has_spoken(&mut self) {
        self.speech = Speech::Spoken;
    }

    /// Whether it has said its last, and all of it went to a run.
    pub(super) fn has_ended(&self) -> bool {
        self.ended && self.ahead.is_empty()
    }

    /// Whether it will say no more.
    pub(in super::super) fn is_at_end(&self) -> bool {
        self.ended
    }

    pub(super) fn has_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// What it has sent and no run has got.
    pub(in super::super) fn ahead(&self) -> &[u8] {
        &self.ahead
    }

    pub(super) fn take_ahead(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ahead)
    }

    pub(super) fn put_ahead(&mut self, bytes: &[u8]) {
        self.ahead.extend_from_slice(bytes);
    }

    /// Whether it has begun a request: line ends alone do not.
    pub(in super::super) fn asks(&self) -> bool {
        self.ahead.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))
    }

    /// Read what it sends into `scratch`; nothing if it has said its last.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<Result<usize, Gone>> {
        let length = ready!(read(&mut self.stream, cx, scratch)).map_err(|_| Gone)?;
        self.ended = length == 0;
        Poll::Ready(Ok(length))
    }

    /// Look after it while there is no run. Ready when it has sent something, or its last.
    pub(in super::super) fn poll_attend(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<Result<(), Gone>> {
        // What it does not take must not keep us from hearing it.
        if let Poll::Ready(Err(gone)) = self.poll_flush(cx) {
            return Poll::Ready(Err(gone));
        }
        let room = MOST_AHEAD.saturating_sub(self.ahead.len()).min(scratch.len());
        if room == 0 || self.ended {
            return Poll::Pending;
        }
        let length = ready!(self.poll_read(cx, &mut scratch[..room]))?;
        self.ahead.extend_from_slice(&scratch[..length]);
        Poll::Ready(Ok(()))
    }

    /// Send it this after what it has not taken yet.
    pub(in super::super) fn send(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Result<(), Gone> {
        self.has_spoken();
        self.down.send(&mut self.stream, cx, bytes).map_err(|_| Gone)
    }

    /// Ready when it has taken everything.
    pub(in super::super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.down.poll_flush(&mut self.stream, cx).map_err(|_| Gone)
    }

    /// Tell it that it will get no more.
    pub(in super::super) fn shut(&mut self, cx: &mut Context<'_>) {
        // Who is gone cannot be told.
        let _ = Pin::new(&mut self.stream).poll_shutdown(cx);
    }

    /// Ready when it has hung up. What it says until then is for nobody.
    pub(in super::super) fn poll_silence(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<()> {
        while !self.ended {
            if ready!(self.poll_read(cx, scratch)).is_err() {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Close so that it cannot take what it got for the whole.
    pub(in super::super) fn abort(self) {
        // Without it there would be nothing better to do.
        let _ = self.stream.set_zero_linger();
    }
}
