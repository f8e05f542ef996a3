//! What cargo says to programs.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::PathBuf;

use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, CompilerMessage, Message, PackageId, TargetKind as Kind};

use super::seen::{News, Seen};
use crate::narrate::build::{Target, TargetKind};

/// What happened in a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildNews {
    /// A binary is in its place. Cargo still holds its lock, and other binaries may still
    /// be built, or fail.
    Artifact {
        /// The package that has the binary.
        package: String,
        /// The name of the binary.
        binary: String,
        /// Where it is.
        path: PathBuf,
        /// Whether cargo says it compiled nothing. This is about cargo's work, not about
        /// content: a fresh binary can be another than before, and a compiled one the same.
        fresh: bool,
    },
    /// A build script has run, now or earlier. Comes before what it was run for.
    Script {
        /// The package it is of.
        package: String,
        /// Where it lets the linker look for libraries.
        linked_paths: Vec<PathBuf>,
        /// Where it puts its output.
        out_dir: PathBuf,
    },
    /// The compiler says something that was not said before; see [`Seen`].
    Diagnostic {
        /// What it was compiling.
        target: Target,
        /// How bad it is.
        level: Level,
        /// The text for the terminal, as the compiler laid it out, line breaks included.
        rendered: String,
    },
    /// The compiler says an error again that this build has shown: another target has the
    /// module that is wrong, too, or a macro makes the same mistake twice.
    Again {
        /// What it was compiling.
        target: Target,
    },
    /// A line that is not cargo's: what a procedural macro prints.
    Output(String),
    /// Everything was tried.
    Finished {
        /// Whether everything was built. A cargo that never says so has failed.
        success: bool,
    },
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The target cannot be built.
    Error,
    /// It can, and something is doubtful.
    Warning,
    /// What to read about the errors that were said before.
    Reading,
    /// About what was said before.
    Note,
}

/// Read cargo's standard output to its end and report what happened, as it happens.
///
/// `names` has the name of each local package by its id, as `cargo metadata` gives both.
/// `seen` is kept by the caller from build to build.
///
/// # Errors
/// When reading fails. What came before has been reported.
pub fn read_messages(
    stdout: impl BufRead,
    names: &BTreeMap<String, String>,
    seen: &mut Seen,
    mut report: impl FnMut(BuildNews),
) -> io::Result<()> {
    seen.begin();
    // This parser and not our own: diagnostics of nested macros are deeper than the limit
    // that `serde_json` would set.
    for message in Message::parse_stream(stdout) {
        match message {
            Ok(message) => {
                if let Some(news) = news(message, names, seen) {
                    report(news);
                }
            }
            // Cargo's own lines are UTF-8; the next one is readable.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn news(message: Message, names: &BTreeMap<String, String>, seen: &mut Seen) -> Option<BuildNews> {
    if let Message::CompilerArtifact(artifact) = message {
        let target = target(&artifact.package_id, &artifact.target, names);
        if !artifact.fresh {
            seen.compiled(&target);
        }
        built(artifact, target)
    } else if let Message::CompilerMessage(message) = message {
        let target = target(&message.package_id, &message.target, names);
        diagnostic(message, target, seen)
    } else if let Message::BuildScriptExecuted(script) = message {
        let paths = script.linked_paths.iter().map(|path| linked_path(path.as_str()));
        Some(BuildNews::Script {
            package: package_name(&script.package_id, names),
            linked_paths: paths.collect(),
            out_dir: script.out_dir.into(),
        })
    } else if let Message::BuildFinished(finished) = message {
        Some(BuildNews::Finished { success: finished.success })
    } else if let Message::TextLine(line) = message {
        // A message of a newer cargo is nobody's output.
        (!line.starts_with(r#"{"reason":"#)).then_some(BuildNews::Output(line))
    } else {
        None
    }
}

/// A path as cargo gives it to the linker: `native=/a/b`, or the path alone.
fn linked_path(text: &str) -> PathBuf {
    let path = text.split_once('=').map_or(text, |(_kind, path)| path);
    PathBuf::from(path)
}

/// Build scripts are executables too, and have no `executable`.
fn built(artifact: Artifact, target: Target) -> Option<BuildNews> {
    let path = artifact.executable?.into_std_path_buf();
    match target.kind {
        TargetKind::Binary => Some(BuildNews::Artifact {
            package: target.package,
            binary: target.name,
            path,
            fresh: artifact.fresh,
        }),
        TargetKind::Library | TargetKind::BuildScript | TargetKind::Other => None,
    }
}

/// How the error begins that only counts the others. Cargo counts them, too, and leaves it out,
/// at least as of 1.95.
const SUM: &str = "aborting due to ";

fn diagnostic(message: CompilerMessage, target: Target, seen: &mut Seen) -> Option<BuildNews> {
    let level = level(message.message.level);
    if level == Level::Error && message.message.message.starts_with(SUM) {
        return None;
    }
    let rendered = message.message.rendered.unwrap_or(message.message.message);
    match seen.news(&target, level, &rendered) {
        News::New => Some(BuildNews::Diagnostic { target, level, rendered }),
        News::OfAnother | News::Old if level == Level::Error => Some(BuildNews::Again { target }),
        News::OfAnother | News::Old => None,
    }
}

/// A level that is new to us is not worth stopping for.
fn level(level: DiagnosticLevel) -> Level {
    match level {
        DiagnosticLevel::Ice | DiagnosticLevel::Error => Level::Error,
        DiagnosticLevel::Warning => Level::Warning,
        DiagnosticLevel::FailureNote => Level::Reading,
        DiagnosticLevel::Note | DiagnosticLevel::Help | _ => Level::Note,
    }
}

fn target(
    package: &PackageId,
    target: &cargo_metadata::Target,
    names: &BTreeMap<String, String>,
) -> Target {
    let kind = if target.is_bin() {
        TargetKind::Binary
    } else if target.is_custom_build() {
        TargetKind::BuildScript
    } else if target.kind.iter().any(is_library) {
        TargetKind::Library
    } else {
        TargetKind::Other
    };
    Target { package: package_name(package, names), name: target.name.clone(), kind }
}

fn package_name(package: &PackageId, names: &BTreeMap<String, String>) -> String {
    let name = names.get(&package.repr).map_or_else(|| name_in_id(&package.repr), String::as_str);
    name.to_owned()
}

/// Whatever other targets can be built from.
fn is_library(kind: &Kind) -> bool {
    [Kind::Lib, Kind::RLib, Kind::DyLib, Kind::CDyLib, Kind::StaticLib, Kind::ProcMacro]
        .contains(kind)
}

/// The name in a package id, which is a package id specification: the fragment is
/// `name@version`, or the version alone where the name is the last part of the path.
/// <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>
fn name_in_id(id: &str) -> &str {
    let (url, fragment) = id.split_once('#').unwrap_or((id, ""));
    let of_path = url.split('?').next().and_then(|path| path.rsplit('/').next());
    match fragment.split_once('@') {
        Some((name, _)) => name,
        None => of_path.unwrap_or(id),
    }
}

#[cfg(test)]
mod tests;
