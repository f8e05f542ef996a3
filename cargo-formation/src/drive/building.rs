//! One build, as its facts come in: what it says, what it made, and when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::formation::{Binary, Exit, Formation, Moment, ProcessType};
use crate::narrate::build::{Errors, FailedBuild, Target, failure};
use crate::narrate::notice::{self, Tone};
use crate::world::build::{Built, CargoNews, STREAMS, Streams};
use crate::world::cargo::{Level, Lock};
use crate::world::children::Report;
use crate::world::output::Writer;

/// What a build has brought so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// The binaries that are in place.
    pub built: Vec<Built>,
    /// The errors of each target.
    pub errors: Vec<Errors>,
    /// The `OUT_DIR` of each package whose build script has run.
    pub scripts: BTreeMap<String, PathBuf>,
    /// How long it has waited for another cargo.
    pub waited: Duration,
    /// Artifacts that could not be kept; the build counts as failed.
    pub lost: Vec<PathBuf>,
}

impl Tally {
    /// Say who is hit by a build that failed, of those who run one of `binaries`.
    #[must_use]
    pub fn explain(
        &self,
        formation: &Formation,
        binaries: &[Binary],
        closures: &BTreeMap<String, BTreeSet<String>>,
    ) -> String {
        let all = formation.processes.iter();
        let processes: Vec<&ProcessType> =
            all.filter(|process| binaries.contains(&process.binary)).collect();
        let is_built = |process: &&&ProcessType| {
            self.built.iter().any(|built| {
                built.binary == process.binary.name && built.package == process.binary.package
            })
        };
        let built = processes.iter().filter(is_built).map(|process| process.name.clone());
        failure(&FailedBuild {
            processes: &processes,
            closures,
            errors: &self.errors,
            built: &built.collect(),
        })
    }
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is built and kept.
    Succeeded,
    /// Something is not.
    Failed,
}

/// A build under way.
#[derive(Debug, Default)]
pub(super) struct Building {
    pub(super) tally: Tally,
    streams_ended: usize,
    exit: Option<Exit>,
    gone: Gone,
    blocked: Option<Moment>,
    /// As long as it is there, cargo's streams are read to their end.
    streams: Option<Streams>,
    wish: Wish,
    errors: Words,
    /// What went wrong, as it was said or will be.
    complaints: String,
}

/// What becomes of the errors.
#[derive(Debug, Default)]
enum Words {
    /// They are said as they come.
    #[default]
    Said,
    /// They are kept until it is known that they stay.
    Held(Vec<Vec<u8>>),
}

/// More than this of it nobody reads, in bytes.
const MOST_COMPLAINTS: usize = 32 * 1024;

/// Whether somebody has ended the build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wish {
    /// It is to come to its end.
    #[default]
    Finish,
    /// It is of no use any more: how it ends says nothing.
    Cancel,
}

/// Whether every process of cargo has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gone {
    #[default]
    No,
    Yes,
}

impl Building {
    /// News from cargo: say what is to be said, and hand on a binary that is in place.
    pub(super) fn news(&mut self, news: CargoNews, now: Moment, writer: &Writer) -> Option<Built> {
        match news {
            CargoNews::Artifact(built) => {
                self.tally.built.push(built.clone());
                return Some(built);
            }
            CargoNews::Script(package, out_dir) => {
                self.tally.scripts.insert(package, out_dir);
            }
            CargoNews::NotKept(path, error) => {
                writer.say(notice::error(&format!("cannot keep `{}`: {error}", path.display())));
                self.tally.lost.push(path);
            }
            CargoNews::Diagnostic(target, level, rendered) => {
                // With the empty line after it that cargo leaves, too.
                let rendered = rendered.strip_suffix('\n').unwrap_or(&rendered);
                match level {
                    Level::Error => {
                        self.complain(rendered, writer);
                        self.count(target);
                    }
                    // Where to read about errors is of no use without them.
                    Level::Reading => self.complain(rendered, writer),
                    Level::Warning | Level::Note => writer.say(rendered),
                }
            }
            CargoNews::Again(target) => self.count(target),
            CargoNews::Trouble(line) => self.complain(line, writer),
            CargoNews::Line(line) => writer.say(line),
            CargoNews::Progress(bar) => writer.progress(Some(bar)),
            CargoNews::Blocked(lock) => {
                self.blocked = Some(now);
                writer.say(notice::status(Tone::Unusual, "Blocking", &blocked(&lock)));
            }
            CargoNews::Unblocked => {
                if let Some(since) = self.blocked.take() {
                    let waited = now.since(since);
                    self.tally.waited += waited;
                    let text = format!("{} for another cargo", notice::length(waited));
                    writer.say(notice::status(Tone::Good, "Waited", &text));
                }
            }
            CargoNews::StreamEnded => self.streams_ended += 1,
        }
        None
    }

