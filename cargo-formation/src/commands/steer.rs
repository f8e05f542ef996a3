//! `ps`, `restart`, `stop`, `start`, `scale`, `wait`, `down`: the formation that runs here.

use std::path::PathBuf;
use std::time::Duration;

use super::workspace::{current_dir, root_of, variable};
use super::{Context, Refused};
use crate::cli::{self, Meant};
use crate::control::{Became, Names, Quantities, Reply, Request, Until};
use crate::formation::{ExitCode, InstanceName};
use crate::narrate::notice::{Tone, status};
use crate::narrate::ps;
use crate::world::control::VARIABLE;
use crate::world::control::client::{self, Formation, Silence};
use crate::world::roots::roots;
use crate::world::terminal::Reader;

/// What is said where somebody was to stop.
const STOPPED: &str = "Stopped";
/// What is said where nobody waits for what comes of it.
const ASKED: &str = "Asked";
/// What is said of whom a debugger may halt.
const DEBUGGING: &str = "Debugging";
/// How often `wait` looks whether there is a formation.
const GLANCE: Duration = Duration::from_millis(50);
/// Within this time one is there that was started a moment ago.
const SOON: Duration = Duration::from_secs(10);
/// Who does not answer in this time is busy.
const MOMENT: Duration = Duration::from_secs(1);
/// How often `ps --watch` looks.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

pub(super) fn ps(context: &Context, arguments: &cli::Ps) -> Result<ExitCode, Refused> {
    loop {
        let mut formation = find(context)?;
        let reply = ask(context, &mut formation, &Request::Ps, None)?;
        let Reply::Status(status) = &reply else { return Ok(conclude(context, "", &reply)) };
        let text = match arguments.format {
            cli::Format::Json => reply.text() + "\n",
            cli::Format::Text => ps::text(status, context.terminal.stdout.paint),
        };
        if !arguments.watch {
            return Ok(context.terminal.print(&text));
        }
        let is_screen = context.terminal.stdout.reader == Reader::Person;
        let text = match arguments.format {
            cli::Format::Text if is_screen => ps::screen(&text),
            cli::Format::Text => text + "\n",
            cli::Format::Json => text,
        };
        let printed = context.terminal.print(&text);
        if printed != ExitCode::SUCCESS || context.terminal.is_left_within(LOOK_AGAIN) {
            return Ok(printed);
        }
    }
}

pub(super) fn restart(context: &Context, arguments: &cli::Steer) -> Result<ExitCode, Refused> {
    steer(context, "Restarted", &Request::Restart(names(arguments)))
}

pub(super) fn stop(context: &Context, arguments: &cli::Steer) -> Result<ExitCode, Refused> {
    steer(context, STOPPED, &Request::Stop(names(arguments)))
}

pub(super) fn start(context: &Context, arguments: &cli::Steer) -> Result<ExitCode, Refused> {
    steer(context, "Started", &Request::Start(names(arguments)))
}

pub(super) fn scale(context: &Context, arguments: &cli::Scaling) -> Result<ExitCode, Refused> {
    let quantities = arguments.quantities.iter();
    let quantities = quantities.flat_map(|one| one.split(',').map(str::to_owned)).collect();
    let request = Request::Scale(Quantities { quantities, wait: !arguments.no_wait });
    steer(context, "Scaled", &request)
}

pub(super) fn wait(context: &Context, arguments: &cli::Wait) -> Result<ExitCode, Refused> {
    let until = if arguments.idle { Until::Idle } else { Until::Ready };
    let until_there = arguments.timeout.unwrap_or(SOON);
    let mut formation = await_formation(context, until_there)?;
    let patience = arguments.timeout.map(|timeout| timeout.saturating_sub(context.clock.age()));
    let reply = ask(context, &mut formation, &Request::Wait { until }, patience);
    if let Err(ExitCode::LATE) = reply
        && let Some(waits) = who_is_not_up(context)
    {
        context.terminal.say(&status(Tone::Unusual, "Not up", &waits));
    }
    Ok(conclude(context, "Ready", &reply?))
}

