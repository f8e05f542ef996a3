//! `dev`: build, run and supervise.

mod kept;
mod ports;
mod shape;

use std::ffi::OsString;

use self::kept::journal;
use self::ports::settle;
use self::shape::{Frame, Planned, shape};
use super::workspace::{
    Found, Sound, current_dir, find, show_plan_errors, show_problems, surroundings, variable,
};
use super::{Context, Refused};
use crate::cli;
use crate::drive::{Dev, Errand, Look, dev};
use crate::formation::{ExitCode, Formation};
use crate::narrate::notice::{Tone, status};
use crate::narrate::quantities::{self, Fewer};
use crate::plan::{Plan, Request, Services, Surroundings, visitor};
use crate::supervise::OnFailure;
use crate::world::control::{VARIABLE, socket_in};
use crate::world::lock::{self, LockError, Place};
use crate::world::output::{Dialect, Form, Stamp};
use crate::world::shim::Limit;
use crate::world::snapshot::Owner;
use crate::world::terminal::Reader;
use crate::world::watch::Mark;

pub(super) fn run(context: &Context, arguments: &cli::Dev) -> Result<ExitCode, Refused> {
    start(context, arguments, Purpose::Development)
}

/// What a formation is started for.
pub(super) enum Purpose {
    /// To be there until somebody stops it.
    Development,
    /// To be there for this program, with these arguments.
    Errand(OsString, Vec<OsString>),
}

/// Build, run and supervise.
pub(super) fn start(
    context: &Context,
    arguments: &cli::Dev,
    purpose: Purpose,
) -> Result<ExitCode, Refused> {
    let began = Mark::now(context.clock);
    let Found { cargo, answer, reading } = find(context, &arguments.cargo)?;
    show_problems(context, &answer, &reading);
    let formation = reading.formation.ok_or(ExitCode::TABLE)?;
    let sound = Sound { cargo, answer, formation };
    let place = own_place(context, &sound, arguments)?;
    let (mut surroundings, base) = surroundings(context, &sound, &arguments.environment)?;
    let request = Request {
        select: arguments.types.clone(),
        scale: arguments.scale.clone().unwrap_or_default(),
        services: Services::Started,
    };
    let plan = settle(context, arguments, &sound.formation, &request, &mut surroundings, &base)?;
    if matches!(purpose, Purpose::Development) {
        announce(context, &sound.formation, &request, &plan);
    }
    let journal = journal(context, arguments, &sound.answer.workspace.root, &plan);
    let owner =
        if arguments.isolated { Owner::Isolated(std::process::id()) } else { Owner::Workspace };
    let errand = match purpose {
        Purpose::Development => None,
        Purpose::Errand(program, args) => {
            let command = (program, args);
            Some(errand(context, &sound.formation, &surroundings, &place, command)?)
        }
    };
    let base_port = surroundings.base_port;
    let planned = Planned { request: request.clone(), surroundings, plan };
    let shape = shape(context, arguments, sound, planned, owner)?;
    let frame = Frame {
        context: context.quietly(),
        arguments: arguments.clone(),
        request,
        base_port,
        owner,
    };
    let watch = if arguments.no_watch { None } else { Some((frame.reread()?, began)) };
    let on_failure = if arguments.exit_on_failure { OnFailure::Exit } else { OnFailure::KeepGoing };
    let everything = Dev {
        on_failure,
        shape,
        watch,
        look: look(context, arguments),
        limit: Limit::raise(),
        host: arguments.host,
        place: place.path().to_owned(),
        errand,
        journal,
    };
    dev(everything, context.clock).map_err(|error| {
        context.terminal.error(&format!("cannot supervise: {error}"));
        ExitCode::PROBLEM
    })
}

/// A place for what this tool alone uses: that of the workspace, unless somebody has it.
fn own_place(context: &Context, sound: &Sound, arguments: &cli::Dev) -> Result<Place, Refused> {
    let root = &sound.answer.workspace.root;
    let root = root.canonicalize().unwrap_or_else(|_| root.clone());
    let runtime = variable(context, "XDG_RUNTIME_DIR").map(std::path::PathBuf::from);
    let claim = if arguments.isolated { lock::beside } else { lock::lock };
    claim(runtime.as_deref(), &root).map_err(|error| match error {
        LockError::Held(pid) => {
            let who = if pid == 0 { String::new() } else { format!(" (process {pid})") };
            context.terminal.error(&format!(
                "a formation runs in this workspace already{who}; stop it, or run another beside \
                 it with `--isolated`"
            ));
            ExitCode::RUNNING
        }
        LockError::Place(path, cause) => {
            context.terminal.error(&format!("cannot lock `{}`: {cause}", path.display()));
            ExitCode::PROBLEM
        }
    })
}

/// What is run beside the formation, in the environment of everybody.
fn errand(
    context: &Context,
    formation: &Formation,
    surroundings: &Surroundings,
    place: &Place,
    command: (OsString, Vec<OsString>),
) -> Result<Errand, Refused> {
    let mut env =
        visitor(formation, surroundings).map_err(|errors| show_plan_errors(context, &errors))?;
    env.push((VARIABLE.into(), socket_in(place.path()).into()));
    Ok(Errand { command, env, dir: current_dir(context)? })
}

/// Say what will run, where that is less than the table declares.
fn announce(context: &Context, formation: &Formation, request: &Request, plan: &Plan) {
    let mut fewer = Vec::new();
    for process in formation.processes.iter().filter(|process| process.quantity > 1) {
        let instances = plan.instances.iter();
        let running = instances.filter(|planned| planned.name.process == process.name).count();
        let asked = request.scale.quantity(&process.name).is_some();
        if !asked && running > 0 && running < usize::from(process.quantity) {
            fewer.push(Fewer { process: &process.name, running, quantity: process.quantity });
        }
    }
    if !fewer.is_empty() {
        context.terminal.say(&status(Tone::Good, "Formation", &quantities::fewer(&fewer)));
    }
}

fn look(context: &Context, arguments: &cli::Dev) -> Look {
    let terminal = &context.terminal;
    Look {
        prefix: terminal.stdout.paint,
        notices: terminal.stderr.paint,
        stamp: if arguments.timestamps { Stamp::Time } else { Stamp::None },
        dialect: match terminal.stdout.reader {
            Reader::Person if arguments.raw => Dialect::Terminal(Form::Raw),
            Reader::Person => Dialect::Terminal(Form::Rendered(terminal.stdout.paint)),
            Reader::Program => Dialect::Bytes,
        },
    }
}
