//! What the platforms say of the table, in the look of cargo: at its place in the manifest, where
//! it has one.

use super::{Context, Refused};
use crate::emit::{Remark, Subject};
use crate::formation::ExitCode;
use crate::manifest::{
    Annotation, Place, Problem, Role, Severity, Workspace, locate_process, locate_setting,
};
use crate::narrate::problem::render;

/// What a platform says.
#[derive(Debug)]
pub(super) struct Notice {
    severity: Severity,
    text: String,
    /// Where it stands.
    place: Option<Place>,
}

impl Notice {
    /// Something that would not run.
    pub(super) fn refusal(said: &impl Remark, workspace: &Workspace) -> Self {
        let place = locate(&said.subject(), workspace);
        Self { severity: Severity::Error, text: said.to_string(), place }
    }

    /// Something that would run otherwise.
    pub(super) fn warning(said: &impl Remark, workspace: &Workspace) -> Self {
        Self { severity: Severity::Warning, ..Self::refusal(said, workspace) }
    }

    /// Something about a file that is there.
    pub(super) fn of_a_file(text: String) -> Self {
        Self { severity: Severity::Warning, text, place: None }
    }

    /// Whether it would not run.
    pub(super) fn is_refusal(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same, where several platforms are asked.
    pub(super) fn of(self, word: &str) -> Self {
        Self { text: format!("for `{word}`: {}", self.text), ..self }
    }

    /// Say it.
    pub(super) fn say(self, context: &Context, workspace: &Workspace) {
        let annotation = |place| Annotation { place, label: None, role: Role::Primary };
        let problem = Problem {
            severity: self.severity,
            message: self.text,
            annotations: self.place.map(annotation).into_iter().collect(),
            note: None,
            help: None,
        };
        context.terminal.say(&render(&problem, workspace, context.terminal.stderr.paint));
    }
}

/// Say everything that keeps files from being emitted.
pub(super) fn refuse(
    context: &Context,
    workspace: &Workspace,
    refusals: &[impl Remark],
) -> Refused {
    for refusal in refusals {
        Notice::refusal(refusal, workspace).say(context, workspace);
    }
    ExitCode::PROBLEM
}

/// Say everything that is run otherwise than the table means it.
pub(super) fn warn(context: &Context, workspace: &Workspace, warnings: &[impl Remark]) {
    for warning in warnings {
        Notice::warning(warning, workspace).say(context, workspace);
    }
}

fn locate(about: &Subject<'_>, workspace: &Workspace) -> Option<Place> {
    match about {
        Subject::Whole => None,
        Subject::Process(name, keys) => locate_process(workspace, name.as_str(), keys)
            // Backing services run beside the types in some files.
            .or_else(|| locate_setting(workspace, &["services", name.as_str()])),
        Subject::Settings(keys) => locate_setting(workspace, keys),
    }
}
