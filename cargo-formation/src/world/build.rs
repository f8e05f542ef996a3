//! One cargo, at work: started as a child, its two streams read as they come.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};

use super::cargo::{
    BuildNews, BuildRequest, Level, Lock, Seen, StderrNews, arguments, progress_variables,
    read_messages, read_stderr,
};
use super::children::{ChildId, Children, Order};
use super::shim::{self, Limit, Program, Traced};
use super::snapshot::{self, Owner};
use crate::formation::Identity;
use crate::narrate::build::Target;
use crate::plan::Made;

/// How to build: the same for every build of one tool.
#[derive(Clone, Debug)]
pub struct Cargo {
    /// The cargo to run.
    pub program: OsString,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where it runs: the workspace root.
    pub dir: PathBuf,
    /// What it is asked.
    pub request: BuildRequest,
    /// The width of the terminal that shows its progress, if one does.
    pub progress: Option<u16>,
    /// The names of packages, by cargo's ids.
    pub names: Arc<BTreeMap<String, String>>,
    /// Whose the snapshots are; without an owner none are taken.
    pub keep: Option<Owner>,
    /// The open files that it may have.
    pub limit: Limit,
    /// What has been shown already.
    pub seen: Arc<Mutex<Seen>>,
}

/// What comes out of a build, in the order in which it comes out of each stream.
#[derive(Debug)]
pub enum CargoNews {
    /// A binary is in place, and known.
    Artifact(Built),
    /// A binary is in place, and could not be kept.
    NotKept(PathBuf, io::Error),
    /// The compiler says something, as cargo would show it.
    Diagnostic(Target, Level, String),
    /// The compiler says an error again that was shown of another target.
    Again(Target),
    /// A build script of this package has run, now or before, and this is its `OUT_DIR`.
    Script(String, PathBuf),
    /// A line for people.
    Line(Vec<u8>),
    /// A line of an error that is not the compiler's.
    Trouble(Vec<u8>),
    /// How the progress bar looks now.
    Progress(String),
    /// Cargo waits for another cargo.
    Blocked(Lock),
    /// It waits no longer.
    Unblocked,
    /// One of its two streams has ended.
    StreamEnded,
}

/// A binary that was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The package it is of.
    pub package: String,
    /// The name of the target.
    pub binary: String,
    /// Where cargo put it.
    pub path: PathBuf,
    /// What it is.
    pub identity: Identity,
    /// What a run executes: the snapshot, or the artifact itself if none was asked for.
    pub executable: PathBuf,
    /// Whether cargo found it up to date.
    pub fresh: bool,
    /// What `cargo run` would tell it of its build.
    pub made: Made,
}

/// What the build scripts of a build have said so far.
#[derive(Debug, Default)]
struct Scripts {
    linked_paths: Vec<PathBuf>,
    out_dirs: BTreeMap<String, PathBuf>,
}

impl Scripts {
    /// What `cargo run` would tell the binary at `path`. As cargo does, of the directories
    /// that build scripts name only those count that cargo builds into.
    fn made(&self, package: &str, path: &Path) -> Made {
        let artifacts = path.parent().unwrap_or(path);
        let built = |linked: &&PathBuf| {
            linked.starts_with(artifacts)
                || self.out_dirs.values().any(|dir| linked.starts_with(dir))
        };
        let mut library_path: Vec<PathBuf> =
            self.linked_paths.iter().filter(built).cloned().collect();
        library_path.extend([artifacts.join("deps"), artifacts.to_path_buf()]);
        Made { library_path, out_dir: self.out_dirs.get(package).cloned() }
    }
}

/// Cargo's streams are read to their end as long as this lives; then, as far as they are filled.
///
/// Somebody whom cargo has started may hold them open for ever.
#[derive(Debug)]
pub struct Streams {
    _held: OwnedFd,
}

/// One of cargo's streams, which also ends when nobody holds the other end of `cutoff`.
struct Stream {
    pipe: File,
    cutoff: Arc<OwnedFd>,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waiting =
            [PollFd::new(&self.pipe, PollFlags::IN), PollFd::new(&self.cutoff, PollFlags::IN)];
        poll(&mut waiting, None)?;
        // What is there comes first; the end of the pipe, too, is something that is there.
        if waiting[0].revents().is_empty() { Ok(0) } else { self.pipe.read(buffer) }
    }
}