/// Whom is waited for, and what each is doing.
fn who_is_not_up(context: &Context) -> Option<String> {
    let mut formation = look(context)?;
    formation.ask(&Request::Ps).ok()?;
    let Reply::Status(status) = formation.answer(Some(MOMENT)).ok()? else { return None };
    ps::not_up(&status)
}

pub(super) fn down(context: &Context) -> Result<ExitCode, Refused> {
    steer(context, STOPPED, &Request::Down)
}

pub(super) fn debug(context: &Context, arguments: &cli::Debug) -> Result<ExitCode, Refused> {
    let mut formation = find(context)?;
    let request = Request::Debug(Names { names: texts(&arguments.names), wait: true });
    let reply = ask(context, &mut formation, &request, None)?;
    let Reply::Debugging { became } = &reply else { return Ok(conclude(context, "", &reply)) };
    context.terminal.say(&status(Tone::Good, DEBUGGING, &all(DEBUGGING, became)));
    let text = "as long as this runs, nobody is late, unwell, or killed for standing still";
    context.terminal.say(&status(Tone::Good, "", text));
    // Nothing more comes but the end; an interrupt ends this, and with it the connection.
    while formation.answer(None).is_ok() {}
    context.terminal.say(&status(Tone::Unusual, "Ended", "the formation, and the debugging"));
    Ok(ExitCode::SUCCESS)
}

/// Have the place of an instance, as long as this or what it becomes is there. Where its requests
/// come, if they are routed, and where the ports of the formation start.
pub(super) fn borrow(
    context: &Context,
    name: &InstanceName,
) -> Result<(Option<u16>, u16), Refused> {
    let mut formation = find(context)?;
    let request = Request::Lend { name: name.to_string() };
    let reply = ask(context, &mut formation, &request, None)?;
    let Reply::Lent { port, base_port } = reply else {
        return Err(conclude(context, "", &reply));
    };
    formation.outlive().map_err(|error| {
        context.terminal.error(&format!("cannot keep the place of `{name}`: {error}"));
        ExitCode::PROBLEM
    })?;
    Ok((port, base_port))
}

fn names(arguments: &cli::Steer) -> Names {
    Names { names: texts(&arguments.names), wait: !arguments.no_wait }
}

/// As the protocol has it: nobody named is everybody.
fn texts(names: &[Meant]) -> Vec<String> {
    let is_all = names.contains(&Meant::All);
    names.iter().filter(|_| !is_all).map(ToString::to_string).collect()
}

fn steer(context: &Context, word: &str, request: &Request) -> Result<ExitCode, Refused> {
    let mut formation = find(context)?;
    let reply = ask(context, &mut formation, request, None)?;
    if let (Request::Down, Reply::Ending { pid }) = (request, &reply) {
        return see_out(context, formation, *pid);
    }
    let word = if waits(request) { word } else { ASKED };
    Ok(conclude(context, word, &reply))
}

/// Whether the answer comes when everything has.
fn waits(request: &Request) -> bool {
    match request {
        Request::Restart(names) | Request::Stop(names) | Request::Start(names) => names.wait,
        Request::Scale(quantities) => quantities.wait,
        Request::Ps
        | Request::Wait { .. }
        | Request::Lend { .. }
        | Request::Debug(_)
        | Request::Logs(_)
        | Request::Down
        | Request::Attach(_) => true,
    }
}

/// The formation that runs here, or is about to: a shell that puts `dev` into the background goes
/// on at once.
fn await_formation(context: &Context, patience: Duration) -> Result<Formation, Refused> {
    loop {
        if let Some(found) = look(context) {
            return Ok(found);
        }
        if context.clock.age() >= patience || context.terminal.is_left_within(GLANCE) {
            return find(context);
        }
    }
}

