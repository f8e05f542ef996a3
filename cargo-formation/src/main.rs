//! The `cargo-formation` binary: a shim, a guard, a service of a compose file, or the tool.

use std::ffi::OsString;
use std::process::ExitCode;

use cargo_formation::formation;
use cargo_formation::world::children::Token;
use cargo_formation::world::{compose, guard, shim};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let code = match arguments.next().as_deref().and_then(|first| first.to_str()) {
        Some(shim::ARGUMENT) => shim::run(arguments),
        Some(shim::ARGUMENT_WITH_SOCKET) => shim::run_with_socket(arguments),
        Some(guard::ARGUMENT) => guarded(arguments.next().as_ref()),
        Some(compose::ARGUMENT) => compose::run(arguments),
        _ => cargo_formation::commands::run(program.into_iter().chain(std::env::args_os().skip(1))),
    };
    ExitCode::from(code.0)
}

fn guarded(token: Option<&OsString>) -> formation::ExitCode {
    match token.and_then(|token| token.to_str()) {
        Some(token) => guard::run(&Token::from_argument(token)),
        None => formation::ExitCode::USAGE,
    }
}