/// How many streams a cargo has.
pub const STREAMS: usize = 2;

impl Cargo {
    /// Start a build. `report` is called from threads of its own.
    ///
    /// # Errors
    /// When there are no pipes or threads to be had.
    pub fn start(
        &self,
        children: &Children,
        child: ChildId,
        report: impl Fn(CargoNews) + Clone + Send + 'static,
    ) -> io::Result<Streams> {
        let (stdout, stdout_end) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stderr, stderr_end) = pipe_with(PipeFlags::CLOEXEC)?;
        let (cutoff, held) = pipe_with(PipeFlags::CLOEXEC)?;
        let cutoff = Arc::new(cutoff);
        let stream = |pipe| Stream { pipe: File::from(pipe), cutoff: Arc::clone(&cutoff) };
        let (stdout, stderr) = (stream(stdout), stream(stderr));
        self.read_stdout(stdout, report.clone())?;
        thread::Builder::new().name("cargo's stderr".into()).spawn(move || {
            // A stream that cannot be read is a stream that has ended.
            let _ = read_stderr(stderr, |news| report(people(news)));
            report(CargoNews::StreamEnded);
        })?;
        let command = Box::new(self.command(stdout_end, stderr_end));
        children.order(Order::Spawn { child, command });
        Ok(Streams { _held: held })
    }

    fn command(&self, stdout: OwnedFd, stderr: OwnedFd) -> Command {
        // A session of its own: a Ctrl-C is for us, ending it ends its compilers, too, and
        // who reads the terminal gets an error instead of being stopped without a word.
        let args = arguments(&self.request);
        let (file, name) = (Path::new(&self.program), &self.program);
        let program = Program { file, name, args: &args, traced: Traced::default() };
        let mut command = shim::command(program, self.limit);
        command.current_dir(&self.dir);
        command.env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(width) = self.progress {
            command.envs(progress_variables(width));
        }
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        command
    }

    fn read_stdout(
        &self,
        stdout: Stream,
        report: impl Fn(CargoNews) + Send + 'static,
    ) -> io::Result<()> {
        let (names, seen, keep) = (Arc::clone(&self.names), Arc::clone(&self.seen), self.keep);
        thread::Builder::new().name("cargo's messages".into()).spawn(move || {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let stdout = BufReader::new(stdout);
            let mut scripts = Scripts::default();
            let _ = read_messages(stdout, &names, &mut seen, |news| {
                if let Some(news) = message(news, keep, &mut scripts) {
                    report(news);
                }
            });
            report(CargoNews::StreamEnded);
        })?;
        Ok(())
    }
}

/// A message, together with what has to happen while cargo still holds its lock.
fn message(news: BuildNews, keep: Option<Owner>, scripts: &mut Scripts) -> Option<CargoNews> {
    match news {
        BuildNews::Artifact { package, binary, path, fresh } => {
            let kept = match keep {
                Some(owner) => snapshot::capture(&path, owner),
                None => super::identity::identity(&path).map(|identity| (identity, path.clone())),
            };
            Some(match kept {
                Ok((identity, executable)) => CargoNews::Artifact(Built {
                    made: scripts.made(&package, &path),
                    package,
                    binary,
                    path,
                    identity,
                    executable,
                    fresh,
                }),
                Err(error) => CargoNews::NotKept(path, error),
            })
        }
        BuildNews::Script { package, linked_paths, out_dir } => {
            scripts.linked_paths.extend(linked_paths);
            scripts.out_dirs.insert(package.clone(), out_dir.clone());
            Some(CargoNews::Script(package, out_dir))
        }
        BuildNews::Diagnostic { target, level, rendered } => {
            Some(CargoNews::Diagnostic(target, level, rendered))
        }
        BuildNews::Again { target } => Some(CargoNews::Again(target)),
        BuildNews::Output(text) => Some(CargoNews::Line(text.into_bytes())),
        // Only the exit status says whether a build succeeded.
        BuildNews::Finished { .. } => None,
    }
}

fn people(news: StderrNews) -> CargoNews {
    match news {
        StderrNews::Line(line) => CargoNews::Line(line),
        StderrNews::Trouble(line) => CargoNews::Trouble(line),
        StderrNews::Progress(bar) => CargoNews::Progress(bar),
        StderrNews::Blocked(lock) => CargoNews::Blocked(lock),
        StderrNews::Unblocked => CargoNews::Unblocked,
    }
}
