//! Rust source as words and signs: without comments, strings and white space.

/// A word or a sign, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

/// Cut a source into tokens. `::` is one sign; every other sign is one character.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = length(rest, first);
        let (token, after) = rest.split_at(length);
        let kept = first == ':' || is_word(first) || first.is_ascii_punctuation();
        let hidden = token.starts_with("//") || token.starts_with("/*") || is_literal(token);
        if kept && !hidden {
            let line = 1 + text[..text.len() - rest.len()].matches('\n').count();
            tokens.push(Token { text: token.trim_start_matches("r#").to_owned(), line });
        }
        rest = after;
    }
    tokens
}

fn length(rest: &str, first: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if let Some(length) = raw_string(rest) {
        return length;
    }
    match first {
        ':' if rest.starts_with("::") => 2,
        '"' => quoted(rest, '"').unwrap_or(rest.len()),
        // A character, or else a lifetime.
        '\'' => character(rest).unwrap_or(1),
        'b' if rest[1..].starts_with('"') => 1 + quoted(&rest[1..], '"').unwrap_or(rest.len() - 1),
        'b' if rest[1..].starts_with('\'') => 1 + character(&rest[1..]).unwrap_or(1),
        first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        other => other.len_utf8(),
    }
}

/// The length of `"…"` or `'…'`, escapes included.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn character(rest: &str) -> Option<usize> {
    let mut inside = rest.chars().skip(1);
    let first = inside.next()?;
    (first == '\\' || inside.next() == Some('\'')).then(|| quoted(rest, '\'')).flatten()
}

/// The length of `r"…"`, `r#"…"#`, `br"…"` and so on.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", &after[..hashes]);
    let end = inside.find(&close)?;
    Some(rest.len() - inside.len() + end + close.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_literal(token: &str) -> bool {
    let bare = token.trim_start_matches(['b', 'r', '#']);
    bare.starts_with('"') || (bare.starts_with('\'') && bare.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn check(text: &str) -> String {
        let words: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_not_code_is_gone() {
        assert_eq!(check("a::b // c\n/* d */ e"), "a :: b e");
        assert_eq!(check(r##"f("g \" h", r#"i " j"#, b"k", 'l', b'm', '\'')"##), "f ( , , , , , )");
        assert_eq!(check("fn f<'a>(x: &'a str) {}"), "fn f < ' a > ( x : & ' a str ) { }");
    }
}