/// The formation that runs here.
pub(super) fn find(context: &Context) -> Result<Formation, Refused> {
    if let Some(socket) = named(context) {
        return client::connect(&socket).map_err(|error| {
            context.terminal.error(&format!(
                "no formation answers at `{}`, which `{VARIABLE}` says: {error}",
                socket.display()
            ));
            ExitCode::NOT_RUNNING
        });
    }
    if let Some(found) = look(context) {
        return Ok(found);
    }
    // A member may lie beside its root.
    let root = root_of(context)?;
    look_in(context, std::slice::from_ref(&root)).ok_or_else(|| {
        context.terminal.error(&format!(
            "no formation runs in `{}`; `cargo formation dev` starts it",
            root.display()
        ));
        ExitCode::NOT_RUNNING
    })
}

/// The formation that a variable names, or that of the workspace around us. No cargo is asked.
pub(super) fn look(context: &Context) -> Option<Formation> {
    match named(context) {
        Some(socket) => client::connect(&socket).ok(),
        None => {
            look_in(context, &roots(&current_dir(context).ok()?, context.manifest_path.as_deref()))
        }
    }
}

/// The formation that runs in one of these workspaces.
pub(super) fn look_in(context: &Context, roots: &[PathBuf]) -> Option<Formation> {
    let runtime = variable(context, "XDG_RUNTIME_DIR").map(PathBuf::from);
    client::find(runtime.as_deref(), roots)
}

/// The socket that a variable names.
fn named(context: &Context) -> Option<PathBuf> {
    variable(context, VARIABLE).map(PathBuf::from)
}

fn ask(
    context: &Context,
    formation: &mut Formation,
    request: &Request,
    patience: Option<Duration>,
) -> Result<Reply, Refused> {
    let asked = formation.ask(request).map_err(Silence::Broken);
    asked.and_then(|()| formation.answer(patience)).map_err(|silence| {
        let (text, code) = match silence {
            Silence::Late => ("it is not so within the time of `--timeout`".into(), ExitCode::LATE),
            Silence::Over => ("the formation has ended".into(), ExitCode::NOT_RUNNING),
            Silence::Strange(line) => (
                format!(
                    "the formation is run by another version of the tool, and answers what this \
                     one does not understand: {line}"
                ),
                ExitCode::PROBLEM,
            ),
            Silence::Broken(error) => {
                (format!("cannot ask the formation: {error}"), ExitCode::PROBLEM)
            }
        };
        context.terminal.error(&text);
        code
    })
}

/// Say what came of it.
fn conclude(context: &Context, word: &str, reply: &Reply) -> ExitCode {
    let (reason, code) = match reply {
        Reply::Done { became } => {
            context.terminal.say(&status(Tone::Good, word, &all(word, became)));
            return ExitCode::SUCCESS;
        }
        Reply::Status(_) | Reply::Lent { .. } | Reply::Debugging { .. } => {
            return ExitCode::SUCCESS;
        }
        Reply::Failed { reason, .. } => (reason.as_str(), ExitCode::PROBLEM),
        Reply::Refused { reason, .. } => (reason.as_str(), ExitCode::USAGE),
        Reply::Ending { .. } => ("the formation ends", ExitCode::NOT_RUNNING),
    };
    context.terminal.error(reason);
    code
}

/// Who, with what is known of each, unless this word says it.
fn all(word: &str, became: &[Became]) -> String {
    let one = |became: &Became| match (became.pid, became.outcome.as_str()) {
        (Some(pid), _) => format!("{} (process {pid})", became.name),
        (None, "up") => became.name.clone(),
        (None, "stopped") if word == STOPPED => became.name.clone(),
        (None, outcome) => format!("{} ({outcome})", became.name),
    };
    let all: Vec<String> = became.iter().map(one).collect();
    match (word, &*all) {
        (ASKED, []) => "and not waited for it".into(),
        (_, []) => "nobody, as nobody is to run".into(),
        (_, all) => all.join(", "),
    }
}

fn see_out(context: &Context, formation: Formation, pid: u32) -> Result<ExitCode, Refused> {
    formation.see_out(pid).map_err(|error| {
        context.terminal.error(&format!("cannot see the end of process {pid}: {error}"));
        ExitCode::PROBLEM
    })?;
    context.terminal.say(&status(Tone::Good, "Stopped", "everything"));
    Ok(ExitCode::SUCCESS)
}
