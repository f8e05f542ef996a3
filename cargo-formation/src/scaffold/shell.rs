//! A line of a shell as words, as far as it needs no shell.
//!
//! Quotes, backslashes, comments, variables and assignments are understood as POSIX says (Shell
//! Command Language, 2.2 to 2.6). What only a shell can do, a pipe say, is a reason not to take the
//! line over: what it meant would be lost.

mod lexer;

use std::path::PathBuf;

use self::lexer::{Lexer, Token, Word};
use super::found::{Command, literal};
use super::reason::Reason;
use crate::formation::Template;

/// Words that are the shell's own, or change it: there is no such program.
const BUILTINS: [&str; 27] = [
    "!", ".", ":", "[[", "alias", "case", "cd", "eval", "export", "for", "function", "if", "pushd",
    "read", "set", "shopt", "source", "time", "trap", "type", "ulimit", "umask", "unalias",
    "unset", "until", "wait", "while",
];

/// What a line of a shell runs.
///
/// # Errors
/// When that cannot be said without a shell.
pub(super) fn command(line: &str) -> Result<Command, Reason> {
    let mut lexer = Lexer::new(line);
    let mut tokens = lexer.tokens()?;
    let mut command = Command { dir: prepared(&mut tokens)?, ..Command::default() };
    for token in tokens {
        let Token::Word(word) = token else { return Err(Reason::Shell("&&".to_owned())) };
        if command.words.is_empty() {
            begin(&mut command, word)?;
        } else {
            command.words.push(word.template()?);
        }
    }
    for (name, value) in lexer.defaults {
        if !command.env.iter().any(|(known, _)| *known == name) {
            command.env.push((name, Template::literal(&value)));
        }
    }
    unwrapped(command)
}

/// Cut off what only prepares: a `cargo build … &&`, which everything here comes after, and a
/// `cd frontend && …`, whose directory this is.
fn prepared(tokens: &mut Vec<Token>) -> Result<Option<PathBuf>, Reason> {
    let before = directory(tokens)?;
    if let [Token::Word(cargo), Token::Word(build), ..] = tokens.as_slice() {
        let builds = cargo.text == "cargo" && ["build", "b"].contains(&build.text.as_str());
        let end = tokens.iter().position(|token| matches!(token, Token::And));
        if let Some(end) = end.filter(|_| builds) {
            tokens.drain(..=end);
        }
    }
    let after = directory(tokens)?;
    Ok(joined(before, after))
}

/// A directory as it is seen from another.
fn joined(outer: Option<PathBuf>, inner: Option<PathBuf>) -> Option<PathBuf> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(outer.join(inner)),
        (outer, inner) => outer.or(inner),
    }
}

/// The directory of a `cd frontend && …`, which is cut off.
fn directory(tokens: &mut Vec<Token>) -> Result<Option<PathBuf>, Reason> {
    let [Token::Word(cd), Token::Word(dir), Token::And, ..] = tokens.as_slice() else {
        return Ok(None);
    };
    if cd.text != "cd" {
        return Ok(None);
    }
    let dir = literal(&dir.template()?).ok_or(Reason::VariableDirectory)?;
    tokens.drain(..3);
    Ok(Some(dir.into()))
}

/// A word where a program may stand: an assignment, something that starts the next, or it.
fn begin(command: &mut Command, word: Word) -> Result<(), Reason> {
    if let Some((name, value)) = word.assignment() {
        command.set(name, value?);
        return Ok(());
    }
    match word.text.as_str() {
        "exec" | "env" => {}
        builtin if BUILTINS.contains(&builtin) => return Err(Reason::Shell(word.text)),
        _ => command.words.push(word.template()?),
    }
    Ok(())
}

/// A command, or what the shell runs that it starts: `sh -c "…"`.
fn unwrapped(command: Command) -> Result<Command, Reason> {
    let words: Vec<_> = command.words.iter().map(literal).collect();
    let words: Vec<_> = words.iter().map(Option::as_deref).collect();
    let inner = match words.as_slice() {
        [] => return Err(Reason::NoProgram),
        [Some("sh" | "bash" | "/bin/sh" | "/bin/bash"), Some("-c" | "-lc"), Some(line)] => *line,
        _ => return Ok(command),
    };
    // A line is shorter than that which has it as a word, so this ends.
    let mut inner = self::command(inner)?;
    for (name, value) in command.env {
        if !inner.env.iter().any(|(known, _)| *known == name) {
            inner.env.push((name, value));
        }
    }
    inner.dir = joined(command.dir, inner.dir);
    Ok(inner)
}

#[cfg(test)]
mod tests;
