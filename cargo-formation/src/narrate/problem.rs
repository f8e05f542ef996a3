//! A problem of the table in the look of cargo's own: file, line, column, caret, suggestion.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Paint;
use crate::manifest::{Annotation, Problem, Role, Severity, Workspace};

/// A problem as text, without a newline at its end. Paths are relative to the workspace root.
#[must_use]
pub fn render(problem: &Problem, workspace: &Workspace, paint: Paint) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()));
    for manifest in manifests(problem) {
        if let Some(snippet) = snippet(problem, manifest, workspace) {
            group = group.element(snippet);
        }
    }
    if let Some(note) = &problem.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    // The empty lines of a help come indented; nobody wants the blanks in a copied table.
    let text = renderer(paint).render(&[group]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// All problems, a blank line between each two and a newline at the end; empty if there are none.
#[must_use]
pub fn render_all(problems: &[Problem], workspace: &Workspace, paint: Paint) -> String {
    let mut text = String::new();
    for (position, problem) in problems.iter().enumerate() {
        if position > 0 {
            text.push('\n');
        }
        text.push_str(&render(problem, workspace, paint));
        text.push('\n');
    }
    text
}

fn renderer(paint: Paint) -> Renderer {
    match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Coloured => Renderer::styled(),
    }
}

/// The manifests a problem is about, each once, the primary one first.
fn manifests(problem: &Problem) -> Vec<usize> {
    let mut manifests = Vec::new();
    for annotation in &problem.annotations {
        if !manifests.contains(&annotation.place.manifest) {
            manifests.push(annotation.place.manifest);
        }
    }
    manifests
}

fn snippet<'p>(
    problem: &'p Problem,
    manifest: usize,
    workspace: &'p Workspace,
) -> Option<Snippet<'p, annotate_snippets::Annotation<'p>>> {
    let text = workspace.manifests.get(manifest)?.text.as_str();
    let here = |annotation: &&Annotation| annotation.place.manifest == manifest;
    let annotations = problem.annotations.iter().filter(here).map(|annotation| {
        let kind = match annotation.role {
            Role::Primary => AnnotationKind::Primary,
            Role::Context => AnnotationKind::Context,
        };
        let span = annotation.place.start..annotation.place.end;
        kind.span(span).label(annotation.label.as_deref())
    });
    Some(Snippet::source(text).path(workspace.shown(manifest)).annotations(annotations))
}
