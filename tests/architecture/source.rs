//! The source of the product: its files, and what each of them mentions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::token::{Token, tokens};

/// Whom a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is part of the tool.
    Product,
    /// It is compiled for tests alone.
    Test,
}

/// A file of the source.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to `src`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) kind: Kind,
    module: Vec<String>,
    /// All of it.
    all: Vec<Token>,
    /// Without what is compiled for tests alone.
    product: Vec<Token>,
    /// The modules that it declares for tests alone.
    test_modules: Vec<String>,
    test_lines: usize,
}

/// A top-level module that a file uses.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// A path as it is written, and its line. `a::{b, c}` are two.
pub(crate) type Mention = (Vec<String>, usize);

/// Every file, read once.
pub(crate) fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        collect(&root, &root, &mut files);
        let tests: BTreeSet<Vec<String>> = files.iter().flat_map(File::test_paths).collect();
        for file in &mut files {
            if tests.iter().any(|test| file.module.starts_with(test)) {
                file.kind = Kind::Test;
            }
        }
        files
    })
}

fn collect(directory: &Path, root: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // Those are code of others, that is yet to be made.
        if path.ends_with("scaffold/templates") {
            continue;
        }
        if path.is_dir() {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).unwrap().to_str().unwrap();
            files.push(File::read(relative, fs::read_to_string(&path).unwrap()));
        }
    }
}

impl File {
    pub(crate) fn read(path: &str, text: String) -> Self {
        let all = tokens(&text);
        let Split { product, test_modules, test_lines } = split(&all);
        let module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let (path, kind) = (path.to_owned(), Kind::Product);
        Self { path, text, kind, module, all, product, test_modules, test_lines }
    }

    /// The top-level module it belongs to.
    pub(crate) fn top(&self) -> &str {
        &self.module[0]
    }

    /// How many lines it has, without those for tests alone.
    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count() - self.test_lines
    }

    /// Every path it mentions outside of tests.
    pub(crate) fn paths(&self) -> Vec<Mention> {
        paths(&self.product)
    }

    /// Every path it mentions.
    pub(crate) fn all_paths(&self) -> Vec<Mention> {
        paths(&self.all)
    }

    /// Every macro it calls outside of tests.
    pub(crate) fn macros(&self) -> Vec<(String, usize)> {
        let calls = self.product.windows(3).filter(|three| {
            three[0].is_word() && three[1].text == "!" && "([{".contains(three[2].text.as_str())
        });
        calls.map(|call| (call[0].text.clone(), call[0].line)).collect()
    }

    /// Every top-level module it uses, in whatever way it is named.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        let paths = self.paths().into_iter();
        paths.filter_map(|(path, line)| Some(Layer { name: self.layer(&path)?, line })).collect()
    }

    /// The top-level module that a path leads to, if it starts in this crate.
    fn layer(&self, path: &[String]) -> Option<String> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let rest = match path.first().map(String::as_str) {
            Some("crate" | "cargo_formation") => &path[1..],
            // To the crate itself; a module written inline would have to be counted, too.
            Some("super") if supers >= self.module.len() => &path[supers..],
            _ => return None,
        };
        rest.first().cloned()
    }

    fn test_paths(&self) -> Vec<Vec<String>> {
        let path = |name: &String| [self.module.as_slice(), std::slice::from_ref(name)].concat();
        self.test_modules.iter().map(path).collect()
    }
}

/// A source without what stands behind `#[cfg(test)]`.
struct Split {
    product: Vec<Token>,
    test_modules: Vec<String>,
    test_lines: usize,
}

fn split(all: &[Token]) -> Split {
    let mut split = Split { product: Vec::new(), test_modules: Vec::new(), test_lines: 0 };
    let mut at = 0;
    while at < all.len() {
        let rest = &all[at..];
        let Some(mark) = mark(rest) else {
            split.product.push(all[at].clone());
            at += 1;
            continue;
        };
        let item = &rest[..item_length(rest, mark)];
        if let [module, name, end] = &item[mark..]
            && (module.text.as_str(), end.text.as_str()) == ("mod", ";")
        {
            split.test_modules.push(name.text.clone());
        }
        split.test_lines += 1 + item[item.len() - 1].line - item[0].line;
        at += item.len();
    }
    split
}

