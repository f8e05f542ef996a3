//! Who listens where.
//!
//! The n-th declared process type, counted from 0, owns the range from base + 100·n,
//! whether it runs or not and whether it has a port or not: neither a selection nor a
//! `port = false` moves the ports of others. A type is reached at the first port of its range,
//! or at its exact one, whatever its quantity; where each run of it listens is found out when
//! it starts. The k-th extra port of instance i is the i-th from 10·k above the start of the
//! range. Backing services own the ranges after the process types.

mod base;

pub use self::base::{
    BaseOrigin, BasePort, BaseSources, DEFAULT_BASE, base_port_chosen, next_block,
};

use std::collections::{BTreeMap, BTreeSet};

use super::{PlanError, PortHolder};
use crate::formation::{
    BackingService, Formation, InstanceName, Origin, Port, ProcessName, ProcessType,
};

/// How far the ranges of two process types lie apart.
const RANGE: u32 = 100;

/// How far an instance's extra ports lie apart.
const EXTRA: u32 = 10;

/// The port at which each process type is reached, in declaration order; `None` if it
/// has no port, or one above 65535, with which there is no plan.
#[must_use]
pub fn public_ports(formation: &Formation, base: u16) -> Vec<Option<u16>> {
    let processes = formation.processes.iter().enumerate();
    processes.map(|(n, process)| real(place(process.port, range(n, base), 1))).collect()
}

/// The port of each backing service, in declaration order, as [`public_ports`].
#[must_use]
pub fn service_ports(formation: &Formation, base: u16) -> Vec<Option<u16>> {
    services(formation, base).map(|(_, port)| real(port)).collect()
}

/// The ports of an instance that nobody routes to: it binds them itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoundPorts {
    /// The one in `PORT`.
    pub main: Option<u32>,
    /// The named ones, in declaration order.
    pub extra: Vec<(ProcessName, u32)>,
}

/// The ports of every declared instance of each process type, where all of them bind their own
/// on one machine. They may collide, or lie above 65535: the caller has to look.
#[must_use]
pub fn bound_ports(formation: &Formation, base: u16) -> Vec<Vec<BoundPorts>> {
    let processes = formation.processes.iter().enumerate();
    let of_type = |(position, process): (usize, &ProcessType)| {
        let range = range(position, base);
        let bound = |number| BoundPorts {
            main: place(process.port, range, number),
            extra: extra_places(process, range, number)
                .map(|(name, port)| (name.clone(), port))
                .collect(),
        };
        (1..=process.quantity).map(bound).collect()
    };
    processes.map(of_type).collect()
}

/// The ports of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct InstancePorts {
    /// The one it is reached at.
    pub(super) main: Option<u16>,
    /// The named ones, in declaration order.
    pub(super) extra: Vec<(ProcessName, u16)>,
}

impl InstancePorts {
    /// Every port, the one in `PORT` first.
    pub(super) fn all(&self) -> Vec<u16> {
        self.main.into_iter().chain(self.extra.iter().map(|(_, port)| *port)).collect()
    }
}

/// The ports of instance `number` of the type at `position`.
///
/// Ports above 65535 are left out; [`check`] has refused them before.
pub(super) fn of_instance(
    process: &ProcessType,
    position: usize,
    number: u16,
    base: u16,
) -> InstancePorts {
    let range = range(position, base);
    let extra = extra_places(process, range, number)
        .filter_map(|(name, port)| Some((name.clone(), real(Some(port))?)));
    InstancePorts { main: real(place(process.port, range, 1)), extra: extra.collect() }
}

/// See that every port exists and has one holder.
///
/// A type that does not run still holds its public port: its URL is in everybody's
/// environment, and should not lead to somebody else.
pub(super) fn check(
    formation: &Formation,
    counts: &[u16],
    base: u16,
) -> Result<(), Vec<PlanError>> {
    let mut errors = Vec::new();
    let mut taken: BTreeMap<u32, PortHolder> = BTreeMap::new();
    // Two types that collide do so with many instances; once is enough to know it.
    let mut told = BTreeSet::new();
    for (holder, port) in claims(formation, counts, base) {
        let Ok(number) = u16::try_from(port) else {
            if told.insert((holder.owner().clone(), holder.owner().clone())) {
                errors.push(PlanError::PortTooHigh { holder, port });
            }
            continue;
        };
        let Some(first) = taken.get(&port) else {
            taken.insert(port, holder);
            continue;
        };
        if told.insert((first.owner().clone(), holder.owner().clone())) {
            let first = first.clone();
            errors.push(PlanError::Collision { port: number, first, second: holder });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Every port somebody holds, in declaration order.
fn claims(formation: &Formation, counts: &[u16], base: u16) -> Vec<(PortHolder, u32)> {
    let mut claims = Vec::new();
    for (position, (process, &count)) in formation.processes.iter().zip(counts).enumerate() {
        let range = range(position, base);
        let public = place(process.port, range, 1);
        claims.extend(public.map(|port| (PortHolder::Process(process.name.clone()), port)));
        for number in 1..=count {
            let name = InstanceName { process: process.name.clone(), number };
            let extra = extra_places(process, range, number);
            claims.extend(
                extra.map(|(port, at)| (PortHolder::Extra(name.clone(), port.clone()), at)),
            );
        }
    }
    claims.extend(services(formation, base).filter_map(|(service, port)| {
        port.map(|port| (PortHolder::Service(service.name.clone()), port))
    }));
    claims
}

/// Each backing service with its port.
fn services(
    formation: &Formation,
    base: u16,
) -> impl Iterator<Item = (&BackingService, Option<u32>)> {
    let declared = |process: &&ProcessType| process.origin == Origin::Table;
    let after = formation.processes.iter().filter(declared).count();
    let services = formation.settings.services.iter().enumerate();
    services.map(move |(n, service)| (service, place(service.port, range(after + n, base), 1)))
}

/// The extra ports of instance `number`.
///
/// An exact one keeps its turn, so that making it exact moves no other.
fn extra_places(
    process: &ProcessType,
    range: u32,
    number: u16,
) -> impl Iterator<Item = (&ProcessName, u32)> {
    (1_u32..).zip(&process.extra_ports).filter_map(move |(turn, extra)| {
        Some((&extra.name, place(extra.port, range + EXTRA * turn, number)?))
    })
}

/// Where instance `number` listens: an assigned port is counted from `start`.
fn place(port: Port, start: u32, number: u16) -> Option<u32> {
    let first = match port {
        Port::None => return None,
        Port::Assigned => start,
        Port::Exact(exact) => u32::from(exact),
    };
    Some(first + u32::from(number) - 1)
}

/// The first port of the n-th range.
fn range(n: usize, base: u16) -> u32 {
    // Far too many types end far above 65535, where `check` finds them.
    let n = u32::try_from(n).unwrap_or(u32::MAX / (2 * RANGE)).min(u32::MAX / (2 * RANGE));
    u32::from(base) + RANGE * n
}

/// The port, if it is one.
fn real(port: Option<u32>) -> Option<u16> {
    u16::try_from(port?).ok()
}

#[cfg(test)]
mod tests;
