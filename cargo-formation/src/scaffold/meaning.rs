//! What a command is here: a binary target of the workspace, or a program that the app attaches to.

use std::path::{Component, Path};

use super::binaries::{named, run};
use super::cargo::{CargoRun, cargo_run};
use super::found::{Command, literal};
use super::reason::{NoTarget, Reason};
use super::shell;
use crate::formation::Template;
use crate::manifest::{Target, Workspace};

/// What a command is here.
#[derive(Debug)]
pub(super) enum Meaning<'w> {
    /// A binary target, its arguments, and what of the command the table does not have.
    Binary(Target<'w>, Vec<Template>, Vec<String>),
    /// A program that is none of the workspace's.
    Program,
    /// These services of the compose file.
    Compose(Vec<String>),
}

/// Programs that start another at every change, or hand it a socket. `dev` does both.
const WATCHERS: [&str; 3] = ["watchexec", "bacon", "cargo-watch"];

/// Understand a command.
pub(super) fn meaning<'w>(
    command: &Command,
    workspace: &'w Workspace,
) -> Result<Meaning<'w>, Reason> {
    let texts: Vec<Option<String>> = command.words.iter().map(literal).collect();
    let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    let (Some(Some(program)), rest) = (texts.first(), command.words.get(1..).unwrap_or_default())
    else {
        return built(command, workspace);
    };
    match (*program, texts.get(1).copied().flatten()) {
        ("cargo", Some("watch")) => watched(program, &texts[2..], command, workspace),
        ("cargo", _) => cargo(rest, command, workspace),
        ("systemfd", _) => Err(NoTarget::Socket.into()),
        (watcher, _) if WATCHERS.contains(&watcher) => {
            watched(watcher, &texts[1..], command, workspace)
        }
        ("docker" | "podman", Some("compose")) => compose(&texts[2..]),
        ("docker-compose" | "podman-compose", _) => compose(&texts[1..]),
        _ => built(command, workspace),
    }
}

fn cargo<'w>(
    words: &[Template],
    command: &Command,
    workspace: &'w Workspace,
) -> Result<Meaning<'w>, Reason> {
    let CargoRun { asked, args, left } = cargo_run(words)?;
    let target = run(&asked, command.dir.as_deref(), workspace)?;
    Ok(Meaning::Binary(target, args, left))
}

/// What a watcher starts: `-x 'run …'` and `-s '…'` of `cargo watch`, `-- …` of all of them.
fn watched<'w>(
    watcher: &str,
    texts: &[Option<&str>],
    command: &Command,
    workspace: &'w Workspace,
) -> Result<Meaning<'w>, Reason> {
    let lost = || Reason::from(NoTarget::Starter(watcher.to_owned()));
    let inner = if let Some(at) = texts.iter().position(|text| *text == Some("--")) {
        let skipped = command.words.len() - texts.len() + at + 1;
        Command { words: command.words[skipped..].to_vec(), ..command.clone() }
    } else {
        let line = texts.windows(2).rev().find_map(|pair| match pair {
            [Some("-x" | "--exec"), Some(line)] => Some(format!("cargo {line}")),
            [Some("-s" | "--shell"), Some(line)] => Some((*line).to_owned()),
            _ => None,
        });
        let line = line.or_else(|| execs(texts)).ok_or_else(lost)?;
        Command { dir: command.dir.clone(), ..shell::command(&line)? }
    };
    if inner.words.is_empty() {
        return Err(lost());
    }
    // What it watches and how is no loss; what would be started without being a binary is.
    match meaning(&inner, workspace)? {
        binary @ Meaning::Binary(..) => Ok(binary),
        Meaning::Program | Meaning::Compose(_) => Err(lost()),
    }
}

/// `-xrun` or `--exec=run`, or `watchexec cargo run`.
fn execs(texts: &[Option<&str>]) -> Option<String> {
    let short = texts.iter().flatten().find_map(|text| {
        let line = text.strip_prefix("--exec=").or_else(|| text.strip_prefix("-x"))?;
        (!line.is_empty()).then(|| format!("cargo {line}"))
    });
    short.or_else(|| {
        let cargo = texts.iter().position(|text| *text == Some("cargo"))?;
        let words: Option<Vec<&str>> = texts[cargo..].iter().copied().collect();
        Some(shell_words::join(words?))
    })
}

/// `up` of a compose file. Flags say how it is shown, or that it stays in the background.
fn compose<'w>(texts: &[Option<&str>]) -> Result<Meaning<'w>, Reason> {
    let mut words = texts.iter().map(|text| text.unwrap_or("$"));
    if words.find(|word| !word.starts_with('-')) != Some("up") {
        return Ok(Meaning::Program);
    }
    let names: Vec<String> =
        words.filter(|word| !word.starts_with('-')).map(str::to_owned).collect();
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_one = |name: &String| !name.is_empty() && name.chars().all(in_name);
    if names.is_empty() || !names.iter().all(is_one) {
        return Err(Reason::Compose);
    }
    Ok(Meaning::Compose(names))
}

/// A binary that has been built, where it is on some machine; else somebody else's program.
fn built<'w>(command: &Command, workspace: &'w Workspace) -> Result<Meaning<'w>, Reason> {
    let Some(program) = command.words.first() else { return Err(Reason::NoProgram) };
    let text = program.to_string();
    let path = Path::new(&text);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let found = named(&name, workspace);
    let place = place(path);
    let target = match (place, found) {
        (Place::Target, found) => found?,
        (Place::Example, _) => return Err(NoTarget::Example.into()),
        (Place::Bin, Ok(target)) => target,
        (Place::Bin, Err(ambiguous @ NoTarget::Ambiguous(..))) => return Err(ambiguous.into()),
        (Place::Bin, Err(_)) | (Place::Elsewhere, _) if starts(&command.words) => {
            return Err(NoTarget::Starter(text).into());
        }
        (Place::Bin, Err(_)) | (Place::Elsewhere, _) => return Ok(Meaning::Program),
    };
    Ok(Meaning::Binary(target, command.words[1..].to_vec(), Vec::new()))
}

/// Whether cargo, or what it has built, is among the arguments. Somebody else's cargo would fight
/// with ours for the build.
fn starts(words: &[Template]) -> bool {
    let is_ours = |word: &str| word == "cargo" || place(Path::new(word)) == Place::Target;
    words.iter().skip(1).any(|word| is_ours(&word.to_string()))
}

/// Where a program is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where cargo builds.
    Target,
    /// Where cargo builds examples.
    Example,
    /// Where binaries are: in `PATH`, in a directory `bin`, or right here.
    Bin,
    /// Somewhere else: a script may have the name of a binary.
    Elsewhere,
}

fn place(path: &Path) -> Place {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let above: Vec<&str> = parts.filter_map(|part| part.as_os_str().to_str()).collect();
    let above = above.split_last().map_or(&[][..], |(_, above)| above);
    match above {
        [] | [.., "bin"] => Place::Bin,
        [.., "target", _, "examples"] => Place::Example,
        // The last is that of a directory that is named elsewhere: `$CARGO_TARGET_DIR/release/web`.
        [.., "target", _] | [.., "target", _, _] | [.., "release" | "debug"] => Place::Target,
        _ => Place::Elsewhere,
    }
}
