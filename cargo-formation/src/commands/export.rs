//! `export`: print the file of a platform, write it or all of them, or check those that are there.

use std::path::{Path, PathBuf};

use super::emitted::{Placed, check, rehearse, short, unusable, write};
use super::leftovers::{leftover, leftovers};
use super::notices::{refuse, warn};
use super::workspace::{Sound, find_shared};
use super::{Context, Refused};
use crate::cli::{self, CargoFlags, Export};
use crate::emit::{App, Exported, File, Platform, Upkeep, export};
use crate::formation::ExitCode;
use crate::narrate::notice::{Tone, status};

pub(super) fn run(context: &Context, arguments: &Export) -> Result<ExitCode, Refused> {
    let platform = platform(arguments.platform);
    let sound = find_shared(context, &CargoFlags::default())?;
    let workspace = &sound.answer.workspace;
    let place = arguments.output.as_deref().and_then(|output| place(platform, output));
    if let Some(place) = place.as_deref().filter(|_| platform == Platform::Compose) {
        refuse_elsewhere(context, place, &workspace.root)?;
    }
    let exported = export(platform, &App { place: place.as_deref(), ..app(&sound) })
        .map_err(|refusals| refuse(context, workspace, &refusals))?;
    warn(context, workspace, &exported.warnings);
    let root = &workspace.root;
    let files = placed(context, &exported, platform, root, arguments)?;
    for file in &files {
        file.warn(context);
    }
    let directory = arguments.output.clone().unwrap_or_else(|| root.join(platform.directory()));
    let leftovers = say_leftovers(context, &exported, platform, &directory);
    if arguments.check {
        let remedy = |_: &str| remedy(context, root, platform, arguments.output.as_deref());
        let code = check(context, &files, remedy)?;
        return Ok(if leftovers == 0 { code } else { ExitCode::STALE });
    }
    let is_printed = arguments.output.is_none() && !arguments.dry_run;
    if is_printed {
        refuse_several(context, root, platform, &files)?;
    }
    for unsaid in &exported.unsaid {
        context.terminal.say(&status(Tone::Unusual, "Not in it", &unsaid.to_string()));
    }
    if arguments.dry_run {
        return rehearse(context, &files);
    }
    match &arguments.output {
        Some(output) => {
            if is_directory(output, &exported) {
                make_directories(context, output, &exported)?;
            }
            write(context, &files, arguments.force)
        }
        None => Ok(print(context, &files)),
    }
}

/// Say which files of an earlier export are among those of this one, and how many there are.
fn say_leftovers(context: &Context, exported: &Exported, platform: Platform, at: &Path) -> usize {
    let leftovers = leftovers(exported, platform, at);
    for path in &leftovers {
        context.terminal.warn(&leftover(context, path));
    }
    leftovers.len()
}

/// What is exported of a workspace.
pub(super) fn app(sound: &Sound) -> App<'_> {
    let root = sound.answer.workspace.root_package();
    let package = root.map(|package| package.name.as_str());
    App { formation: &sound.formation, package, place: None }
}

pub(super) fn platform(typed: cli::Platform) -> Platform {
    match typed {
        cli::Platform::Dockerfile => Platform::Dockerfile,
        cli::Platform::Systemd => Platform::Systemd,
        cli::Platform::Compose => Platform::Compose,
        cli::Platform::AppJson => Platform::AppJson,
        cli::Platform::Dokku => Platform::Dokku,
        cli::Platform::Fly => Platform::Fly,
        cli::Platform::Kubernetes => Platform::Kubernetes,
    }
}

/// Where the files are, in commands: a directory, or one file. What is sent through a pipe may
/// be brought to the usual place.
fn place(platform: Platform, output: &Path) -> Option<PathBuf> {
    if std::fs::metadata(output).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return None;
    }
    Some(match platform.named_file() {
        Some(file) if looks_like_directory(output) => output.join(file),
        _ => output.to_path_buf(),
    })
}

/// Refuse a compose file that is not in the root: what it builds is beside it.
fn refuse_elsewhere(context: &Context, place: &Path, root: &Path) -> Result<(), Refused> {
    let parent = place.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new(".")).canonicalize();
    if let (Ok(parent), Ok(root)) = (parent, root.canonicalize())
        && parent != root
    {
        let why = "the image is built of the directory that the compose file is in; write it to \
                   the root of the workspace";
        context.terminal.error(&format!("cannot use `{}`: {why}", place.display()));
        return Err(ExitCode::USAGE);
    }
    Ok(())
}

/// Refuse to print more than one file: nobody could tell them apart.
fn refuse_several(
    context: &Context,
    root: &Path,
    platform: Platform,
    files: &[Placed<'_>],
) -> Result<(), Refused> {
    let several = files.iter().filter(|file| file.is_ours()).count();
    if several < 2 {
        return Ok(());
    }
    let remedy = remedy(context, root, platform, None);
    context.terminal.error(&format!(
        "{platform} is {several} files, too many for standard output; write them with `{remedy}`"
    ));
    Err(ExitCode::USAGE)
}

/// Print the one file that there is.
fn print(context: &Context, files: &[Placed<'_>]) -> ExitCode {
    let ours = files.iter().find(|file| file.is_ours());
    ours.map_or(ExitCode::SUCCESS, |file| context.terminal.print(file.text()))
}

/// Make the directories of the files that are written to this one.
fn make_directories(context: &Context, output: &Path, exported: &Exported) -> Result<(), Refused> {
    for file in exported.ours() {
        let path = output.join(&file.path);
        let directory = path.parent().unwrap_or(output);
        std::fs::create_dir_all(directory).map_err(|error| unusable(context, directory, &error))?;
    }
    Ok(())
}

/// Every file with its place.
fn placed<'e>(
    context: &Context,
    exported: &'e Exported,
    platform: Platform,
    root: &Path,
    arguments: &Export,
) -> Result<Vec<Placed<'e>>, Refused> {
    let usual = root.join(platform.directory());
    let place = |file: &File| match (&arguments.output, file.upkeep) {
        // What is found by its place in the workspace is nowhere else.
        (_, Upkeep::Theirs) | (None, Upkeep::Ours | Upkeep::Shared(_)) => usual.join(&file.path),
        (Some(output), _) if is_directory(output, exported) => output.join(&file.path),
        (Some(output), Upkeep::Ours | Upkeep::Shared(_)) => PathBuf::from(output),
    };
    exported.files.iter().map(|file| Placed::at(context, place(file), file)).collect()
}

/// Whether what was typed for one or several files is a directory.
fn is_directory(output: &Path, exported: &Exported) -> bool {
    exported.ours().count() > 1 || looks_like_directory(output)
}

fn looks_like_directory(output: &Path) -> bool {
    output.is_dir() || output.as_os_str().to_string_lossy().ends_with('/')
}

/// What writes the files, as it would be typed here.
pub(super) fn remedy(
    context: &Context,
    root: &Path,
    platform: Platform,
    output: Option<&Path>,
) -> String {
    let usual: PathBuf = root.join(platform.directory()).components().collect();
    let output = output.unwrap_or_else(|| short(context, &usual).unwrap_or(&usual));
    let output = if output == Path::new("") { Path::new(".") } else { output };
    let output = output.display().to_string();
    shell_words::join(["cargo", "formation", "export", platform.word(), "--output", &output])
}
