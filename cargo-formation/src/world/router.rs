//! The routing layer of development: clients stay connected while the runs behind change.
//!
//! Each process type with a port is reached at one address. Whoever connects there is connected
//! to one of the runs that are routed. At the end of an exchange the run can be another one, so
//! that an old run can be left without anything before it is asked to stop, and nobody notices.
//! Bytes are never changed, and never sent twice.
//!
//! One thread does all of it, so that neither output nor decisions ever wait for bytes. It
//! decides nothing: who is routed it is told, and what it sees it reports.

mod connection;
mod dial;
mod door;
mod framing;
mod page;
mod pump;
mod roster;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, LocalOptions};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, spawn_local};

use self::door::Door;
pub use self::page::{Outlook, Page};
use self::roster::{Reporter, Roster};
use super::children::ChildId;
use crate::formation::{InstanceName, ProcessName};

/// A run that takes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Which it is.
    pub run: ChildId,
    /// How it is called: `web.1`.
    pub name: InstanceName,
    /// Where it listens, at a loopback address.
    pub port: u16,
}

/// What was seen. Facts, from which others draw conclusions.
#[derive(Debug)]
pub enum News {
    /// No connection leads to this run, and none will: it is not routed any more.
    Idle(ChildId),
    /// A connection to this run, which is routed, failed. Said again when one has succeeded.
    Refused(ChildId, io::Error),
    /// Descriptors are short: clients wait, unseen. Said again when none waited in between.
    Full(io::Error),
}

/// What clients without a run may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a request waits for a run.
    pub hold: Duration,
    /// How many requests of one process type wait at once.
    pub held: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hold: Duration::from_secs(30), held: 1024 }
    }
}

/// The routing layer of a formation. It ends when this is dropped.
#[derive(Debug)]
pub struct Routers {
    orders: UnboundedSender<Order>,
    runtime: Handle,
    reporter: Reporter,
    limits: Limits,
    rosters: Mutex<BTreeMap<ProcessName, Arc<Roster>>>,
}

/// What the thread is asked to do.
#[derive(Debug)]
enum Order {
    /// Let clients in.
    Open(Door),
    /// Tell connections at rest that other runs are routed. Here, because from another thread
    /// each of them would be a system call.
    Tell(Arc<Roster>),
    /// Let nobody in any more, close every connection, and say so.
    Close(ProcessName, Sender<()>),
}

impl Routers {
    /// Start the thread. `report` is called on it and within the methods of this; it must not
    /// call them.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        limits: Limits,
        report: impl Fn(ProcessName, News) + Send + 'static,
    ) -> io::Result<Self> {
        let (orders, receiver) = unbounded_channel();
        let (tell, told) = channel();
        thread::Builder::new().name("router".into()).spawn(move || {
            let mut builder = Builder::new_current_thread();
            match builder.enable_all().build_local(LocalOptions::default()) {
                Ok(runtime) => {
                    let _ = tell.send(Ok(runtime.handle().clone()));
                    runtime.block_on(work(receiver));
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        })?;
        let runtime = told.recv().unwrap_or_else(|gone| Err(io::Error::other(gone)))?;
        let reporter = Reporter::new(report);
        Ok(Self { orders, runtime, reporter, limits, rosters: Mutex::default() })
    }

    /// Listen for the clients of a process type at one port of these addresses, and say where.
    /// `::1` is passed over where this machine does not have it and there is another.
    ///
    /// # Errors
    /// When an address cannot be listened at; `AddrInUse` when somebody else does, or the type
    /// has a router already.
    pub fn listen(
        &self,
        name: ProcessName,
        addresses: &[SocketAddr],
    ) -> io::Result<Vec<SocketAddr>> {
        let mut rosters = self.rosters();
        if rosters.contains_key(&name) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let listeners = {
            let _entered = self.runtime.enter();
            door::bind(addresses)?
        };
        let bound = listeners.iter().map(TcpListener::local_addr).collect();
        let roster = Arc::new(Roster::new(name.clone(), self.reporter.clone()));
        self.order(Order::Open(Door::new(listeners, Arc::clone(&roster), self.limits)))?;
        rosters.insert(name, roster);
        bound
    }

    /// Let nobody in any more, and nobody who is in ask for anything more. What is under way
    /// comes to its end. The type can be listened for at another port at once, and at the same
    /// one soon.
    pub fn end(&self, name: &ProcessName) {
        let Some(roster) = self.rosters().remove(name) else { return };
        roster.end();
        // A thread that has ended has no connections.
        let _ = self.order(Order::Tell(roster));
    }

    /// Let nobody in any more and close every connection of this type. The port is free when
    /// this returns.
    pub fn close(&self, name: &ProcessName) {
        let Some(roster) = self.rosters().remove(name) else { return };
        roster.route(Vec::new());
        let (done, wait) = channel();
        if self.order(Order::Close(name.clone(), done)).is_ok() {
            // An error is the end of the thread, and of all it had.
            let _ = wait.recv();
        }
    }

    /// From now on requests go to these runs, in turn, and to no others: none whose first byte
    /// comes after this returns. Does nothing for a type that nobody listens for.
    pub fn route(&self, name: &ProcessName, backends: Vec<Backend>) {
        if let Some(roster) = self.rosters().get(name) {
            roster.route(backends);
            // A thread that has ended has no connections.
            let _ = self.order(Order::Tell(Arc::clone(roster)));
        }
    }

    /// What a client is told that has waited in vain; those that wait are told now if there is
    /// nobody to wait for. Does nothing for a type that nobody listens for.
    pub fn explain(&self, name: &ProcessName, page: Page) {
        if let Some(roster) = self.rosters().get(name) {
            roster.explain(page);
            if roster.is_vain() {
                // A thread that has ended has no connections.
                let _ = self.order(Order::Tell(Arc::clone(roster)));
            }
        }
    }

    fn order(&self, order: Order) -> io::Result<()> {
        self.orders.send(order).map_err(|_| io::Error::other("the thread of the router has ended"))
    }

    fn rosters(&self) -> MutexGuard<'_, BTreeMap<ProcessName, Arc<Roster>>> {
        self.rosters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the thread does until nobody can ask it for anything.
async fn work(mut orders: UnboundedReceiver<Order>) {
    let scratch = pump::Scratch::default();
    let mut open: BTreeMap<ProcessName, JoinHandle<()>> = BTreeMap::new();
    while let Some(order) = orders.recv().await {
        match order {
            Order::Open(door) => {
                let name = door.name().clone();
                let task = spawn_local(door.keep(scratch.clone()));
                open.insert(name, task);
            }
            Order::Tell(roster) => roster.tell(),
            Order::Close(name, done) => {
                if let Some(task) = open.remove(&name) {
                    task.abort();
                    // That it was ended by us is no news.
                    let _ = task.await;
                }
                let _ = done.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
