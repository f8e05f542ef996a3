//! Text with variables of an instance's own environment: `$NAME`, `${NAME}`, `$$` for a dollar.
//!
//! No shell is involved: there are no defaults, no commands and no word splitting.
//! Emitters translate a template into the notation of a platform, or refuse.

use std::fmt;

/// A text that may name variables of the instance's own environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Stands for itself; `$$` has already become `$`.
    Text(String),
    /// Stands for the value of the variable of this name.
    Variable(String),
}

impl Template {
    /// A template of one literal text, whatever it holds.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())] }
    }

    /// Read a template.
    ///
    /// # Errors
    /// When a `$` is followed by neither a name, `{NAME}` nor another `$`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            literal.push_str(&rest[..dollar]);
            let after = &rest[dollar + 1..];
            rest = if let Some(after) = after.strip_prefix('$') {
                literal.push('$');
                after
            } else {
                let (name, after) =
                    variable(after).ok_or(TemplateError { at: text.len() - after.len() - 1 })?;
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
                after
            };
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The parts, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The names of the variables it uses, in order, with repetitions.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Variable(name) => Some(name.as_str()),
        })
    }

    /// The text with every variable replaced by what `value` says of it.
    ///
    /// # Errors
    /// Names the first variable that has no value.
    pub fn expand<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, Unset> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Variable(name) => {
                    text.push_str(value(name).ok_or_else(|| Unset(name.clone()))?);
                }
            }
        }
        Ok(text)
    }
}

/// Writes the notation that `parse` reads.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(&text.replace('$', "$$"))?,
                Piece::Variable(name) => write!(f, "${{{name}}}")?,
            }
        }
        Ok(())
    }
}

/// Split `NAME rest` or `{NAME} rest` at the end of the variable.
fn variable(text: &str) -> Option<(&str, &str)> {
    let (name, after) = if let Some(braced) = text.strip_prefix('{') {
        braced.split_once('}')?
    } else {
        let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.split_at(text.find(|c| !in_name(c)).unwrap_or(text.len()))
    };
    let first = name.chars().next()?;
    let valid = (first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    valid.then_some((name, after))
}

/// A `$` that names no variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The byte offset of the dollar in the text.
    pub at: usize,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`$` is not followed by the name of a variable; write `$$` for a dollar")
    }
}

impl std::error::Error for TemplateError {}

/// A variable that a template names and the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset(pub String);

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`${}` is not set", self.0)
    }
}

impl std::error::Error for Unset {}

#[cfg(test)]
mod tests {
    use super::{Template, TemplateError, Unset};

    fn expand(text: &str) -> Result<String, Unset> {
        Template::parse(text).unwrap().expand(|name| match name {
            "FOO" => Some("foo"),
            "FOOBAR" => Some("foobar"),
            "EMPTY" => Some(""),
            _ => None,
        })
    }

    #[test]
    fn a_name_ends_where_it_ends() {
        assert_eq!(expand("$FOO $FOOBAR ${FOO}BAR").unwrap(), "foo foobar fooBAR");
        assert_eq!(expand("--x=$FOO/$EMPTY/").unwrap(), "--x=foo//");
        assert_eq!(expand("").unwrap(), "");
    }

    #[test]
    fn two_dollars_are_one() {
        assert_eq!(expand("$$FOO costs 5$$").unwrap(), "$FOO costs 5$");
    }

    #[test]
    fn a_missing_variable_is_named() {
        assert_eq!(expand("a $FO b"), Err(Unset("FO".into())));
    }

    #[test]
    fn a_dollar_alone_is_refused_where_it_stands() {
        for (text, at) in
            [("5$", 1), ("a $ b", 2), ("${}", 0), ("x${A", 1), ("$1", 0), ("${a-b}", 0)]
        {
            assert_eq!(Template::parse(text), Err(TemplateError { at }), "{text}");
        }
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        for text in ["a$$b${FOO}c", "$FOO", "$$$$", ""] {
            let template = Template::parse(text).unwrap();
            assert_eq!(Template::parse(&template.to_string()), Ok(template));
        }
    }
}
