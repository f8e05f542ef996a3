//! What the platforms say, in the look of cargo: at its place in the manifest, where it has one.

use std::fmt;

use super::super::Context;
use crate::emit::Subject;
use crate::manifest::{
    Annotation, Place, Problem, Role, Severity, Workspace, locate_process, locate_setting,
};
use crate::narrate::problem::render;

/// What a runner says.
#[derive(Debug)]
pub(super) struct Notice {
    severity: Severity,
    text: String,
    /// Where it stands.
    place: Option<Place>,
}

impl Notice {
    /// Something that would not run.
    pub(super) fn refusal(
        said: &impl fmt::Display,
        about: &Subject<'_>,
        workspace: &Workspace,
    ) -> Self {
        Self { severity: Severity::Error, text: said.to_string(), place: locate(about, workspace) }
    }

    /// Something that would run otherwise.
    pub(super) fn warning(
        said: &impl fmt::Display,
        about: &Subject<'_>,
        workspace: &Workspace,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::refusal(said, about, workspace) }
    }

    /// Something about a file that is there.
    pub(super) fn of_a_file(text: String) -> Self {
        Self { severity: Severity::Warning, text, place: None }
    }

    /// Whether it would not run.
    pub(super) fn is_refusal(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Say it, and for whom.
    pub(super) fn say(self, context: &Context, word: &str, workspace: &Workspace) {
        let annotation = |place| Annotation { place, label: None, role: Role::Primary };
        let problem = Problem {
            severity: self.severity,
            message: format!("for `{word}`: {}", self.text),
            annotations: self.place.map(annotation).into_iter().collect(),
            note: None,
            help: None,
        };
        context.terminal.say(&render(&problem, workspace, context.terminal.stderr.paint));
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
