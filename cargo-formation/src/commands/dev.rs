//! `dev`: build, run and supervise.

use super::workspace::{
    Found, Sound, find, show_pending, show_plan, show_plan_errors, show_problems, surroundings,
    variable,
};
use super::{Context, Refused, request};
use crate::cli;
use crate::drive::{Dev, Look, dev};
use crate::formation::{ExitCode, Formation, RunName};
use crate::narrate::notice::{Known, Tone, status};
use crate::plan::{
    BasePort, Plan, PlannedService, Readiness, Request, Services, Surroundings, plan,
};
use crate::supervise::OnFailure;
use crate::world::base::{self, Settled, Why};
use crate::world::lock::{self, LockError, Place};
use crate::world::output::{Dialect, Stamp};
use crate::world::shim::Limit;
use crate::world::snapshot::Owner;
use crate::world::terminal::Reader;

pub(super) fn run(context: &Context, arguments: &cli::Dev) -> Result<ExitCode, Refused> {
    let Found { cargo, answer, reading } = find(context, &arguments.cargo)?;
    show_problems(context, &answer, &reading);
    show_pending(context, &reading);
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
    announce(context, &sound.formation, &request, &plan);
    if !arguments.no_watch {
        let text = "changes are not watched yet; stop and start to see them";
        context.terminal.say(&status(Tone::Unusual, "Note", text));
    }
    let owner =
        if arguments.isolated { Owner::Isolated(std::process::id()) } else { Owner::Workspace };
    let cargo = request::cargo(context, &sound, &arguments.cargo, plan.build.clone(), Some(owner))?;
    let on_failure = if arguments.exit_on_failure { OnFailure::Exit } else { OnFailure::KeepGoing };
    let Sound { answer, formation, .. } = sound;
    let everything = Dev {
        on_failure,
        known: known(&formation, &plan),
        formation,
        plan,
        cargo,
        closures: answer.built_from,
        look: look(context, arguments),
        limit: Limit::raise(),
        place: place.path().to_owned(),
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

/// A base that is nobody's: whoever has the same port with it has it from the table.
const ANOTHER_BASE: u16 = 1;

/// Plan with ports that nobody else holds.
fn settle(
    context: &Context,
    arguments: &cli::Dev,
    formation: &Formation,
    request: &Request,
    surroundings: &mut Surroundings,
    base: &BasePort,
) -> Result<Plan, Refused> {
    let at = |surroundings: &Surroundings, base_port| {
        plan(formation, request, &Surroundings { base_port, ..surroundings.clone() })
    };
    let ports =
        |base_port| at(surroundings, base_port).map(|plan| plan.ports()).unwrap_or_default();
    let found = if arguments.isolated && !base.is_chosen() {
        base::isolated(std::process::id(), ports)
    } else {
        base::free(&surroundings.target_directory, base, ports)
    };
    let found = found.map_err(|held| {
        let fixed = ports(ANOTHER_BASE);
        for taken in held {
            let choose = if fixed.contains(&taken.port) {
                "choose another port in the table"
            } else {
                "choose other ports with `--base-port`"
            };
            context.terminal.error(&format!("{taken}; stop that, or {choose}"));
        }
        ExitCode::PORT
    })?;
    say_where_ports_start(context, base, &found);
    let base_port = found.base;
    surroundings.base_port = base_port;
    let plan = at(surroundings, base_port).map_err(|errors| show_plan_errors(context, &errors))?;
    show_plan(context, &plan)?;
    Ok(plan)
}

/// Say where the ports start, if it is not where somebody would expect it.
fn say_where_ports_start(context: &Context, base: &BasePort, found: &Settled) {
    let port = found.base;
    let text = match &found.why {
        Why::Usual => return,
        Why::Remembered => {
            format!("from {port}, as last time (`--base-port {}` goes back)", base.port)
        }
        Why::Moved(taken) => format!("from {port}, because {taken}"),
    };
    context.terminal.say(&status(Tone::Unusual, "Ports", &text));
}

/// Say what will run, where that is less than the table declares.
fn announce(context: &Context, formation: &Formation, request: &Request, plan: &Plan) {
    let mut fewer = Vec::new();
    for process in formation.processes.iter().filter(|process| process.quantity > 1) {
        let instances = plan.instances.iter();
        let running = instances.filter(|planned| planned.name.process == process.name).count();
        let asked = request.scale.quantity(&process.name).is_some();
        if !asked && running > 0 && running < usize::from(process.quantity) {
            fewer.push(format!("{} {running} of {}", process.name, process.quantity));
        }
    }
    if !fewer.is_empty() {
        let text = format!("{} (more with `--scale`)", fewer.join(", "));
        context.terminal.say(&status(Tone::Good, "Formation", &text));
    }
}

/// What is told of runs beside what happens to them.
fn known(formation: &Formation, plan: &Plan) -> Known {
    let reached = plan.instances.iter().filter(|planned| {
        formation.get(&planned.name.process).is_some_and(|process| process.port.exists())
    });
    let reached = reached.filter_map(|planned| {
        let port = planned.ports.first()?;
        Some((planned.name.clone().into(), format!("http://127.0.0.1:{port}")))
    });
    let name = |service: &PlannedService| RunName::Service(service.name.clone());
    let services = plan.services.iter();
    let services = services
        .filter_map(|service| Some((name(service), format!("127.0.0.1:{}", service.port?))));
    let signs = plan.services.iter();
    let signs = signs.filter_map(|service| Some((name(service), missing(&service.ready)?)));
    Known { addresses: reached.chain(services).collect(), signs: signs.collect() }
}

/// What has not happened as long as it is not up.
fn missing(ready: &Readiness) -> Option<String> {
    Some(match ready {
        Readiness::Started => return None,
        Readiness::Tcp(port) => format!("it does not listen at port {port}"),
        Readiness::Http { port, path } => {
            format!("`http://127.0.0.1:{port}{path}` does not answer with success")
        }
        Readiness::Log(text) => format!("it has not written `{text}`"),
        Readiness::Notify => "it has not said `READY=1` to the socket in `NOTIFY_SOCKET`".into(),
    })
}

fn look(context: &Context, arguments: &cli::Dev) -> Look {
    let terminal = context.terminal;
    Look {
        prefix: terminal.stdout.paint,
        notices: terminal.stderr.paint,
        stamp: if arguments.timestamps { Stamp::Time } else { Stamp::None },
        dialect: match terminal.stdout.reader {
            Reader::Person => Dialect::Terminal,
            Reader::Program => Dialect::Bytes,
        },
    }
}
