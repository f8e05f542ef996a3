//! `test`: a formation of its own, a command that uses it, and the end of both.

use std::ffi::OsString;

use super::dev::{Purpose, start};
use super::{Context, Refused};
use crate::cli;
use crate::formation::ExitCode;

pub(super) fn run(context: &Context, arguments: &cli::Test) -> Result<ExitCode, Refused> {
    let cli::Test { scale, environment, cargo, command } = arguments;
    let dev = cli::Dev {
        types: Vec::new(),
        scale: scale.clone(),
        no_watch: true,
        isolated: true,
        exit_on_failure: false,
        host: None,
        timestamps: false,
        raw: false,
        environment: environment.clone(),
        cargo: cargo.clone(),
    };
    let Some((program, args)) = command.split_first() else { return Err(ExitCode::USAGE) };
    let args: Vec<OsString> = args.to_vec();
    start(context, &dev, Purpose::Errand(program.clone(), args))
}