    /// Say an error, or keep it.
    pub(super) fn complain(&mut self, text: impl Into<Vec<u8>>, writer: &Writer) {
        let text = text.into();
        if self.complaints.len() < MOST_COMPLAINTS {
            self.complaints += &String::from_utf8_lossy(&text);
            self.complaints.push('\n');
        }
        match &mut self.errors {
            Words::Said => writer.say(text),
            Words::Held(held) => held.push(text),
        }
    }

    /// What went wrong, for somebody who does not see it said.
    pub(super) fn complaints(&self) -> &str {
        &self.complaints
    }

    /// From now on errors are kept.
    pub(super) fn hold_errors(&mut self) {
        self.errors = Words::Held(Vec::new());
    }

    /// Say those that were kept, and from now on all.
    pub(super) fn show_errors(&mut self, writer: &Writer) {
        for text in self.held() {
            writer.say(text);
        }
        self.errors = Words::Said;
    }

    /// The errors that were kept.
    pub(super) fn held(&mut self) -> Vec<Vec<u8>> {
        match &mut self.errors {
            Words::Said => Vec::new(),
            Words::Held(held) => std::mem::take(held),
        }
    }

    fn count(&mut self, target: Target) {
        match self.tally.errors.iter_mut().find(|errors| errors.target == target) {
            Some(errors) => errors.count += 1,
            None => self.tally.errors.push(Errors { target, count: 1 }),
        }
    }

    /// A build whose cargo has these streams.
    pub(super) fn new(streams: Streams) -> Self {
        Self { streams: Some(streams), ..Self::default() }
    }

    /// Somebody ends it.
    pub(super) fn cancel(&mut self) {
        self.wish = Wish::Cancel;
    }

    /// Whether somebody has ended it.
    pub(super) fn wish(&self) -> Wish {
        self.wish
    }

    /// A build that could not even begin.
    pub(super) fn failed() -> Self {
        let over = Self { streams_ended: STREAMS, exit: Some(Exit::Unknown), ..Self::default() };
        Self { gone: Gone::Yes, ..over }
    }

    /// News of the processes of cargo.
    pub(super) fn child(&mut self, report: &Report, writer: &Writer) {
        match report {
            Report::Exited(_, exit) => self.exit = Some(*exit),
            Report::Gone(_) => {
                self.gone = Gone::Yes;
                // Whoever still holds the streams is none of cargo's, and is not waited for.
                self.streams = None;
            }
            Report::NotSpawned(_, error) => {
                writer.say(notice::error(&format!("cannot run cargo: {error}")));
                self.exit = Some(Exit::Unknown);
                self.gone = Gone::Yes;
                self.streams = None;
            }
            Report::Unreachable(_, pid, error) => {
                let text = format!("cannot signal process {pid} of cargo: {error}");
                writer.say(notice::error(&text));
            }
            Report::Spawned(..) | Report::Survivors(..) | Report::Unguarded => {}
        }
    }

    /// How it ended, once everything that will be known is known.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let over = self.streams_ended >= STREAMS && self.gone == Gone::Yes;
        let exit = self.exit.filter(|_| over)?;
        Some(if exit.success() && self.tally.lost.is_empty() {
            Outcome::Succeeded
        } else {
            Outcome::Failed
        })
    }
}

/// What cargo waits for, in words.
fn blocked(lock: &Lock) -> String {
    let what = match lock {
        Lock::ArtifactDirectory => "it builds in the same target directory",
        Lock::BuildDirectory => "it compiles in the same build directory",
        Lock::PackageCache => "it uses the package cache",
        Lock::Other(what) => return format!("waiting for another cargo (lock on {what})"),
    };
    format!("waiting for another cargo ({what})")
}
