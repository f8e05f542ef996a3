//! What cargo is asked to build, from flags, table and plan.

use std::ffi::OsString;
use std::sync::Arc;

use super::workspace::{Sound, absolute};
use super::{Context, Refused};
use crate::cli::CargoFlags;
use crate::drive::{Once, build_once};
use crate::formation::ExitCode;
use crate::narrate::Paint;
use crate::plan::{Selection, scrub};
use crate::world::build::Cargo;
use crate::world::cargo::{BuildRequest, Colour, Resolve};
use crate::world::shim::Limit;
use crate::world::snapshot::Owner;

/// The cargo that builds this selection.
pub(super) fn cargo(
    context: &Context,
    sound: &Sound,
    flags: &CargoFlags,
    selection: Selection,
    keep: Option<Owner>,
) -> Result<Cargo, Refused> {
    let answer = &sound.answer;
    let artifacts: Vec<_> = std::iter::once(answer.target_directory.as_path())
        .chain(answer.build_directory.as_deref())
        .collect();
    Ok(Cargo {
        program: sound.cargo.clone(),
        env: scrub::for_cargo(&context.shell, &artifacts),
        dir: answer.workspace.root.clone(),
        request: request(context, sound, flags, selection)?,
        progress: context.terminal.width(),
        names: Arc::new(answer.names.clone()),
        keep,
        limit: Limit::current(),
        seen: Arc::default(),
    })
}

/// Build once, and say so if that cannot even be tried.
pub(super) fn build(context: &Context, cargo: &Cargo) -> Result<Once, Refused> {
    build_once(cargo, context.clock, context.terminal.stderr.paint).map_err(|error| {
        context.terminal.error(&format!("cannot build: {error}"));
        ExitCode::PROBLEM
    })
}

fn request(
    context: &Context,
    sound: &Sound,
    flags: &CargoFlags,
    mut selection: Selection,
) -> Result<BuildRequest, Refused> {
    selection.features.extend(flags.features.iter().cloned());
    selection.no_default_features |= flags.no_default_features;
    let colour = match context.terminal.stderr.paint {
        Paint::Plain => Colour::Never,
        Paint::Coloured => Colour::Always,
    };
    let target_dir = flags.target_dir.as_deref().map(|dir| absolute(context, dir)).transpose()?;
    let profile = if flags.release { Some("release".to_owned()) } else { flags.profile.clone() };
    Ok(BuildRequest {
        selection,
        colour,
        profile: profile.or_else(|| sound.formation.settings.profile.clone()),
        manifest_path: Some(sound.answer.workspace.root.join("Cargo.toml")),
        target_dir,
        target: flags.target.clone(),
        resolve: resolve(flags),
        pass_through: pass_through(flags),
    })
}

fn resolve(flags: &CargoFlags) -> Resolve {
    match (flags.frozen || flags.locked && flags.offline, flags.locked, flags.offline) {
        (true, _, _) => Resolve::Frozen,
        (false, true, _) => Resolve::Locked,
        (false, false, true) => Resolve::Offline,
        (false, false, false) => Resolve::Free,
    }
}

fn pass_through(flags: &CargoFlags) -> Vec<OsString> {
    let all = flags.all_features.then(|| OsString::from("--all-features"));
    let jobs = flags.jobs.iter().map(|jobs| format!("--jobs={jobs}").into());
    let config = flags.config.iter().flat_map(|config| ["--config".into(), config.into()]);
    all.into_iter().chain(jobs).chain(config).collect()
}
