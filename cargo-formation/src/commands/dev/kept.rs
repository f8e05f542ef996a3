//! Where the history of `dev` is kept on disk.

use std::path::Path;

use super::super::Context;
use super::super::logs::state_directory;
use crate::cli;
use crate::formation::RunName;
use crate::plan::Plan;
use crate::world::history::Journal;

/// Where the history is kept, unless it goes with the tool: a formation that is isolated leaves
/// nothing. That there is no place for it is no reason not to run.
pub(super) fn journal(
    context: &Context,
    arguments: &cli::Dev,
    root: &Path,
    plan: &Plan,
) -> Option<Journal> {
    if arguments.isolated {
        return None;
    }
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let Some(directory) = state_directory(context, &root) else {
        context.terminal.warn("no history is kept: neither `XDG_STATE_HOME` nor `HOME` is set");
        return None;
    };
    match Journal::open(&directory, &root, names(plan)) {
        Ok(journal) => Some(journal),
        Err(error) => {
            let directory = directory.display();
            context.terminal.warn(&format!(
                "no history is kept, `{directory}` cannot be used: {error}; set `XDG_STATE_HOME` \
                 to keep it elsewhere"
            ));
            None
        }
    }
}

/// Who may write, with the number that gives the colour.
fn names(plan: &Plan) -> Vec<(String, usize)> {
    let planned = plan.release.iter().chain(&plan.instances);
    let instances = planned.map(|planned| (planned.name.to_string(), planned.position));
    let services = plan.services.iter();
    let name = |name| RunName::Service(name).to_string();
    let services = services.map(|service| (name(service.name.clone()), service.position));
    instances.chain(services).collect()
}
