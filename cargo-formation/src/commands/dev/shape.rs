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
use crate::narrate::notice::Known;
use crate::plan::{Plan, Request, Surroundings, plan};
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
        let planned = Planned { request: self.request.clone(), surroundings, plan };
        shape(context, &self.arguments, sound, planned, self.owner)
    }
}

/// A plan, and what it was made of.
pub(super) struct Planned {
    pub(super) request: Request,
    pub(super) surroundings: Surroundings,
    pub(super) plan: Plan,
}

/// What is run.
pub(super) fn shape(
    context: &Context,
    arguments: &cli::Dev,
    sound: Sound,
    planned: Planned,
    owner: Owner,
) -> Result<Shape, Refused> {
    let Planned { request, surroundings, plan } = planned;
    let cargo = request::cargo(context, &sound, &arguments.cargo, plan.build.clone(), Some(owner))?;
    let eyes = eyes(context, arguments, &sound);
    let Sound { answer, formation, .. } = sound;
    let known = Known::of(&formation, &plan);
    let closures = answer.built_from;
    Ok(Shape { formation, request, surroundings, plan, cargo, closures, known, eyes })
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
