//! Where the process types are reached, and where their runs listen.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use super::run_child;
use super::shape::Shape;
use crate::drive::{Incoming, Wiring};
use crate::formation::{InstanceName, Moment, ProcessName, Reach};
use crate::plan::Plan;
use crate::supervise::RunId;
use crate::world::handed::Handed;
use crate::world::ports::{PrivatePorts, taken};
use crate::world::router::{Backend, Limits, Page, Routers};

/// At a limit, connections come and go: so long it is not said again that it is reached.
const WARN_AGAIN: Duration = Duration::from_mins(1);

/// The routers of a formation and the private ports of its runs.
pub(super) struct Routes {
    routers: Routers,
    /// Where the types are reached whose requests are routed.
    public: BTreeMap<ProcessName, u16>,
    /// The sockets of those types that are handed one, and where each listens.
    sockets: BTreeMap<ProcessName, (u16, Handed)>,
    /// Who gets the requests of each type.
    routed: BTreeMap<ProcessName, Vec<RunId>>,
    /// Who is started by hand and gets requests, too.
    by_hand: BTreeMap<ProcessName, Vec<RunId>>,
    /// Where a type is to be reached and somebody else listens, it may be a run that leaves.
    missing: BTreeMap<ProcessName, (Reach, u16)>,
    /// Where the runs listen.
    private: BTreeMap<RunId, (InstanceName, u16)>,
    /// When it was last said that there are no more descriptors.
    warned: Option<Moment>,
    ports: PrivatePorts,
    host: Option<IpAddr>,
}

