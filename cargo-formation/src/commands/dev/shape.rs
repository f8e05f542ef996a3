//! From a workspace and a plan to what `dev` runs, the first time and after each change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::workspace::{
    Sound, find_in, question, refuse_missing_directories, show_plan_errors, show_problems,
    surroundings, variable,
};
use super::super::{Context, Refused, request};
use crate::cli;
use crate::drive::{Anew, Cargos, Eyes, Heard, Reread, Shape};
use crate::formation::{Formation, ProcessType, Reach, Ready, RunName};
use crate::narrate::notice::Known;
use crate::plan::{Plan, PlannedInstance, PlannedService, Readiness, Request, plan};
use crate::world::dep_info::with_real_paths;
use crate::world::files::{EnvFileNames, env_file_paths};
use crate::world::snapshot::Owner;

/// What does not change while `dev` runs.
pub(super) struct Frame {
    pub(super) context: Context,
    pub(super) arguments: cli::Dev,
    pub(super) request: Request,
    pub(super) base_port: u16,
    pub(super) owner: Owner,
}

impl Frame {
    /// How everything is read again.
    pub(super) fn reread(self) -> Result<Reread, Refused> {
        let question = question(&self.context, &self.arguments.cargo)?;
        let dir = question.dir.clone();
        Ok(Reread::new(question, move |heard| self.anew(&dir, heard)))
    }

    /// What the workspace is now, and what is to be said of it. Cargo was asked in `dir`.
    fn anew(&self, dir: &Path, heard: &Heard) -> Anew {
        let context = self.context.quietly();
        if heard.is_nothing() && !dir.is_dir() {
            context.terminal.error(&format!(
                "`{}` is gone, and its `Cargo.toml` with it: put it back, or start again where it is \
                 now",
                dir.display()
            ));
            let said = context.terminal.into_said();
            return Anew { said, shape: None, accepted: Cargos::Refusal };
        }
        let (shape, accepted) = match find_in(&context, &self.arguments.cargo, heard) {
            Err(_) => (None, Cargos::Refusal),
            Ok(found) => {
                show_problems(&context, &found.answer, &found.reading);
                let formation = found.reading.formation;
                let (cargo, answer) = (found.cargo, found.answer);
                let sound = formation.map(|formation| Sound { cargo, answer, formation });
                let shape = sound.and_then(|sound| self.shape(&context, sound).ok());
                (shape, Cargos::Consent)
            }
        };
        Anew { said: context.terminal.into_said(), shape, accepted }
    }

    /// What is run in a workspace that is sound, at the ports that were found at the start.
    fn shape(&self, context: &Context, sound: Sound) -> Result<Shape, Refused> {
        let (mut surroundings, _) = surroundings(context, &sound, &self.arguments.environment)?;
        surroundings.base_port = self.base_port;
        let plan = plan(&sound.formation, &self.request, &surroundings)
            .map_err(|errors| show_plan_errors(context, &errors))?;
        refuse_missing_directories(context, &plan)?;
        shape(context, &self.arguments, sound, plan, self.owner)
    }
}

/// What is run.
pub(super) fn shape(
    context: &Context,
    arguments: &cli::Dev,
    sound: Sound,
    plan: Plan,
    owner: Owner,
) -> Result<Shape, Refused> {
    let cargo = request::cargo(context, &sound, &arguments.cargo, plan.build.clone(), Some(owner))?;
    let eyes = eyes(context, arguments, &sound);
    let Sound { answer, formation, .. } = sound;
    let known = known(&formation, &plan);
    Ok(Shape { known, formation, plan, cargo, closures: answer.built_from, eyes })
}

/// What is looked at, as far as it is known before anything is built.
fn eyes(context: &Context, arguments: &cli::Dev, sound: &Sound) -> Eyes {
    let Sound { answer, formation, .. } = sound;
    let names = formation
        .processes
        .iter()
        .filter_map(|process| answer.built_from.get(&process.binary.package));
    let closure: BTreeSet<&String> = names.flatten().collect();
    let packages = answer.local.iter().filter(|package| closure.contains(&package.name));
    let artifacts = [Some(&answer.target_directory), answer.build_directory.as_ref()];
    let artifacts: Vec<_> = artifacts.into_iter().flatten().map(PathBuf::as_path).collect();
    let env_files = EnvFileNames {
        asked: arguments.environment.env_file.as_deref(),
        table: formation.settings.env_file.as_deref(),
    };
    let home = || Some(PathBuf::from(variable(context, "HOME")?).join(".cargo"));
    Eyes {
        root: answer.workspace.root.clone(),
        manifests: answer.workspace.manifests.iter().map(|m| m.path.clone()).collect(),
        packages: packages.cloned().collect(),
        artifacts: with_real_paths(&artifacts),
        cargo_home: variable(context, "CARGO_HOME").map(PathBuf::from).or_else(home),
        env_files: env_file_paths(&answer.workspace.root, env_files),
    }
}

/// What is told of runs beside what happens to them.
fn known(formation: &Formation, plan: &Plan) -> Known {
    let address = |planned: &PlannedInstance| {
        formation.get(&planned.name.process)?.port.exists().then_some(())?;
        Some(format!("http://127.0.0.1:{}", planned.ports.first()?))
    };
    let reached = plan.instances.iter();
    let reached =
        reached.filter_map(|planned| Some((planned.name.process.clone(), address(planned)?)));
    let itself = plan.instances.iter().filter(|planned| planned.reach == Reach::Itself);
    let itself =
        itself.filter_map(|planned| Some((planned.name.clone().into(), address(planned)?)));
    let name = |service: &PlannedService| RunName::Service(service.name.clone());
    let services = plan.services.iter();
    let services = services
        .filter_map(|service| Some((name(service), format!("127.0.0.1:{}", service.port?))));
    let signs = plan.services.iter();
    let signs = signs.filter_map(|service| Some((name(service), missing(&service.ready)?)));
    let instances = plan.instances.iter().filter_map(|planned| {
        let process = formation.get(&planned.name.process)?;
        Some((planned.name.clone().into(), missing_of(process)?))
    });
    Known {
        addresses: itself.chain(services).collect(),
        reached: reached.collect(),
        signs: signs.chain(instances).collect(),
    }
}

/// What has not happened as long as an instance is not up. Where it listens, if the tool gives it
/// a port of its own, is in its `PORT`.
fn missing_of(process: &ProcessType) -> Option<String> {
    Some(match &process.ready {
        Ready::Started => return None,
        Ready::Tcp => "it does not listen at its `PORT`".into(),
        Ready::Http(path) => format!("`{path}` at its `PORT` does not answer with success"),
        Ready::Log(text) => format!("it has not written `{text}`"),
        Ready::Notify => NOT_NOTIFIED.into(),
    })
}

const NOT_NOTIFIED: &str = "it has not said `READY=1` to the socket in `NOTIFY_SOCKET`";

/// What has not happened as long as it is not up.
fn missing(ready: &Readiness) -> Option<String> {
    Some(match ready {
        Readiness::Started => return None,
        Readiness::Tcp(port) => format!("it does not listen at port {port}"),
        Readiness::Http { port, path } => {
            format!("`http://127.0.0.1:{port}{path}` does not answer with success")
        }
        Readiness::Log(text) => format!("it has not written `{text}`"),
        Readiness::Notify => NOT_NOTIFIED.into(),
    })
}
