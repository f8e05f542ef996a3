//! `attach`: this terminal becomes that of a run.

use super::steer::find;
use super::{Context, Refused};
use crate::cli::Attach;
use crate::control::{self, Request};
use crate::formation::ExitCode;
use crate::world::attach::client::{Attachment, Parted, attach};
use crate::world::terminal::window;

pub(super) fn run(context: &Context, arguments: Attach) -> Result<ExitCode, Refused> {
    let broken = |error| {
        context.terminal.error(&format!("cannot attach: {error}"));
        ExitCode::PROBLEM
    };
    let Attach { instance, detach_key } = arguments;
    let Some(window) = window().map_err(broken)? else {
        context.terminal.error(
            "standard input and output are not a terminal, and `attach` is for somebody who sits \
             at one",
        );
        return Err(ExitCode::USAGE);
    };
    let mut formation = find(context)?;
    let size = window.size();
    let instance = instance.to_string();
    let request = control::Attach { instance, rows: size.rows, columns: size.columns };
    formation.ask(&Request::Attach(request)).map_err(broken)?;
    let lines = formation.into_stream().map_err(broken)?;
    let requests = lines.get_ref().try_clone().map_err(broken)?;
    let paint = context.terminal.stderr.paint;
    let attachment = Attachment { window, keys: detach_key, paint };
    Ok(match attach(attachment, lines, requests).map_err(broken)? {
        Parted::Left | Parted::Over => ExitCode::SUCCESS,
        Parted::Lost => ExitCode::NOT_RUNNING,
        Parted::Refused(reason) => {
            context.terminal.error(&reason);
            ExitCode::USAGE
        }
        Parted::Stopped(reason) => reason.code(),
    })
}
