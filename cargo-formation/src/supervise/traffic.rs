//! Who gets the requests: told the router whenever it changes, before anything else is done.

use std::collections::{BTreeMap, BTreeSet};

use super::Supervise;
use super::notice::Notice;
use super::protocol::{Action, InstanceId, RunId, Traffic};
use crate::formation::{Moment, ProcessName};

/// What the router was told.
#[derive(Debug, Default)]
pub(super) struct Routes {
    told: BTreeMap<ProcessName, Vec<RunId>>,
    /// The types of which every instance has been up, and which were said to be.
    welcomed: BTreeSet<ProcessName>,
}

impl Supervise {
    /// The run of each instance that requests go to, where one is up and well.
    pub fn routed(&self) -> impl Iterator<Item = (InstanceId, RunId)> {
        let runs = self.members.iter().enumerate();
        runs.filter_map(|(id, member)| Some((InstanceId(id), member.instance.routed()?)))
    }

    /// Tell the router who gets the requests, if that is somebody else than before.
    pub(super) fn route(&mut self) {
        let mut routes: BTreeMap<ProcessName, Vec<RunId>> = BTreeMap::new();
        for member in &self.members {
            let run = match member.instance.traffic() {
                Traffic::Own => continue,
                Traffic::Routed { .. } => member.instance.routed(),
            };
            routes.entry(member.instance.name.process().clone()).or_default().extend(run);
        }
        for (process, runs) in &routes {
            if self.routes.told.get(process).map_or(!runs.is_empty(), |told| told != runs) {
                self.out.push_first(Action::Route(process.clone(), runs.clone()));
            }
        }
        self.routes.told = routes;
    }

    /// Say of each type, once, that all of it is up.
    pub(super) fn welcome(&mut self, now: Moment) {
        let mut up: BTreeMap<&ProcessName, bool> = BTreeMap::new();
        for member in self.members.iter().filter(|member| member.is_wanted()) {
            let all = up.entry(member.instance.name.process()).or_insert(true);
            *all &= member.instance.has_been_ready();
        }
        for (process, all) in up {
            if all && !self.routes.welcomed.contains(process) {
                self.routes.welcomed.insert(process.clone());
                let after = now.since(Moment::default());
                self.out.say(Notice::Up { process: process.clone(), after });
            }
        }
    }
}
