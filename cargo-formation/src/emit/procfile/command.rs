//! One simple command: a program, its arguments, and the variables it gets.

use super::notice::Refusal;
use super::word::{Part, Word, breaks};
use crate::emit::resolve::{resolve, resolve_value};
use crate::formation::{ProcessType, Template};

/// A program with its arguments, and the variables it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    words: Vec<Word>,
}

impl Command {
    /// The command that runs a process type.
    ///
    /// Variables go through `env`, because not every reader is a shell: to some
    /// `NAME=value ./web` is a program called `NAME=value`.
    pub(super) fn new(program: &str, process: &ProcessType) -> Result<Self, Refusal> {
        let mut words = Vec::new();
        if !process.env.is_empty() {
            words.push(Word::literal("env"));
        }
        for (name, value) in &process.env {
            words.push(Word::assignment(name, &resolve_value(name, value, &process.env)));
        }
        words.push(program_word(program, process)?);
        words.extend(process.args.iter().map(|arg| argument(arg, process)));
        match words.iter().find(|word| word.breaks_the_line()) {
            Some(word) => Err(Refusal::Line {
                process: process.name.clone(),
                word: visible(&word.to_string()),
            }),
            None => Ok(Self { words }),
        }
    }

    /// The command as it stands in the file.
    pub(super) fn text(&self) -> String {
        self.words.iter().map(Word::to_string).collect::<Vec<_>>().join(" ")
    }

    /// The first word that is the same word to a shell only.
    pub(super) fn first_quoted(&self) -> Option<&Word> {
        self.words.iter().find(|word| matches!(word, Word::Quoted(_)))
    }

    /// The variables it expects from its environment: sorted, unique.
    pub(super) fn variables(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.words.iter().flat_map(Word::variables).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The program, which must not be something that a shell keeps for itself.
fn program_word(program: &str, process: &ProcessType) -> Result<Word, Refusal> {
    if SHELL_WORDS.contains(&program) {
        let (process, program) = (process.name.clone(), program.to_owned());
        return Err(Refusal::ShellWord { process, program });
    }
    // `a=b/web` would be an assignment, and `@` and `-` mean something to YAML; with
    // `./` before it, it is the same file and nothing else.
    let odd = program.contains('=') || program.starts_with(['@', '%', '+', '-', ',', ':']);
    let relative = program.contains('/') && !program.starts_with(['/', '.']);
    Ok(if odd && relative {
        Word::literal(&format!("./{program}"))
    } else {
        Word::literal(program)
    })
}

/// Builtins and reserved words of POSIX shells and of bash that a binary could be called.
const SHELL_WORDS: &[&str] = &[
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "case",
    "cd",
    "command",
    "compgen",
    "complete",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "enable",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "fi",
    "for",
    "function",
    "getopts",
    "hash",
    "help",
    "history",
    "if",
    "in",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "select",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "then",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "until",
    "wait",
    "while",
];

fn argument(arg: &Template, process: &ProcessType) -> Word {
    Word::new(resolve(arg, &process.env).into_iter().map(Part::from))
}

/// The text with every line break and control character as an escape.
fn visible(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if breaks(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests;
