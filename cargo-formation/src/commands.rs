//! What each command does with what was typed.

mod add;
mod attach;
mod build;
mod check;
mod completions;
mod dev;
mod emitted;
mod env;
mod export;
mod init;
mod leftovers;
mod list;
mod logs;
mod new;
mod notices;
mod procfile;
mod request;
mod run;
mod steer;
mod test;
mod voice;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

use self::voice::Voice;
use crate::cli::{Cli, Color, Command};
use crate::formation::ExitCode;
use crate::world::clock::Clock;
use crate::world::files;
use crate::world::terminal::{Terminal, When};

/// What every command has at hand.
struct Context {
    clock: Clock,
    terminal: Voice,
    shell: Vec<(OsString, OsString)>,
    manifest_path: Option<PathBuf>,
}

impl Context {
    /// The same, and what is said is kept.
    fn quietly(&self) -> Self {
        let (shell, manifest_path) = (self.shell.clone(), self.manifest_path.clone());
        Self { clock: self.clock, terminal: self.terminal.kept(), shell, manifest_path }
    }
}

/// Why a command ended early: the message has been said, this is the code.
type Refused = ExitCode;

/// Understand the command line and do what it says. As a subcommand of cargo the first
/// argument is `formation`; started directly it is not there.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let clock = Clock::start();
    let arguments: Vec<OsString> = without_subcommand(arguments);
    if let Some(words) = completions::asked(&arguments) {
        return completions::candidates(&context(clock, Color::Never, None), words);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way, too, and go to standard output.
            let _ = error.print();
            return ExitCode(u8::try_from(error.exit_code()).unwrap_or(ExitCode::USAGE.0));
        }
    };
    let context = context(clock, cli.common.color, cli.common.manifest_path);
    let result = match cli.command {
        Command::New(new) => new::run(&context, &new),
        Command::Add(add) => add::run(&context, &add),
        Command::Dev(dev) => dev::run(&context, &dev),
        Command::Logs(logs) => logs::run(&context, &logs),
        Command::Build(build) => build::run(&context, &build),
        Command::Run(run) => run::run(&context, &run),
        Command::Test(test) => test::run(&context, &test),
        Command::Check(check) => check::run(&context, &check),
        Command::List(list) => list::run(&context, &list),
        Command::Env(env) => env::run(&context, &env),
        Command::Procfile(procfile) => procfile::run(&context, &procfile),
        Command::Export(export) => export::run(&context, &export),
        Command::Ps(ps) => steer::ps(&context, &ps),
        Command::Restart(names) => steer::restart(&context, &names),
        Command::Stop(names) => steer::stop(&context, &names),
        Command::Start(names) => steer::start(&context, &names),
        Command::Scale(scaling) => steer::scale(&context, &scaling),
        Command::Debug(debug) => steer::debug(&context, &debug),
        Command::Wait(wait) => steer::wait(&context, &wait),
        Command::Attach(attach) => attach::run(&context, attach),
        Command::Down => steer::down(&context),
        Command::Init(init) => init::run(&context, &init),
        Command::Completions(shell) => Ok(completions::completions(&context, &shell)),
        Command::Man(man) => completions::man(&context, &man),
    };
    result.unwrap_or_else(|code| code)
}

fn context(clock: Clock, color: Color, manifest_path: Option<PathBuf>) -> Context {
    let shell = files::shell();
    let when = match color {
        Color::Auto => When::Auto,
        Color::Always => When::Always,
        Color::Never => When::Never,
    };
    let terminal = Voice::aloud(Terminal::look(when, &shell));
    Context { clock, terminal, shell, manifest_path }
}

fn without_subcommand(mut arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let program = arguments.next();
    let mut rest = arguments.peekable();
    // No command is called `formation`, so the word can only be cargo's.
    if rest.peek().is_some_and(|first| first == "formation") {
        rest.next();
    }
    program.into_iter().chain(rest).collect()
}
