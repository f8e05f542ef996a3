//! The parts of a line of a shell: words without quotes, and `&&`.

use std::iter::Peekable;
use std::str::Chars;

use crate::formation::Template;
use crate::scaffold::reason::Reason;

/// A part of a line.
pub(super) enum Token {
    Word(Word),
    /// `&&`
    And,
}

/// A word.
#[derive(Default)]
pub(super) struct Word {
    /// In the notation of a template.
    pub(super) text: String,
    /// How many bytes of it at the start are not quoted.
    bare: usize,
    /// Whether it is more than nothing: `""` is a word.
    begun: bool,
}

impl Word {
    fn literal(&mut self, letter: char) {
        self.begun = true;
        if letter == '$' {
            self.text.push('$');
        }
        self.text.push(letter);
    }

    fn plain(&mut self, letter: char) {
        if self.bare == self.text.len() {
            self.bare += letter.len_utf8();
        }
        self.literal(letter);
    }

    fn variable(&mut self, name: &str) {
        self.begun = true;
        self.text.push_str("${");
        self.text.push_str(name);
        self.text.push('}');
    }

    /// Whether it has the start of an assignment.
    fn assigned(&self) -> Option<&str> {
        let (name, _) = self.text.split_once('=')?;
        (name.len() < self.bare && is_name(name)).then_some(name)
    }

    /// The variable that it sets, if it is more than a word.
    pub(super) fn assignment(&self) -> Option<(String, Result<Template, Reason>)> {
        let name = self.assigned()?;
        Some((name.to_owned(), template(&self.text[name.len() + 1..])))
    }

    pub(super) fn template(&self) -> Result<Template, Reason> {
        template(&self.text)
    }
}

fn template(text: &str) -> Result<Template, Reason> {
    Template::parse(text).map_err(|_| Reason::Shell("$".to_owned()))
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) struct Lexer<'l> {
    rest: Peekable<Chars<'l>>,
    word: Word,
    /// What variables are where nobody sets them: `${HOST:-localhost}`.
    pub(super) defaults: Vec<(String, String)>,
}

impl<'l> Lexer<'l> {
    pub(super) fn new(line: &'l str) -> Self {
        Self { rest: line.trim().chars().peekable(), word: Word::default(), defaults: Vec::new() }
    }

    /// The parts of the line, up to a comment or its end.
    pub(super) fn tokens(&mut self) -> Result<Vec<Token>, Reason> {
        let mut tokens = Vec::new();
        while let Some(letter) = self.rest.next() {
            match letter {
                ' ' | '\t' => self.end(&mut tokens),
                '\n' | '\r' => return Err(Reason::Lines),
                '\0' => return Err(Reason::Nul),
                '#' if !self.word.begun => self.comment(),
                '&' if self.rest.next_if_eq(&'&').is_some() => {
                    self.end(&mut tokens);
                    tokens.push(Token::And);
                }
                '&' | '|' | ';' | '<' | '>' | '(' | ')' => {
                    return Err(Reason::Shell(self.operator(letter)));
                }
                '~' if !self.word.begun && self.ends_at(&['/']) => self.word.variable("HOME"),
                // An assigned value is not expanded to files.
                '*' if self.word.assigned().is_none() => return Err(Reason::Shell("*".to_owned())),
                letter => self.part(letter)?,
            }
        }
        self.end(&mut tokens);
        Ok(tokens)
    }

    /// A part of a word.
    fn part(&mut self, letter: char) -> Result<(), Reason> {
        match letter {
            '\'' => self.single(),
            '"' => self.double(),
            '$' => self.dollar(),
            '`' => Err(Reason::Shell("`".to_owned())),
            '\\' => self.escaped(),
            plain => {
                self.word.plain(plain);
                Ok(())
            }
        }
    }

    fn end(&mut self, tokens: &mut Vec<Token>) {
        let word = std::mem::take(&mut self.word);
        if word.begun {
            tokens.push(Token::Word(word));
        }
    }

    fn comment(&mut self) {
        while self.rest.next_if(|letter| *letter != '\n').is_some() {}
    }

    /// An operator of one or two letters, for people to read.
    fn operator(&mut self, first: char) -> String {
        let second = self.rest.next_if(|next| *next == first && first != '(' && first != ')');
        [Some(first), second].into_iter().flatten().collect()
    }

    /// Whether the word ends here, or goes on with one of these.
    fn ends_at(&mut self, letters: &[char]) -> bool {
        let next = self.rest.peek();
        next.is_none_or(|next| next.is_whitespace() || letters.contains(next))
    }

    fn escaped(&mut self) -> Result<(), Reason> {
        match self.rest.next() {
            // The line goes on.
            Some('\n') => {}
            Some('\0') => return Err(Reason::Nul),
            Some(letter) => self.word.literal(letter),
            None => return Err(Reason::Shell("\\".to_owned())),
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), Reason> {
        self.word.begun = true;
        loop {
            match self.rest.next().ok_or(Reason::Unclosed)? {
                '\'' => return Ok(()),
                '\0' => return Err(Reason::Nul),
                letter => self.word.literal(letter),
            }
        }
    }

    fn double(&mut self) -> Result<(), Reason> {
        self.word.begun = true;
        loop {
            match self.rest.next().ok_or(Reason::Unclosed)? {
                '"' => return Ok(()),
                '$' => self.dollar()?,
                '`' => return Err(Reason::Shell("`".to_owned())),
                '\0' => return Err(Reason::Nul),
                '\\' => match self.rest.next().ok_or(Reason::Unclosed)? {
                    '\n' => {}
                    letter @ ('$' | '`' | '"' | '\\') => self.word.literal(letter),
                    letter => {
                        self.word.literal('\\');
                        self.word.literal(letter);
                    }
                },
                letter => self.word.literal(letter),
            }
        }
    }

    /// What follows a dollar.
    fn dollar(&mut self) -> Result<(), Reason> {
        match self.rest.peek().copied() {
            Some('{') => {
                self.rest.next();
                self.braced()
            }
            Some('(') => Err(Reason::Shell("$(…)".to_owned())),
            Some(letter) if letter.is_ascii_alphabetic() || letter == '_' => {
                let name = self.name();
                self.word.variable(&name);
                Ok(())
            }
            Some(letter) if letter.is_ascii_digit() || "$?!@*#-".contains(letter) => {
                Err(Reason::Shell(format!("${letter}")))
            }
            _ => {
                self.word.literal('$');
                Ok(())
            }
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(letter) =
            self.rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        {
            name.push(letter);
        }
        name
    }

    /// `${NAME}`, or `${NAME:-text}`, whose text becomes a value that others win over.
    fn braced(&mut self) -> Result<(), Reason> {
        let name = self.name();
        let mut rest = String::new();
        loop {
            match self.rest.next().ok_or(Reason::Unclosed)? {
                '}' => break,
                letter => rest.push(letter),
            }
        }
        let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
        match default {
            _ if !is_name(&name) => return Err(Reason::Shell(format!("${{{name}{rest}}}"))),
            None if rest.is_empty() => {}
            Some(default) if !default.contains(['$', '`', '\'', '"', '\\', '{', '\0']) => {
                // The port is always there.
                if name != "PORT" {
                    self.defaults.push((name.clone(), default.to_owned()));
                }
            }
            Some(_) | None => return Err(Reason::Shell(format!("${{{name}{rest}}}"))),
        }
        self.word.variable(&name);
        Ok(())
    }
}
