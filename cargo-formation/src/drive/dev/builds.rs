//! The builds of `dev`: the cargo that runs, and what builds have left to run.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::footing::Footing;
use super::shape::Shape;
use super::{CARGOS, is_cargo};
use crate::drive::building::{Building, Outcome, Tally, Wish};
use crate::drive::{Incoming, Wiring};
use crate::formation::{Binary, Identity};
use crate::narrate::notice;
use crate::plan::watch::Knowledge;
use crate::supervise::{BinaryId, BuildEnd, BuildId, BuildNews, Errors, Event};
use crate::world::build::{Built, CargoNews};
use crate::world::children::{ChildId, Order, Report};
use crate::world::clock;
use crate::world::leftovers::{self, Cleaned};
use crate::world::snapshot::{self, Owner, Removed};

/// The builds of a formation.
#[derive(Default)]
pub(super) struct Builds {
    underway: Option<(BuildId, Building)>,
    /// The errors of the latest build, as long as `release` may make them go away.
    held: Vec<Vec<u8>>,
    /// The errors of the latest build that came to its end.
    errors: String,
    /// Who is not built, if it failed.
    failure: String,
    /// Every binary that was ever to be built, by number.
    binaries: Vec<Binary>,
    /// Where the kept artifacts are.
    kept: BTreeMap<(BinaryId, Identity), Built>,
    /// The latest artifact of each binary.
    latest: BTreeMap<BinaryId, PathBuf>,
    /// When the latest build began, on the clock that stamps files.
    began: Option<SystemTime>,
    /// What the latest stands on.
    footing: Footing,
    /// When the first of those began that were cancelled and have not been cleaned up after.
    cancelled: Rc<Cell<Option<SystemTime>>>,
}

/// A build that is over.
pub(super) struct Ended {
    pub(super) build: BuildId,
    pub(super) end: BuildEnd,
    pub(super) scripts: BTreeMap<String, PathBuf>,
    pub(super) waited: Duration,
    pub(super) cause: Cause,
}

/// Why a build has failed, if it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The code, or whatever cargo says.
    Itself,
    /// It was cancelled: another one follows, or nothing any more.
    Cancelled,
    /// Somebody has removed what it wrote to.
    Footing,
}

impl Builds {
    /// The number of a binary.
    pub(super) fn number(&mut self, binary: &Binary) -> BinaryId {
        let known = self.binaries.iter().position(|known| known == binary);
        BinaryId(known.unwrap_or_else(|| {
            self.binaries.push(binary.clone());
            self.binaries.len() - 1
        }))
    }

    /// What went wrong in the latest build that came to its end.
    pub(super) fn errors(&self) -> &str {
        &self.errors
    }

    /// Who was not built by the latest build that failed, and why: `the build failed: …`.
    pub(super) fn failure(&self) -> &str {
        &self.failure
    }

    /// How many binaries have a number.
    pub(super) fn binaries(&self) -> usize {
        self.binaries.len()
    }

    /// The kept artifact of a binary with this code.
    pub(super) fn kept(&self, binary: &Binary, code: Identity) -> Option<&Built> {
        let number = self.binaries.iter().position(|known| known == binary)?;
        self.kept.get(&(BinaryId(number), code))
    }

    /// Where cargo has put the binaries that are to run.
    pub(super) fn artifacts(&self, shape: &Shape) -> Vec<PathBuf> {
        let wanted = |id: &BinaryId| shape.plan.build.binaries.contains(&self.binaries[id.0]);
        self.latest.iter().filter(|(id, _)| wanted(id)).map(|(_, path)| path.clone()).collect()
    }

    pub(super) fn start(&mut self, build: BuildId, errors: Errors, shape: &Shape, wiring: &Wiring) {
        self.held.clear();
        self.began = Some(clock::wall());
        self.footing = Footing::now(&shape.eyes.artifacts);
        let child = cargo_child(build);
        let sender = wiring.sender.clone();
        let started = shape.cargo.start(&wiring.children, child, move |news| {
            let _ = sender.send(Incoming::Cargo(child, news));
        });
        let mut building =
            started.map_or_else(|error| no_cargo(child, &error, wiring), Building::new);
        if errors == Errors::Held {
            building.hold_errors();
        }
        self.underway = Some((build, building));
    }

    /// How this build ends is of no interest any more.
    pub(super) fn cancel(&mut self, build: BuildId, order: fn(ChildId) -> Order, wiring: &Wiring) {
        if let Some((_, building)) = self.underway.as_mut().filter(|(id, _)| *id == build) {
            building.cancel();
            self.cancelled.set(self.cancelled.get().or(self.began));
        }
        wiring.children.order(order(cargo_child(build)));
    }

    /// The errors of the latest build stay.
    pub(super) fn show_errors(&mut self, wiring: &Wiring) {
        if let Some((_, building)) = &mut self.underway {
            building.show_errors(&wiring.writer);
        }
        for text in self.held.drain(..) {
            wiring.writer.say(text);
        }
    }

    /// News from a cargo.
    pub(super) fn news(
        &mut self,
        child: ChildId,
        news: CargoNews,
        wiring: &Wiring,
    ) -> Option<Event> {
        let now = wiring.clock.now();
        let (build, building) = self.of(child)?;
        let (build, artifact) = (build, building.news(news, now, &wiring.writer)?);
        self.artifact(build, artifact)
    }

