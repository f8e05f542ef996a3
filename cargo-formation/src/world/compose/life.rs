//! The life of the service: start, ready, log, end. At each point it may be asked to stop.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;
use std::time::Duration;

use super::containers::{self, Containers};
use super::engine::{self, Engine, Found};
use super::work::{Step, Work};
use super::{End, Service, say};
use crate::formation::{Exit, ExitCode};
use crate::world::clock::timestamp;

/// How often it is looked whether another service has been started.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// How long until the log of a container that runs is asked for again, at first and at most.
const LOG_AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];
/// How much of the log of a service is shown that could not be started.
const LAST_WORDS: &str = "100";

/// Run a service from its start to its end.
pub(super) async fn live(service: Service<'_>) -> ExitCode {
    let mut work = match Work::start() {
        Ok(work) => work,
        Err(error) => {
            say(&format!("cannot run `{}`: {error}", service.name));
            return ExitCode::PROBLEM;
        }
    };
    let engine = match Engine::find(&mut work).await {
        Found::Engine(engine) => engine,
        Found::Nothing(incomplete) => {
            say(&engine::missing(service.name, incomplete));
            return ExitCode::NOT_FOUND;
        }
        Found::Asked => return ExitCode::SUCCESS,
    };
    let mut life = Life { service, engine, work, before: Containers::Unknown, since: None };
    match life.lead().await {
        Ok(code) => code,
        Err(error) => {
            say(&format!("cannot run `{}`: {error}", life.service.name));
            ExitCode::PROBLEM
        }
    }
}

struct Life<'a> {
    service: Service<'a>,
    engine: Engine,
    work: Work,
    /// What there was before we started anything.
    before: Containers,
    /// From when on the log is ours, if not all of it is.
    since: Option<String>,
}

impl Life<'_> {
    async fn lead(&mut self) -> io::Result<ExitCode> {
        let Some(before) = self.containers().await? else { return Ok(ExitCode::SUCCESS) };
        self.before = before;
        // All of the log of a container that we make is ours, whatever the engine's clock says.
        self.since = (before != Containers::None).then(timestamp);
        if before == Containers::Running && self.service.end == End::Stop {
            let name = self.service.name;
            say(&format!("`{name}` was running already, and will not be stopped at the end"));
        }
        let Some(lock) = self.lock().await? else { return Ok(ExitCode::SUCCESS) };
        let name = self.service.name;
        for (args, locked) in [
            (&["up", "--detach", name][..], Some(lock)),
            // Only waits: nothing is made outside of the lock.
            (&["up", "--detach", "--wait", "--no-deps", "--no-recreate", name], None),
        ] {
            let step = self.work.run(self.engine.command(args)).await?;
            drop(locked);
            match step {
                Step::Ended(Exit::Code(0)) => {}
                Step::Ended(exit) => return self.explain(args, exit).await,
                Step::Asked => return self.stop().await,
            }
        }
        if let Err(error) = engine::say_ready() {
            say(&format!("nobody could be told that `{name}` is up: {error}"));
        }
        self.follow().await
    }

    /// The containers of the service; `None` if somebody asked us to end.
    ///
    /// Why an engine does not tell, it says itself when it is asked to do something.
    async fn containers(&mut self) -> io::Result<Option<Containers>> {
        let mut command =
            self.engine.command(&["ps", "--all", "--format", "json", self.service.name]);
        command.stderr(Stdio::null());
        let (step, text) = self.work.read(command).await?;
        Ok(match step {
            Step::Asked => None,
            Step::Ended(Exit::Code(0)) => Some(containers::read(&text, self.service.name)),
            Step::Ended(_) => Some(Containers::Unknown),
        })
    }

    /// Wait until nobody else makes containers; `None` if somebody asked us to end.
    async fn lock(&mut self) -> io::Result<Option<File>> {
        let path = self.service.lock;
        let refuse = |error: io::Error| {
            io::Error::new(error.kind(), format!("`{}` cannot be locked: {error}", path.display()))
        };
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path).map_err(refuse)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if self.work.pause(LOOK_AGAIN).await => {
                    return Ok(None);
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(refuse(error)),
            }
        }
    }

    /// Show the log until nothing writes to it.
    async fn follow(&mut self) -> io::Result<ExitCode> {
        let [mut pause, longest] = LOG_AGAIN;
        loop {
            let again = timestamp();
            if self.log(&["--follow"]).await? == Step::Asked {
                return self.stop().await;
            }
            match self.containers().await? {
                None => return self.stop().await,
                Some(Containers::Running) => {}
                Some(end) => return Ok(self.ended(end)),
            }
            // The engine was restarted, or cannot show this log.
            if self.work.pause(pause).await {
                return self.stop().await;
            }
            pause = (pause * 2).min(longest);
            self.since = Some(again);
        }
    }

    /// Show what the service wrote since we started it.
    async fn log(&mut self, more: &[&str]) -> io::Result<Step> {
        let since = self.since.as_deref().map(|since| ["--since", since]);
        let since = since.as_ref().map_or(&[][..], |since| since);
        let args = [&["logs", "--no-log-prefix"], more, since, &[self.service.name]].concat();
        let command = self.engine.command(&args);
        self.work.run(command).await
    }

    fn ended(&self, end: Containers) -> ExitCode {
        let name = self.service.name;
        match end {
            Containers::Ended(code) => {
                let exit = Exit::Code(code);
                say(&format!("the container of `{name}` has ended with {exit}"));
                failure(exit.code())
            }
            Containers::None | Containers::Running => {
                say(&format!("the container of `{name}` was removed"));
                ExitCode::PROBLEM
            }
            Containers::Unknown => {
                say(&format!("the engine no longer tells how `{name}` is"));
                ExitCode::PROBLEM
            }
        }
    }

    /// The service did not come up: show its last words, and leave nothing running.
    async fn explain(&mut self, args: &[&str], exit: Exit) -> io::Result<ExitCode> {
        let found = self.containers().await?;
        if matches!(found, Some(Containers::Running | Containers::Ended(_))) {
            self.log(&["--tail", LAST_WORDS]).await?;
        }
        let command = self.engine.spelled(args);
        say(&format!("cannot start `{}`: `{command}` ended with {exit}", self.service.name));
        if matches!(found, Some(Containers::Running) | None) {
            self.stop().await?;
        }
        Ok(failure(exit.code()))
    }

    /// Stop what we started.
    async fn stop(&mut self) -> io::Result<ExitCode> {
        if self.service.end == End::Keep || self.before == Containers::Running {
            return Ok(ExitCode::SUCCESS);
        }
        let (name, grace) = (self.service.name, self.service.grace.as_secs().to_string());
        let args = ["stop", "--timeout", &grace, name];
        let command = self.engine.spelled(&args);
        Ok(match self.work.run_last(self.engine.command(&args)).await? {
            Step::Ended(Exit::Code(0)) => ExitCode::SUCCESS,
            Step::Ended(exit) => {
                say(&format!("`{name}` may still run: `{command}` ended with {exit}"));
                ExitCode::PROBLEM
            }
            Step::Asked => {
                say(&format!("`{name}` may still run: `{command}` was interrupted"));
                ExitCode::PROBLEM
            }
        })
    }
}

/// An end that nobody asked for is none that went well.
fn failure(code: ExitCode) -> ExitCode {
    if code == ExitCode::SUCCESS { ExitCode::PROBLEM } else { code }
}