/// The length of `#[cfg(test)]` or `#[cfg(all(test, …))]`, if that is what comes.
fn mark(rest: &[Token]) -> Option<usize> {
    const MARKS: [&[&str]; 2] =
        [&["#", "[", "cfg", "(", "test", ")"], &["#", "[", "cfg", "(", "all", "(", "test", ","]];
    let is = |mark: &&[&str]| {
        rest.len() > mark.len() && rest.iter().zip(*mark).all(|(token, text)| token.text == *text)
    };
    MARKS.iter().find(|mark| is(mark))?;
    Some(1 + rest.iter().position(|token| token.text == "]")?)
}

/// How many tokens an item has that begins with an attribute of length `start`: to its `;`,
/// or to the end of its braces.
fn item_length(rest: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in rest.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Every path of at least two parts, and every first word of a `use`.
fn paths(tokens: &[Token]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = tokens[at].is_word()
            && (at == 0 || tokens[at - 1].text != "::")
            && (tokens.get(at + 1).is_some_and(|next| next.text == "::")
                || (at > 0 && tokens[at - 1].text == "use"));
        at = if starts { path(tokens, at, &[], &mut found) } else { at + 1 };
    }
    found
}

/// Read the path that begins at `at`; where it ends.
fn path(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Mention>) -> usize {
    let mut parts = before.to_vec();
    let line = tokens[at].line;
    loop {
        match tokens.get(at) {
            Some(token) if token.is_word() || token.text == "*" => parts.push(token.text.clone()),
            Some(token) if token.text == "{" => return group(tokens, at + 1, &parts, found),
            // Turbofish: what it holds are paths of their own.
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    found.push((parts, line));
    at
}

/// Read `a, b::c}`; where it ends.
fn group(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Mention>) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "}" => return at + 1,
            _ if token.is_word() || token.text == "*" => {
                at = path(tokens, at, before, found);
                // `as name` is no path.
                if tokens.get(at).is_some_and(|token| token.text == "as") {
                    at += 2;
                }
            }
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::File;

    fn check(path: &str, text: &str) -> String {
        let file = File::read(path, text.to_owned());
        let names: Vec<String> = file.layers().into_iter().map(|layer| layer.name).collect();
        names.join(" ")
    }

    #[test]
    fn a_layer_is_found_however_it_is_named() {
        assert_eq!(check("a.rs", "use crate::world::clock::Clock;"), "world");
        assert_eq!(
            check("a.rs", "use crate::{plan, world::{clock as c, lock}, drive};"),
            "plan world world drive"
        );
        assert_eq!(check("a.rs", "fn f() -> crate::drive::Dev { crate::cli::x() }"), "drive cli");
        assert_eq!(check("a/b.rs", "use super::super::world::Clock; use super::c;"), "world");
        assert_eq!(check("main.rs", "use cargo_formation::world::guard;"), "world");
        assert_eq!(check("a.rs", "pub(crate) fn f() {} pub(in crate::world) fn g() {}"), "world");
    }

    #[test]
    fn what_is_for_tests_does_not_count() {
        let file = "use crate::plan::A;\n#[cfg(test)]\nmod tests {\n use crate::world::B;\n}\n";
        assert_eq!(check("a.rs", file), "plan");
        assert_eq!(File::read("a.rs", file.to_owned()).lines(), 1);
        let gated = "#[cfg(all(test, unix))]\nmod tests {\n use crate::world::B;\n}";
        assert_eq!(check("a.rs", gated), "");
        let declares = "#[cfg(test)]\nmod tests;\nfn f() {}";
        let file = File::read("a/b.rs", declares.to_owned());
        assert_eq!(file.test_paths(), [["a", "b", "tests"].map(str::to_owned).to_vec()]);
    }
}
