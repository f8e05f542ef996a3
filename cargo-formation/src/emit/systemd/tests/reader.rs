//! How systemd reads a command line and an assignment, after its own source (v252):
//! `extract_first_word` with `EXTRACT_UNQUOTE | EXTRACT_CUNESCAPE`, then `unit_full_printf`
//! for specifiers, then, for command lines, `replace_env_argv`.

use std::iter::Peekable;
use std::str::Chars;

/// The words of `ExecStart=`, as the process gets them in an instance called `INSTANCE`.
pub(super) fn words(line: &str, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let words = split(line).into_iter().enumerate();
    words
        .flat_map(|(position, word)| {
            let word = specifiers(&word);
            // The path of the program is not expanded.
            if position == 0 { vec![word] } else { expand(&word, variable) }
        })
        .collect()
}

/// Every assignment of `Environment=`.
pub(super) fn assignments(unit: &str) -> Vec<String> {
    let lines = unit.split('\n').filter_map(|line| line.strip_prefix("Environment="));
    lines.flat_map(split).map(|word| specifiers(&word)).collect()
}

/// Split at blanks; quotes keep together, a backslash begins an escape of C in and out of them.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| " \t\n\r".contains(*c)).is_some() {}
        if chars.peek().is_none() {
            return words;
        }
        words.push(word(&mut chars));
    }
}

fn word(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => word.push(unescape(chars)),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (' ' | '\t' | '\n' | '\r', None) => return word,
            (c, _) => word.push(c),
        }
    }
    assert_eq!(quote, None, "quotes are not closed");
    word
}

/// `cunescape_one`, as far as it is used; it fails on what it does not know, and so does systemd.
fn unescape(chars: &mut Peekable<Chars<'_>>) -> char {
    match chars.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some(c @ ('"' | '\'' | '\\')) => c,
        Some('s') => ' ',
        Some('x') => {
            let digits: String = [chars.next().unwrap(), chars.next().unwrap()].iter().collect();
            let code = u8::from_str_radix(&digits, 16).unwrap();
            assert!((1..0x80).contains(&code), "\\x{digits} is refused");
            char::from(code)
        }
        other => panic!("`\\{other:?}` is no escape"),
    }
}

/// `%%` is a percent sign, `%i` the name of the instance; nothing else is emitted.
fn specifiers(word: &str) -> String {
    let mut text = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => text.push('%'),
            Some('i') => text.push_str("INSTANCE"),
            other => panic!("the specifier `%{other:?}` is none of ours"),
        }
    }
    text
}

/// `$NAME` that is a whole word becomes many words; `${NAME}` is replaced anywhere; `$$` is a
/// dollar; any other dollar stays.
fn expand(word: &str, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    if let Some(name) = word.strip_prefix('$')
        && !name.starts_with(['{', '$'])
    {
        let value = variable(name).unwrap_or_default();
        return value.split_whitespace().map(str::to_owned).collect();
    }
    let mut text = String::new();
    let mut rest = word;
    while let Some(dollar) = rest.find('$') {
        text.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        if let Some(after) = after.strip_prefix('$') {
            text.push('$');
            rest = after;
        } else if let Some((name, after)) =
            after.strip_prefix('{').and_then(|braced| braced.split_once('}'))
        {
            text.push_str(&variable(name).unwrap_or_default());
            rest = after;
        } else {
            text.push('$');
            rest = after;
        }
    }
    vec![text + rest]
}
