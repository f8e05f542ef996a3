//! Backing services: up before anything is built, and until everything else is gone.
//!
//! A service is an instance whose code never changes. What is its own is when it is wanted:
//! code may compile only against a database that is up, and a process that stops may still
//! have something to write.

use super::asked::Outcome;
use super::instance::{Failure, Instance, Turn};
use super::member::{Asked, Standing};
use super::notice::{Awaited, Notice};
use super::outbox::Outbox;
use super::protocol::{OnFailure, Owner, RunId, RunNews, ServiceId, ServiceSpec};
use super::version::{Setup, Version};
use crate::formation::{Exit, Identity, Moment, RunName};

/// All of them.
#[derive(Debug)]
pub(super) struct Services {
    all: Vec<Service>,
    began: Moment,
}

#[derive(Debug)]
struct Service {
    instance: Instance,
    setup: Setup,
    standing: Standing,
    asked: Asked,
}

impl Service {
    fn is_wanted(&self) -> bool {
        self.standing == Standing::Wanted && self.asked.is_free()
    }
}

impl Services {
    pub(super) fn new(specs: Vec<ServiceSpec>) -> Self {
        let mut services = Self { all: Vec::new(), began: Moment::default() };
        services.replan(specs);
        services
    }

    /// From now on these are wanted. Whoever is wanted still, by name, goes on.
    pub(super) fn replan(&mut self, specs: Vec<ServiceSpec>) {
        for service in &mut self.all {
            service.standing = Standing::Dropped;
        }
        for spec in specs {
            let name = RunName::Service(spec.name);
            let known = self.all.iter_mut().find(|service| service.instance.name == name);
            if let Some(service) = known {
                service.instance.set_policy(spec.policy);
                (service.setup, service.standing) = (spec.setup, Standing::Wanted);
            } else {
                let owner = Owner::Service(ServiceId(self.all.len()));
                let instance = Instance::new(owner, name, spec.policy);
                let (setup, standing) = (spec.setup, Standing::Wanted);
                self.all.push(Service { instance, setup, standing, asked: Asked::default() });
            }
        }
        let dropped = self.all.iter_mut().filter(|service| service.standing == Standing::Dropped);
        dropped.for_each(|service| service.instance.forget());
    }

    /// From now on they are wanted.
    pub(super) fn begin(&mut self, now: Moment) {
        self.began = now;
    }

    /// Let them run.
    pub(super) fn keep(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            let (setup, again) = (service.setup, service.asked.again);
            let version = Version { code: Identity::default(), setup, again };
            let wanted = service.is_wanted().then_some(version);
            service.instance.reconcile(wanted, Turn::Now, now, out);
        }
    }

    /// Each of them: its number, and whether it is to run.
    pub(super) fn seats(&self) -> impl Iterator<Item = (usize, &Instance, bool)> {
        let all = self.all.iter().enumerate();
        all.map(|(id, service)| (id, &service.instance, service.is_wanted()))
    }

    /// What was asked of one, and what is there of it.
    pub(super) fn asked_mut(&mut self, id: usize) -> (&mut Asked, &mut Instance) {
        let service = &mut self.all[id];
        (&mut service.asked, &mut service.instance)
    }

    /// One of them, and what was asked of it.
    pub(super) fn seat(&self, id: usize) -> (&Instance, Asked, bool) {
        let service = &self.all[id];
        (&service.instance, service.asked, service.is_wanted())
    }

    /// Nothing of them starts any more; who runs may still be needed.
    pub(super) fn rest(&mut self) {
        for service in &mut self.all {
            service.instance.rest();
        }
    }

    /// Nobody needs them any more.
    pub(super) fn dismiss(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.instance.reconcile(None, Turn::Now, now, out);
        }
    }

    pub(super) fn kill(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.instance.kill(now, out);
        }
    }

    /// Whatever time has brought to them.
    pub(super) fn woke(&mut self, now: Moment, out: &mut Outbox) {
        for service in &mut self.all {
            service.instance.woke(now, out);
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
        let mut services = self.all.iter_mut().map(|service| &mut service.instance);
        let service = services.find(|service| service.has(run))?;
        let ready = service.has_been_ready();
        let failure = service.news(run, news, now, out);
        if service.has_been_ready() && !ready {
            let after = now.since(self.began);
            out.say(Notice::Ready { name: service.name.clone(), after });
        }
        failure.map(|failure| (service.name.clone(), failure))
    }

    /// One without which nothing can be built: it has ended before it was ever up, or, where
    /// nobody is there to wait for it, it had its time. How it ended comes with its name.
    pub(super) fn missing(&self, on_failure: OnFailure) -> Option<(RunName, Option<Exit>)> {
        let missing = self.wanted().filter(|service| !service.has_been_ready());
        let mut missing = missing.filter(|service| {
            service.ended().is_some() || on_failure == OnFailure::Exit && service.is_late()
        });
        missing.next().map(|service| (service.name.clone(), service.ended()))
    }

    /// One that is wanted and does not come up, and what became of it.
    pub(super) fn come(&self) -> Option<(usize, Outcome)> {
        let wanted = self.all.iter().enumerate().filter(|(_, service)| service.is_wanted());
        let mut missing = wanted.filter(|(_, service)| {
            !service.instance.has_been_ready() && !service.instance.comes_back()
        });
        missing.find_map(|(id, service)| {
            let outcome = service.instance.come(0)?;
            (!outcome.is_good()).then_some((id, outcome))
        })
    }

    /// Whether each of them has been up.
    pub(super) fn have_been_ready(&self) -> bool {
        self.wanted().all(Instance::has_been_ready)
    }

    pub(super) fn are_gone(&self) -> bool {
        self.instances().all(Instance::is_gone)
    }

    /// Whether a run is one of theirs.
    pub(super) fn have(&self, run: RunId) -> bool {
        self.instances().any(|service| service.has(run))
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.instances().filter_map(Instance::deadline).min()
    }

    /// Who is still waited for, once they have been dismissed.
    pub(super) fn awaited(&self, now: Moment) -> impl Iterator<Item = Awaited> {
        self.instances().flat_map(move |service| service.awaited(now))
    }

    fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.all.iter().map(|service| &service.instance)
    }

    fn wanted(&self) -> impl Iterator<Item = &Instance> {
        let wanted = self.all.iter().filter(|service| service.is_wanted());
        wanted.map(|service| &service.instance)
    }
}
