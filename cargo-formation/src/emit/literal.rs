//! Text for those who expand nothing: what is known already is put in, the rest is refused.

use super::container::ContainerPort;
use super::notice::Refusal;
use super::platform::Platform;
use super::resolve::{resolve, resolve_value};
use crate::formation::{Piece, ProcessType, Template};

/// Why an argument may not use other variables.
const NOT_EXPANDED: &str = "nobody expands variables there; let the program read its environment";

/// The type whose text it is, and who reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal<'p> {
    pub(super) platform: Platform,
    pub(super) process: &'p ProcessType,
    /// The ports that are known before anything runs.
    pub(super) ports: &'p [ContainerPort],
}

impl Literal<'_> {
    /// The binary and its arguments.
    pub(super) fn words(self) -> Result<Vec<String>, Vec<Refusal>> {
        let mut words = vec![self.process.binary.name.clone()];
        let mut refusals = Vec::new();
        for arg in &self.process.args {
            match self.argument(arg) {
                Ok(word) => words.push(word),
                Err(refusal) => refusals.push(refusal),
            }
        }
        if refusals.is_empty() { Ok(words) } else { Err(refusals) }
    }

    fn argument(self, arg: &Template) -> Result<String, Refusal> {
        let text = self.join(&resolve(arg, &self.process.env));
        text.map_err(|variable| self.refusal(&format!("${variable}"), NOT_EXPANDED))
            .and_then(|text| self.whole(text))
    }

    /// The value of one of its own variables.
    pub(super) fn value(self, name: &str, value: &Template) -> Result<String, Refusal> {
        let text = self.join(&resolve_value(name, value, &self.process.env));
        let refusal = |variable| Refusal::Variable {
            process: self.process.name.clone(),
            platform: self.platform,
            name: name.to_owned(),
            variable,
        };
        text.map_err(refusal).and_then(|text| self.whole(text))
    }

    /// The text, or the first variable that nobody knows.
    fn join(self, pieces: &[&Piece]) -> Result<String, String> {
        let text = |piece: &&Piece| match piece {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Variable(name) => {
                let port = self.ports.iter().find(|port| port.variable == *name);
                port.map(|port| port.number.to_string()).ok_or_else(|| name.clone())
            }
        };
        pieces.iter().map(text).collect()
    }

    fn whole(self, text: String) -> Result<String, Refusal> {
        if text.contains('\0') {
            let shown = text.escape_debug().to_string();
            return Err(self.refusal(&shown, "no program can be told a zero byte"));
        }
        Ok(text)
    }

    fn refusal(self, text: &str, why: &'static str) -> Refusal {
        Refusal::Text {
            process: self.process.name.clone(),
            platform: self.platform,
            text: text.to_owned(),
            why,
        }
    }
}