    /// News of the processes of a cargo.
    pub(super) fn child(&mut self, child: ChildId, report: &Report, wiring: &Wiring) {
        if let Some((_, building)) = self.of(child) {
            building.child(report, &wiring.writer);
        }
    }

    fn of(&mut self, child: ChildId) -> Option<(BuildId, &mut Building)> {
        let (build, building) = self.underway.as_mut()?;
        (is_cargo(child) && cargo_child(*build) == child).then_some((*build, building))
    }

    fn artifact(&mut self, build: BuildId, artifact: Built) -> Option<Event> {
        let same =
            |binary: &Binary| binary.package == artifact.package && binary.name == artifact.binary;
        let binary = BinaryId(self.binaries.iter().position(same)?);
        let identity = artifact.identity;
        self.latest.insert(binary, artifact.path.clone());
        self.kept.insert((binary, identity), artifact);
        Some(Event::Build(build, BuildNews::Artifact(binary, identity)))
    }

    /// The end of the build, once everything of it has been heard.
    pub(super) fn ended(&mut self, shape: &Shape, wiring: &Wiring) -> Option<Ended> {
        let (build, building) = self.underway.as_ref()?;
        let (build, outcome) = (*build, building.outcome()?);
        let (_, mut building) = self.underway.take()?;
        wiring.writer.progress(None);
        let mut cause = Cause::Itself;
        let end = match outcome {
            Outcome::Succeeded => BuildEnd::Succeeded,
            Outcome::Failed if building.wish() == Wish::Cancel => {
                cause = Cause::Cancelled;
                BuildEnd::Failed
            }
            Outcome::Failed => {
                let binaries = &shape.plan.build.binaries;
                let text = building.tally.explain(&shape.formation, binaries, &shape.closures);
                building.complain(notice::error(&text), &wiring.writer);
                self.failure = format!("the {text}");
                self.held = building.held();
                if self.footing.is_lost() {
                    cause = Cause::Footing;
                }
                BuildEnd::Failed
            }
        };
        if building.wish() != Wish::Cancel {
            building.complaints().clone_into(&mut self.errors);
        }
        let Tally { scripts, waited, .. } = building.tally;
        Some(Ended { build, end, scripts, waited, cause })
    }

    /// Remove what the compilers of cancelled builds have left, sooner or later.
    pub(super) fn clean(&self, shape: &Shape) {
        let Some(since) = self.cancelled.take() else { return };
        let (cancelled, places) = (Rc::clone(&self.cancelled), shape.eyes.artifacts.clone());
        tokio::task::spawn_local(async move {
            let clean = move || clean_all(&places, since);
            if let Ok(Cleaned::Busy) = tokio::task::spawn_blocking(clean).await {
                // Another time.
                cancelled.set(Some(since));
            }
        });
    }

    /// The same, now, if that is possible.
    pub(super) fn clean_now(&self, shape: &Shape) {
        if let Some(since) = self.cancelled.take() {
            clean_all(&shape.eyes.artifacts, since);
        }
    }

    /// Remove what was kept and is not in use any more.
    pub(super) fn sweep(&mut self, in_use: &BTreeSet<Identity>, owner: Option<Owner>) {
        let Some(owner) = owner else { return };
        let mut places: BTreeSet<(PathBuf, String)> = BTreeSet::new();
        self.kept.retain(|(_, identity), built| {
            let stays = in_use.contains(identity);
            if let (false, Some(directory)) = (stays, built.executable.parent().map(Path::to_owned))
            {
                places.insert((directory, built.binary.clone()));
            }
            stays
        });
        let keep: Vec<PathBuf> = self.kept.values().map(|built| built.executable.clone()).collect();
        // What cannot be removed now is removed by the next formation.
        let sweep = |(directory, binary): (PathBuf, String)| {
            snapshot::sweep(&directory, &binary, &keep, owner).ok()
        };
        let removed: Vec<Removed> = places.into_iter().filter_map(sweep).collect();
        if !removed.is_empty() {
            // Not here: the next edit may come any moment.
            tokio::task::spawn_blocking(move || drop(removed));
        }
    }
}

fn clean_all(places: &[PathBuf], since: SystemTime) -> Cleaned {
    // What cannot be removed stays, as it would without us.
    let clean = |place: &PathBuf| leftovers::clean(place, since).unwrap_or(Cleaned::All);
    let cleaned: Vec<Cleaned> = places.iter().map(clean).collect();
    if cleaned.contains(&Cleaned::Busy) { Cleaned::Busy } else { Cleaned::All }
}

/// What a build that ended so knows of what it reads.
pub(super) fn knowledge(end: BuildEnd) -> Knowledge {
    match end {
        BuildEnd::Succeeded => Knowledge::Complete,
        BuildEnd::Failed => Knowledge::Partial,
    }
}

/// There is no cargo for this build.
fn no_cargo(child: ChildId, error: &io::Error, wiring: &Wiring) -> Building {
    wiring.writer.say(notice::error(&format!("cannot run cargo: {error}")));
    // Nothing will be reported of it, so that it has to be looked at now.
    let _ = wiring.sender.send(Incoming::Child(Report::Gone(child)));
    Building::failed()
}

fn cargo_child(build: BuildId) -> ChildId {
    ChildId(CARGOS + build.0)
}
