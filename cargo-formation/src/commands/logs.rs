//! `logs`: what was written and said, from the history on disk.

mod lines;
mod tail;
mod whose;

use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};

use self::lines::{Form, Lines, Selection};
use self::tail::Tail;
use self::whose::Whose;
use super::workspace::{current_dir, variable};
use super::{Context, Refused};
use crate::cli::{Format, Level, Logs};
use crate::formation::ExitCode;
use crate::narrate::log::{self, Wanted};
use crate::narrate::notice::{Tone, status};
use crate::world::clock;
use crate::world::history::{Following, Patience, Reading, Runs, directory};
use crate::world::output::{self, Dialect};
use crate::world::roots::roots;
use crate::world::terminal::{Reader, when_unread};

pub(super) fn run(context: &Context, arguments: &Logs) -> Result<ExitCode, Refused> {
    let selection = selection(context, arguments)?;
    let patience = match (arguments.follow, arguments.forever) {
        (_, true) => Some(Patience::Forever),
        (true, false) => Some(Patience::Run),
        (false, false) => None,
    };
    let directory = find(context)?;
    // Who says how much, or since when, may mean earlier runs.
    let reaches_back = arguments.lines.is_some() || arguments.since.is_some();
    let runs = if reaches_back { Runs::All } else { Runs::Latest };
    let mut reading = open(context, &directory, runs)?;
    if reading.is_empty() {
        let text =
            "no formation has left a history in this workspace; `cargo formation dev` starts one";
        context.terminal.say(&status(Tone::Good, "Note", text));
    } else {
        let known = selection.whose.check(open(context, &directory, Runs::All)?);
        known.map_err(|problem| refuse(context, &problem))?;
    }
    let mut lines = Lines::new(form(context, arguments), selection);
    let mut tail = Tail::new(arguments.lines);
    while let Some(record) = reading.record() {
        show(context, &tail.pass(lines.take(record)))?;
    }
    show(context, &tail.end())?;
    let damaged = match patience {
        Some(patience) => follow(context, reading, patience, &mut lines)?,
        None => reading.damaged(),
    };
    if damaged > 0 {
        let (lines, directory) = (if damaged == 1 { "line" } else { "lines" }, directory.display());
        let text = format!("{damaged} damaged {lines} of the history in `{directory}` left out");
        context.terminal.warn(&text);
    }
    Ok(ExitCode::SUCCESS)
}

/// Go on with what comes. How many lines were damaged.
fn follow(
    context: &Context,
    reading: Reading,
    patience: Patience,
    lines: &mut Lines,
) -> Result<u64, Refused> {
    if patience == Patience::Run && !reading.is_live() {
        let text = "no formation runs in this workspace; `--forever` waits for one";
        context.terminal.say(&status(Tone::Good, "Note", text));
        return Ok(reading.damaged());
    }
    let following = Following::start(reading, patience, when_unread);
    let mut following = following.map_err(|error| {
        context.terminal.error(&format!("cannot follow the history: {error}"));
        ExitCode::PROBLEM
    })?;
    while let Some(record) = following.record() {
        let lines: Vec<Vec<u8>> = lines.take(record).into_iter().map(|line| line.bytes).collect();
        show(context, &lines.concat())?;
    }
    if following.is_unread() { Err(ExitCode::OUTPUT_CLOSED) } else { Ok(following.damaged()) }
}

fn show(context: &Context, bytes: &[u8]) -> Result<(), Refused> {
    match context.terminal.pass(bytes) {
        ExitCode::SUCCESS => Ok(()),
        code => Err(code),
    }
}

/// Where the history of the workspace is that we are in. Where none has one yet, it is that of
/// the outermost.
fn find(context: &Context) -> Result<PathBuf, Refused> {
    let dir = current_dir(context)?;
    let roots = roots(&dir, context.manifest_path.as_deref());
    let candidates = roots.iter().map(|root| state_directory(context, root));
    let Some(candidates) = candidates.collect::<Option<Vec<PathBuf>>>() else {
        context.terminal.error("there is no history: neither `XDG_STATE_HOME` nor `HOME` is set");
        return Err(ExitCode::PROBLEM);
    };
    let kept = candidates.iter().find(|directory| directory.is_dir());
    kept.or(candidates.last()).cloned().ok_or_else(|| {
        let place = context.manifest_path.as_deref().map_or(dir.clone(), |path| dir.join(path));
        let text = format!("there is no `Cargo.toml` in `{}` or above it", place.display());
        context.terminal.error(&text);
        ExitCode::PROBLEM
    })
}

/// Where the history of the workspace at `root` is, whose canonical path it is.
pub(super) fn state_directory(context: &Context, root: &Path) -> Option<PathBuf> {
    let [state, home] =
        ["XDG_STATE_HOME", "HOME"].map(|name| variable(context, name).map(PathBuf::from));
    directory(state.as_deref(), home.as_deref(), root)
}

fn open(context: &Context, directory: &Path, runs: Runs) -> Result<Reading, Refused> {
    Reading::open(directory, runs).map_err(|error| {
        let directory = directory.display();
        context.terminal.error(&format!("cannot read the history in `{directory}`: {error}"));
        ExitCode::PROBLEM
    })
}

/// What is to be shown.
fn selection(context: &Context, arguments: &Logs) -> Result<Selection, Refused> {
    let since = arguments.since.as_deref().map(|text| {
        clock::since(text).ok_or_else(|| {
            refuse(
                context,
                &format!("`--since {text}` is no time; write `10m`, `2h`, `3d`, `14:03`, or as RFC 3339 has it"),
            )
        })
    });
    let grep = arguments.grep.as_deref().map(regex);
    let grep = grep.transpose().map_err(|error| {
        refuse(context, &format!("`--grep` takes a regular expression: {error}"))
    })?;
    let level = arguments.level.map(|level| match level {
        Level::Trace => log::Level::Trace,
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    });
    Ok(Selection {
        whose: Whose::new(&arguments.names),
        since: since.transpose()?.unwrap_or(0),
        wanted: Wanted { level, grep },
    })
}

/// What the tool says may have several lines; each has a beginning and an end.
fn regex(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).multi_line(true).build()
}

fn refuse(context: &Context, problem: &str) -> Refused {
    context.terminal.error(problem);
    ExitCode::USAGE
}

/// How it is shown.
fn form(context: &Context, arguments: &Logs) -> Form {
    let stdout = context.terminal.stdout;
    let json = if arguments.raw { output::Form::Raw } else { output::Form::Rendered(stdout.paint) };
    match (arguments.format, stdout.reader) {
        (Format::Json, _) => Form::Json,
        (Format::Text, reader) => Form::Text {
            dialect: match reader {
                Reader::Person => Dialect::Terminal(json),
                Reader::Program => Dialect::Bytes,
            },
            paint: stdout.paint,
            stamp: arguments.timestamps,
        },
    }
}
