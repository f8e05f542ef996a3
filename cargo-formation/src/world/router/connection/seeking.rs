//! From a client without a run to one that is connected to one, if there is one in time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::super::dial::{Failed, Link, dial};
use super::super::framing::{Asked, asked};
use super::super::pump::{Client, Gone};
use super::Place;

/// How long after a failed connection the next is tried.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// How long a pause gets.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What came of it.
pub(super) enum Sought {
    /// A connection to a run that is routed.
    Link(Link),
    /// There was none in time for who asked this; nothing that could be answered.
    Nobody(Option<Asked>),
    /// The client has gone.
    Gone,
}

/// When a connection is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hurry {
    /// Now: it may be the run that speaks first.
    AtOnce,
    /// When the client asks something.
    WhenAsked,
}

/// A client without a run.
pub(super) struct Seeker<'c> {
    pub(super) client: &'c mut Client,
    pub(super) place: &'c Place,
    pub(super) changes: &'c mut watch::Receiver<()>,
}

/// What one round of trying came to.
enum Tried {
    Link(Link),
    /// No run is routed.
    Nobody,
    /// None could be connected to.
    Failed,
}

impl Seeker<'_> {
    pub(super) async fn seek(mut self, hurry: Hurry) -> Sought {
        match self.greet(hurry).await {
            Ok(Some(link)) => return Sought::Link(link),
            Ok(None) if self.client.asks() => {}
            Ok(None) | Err(Gone) => return Sought::Gone,
        }
        let roster = &self.place.roster;
        let limits = self.place.limits;
        let Some(_held) = roster.hold(limits.held) else { return self.nobody() };
        match timeout(limits.hold, self.hold()).await {
            Ok(Ok(Some(link))) => Sought::Link(link),
            Ok(Ok(None)) | Err(_) => self.nobody(),
            Ok(Err(Gone)) => Sought::Gone,
        }
    }

    /// Nobody waits for what will not come: at the end of everything a client has gone.
    fn is_welcome(&self) -> Result<(), Gone> {
        if self.place.roster.is_ending() { Err(Gone) } else { Ok(()) }
    }

    fn nobody(&self) -> Sought {
        Sought::Nobody(asked(self.client.ahead()))
    }

    /// Until there is a connection, or a request and none, or the client is silent for ever.
    async fn greet(&mut self, hurry: Hurry) -> Result<Option<Link>, Gone> {
        let mut pause = Pause::default();
        loop {
            // Before the look, so that nothing is missed.
            self.changes.mark_unchanged();
            self.is_welcome()?;
            let mut tried = Tried::Nobody;
            if hurry == Hurry::AtOnce || self.client.asks() {
                tried = self.try_all().await?;
            }
            if let Tried::Link(link) = tried {
                return Ok(Some(link));
            }
            if self.client.asks() || self.client.is_at_end() {
                return Ok(None);
            }
            self.wait(pause.after(&tried)).await?;
        }
    }

    /// Until there is a connection, or nobody to wait for. A client that listens and will say no
    /// more has waited long enough: from one that has gone it cannot be told.
    async fn hold(&mut self) -> Result<Option<Link>, Gone> {
        let mut pause = Pause::default();
        loop {
            self.changes.mark_unchanged();
            self.is_welcome()?;
            let tried = self.try_all().await?;
            if let Tried::Link(link) = tried {
                return Ok(Some(link));
            }
            if self.client.is_at_end() || self.place.roster.is_vain() {
                return Ok(None);
            }
            self.wait(pause.after(&tried)).await?;
        }
    }

    /// Try every run that is routed, in turn.
    async fn try_all(&mut self) -> Result<Tried, Gone> {
        let mut refused = Vec::new();
        while let Some(lease) = self.place.roster.pick(&refused) {
            let run = lease.run();
            match self.beside(dial(lease)).await? {
                Ok(link) if link.lease.is_routed() => return Ok(Tried::Link(link)),
                // Somebody else took its place meanwhile; this one might speak first.
                Ok(_) => {}
                Err(Failed::Refused(lease, error)) => {
                    lease.refused(error);
                    refused.push(run);
                }
                Err(Failed::Full(error)) => {
                    self.place.roster.full(error);
                    return Ok(Tried::Failed);
                }
            }
        }
        Ok(if refused.is_empty() { Tried::Nobody } else { Tried::Failed })
    }

    /// Do something, and look after the client meanwhile.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Gone> {
        let mut work = pin!(work);
        let (client, scratch) = (&mut *self.client, &self.place.scratch);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            while let Poll::Ready(said) = scratch.lend(|scratch| client.poll_attend(cx, scratch)) {
                said?;
            }
            Poll::Pending
        })
        .await
    }

    /// Until something has changed: who is routed, what the client has said, or the time.
    async fn wait(&mut self, pause: Option<Duration>) -> Result<(), Gone> {
        let (client, scratch) = (&mut *self.client, &self.place.scratch);
        let mut changed = pin!(self.changes.changed());
        let mut said = poll_fn(|cx| scratch.lend(|scratch| client.poll_attend(cx, scratch)));
        let news = async {
            tokio::select! {
                // Its end is the end of everything.
                _ = &mut changed => Ok(()),
                said = &mut said => said,
            }
        };
        match pause {
            // Nothing tells when a run listens again: whichever comes first is a time to look.
            Some(pause) => timeout(pause, news).await.unwrap_or(Ok(())),
            None => news.await,
        }
    }
}

/// How long it is until the next attempt, where nothing else tells.
#[derive(Debug)]
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    fn after(&mut self, tried: &Tried) -> Option<Duration> {
        let now = self.0;
        match tried {
            Tried::Failed => {
                self.0 = (now * 2).min(LONGEST_PAUSE);
                Some(now)
            }
            Tried::Nobody | Tried::Link(_) => None,
        }
    }
}
