//! Text in which Kubernetes expands `$(NAME)`, and takes `$$` for a dollar.

use super::name::KUBERNETES;
use super::pod::Given;
use crate::emit::container;
use crate::emit::notice::Refusal;
use crate::formation::{Piece, ProcessType};

/// What is left as it is would reach the program as `$(NAME)`.
const NOT_SET: &str = "what may not be set stays as it is written there; say it in `config`, as \
                       `required` or with a default, or let the program read its environment";

/// The text, or why it would not arrive.
pub(super) fn text(
    given: &Given<'_>,
    process: &ProcessType,
    pieces: &[&Piece],
) -> Result<String, Refusal> {
    let refusal = |text: String, why| Refusal::Text {
        process: process.name.clone(),
        platform: KUBERNETES,
        text,
        why,
    };
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) if literal.contains('\0') => {
                let shown = literal.escape_debug().to_string();
                return Err(refusal(shown, "no program can be told a zero byte"));
            }
            Piece::Text(literal) => text.push_str(&escape(literal)),
            Piece::Variable(name) if is_set(given, process, name) => {
                text.extend(["$(", name, ")"]);
            }
            Piece::Variable(name) => return Err(refusal(format!("${name}"), NOT_SET)),
        }
    }
    Ok(text)
}

/// A text in which nothing is expanded.
pub(super) fn escape(text: &str) -> String {
    text.replace('$', "$$")
}

/// Whether every pod of the type has the variable.
fn is_set(given: &Given<'_>, process: &ProcessType, name: &str) -> bool {
    let is_port = container::ports(process).iter().any(|port| port.variable == name);
    let is_ours = name == "FORMATION_PROCESS" || given.urls().iter().any(|(url, _)| url == name);
    let mut config = given.app.formation.settings.config.iter();
    is_port
        || is_ours
        || config.any(|item| item.name == name && (item.required || item.default.is_some()))
}
