//! Text in which Kubernetes expands `$(NAME)`, and takes `$$` for a dollar.

use super::name::KUBERNETES;
use super::pod::Given;
use crate::emit::container;
use crate::emit::notice::Refusal;
use crate::formation::{Piece, ProcessType};

/// What is left as it is would reach the program as `$(NAME)`.
const NOT_SET: &str = "what may not be set stays as it is written there; say it in `config`, as \
                       `required` or with a default, or let the program read its environment";

/// Why a literal text would not arrive, if it would not. To escape these characters does not help:
/// kubectl's kustomize makes JSON of what it has read, where they stand as they are, and reads that
/// as YAML, which has none of them, and to which U+0085 is the end of a line.
pub(super) fn lost(text: &str) -> Option<&'static str> {
    let is_lost = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains('\0') {
        Some("no program can be told a zero byte")
    } else if text.contains(is_lost) {
        Some("kubectl takes no control characters from U+007F to U+009F, no U+FFFE and no U+FFFF")
    } else {
        None
    }
}

/// The text, or why it would not arrive.
pub(super) fn text(
    given: &Given<'_>,
    process: &ProcessType,
    pieces: &[&Piece],
) -> Result<String, Refusal> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => match lost(literal) {
                Some(why) => return Err(refused(process, literal, why)),
                None => text.push_str(&escape(literal)),
            },
            Piece::Variable(name) if is_set(given, process, name) => {
                text.extend(["$(", name, ")"]);
            }
            Piece::Variable(name) => return Err(refused(process, &format!("${name}"), NOT_SET)),
        }
    }
    Ok(text)
}

/// That a text of a process type does not arrive.
pub(super) fn refused(process: &ProcessType, text: &str, why: &'static str) -> Refusal {
    let (process, text) = (process.name.clone(), text.escape_debug().to_string());
    Refusal::Text { process, platform: KUBERNETES, text, why }
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
