//! Variables that every container of the image has: `platform.dockerfile.env`.

use serde_json::Value;

use crate::emit::notice::Refusal;
use crate::emit::own::Own;
use crate::formation::ConfigItem;

/// The key of the table.
const KEY: &str = "env";

/// A variable of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit) struct Variable<'f> {
    pub(in crate::emit) name: &'f str,
    pub(in crate::emit) value: &'f str,
}

/// Read them, in declaration order, or say everything that is wrong with them.
pub(super) fn variables<'f>(
    own: &Own<'f>,
    config: &[ConfigItem],
) -> Result<Vec<Variable<'f>>, Vec<Refusal>> {
    let expected = "a table of variables, as `{ HOST = \"0.0.0.0\" }`";
    let table = own.table(KEY, expected).map_err(|refusal| vec![refusal])?;
    let mut variables = Vec::new();
    let mut refusals = Vec::new();
    for (name, value) in table {
        // No value here: it may be that of a secret.
        match name_problem(name, config).map_or_else(|| text(value), Err) {
            Ok(value) => variables.push(Variable { name, value }),
            Err(why) => refusals.push(own.refusal(&format!("{KEY}.{name}"), why)),
        }
    }
    if refusals.is_empty() { Ok(variables) } else { Err(refusals) }
}

/// Why a name cannot be that of a variable of an image.
fn name_problem(name: &str, config: &[ConfigItem]) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || !name.chars().all(allowed) {
        return Some("the name of a variable is letters, digits and `_`, no digit first");
    }
    if name == "PATH" {
        return Some("the image has its own, by which its programs are found");
    }
    let is_port = name == "PORT" || name.starts_with("PORT_");
    if is_port || name == "PS" || name.starts_with("FORMATION_") {
        return Some("it is another in each container: whoever runs them says it");
    }
    let is_secret = config.iter().any(|item| item.secret && item.name == name);
    is_secret.then_some("`config` calls it a secret, which everybody would have who has the image")
}

fn text(value: &Value) -> Result<&str, &'static str> {
    let text = value.as_str().ok_or("expected a text")?;
    // An instruction is one line.
    let is_line = !text.contains(char::is_control);
    is_line.then_some(text).ok_or("expected a text without control characters")
}

impl Variable<'_> {
    /// The instruction that sets it. In quotes, `"` and `$` are escaped. Of a backslash in them,
    /// readers differ: outside of them, two are one to all.
    pub(super) fn instruction(&self) -> String {
        let escape = |part: &str| part.replace('"', "\\\"").replace('$', "\\$");
        let parts: Vec<String> = self.value.split('\\').map(escape).collect();
        format!("ENV {}=\"{}\"", self.name, parts.join(r#""\\""#))
    }
}
