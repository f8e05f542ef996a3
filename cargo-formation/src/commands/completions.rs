//! `completions` and `man`: for the shell.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate, complete};

use super::steer::{look, look_in};
use super::workspace::{current_dir, find_shared};
use super::{Context, Refused};
use crate::cli::{CargoFlags, Cli, Completions, Man, Shell};
use crate::control::{Reply, Request};
use crate::formation::ExitCode;
use crate::world::history::TOOL;

/// The first argument by which the scripts ask what a word may become.
const ARGUMENT: &str = "__complete";

/// What may stand where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// Process types.
    Types,
    /// Process types and backing services.
    TypesAndServices,
    /// Those, instances, and `all`.
    Everybody,
    /// All that has lines in the history.
    Writers,
    /// Instances.
    Instances,
    /// Process types, with an equals sign.
    Quantities,
}

/// The arguments that are names: of which command, and which names.
const ARGUMENTS: [(&str, &str, Names); 12] = [
    ("dev", "types", Names::Types),
    ("build", "types", Names::Types),
    ("run", "name", Names::Types),
    ("run", "instance", Names::Instances),
    ("env", "name", Names::TypesAndServices),
    ("restart", "names", Names::Everybody),
    ("stop", "names", Names::Everybody),
    ("start", "names", Names::Everybody),
    ("debug", "names", Names::Everybody),
    ("logs", "names", Names::Writers),
    ("attach", "instance", Names::Instances),
    ("scale", "quantities", Names::Quantities),
];

/// The names of a workspace.
#[derive(Clone, Debug, Default)]
struct Known {
    types: Vec<String>,
    services: Vec<String>,
    instances: Vec<String>,
}

pub(super) fn completions(context: &Context, arguments: &Completions) -> ExitCode {
    context.terminal.print(match arguments.shell {
        Shell::Bash => include_str!("completions/bash.sh"),
        Shell::Zsh => include_str!("completions/zsh.zsh"),
        Shell::Fish => include_str!("completions/fish.fish"),
    })
}

/// Print what the word at an index may become, a line each: `__complete INDEX WORD…`, where the
/// first word is the name of the tool.
pub(super) fn candidates(context: &Context, mut arguments: Vec<OsString>) -> ExitCode {
    let index = arguments.first().and_then(|index| index.to_str()?.parse::<usize>().ok());
    let Some(index) = index else { return ExitCode::USAGE };
    let words = arguments.split_off(1);
    // What is said on the way would stand between the words.
    let quiet = context.quietly();
    let known = known(&quiet).unwrap_or_default();
    let here = current_dir(&quiet).ok();
    let Ok(found) = complete(&mut with_names(&known), words, index, here.as_deref()) else {
        return ExitCode::PROBLEM;
    };
    let lines: Vec<String> = found.iter().filter_map(line).collect();
    context.terminal.print(&lines.concat())
}

/// A word, and after a tab what it is.
fn line(candidate: &CompletionCandidate) -> Option<String> {
    let value = candidate.get_value().to_str()?;
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.lines().next().unwrap_or_default();
    Some(if help.is_empty() { format!("{value}\n") } else { format!("{value}\t{help}\n") })
}

/// The command line, with the names of this workspace where names stand.
fn with_names(known: &Known) -> clap::Command {
    let command = Cli::command();
    ARGUMENTS.iter().fold(command, |command, (subcommand, argument, names)| {
        let words = known.words(*names);
        command.mut_subcommand(subcommand, |subcommand| {
            // One by one: an argument that is taken out loses its place among the others.
            subcommand.mut_args(|known| {
                if known.get_id() != argument {
                    return known;
                }
                let words = words.clone();
                known.add(ArgValueCandidates::new(move || {
                    words.iter().map(CompletionCandidate::new).collect()
                }))
            })
        })
    })
}

impl Known {
    fn words(&self, names: Names) -> Vec<String> {
        let Self { types, services, instances } = self;
        match names {
            Names::Types => types.clone(),
            Names::TypesAndServices => [types.as_slice(), services].concat(),
            Names::Everybody => {
                [types.as_slice(), services, instances, &["all".to_owned()]].concat()
            }
            Names::Writers => [types.as_slice(), services, instances, &[TOOL.to_owned()]].concat(),
            Names::Instances => instances.clone(),
            Names::Quantities => types.iter().map(|name| format!("{name}=")).collect(),
        }
    }
}

