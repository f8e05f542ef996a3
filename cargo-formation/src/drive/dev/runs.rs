//! The runs of `dev`, as the world has them: a child, a pipe, a reader.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Dev, Look, run_child};
use crate::drive::ending::Ending;
use crate::drive::{Incoming, Wiring};
use crate::formation::{Formation, ProcessName, RunName, StopSignal};
use crate::narrate::Paint;
use crate::narrate::prefix::{self, Width};
use crate::plan::{Plan, PlannedInstance};
use crate::supervise::{InstanceId, Owner, RunId, RunNews};
use crate::world::build::Built;
use crate::world::children::{ChildId, Order, Report, TAG};
use crate::world::output::{Life, Prefix, Reading, Source, read};
use crate::world::pidfile;
use crate::world::shim::{self, Limit, Program};

/// The runs that are alive, and how to start more.
pub(super) struct Runs {
    alive: BTreeMap<RunId, Running>,
    look: Look,
    limit: Limit,
    width: Width,
    signals: BTreeMap<ProcessName, StopSignal>,
}

/// A run that is alive.
struct Running {
    ending: Ending,
    signal: StopSignal,
    dir: PathBuf,
    life: watch::Receiver<Life>,
}

/// How long after its start it is looked whether a process has written a PID file.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

impl Runs {
    pub(super) fn new(dev: &Dev) -> Self {
        let planned = dev.plan.release.iter().chain(&dev.plan.instances);
        Self {
            alive: BTreeMap::new(),
            look: dev.look,
            limit: dev.limit,
            width: Width::of(planned.map(|planned| RunName::from(planned.name.clone()))),
            signals: signals(&dev.formation),
        }
    }

    /// Start a run. What comes of it is reported.
    pub(super) fn spawn(
        &mut self,
        run: RunId,
        planned: &PlannedInstance,
        kept: Option<&Built>,
        wiring: &Wiring,
    ) {
        let child = run_child(run);
        let (ending, life) = Ending::new();
        let signal = self.signals.get(&planned.name.process).copied().unwrap_or(StopSignal::Term);
        let (dir, watched) = (planned.dir.clone(), life.clone());
        self.alive.insert(run, Running { ending, signal, dir, life: watched });
        let started = ready_to_run(planned, kept).and_then(|built| {
            let (pipe, end) = pipe_with(PipeFlags::CLOEXEC)?;
            let reading = Reading {
                source: Source(run.0),
                pipe,
                prefix: self.prefix(planned),
                stamp: self.look.stamp,
                dialect: self.look.dialect,
                life,
                sought: None,
            };
            let command = self.command(child, planned, built, end, wiring)?;
            let command = Box::new(command);
            wiring.children.order(Order::Spawn { child, command });
            listen(child, reading, wiring);
            Ok(())
        });
        if let Err(error) = started {
            let _ = wiring.sender.send(Incoming::Child(Report::NotSpawned(child, error)));
        }
    }

    fn command(
        &self,
        child: ChildId,
        planned: &PlannedInstance,
        built: &Built,
        output: OwnedFd,
        wiring: &Wiring,
    ) -> io::Result<std::process::Command> {
        let name: &OsStr = built.path.as_os_str();
        let args: Vec<OsString> = planned.args.iter().map(OsString::from).collect();
        let program = Program { file: &built.executable, name, args: &args };
        let mut command = shim::command(program, self.limit);
        command.current_dir(&planned.dir).env_clear();
        command.envs(planned.env_after(&built.made));
        command.env(TAG, wiring.token.tag(child));
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
        Ok(command)
    }

    fn prefix(&self, planned: &PlannedInstance) -> Prefix {
        let name = planned.name.clone().into();
        let colour = (self.look.prefix == Paint::Coloured).then_some(planned.position);
        let text = |bar| prefix::prefix(&name, self.width, bar, colour).into_bytes();
        Prefix { line: text('|'), continuation: text('+') }
    }

    /// Ask a run to stop, with the signal of its type.
    pub(super) fn ask(&self, run: RunId, wiring: &Wiring) {
        if let Some(running) = self.alive.get(&run) {
            let signal = number(running.signal);
            wiring.children.order(Order::Signal(run_child(run), signal));
        }
    }