impl Routes {
    /// Nobody listens yet.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(host: Option<IpAddr>, wiring: &Wiring) -> io::Result<Self> {
        let sender = wiring.sender.clone();
        let report = move |name, news| drop(sender.send(Incoming::Routed(name, news)));
        Ok(Self {
            routers: Routers::start(Limits::default(), report)?,
            public: BTreeMap::new(),
            sockets: BTreeMap::new(),
            routed: BTreeMap::new(),
            by_hand: BTreeMap::new(),
            missing: BTreeMap::new(),
            private: BTreeMap::new(),
            warned: None,
            ports: PrivatePorts::new(std::process::id()),
            host,
        })
    }

    /// From now on these types are reached: those that are not any more are closed first.
    ///
    /// What cannot be is returned, in words.
    pub(super) fn reshape(&mut self, shape: &Shape) -> Vec<String> {
        let public = reached(&shape.plan, Reach::Routed);
        let sockets = reached(&shape.plan, Reach::Socket);
        self.sockets.retain(|name, (port, _)| sockets.get(name) == Some(port));
        let known = std::mem::take(&mut self.public);
        for (name, port) in known {
            if public.get(&name) == Some(&port) {
                self.public.insert(name, port);
            } else {
                self.routers.end(&name);
                // What is under way there keeps them busy: at another address they are unknown,
                // so that nobody takes them for idle.
                self.routed.remove(&name);
            }
        }
        self.missing.clear();
        let reach = |reach| move |(name, port)| (name, (reach, port));
        let wanted = public.into_iter().map(reach(Reach::Routed));
        let wanted = wanted.chain(sockets.into_iter().map(reach(Reach::Socket)));
        for (name, place) in wanted {
            if !self.public.contains_key(&name) && !self.sockets.contains_key(&name) {
                self.missing.insert(name, place);
            }
        }
        self.try_again()
    }

    /// Listen where somebody else did the last time. What still cannot be is returned, in words.
    pub(super) fn try_again(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, (reach, port)) in std::mem::take(&mut self.missing) {
            if let Err(error) = self.listen(&name, reach, port) {
                problems.push(refusal(&name, port, &error));
                self.missing.insert(name, (reach, port));
            }
        }
        problems
    }

    fn listen(&mut self, name: &ProcessName, reach: Reach, port: u16) -> io::Result<()> {
        if reach == Reach::Socket {
            let address = SocketAddr::new(self.host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port);
            self.sockets.insert(name.clone(), (port, Handed::listen(address)?));
            return Ok(());
        }
        self.routers.listen(name.clone(), &addresses(self.host, port))?;
        self.public.insert(name.clone(), port);
        let routed = self.routed.get(name).cloned().unwrap_or_default();
        self.route(name, &routed);
        Ok(())
    }

    /// The socket that the runs of a type are handed.
    ///
    /// # Errors
    /// When there is none, or no descriptor for it.
    pub(super) fn socket(&mut self, process: &ProcessName) -> io::Result<Stdio> {
        self.try_again();
        let (_, socket) = self.sockets.get(process).ok_or_else(|| {
            io::Error::new(io::ErrorKind::AddrInUse, "its port could not be listened at")
        })?;
        socket.hand_over()
    }

    /// A run is about to begin whose requests are routed: where it is to listen.
    ///
    /// # Errors
    /// When every port is taken.
    pub(super) fn begin(&mut self, run: RunId, name: &InstanceName) -> io::Result<u16> {
        let port = self.ports.take().ok_or_else(|| {
            io::Error::new(io::ErrorKind::AddrInUse, "every port from 20000 to 29999 is taken")
        })?;
        self.private.insert(run, (name.clone(), port));
        Ok(port)
    }

    /// Where a run listens whose requests are routed.
    pub(super) fn private_port(&self, run: RunId) -> Option<u16> {
        self.private.get(&run).map(|(_, port)| *port)
    }

    /// Nothing of a run is alive.
    pub(super) fn ended(&mut self, run: RunId) {
        if let Some((_, port)) = self.private.remove(&run) {
            self.ports.put_back(port);
        }
        self.try_again();
    }

    /// Requests of this instance's type go, too, to a run that is started by hand: where that is
    /// to listen.
    ///
    /// # Errors
    /// When every port is taken.
    pub(super) fn lend(&mut self, run: RunId, name: &InstanceName) -> io::Result<u16> {
        let port = self.begin(run, name)?;
        self.by_hand.entry(name.process.clone()).or_default().push(run);
        self.route_again(&name.process);
        Ok(port)
    }

    /// That run is over.
    pub(super) fn take_back(&mut self, run: RunId, process: &ProcessName) {
        if let Some(runs) = self.by_hand.get_mut(process) {
            runs.retain(|by_hand| *by_hand != run);
        }
        self.route_again(process);
        self.ended(run);
    }

    fn route_again(&mut self, process: &ProcessName) {
        let routed = self.routed.get(process).cloned().unwrap_or_default();
        self.route(process, &routed);
    }

    /// From now on the requests of a type go to these runs, and to those that are started by
    /// hand.
    pub(super) fn route(&mut self, process: &ProcessName, runs: &[RunId]) {
        self.routed.insert(process.clone(), runs.to_vec());
        let by_hand = self.by_hand.get(process).into_iter().flatten();
        let backends = runs.iter().chain(by_hand).filter_map(|run| {
            let (name, port) = self.private.get(run)?;
            Some(Backend { run: run_child(*run), name: name.clone(), port: *port })
        });
        self.routers.route(process, backends.collect());
    }

    /// Whether it is worth saying again that there are no more descriptors.
    pub(super) fn warns(&mut self, now: Moment) -> bool {
        let warns = self.warned.is_none_or(|last| now.since(last) >= WARN_AGAIN);
        if warns {
            self.warned = Some(now);
        }
        warns
    }

    /// Why nobody answers.
    pub(super) fn explain(&self, process: &ProcessName, page: Page) {
        self.routers.explain(process, page);
    }

    /// The types for which nobody answers.
    pub(super) fn unserved(&self) -> impl Iterator<Item = &ProcessName> {
        let nobody = |process: &&ProcessName| self.routed.get(*process).is_none_or(Vec::is_empty);
        self.public.keys().filter(nobody)
    }

    /// Nothing new is accepted for anybody; what is under way goes on.
    pub(super) fn close(&mut self) {
        for name in std::mem::take(&mut self.public).into_keys() {
            self.routers.end(&name);
        }
        self.sockets.clear();
        self.missing.clear();
    }
}

/// Where the types that run are reached, those that are in this way.
fn reached(plan: &Plan, reach: Reach) -> BTreeMap<ProcessName, u16> {
    let reached = plan.instances.iter().filter(|planned| planned.reach == reach);
    reached
        .filter_map(|planned| Some((planned.name.process.clone(), *planned.ports.first()?)))
        .collect()
}

/// The addresses at which a port is listened at: the loopback ones, and another if asked for.
fn addresses(host: Option<IpAddr>, port: u16) -> Vec<SocketAddr> {
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let hosts: Vec<IpAddr> = match host {
        Some(IpAddr::V4(all)) if all.is_unspecified() => {
            vec![all.into(), Ipv6Addr::LOCALHOST.into()]
        }
        // That takes IPv4, too.
        Some(IpAddr::V6(all)) if all.is_unspecified() => vec![all.into()],
        other => {
            let other = other.into_iter().filter(|host| !loopback.contains(host));
            other.chain(loopback).collect()
        }
    };
    hosts.into_iter().map(|host| SocketAddr::new(host, port)).collect()
}

fn refusal(name: &ProcessName, port: u16, error: &io::Error) -> String {
    let why = taken(&[port]).first().map_or_else(|| error.to_string(), ToString::to_string);
    format!("cannot listen for `{name}` at port {port}: {why}")
}