/// The names of this workspace: of the formation that runs, or else of the table.
fn known(context: &Context) -> Option<Known> {
    let sound = find_shared(context, &CargoFlags::default()).ok()?;
    let formation = &sound.formation;
    let processes = formation.processes.iter().filter(|process| !process.name.is_release());
    let services = &formation.settings.services;
    Some(Known {
        types: processes.map(|process| process.name.to_string()).collect(),
        services: services.iter().map(|service| service.name.to_string()).collect(),
        instances: instances(context, sound.answer.workspace.root.clone()),
    })
}

/// The instances that run.
fn instances(context: &Context, root: PathBuf) -> Vec<String> {
    let formation = look(context).or_else(|| look_in(context, &[root]));
    let status = formation.and_then(|mut formation| {
        formation.ask(&Request::Ps).ok()?;
        let Reply::Status(status) = formation.answer(Some(PATIENCE)).ok()? else { return None };
        Some(status)
    });
    let instances = status.map(|status| status.instances).unwrap_or_default();
    let all = instances.into_iter().map(|instance| instance.name);
    let mut names: Vec<String> = all.filter(|name| name.contains('.')).collect();
    names.dedup();
    names
}

/// Nobody waits longer for what a word may become.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

pub(super) fn man(context: &Context, arguments: &Man) -> Result<ExitCode, Refused> {
    let command = Cli::command().name("cargo-formation");
    let refuse = |path: &Path, error: &std::io::Error| {
        context.terminal.error(&format!("cannot write `{}`: {error}", path.display()));
        ExitCode::PROBLEM
    };
    let Some(directory) = &arguments.output else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| refuse(Path::new("standard output"), &error))?;
        return Ok(context.terminal.print(&String::from_utf8_lossy(&page)));
    };
    std::fs::create_dir_all(directory).map_err(|error| refuse(directory, &error))?;
    // The pages of `help` say what the commands' own pages say.
    clap_mangen::generate_to(command.disable_help_subcommand(true), directory)
        .map_err(|error| refuse(directory, &error))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the tool is asked what a word may become, and by which words.
pub(super) fn asked(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let first = arguments.get(1)?;
    (first == OsStr::new(ARGUMENT)).then(|| arguments[2..].to_vec())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap_complete::engine::complete;

    use super::{ARGUMENTS, Cli, Known, with_names};

    fn check(words: &[&str]) -> Vec<String> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let known = Known {
            types: names(&["web", "worker"]),
            services: names(&["db"]),
            instances: names(&["web.1", "web.2"]),
        };
        let line = std::iter::once(&"cargo-formation").chain(words).map(Into::into).collect();
        let found = complete(&mut with_names(&known), line, words.len(), None).unwrap();
        found.iter().map(|found| found.get_value().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn names_of_the_workspace_stand_where_names_stand() {
        assert_eq!(check(&["restart", "web"]), ["web", "web.1", "web.2"]);
        assert_eq!(check(&["dev", "w"]), ["web", "worker"]);
        assert_eq!(check(&["env", "d"]), ["db"]);
        assert_eq!(check(&["scale", "wo"]), ["worker="]);
        assert_eq!(check(&["run", "web", "--as", ""]), ["web.1", "web.2"]);
        assert_eq!(check(&["attach", "w"]), ["web.1", "web.2"]);
        assert_eq!(check(&["logs", "wo"]), ["worker"]);
        assert_eq!(check(&["resta"]), ["restart"]);
        assert!(check(&["dev", "--no-"]).contains(&"--no-watch".to_owned()));
    }

    #[test]
    fn every_argument_that_is_a_name_is_there() {
        for (command, argument, _) in ARGUMENTS {
            let found = with_names(&Known::default());
            let found = found.find_subcommand(command).unwrap();
            assert!(found.get_arguments().any(|known| known.get_id() == argument), "{command}");
        }
        // And what is called as those are is one of them.
        let names = ["types", "names", "instance", "quantities"];
        let all = Cli::command();
        let all = all.get_subcommands().flat_map(|command| {
            let arguments = command.get_arguments().map(clap::Arg::get_id);
            arguments.map(|argument| (command.get_name().to_owned(), argument.to_string()))
        });
        for (command, argument) in all.filter(|(_, argument)| names.contains(&argument.as_str())) {
            let is_known =
                ARGUMENTS.iter().any(|known| (known.0, known.1) == (&command, &argument));
            assert!(is_known, "{command} {argument}");
        }
    }
}
