//! What is wrong with a table, and where: values that `narrate` shows.

use super::workspace::Place;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// There is no formation.
    Error,
    /// There is one, and something about it is unwise.
    Warning,
}

/// One thing that is wrong, where it stands and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as one line.
    pub message: String,
    /// Where; the primary one first.
    pub annotations: Vec<Annotation>,
    /// A fact that helps to understand it.
    pub note: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The place.
    pub place: Place,
    /// What to say there, where the message does not say it all.
    pub label: Option<String>,
    /// Whether the problem is here.
    pub role: Role,
}

/// What a place has to do with a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The problem is here.
    Primary,
    /// This explains it.
    Context,
}

impl Problem {
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            annotations: Vec::new(),
            note: None,
            help: None,
        }
    }

    pub(super) fn at(self, place: Place, label: impl Into<String>) -> Self {
        self.annotated(place, Some(label.into()), Role::Primary)
    }

    /// At a place of which the message says everything.
    pub(super) fn here(self, place: Place) -> Self {
        self.annotated(place, None, Role::Primary)
    }

    pub(super) fn beside(self, place: Place, label: impl Into<String>) -> Self {
        self.annotated(place, Some(label.into()), Role::Context)
    }

    fn annotated(mut self, place: Place, label: Option<String>, role: Role) -> Self {
        self.annotations.push(Annotation { place, label, role });
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn help_if(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Everything that is wrong with one value; at least one thing.
#[derive(Debug)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// A value of the table, or everything that is wrong with it.
pub(super) type Parsed<T> = Result<T, Problems>;

/// `value`, unless something was wrong on the way to it.
pub(super) fn unless<T>(problems: Vec<Problem>, value: T) -> Parsed<T> {
    if problems.is_empty() { Ok(value) } else { Err(Problems(problems)) }
}