    /// What a run wrote until its life had come so far has been read.
    pub(super) fn drained(&mut self, run: RunId, life: Life) -> Vec<RunNews> {
        self.alive.get_mut(&run).map(|running| running.ending.drained(life)).unwrap_or_default()
    }

    /// A report of a run, as what can be told of it now.
    pub(super) fn news(&mut self, run: RunId, report: Report, wiring: &Wiring) -> Vec<RunNews> {
        let Some(running) = self.alive.get_mut(&run) else { return Vec::new() };
        match report {
            Report::Spawned(child, pid) => {
                running.look_for_pid_file(child, vec![pid], wiring);
                // Until there are probes, a run is up when it has been started.
                vec![RunNews::Spawned(pid), RunNews::Ready]
            }
            Report::NotSpawned(_, error) => {
                self.alive.remove(&run);
                vec![RunNews::NotSpawned(error.to_string())]
            }
            Report::Exited(_, exit) => running.ending.exited(exit),
            Report::Survivors(child, pids) => {
                running.look_for_pid_file(child, pids.clone(), wiring);
                running.ending.survivors(pids)
            }
            Report::Gone(_) => running.ending.gone(),
            Report::Unreachable(_, pid, error) => {
                vec![RunNews::Unreachable(pid, error.to_string())]
            }
            Report::Unguarded => Vec::new(),
        }
    }

    /// What an owner runs.
    pub(super) fn planned(plan: &Plan, owner: Owner) -> Option<&PlannedInstance> {
        match owner {
            Owner::Service(_) => None,
            Owner::Release => plan.release.as_ref(),
            Owner::Instance(InstanceId(id)) => plan.instances.get(id),
        }
    }
}

impl Running {
    /// Look for a PID file of these processes when the run has settled, or ended.
    fn look_for_pid_file(&self, child: ChildId, pids: Vec<u32>, wiring: &Wiring) {
        let (dir, sender, mut life) = (self.dir.clone(), wiring.sender.clone(), self.life.clone());
        tokio::task::spawn_local(async move {
            let ended = life.wait_for(|life| *life != Life::Leader);
            // Whichever comes first is a time to look.
            let _ = timeout(SETTLED_AFTER, ended).await;
            let look = tokio::task::spawn_blocking(move || pidfile::find(&dir, &pids));
            if let Ok(Some(path)) = look.await {
                let _ = sender.send(Incoming::PidFile(child, path));
            }
        });
    }
}

/// What a run executes, if it and its working directory are still there.
fn ready_to_run<'b>(planned: &PlannedInstance, kept: Option<&'b Built>) -> io::Result<&'b Built> {
    let gone = |what: &str, path: &Path| {
        let text = format!("{what} `{}` is gone; stop `dev` and start it again", path.display());
        io::Error::new(io::ErrorKind::NotFound, text)
    };
    let built = kept.ok_or_else(|| gone("the build of", Path::new(&planned.binary.name)))?;
    if !built.executable.exists() {
        return Err(gone("its build", &built.executable));
    }
    if !planned.dir.is_dir() {
        return Err(gone("its working directory", &planned.dir));
    }
    Ok(built)
}

/// Read what a run writes, in a task of its own.
fn listen(child: ChildId, reading: Reading, wiring: &Wiring) {
    let (writer, sender) = (wiring.writer.clone(), wiring.sender.clone());
    tokio::task::spawn_local(async move {
        let drained = sender.clone();
        let drained = move |life| drop(drained.send(Incoming::Drained(child, life)));
        if read(reading, writer, drained).await.is_err() {
            // There was nothing to read from.
            let _ = sender.send(Incoming::Drained(child, Life::Gone));
        }
    });
}

fn signals(formation: &Formation) -> BTreeMap<ProcessName, StopSignal> {
    let processes = formation.processes.iter();
    processes.map(|process| (process.name.clone(), process.stop.signal)).collect()
}

fn number(signal: StopSignal) -> rustix::process::Signal {
    match signal {
        StopSignal::Term => rustix::process::Signal::TERM,
        StopSignal::Int => rustix::process::Signal::INT,
        StopSignal::Quit => rustix::process::Signal::QUIT,
        StopSignal::Hup => rustix::process::Signal::HUP,
        StopSignal::Usr1 => rustix::process::Signal::USR1,
        StopSignal::Usr2 => rustix::process::Signal::USR2,
    }
}
