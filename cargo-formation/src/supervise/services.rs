//! Backing services: up before anything is built, and until everything else is gone.
//!
//! A service is an instance whose code never changes. What is its own is when it is wanted:
//! code may compile only against a database that is up, and a process that stops may still
//! have something to write.

use super::instance::{Failure, Instance, Turn};
use super::notice::{Awaited, Notice};
use super::outbox::Outbox;
use super::protocol::{OnFailure, Owner, RunId, RunNews, ServiceId, ServiceSpec};
use crate::formation::{Identity, Moment, RunName};

/// All of them.
#[derive(Debug)]
pub(super) struct Services {
    all: Vec<Instance>,
    began: Moment,
}

impl Services {
    pub(super) fn new(specs: Vec<ServiceSpec>) -> Self {
        let services = specs.into_iter().enumerate().map(|(id, spec)| {
            Instance::new(Owner::Service(ServiceId(id)), RunName::Service(spec.name), spec.policy)
        });
        Self { all: services.collect(), began: Moment::default() }
    }

    /// From now on they are wanted.
    pub(super) fn begin(&mut self, now: Moment) {
        self.began = now;
    }

    /// Let them run.
    pub(super) fn keep(&mut self, now: Moment, out: &mut Outbox) {
        let code = Identity::default();
        for service in &mut self.all {
            service.reconcile(Some(code), Turn::Now, now, out);
        }
    }

    /// Nothing of them starts any more; who runs may still be needed.
    pub(super) fn rest(&mut self) {
        for service in &mut self.all {
            service.rest();
        }
    }

    /// Nobody needs them any more.
    pub(super) fn dismiss(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.reconcile(None, Turn::Now, now, out);
        }
    }

    pub(super) fn kill(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.kill(now, out);
        }
    }

    /// Whatever time has brought to them.
    pub(super) fn woke(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.woke(now, out);
        }
    }

    /// News of a run, if it is one of theirs. The failure of one is returned.
    pub(super) fn news(
        &mut self,
        run: RunId,
        news: &RunNews,
        now: Moment,
        out: &mut Outbox,
    ) -> Option<(RunName, Failure)> {
        let service = self.all.iter_mut().find(|service| service.has(run))?;
        let ready = service.has_been_ready();
        let failure = service.news(run, news, now, out);
        if service.has_been_ready() && !ready {
            let after = now.since(self.began);
            out.say(Notice::Ready { name: service.name.clone(), after });
        }
        failure.map(|failure| (service.name.clone(), failure))
    }

    /// One without which nothing can be built: it has ended before it was ever up, or, where
    /// nobody is there to wait for it, it had its time.
    pub(super) fn missing(&self, on_failure: OnFailure) -> Option<RunName> {
        let missing = self.all.iter().filter(|service| !service.has_been_ready());
        let mut missing = missing.filter(|service| {
            service.ended().is_some() || on_failure == OnFailure::Exit && service.is_late()
        });
        missing.next().map(|service| service.name.clone())
    }

    /// Whether each of them has been up.
    pub(super) fn have_been_ready(&self) -> bool {
        self.all.iter().all(Instance::has_been_ready)
    }

    pub(super) fn are_gone(&self) -> bool {
        self.all.iter().all(Instance::is_gone)
    }

    /// Whether a run is one of theirs.
    pub(super) fn have(&self, run: RunId) -> bool {
        self.all.iter().any(|service| service.has(run))
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.all.iter().filter_map(Instance::deadline).min()
    }

    /// Who is still waited for, once they have been dismissed.
    pub(super) fn awaited(&self, now: Moment) -> impl Iterator<Item = Awaited> {
        self.all.iter().flat_map(move |service| service.awaited(now))
    }
}
