//! Variables that the process type itself defines, replaced by their definitions.
//!
//! `env A=1 ./web $A` would not do what the table means: the shell expands `$A` before
//! `env` has set it.

use crate::formation::{Piece, Template};

/// The pieces of a template, in which every variable is one the platform has to set.
pub(super) fn resolve<'p>(template: &'p Template, env: &'p [(String, Template)]) -> Vec<&'p Piece> {
    let mut pieces = Vec::new();
    push(template, env, &mut Vec::new(), &mut pieces);
    pieces
}

/// `open` has the variables that are being replaced: one that names itself means the
/// value from outside, as in `PATH = "/opt/bin:$PATH"`.
fn push<'p>(
    template: &'p Template,
    env: &'p [(String, Template)],
    open: &mut Vec<&'p str>,
    pieces: &mut Vec<&'p Piece>,
) {
    for piece in template.pieces() {
        let definition = match piece {
            Piece::Text(_) => None,
            Piece::Variable(name) if open.contains(&name.as_str()) => None,
            Piece::Variable(name) => env.iter().find(|(defined, _)| defined == name),
        };
        match definition {
            Some((name, value)) => {
                open.push(name);
                push(value, env, open, pieces);
                open.pop();
            }
            None => pieces.push(piece),
        }
    }
}

/// The pieces of the value of a variable, which inside of itself means the one outside.
pub(super) fn resolve_value<'p>(
    name: &'p str,
    value: &'p Template,
    env: &'p [(String, Template)],
) -> Vec<&'p Piece> {
    let mut pieces = Vec::new();
    push(value, env, &mut vec![name], &mut pieces);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{resolve, resolve_value};
    use crate::formation::{Piece, Template};

    fn text(pieces: &[&Piece]) -> String {
        let written = |piece: &&Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name) => format!("${name}"),
        };
        pieces.iter().map(written).collect()
    }

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, Template)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), Template::parse(v).unwrap())).collect()
    }

    #[test]
    fn own_variables_become_their_values() {
        let env = env(&[("A", "1$PORT"), ("B", "<$A>")]);
        let template = Template::parse("$B-$C").unwrap();
        assert_eq!(text(&resolve(&template, &env)), "<1$PORT>-$C");
    }

    #[test]
    fn a_variable_inside_of_itself_is_the_one_outside() {
        let env = env(&[("PATH", "/opt:$PATH"), ("A", "$B"), ("B", "$A")]);
        assert_eq!(text(&resolve_value("PATH", &env[0].1, &env)), "/opt:$PATH");
        assert_eq!(text(&resolve_value("A", &env[1].1, &env)), "$A");
    }
}
