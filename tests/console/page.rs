//! What a page asks its reader to do.

use std::fs;
use std::path::{Path, PathBuf};

/// Something for the reader to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// What is typed and seen at a terminal.
    Console(Vec<Step>),
    /// A file to write.
    File {
        /// Relative to where the reader is.
        path: String,
        text: String,
        /// Whether it goes to the end of what is there.
        is_added: bool,
    },
}

/// A line of a console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A command is typed.
    Type(String),
    /// Ctrl-C is pressed.
    Interrupt,
    /// This is seen.
    See(String),
}

impl Step {
    /// The command that is typed.
    pub(crate) fn command(&self) -> Option<&str> {
        match self {
            Self::Type(command) => Some(command),
            Self::Interrupt | Self::See(_) => None,
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every page, as a path from the root of the repository.
pub(crate) fn pages() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    let mut open = vec![PathBuf::from("docs")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(root().join(&directory)).unwrap() {
            let path = directory.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// What a page asks its reader to do, or a picture shows somebody doing, from top to bottom.
pub(crate) fn read(path: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let is_picture = Path::new(path).extension().is_some_and(|extension| extension == "svg");
    if is_picture { picture(&text) } else { parse(&text) }
}

/// A picture of a terminal, at which `web.1` was killed from another. It does not show that
/// Ctrl-C was pressed: no key is echoed there.
fn picture(svg: &str) -> Vec<Block> {
    let (_, text) = svg.split_once("<text ").unwrap();
    let mut lines: Vec<String> = text.lines().skip(1).map(words).collect();
    let stop = lines.iter().position(|line| line.contains("Stopping everything; interrupt"));
    lines.insert(stop.unwrap(), "^C".to_owned());
    // Who runs this again is at no terminal, where there are keys.
    let is_everywhere = |line: &&str| !line.is_empty() && !line.contains("Keys ");
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(is_everywhere).collect();
    let web =
        lines.iter().find_map(|line| line.split_once("Started web.1 ")?.1.split_once("(process "));
    let kill = format!("$ kill -9 {}", web.unwrap().1.trim_end_matches(')'));
    let crash = lines.iter().position(|line| line.contains("Crashed web.1")).unwrap();
    let blocks = [&lines[..crash], &[kill.as_str()], &lines[crash..]];
    blocks.into_iter().filter_map(|lines| block("console", "", lines)).collect()
}

/// A line of SVG without what is markup.
fn words(line: &str) -> String {
    let pieces = line.split('<').filter_map(|piece| Some(piece.split_once('>')?.1));
    let text: String = pieces.collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut above = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.extend(block(language, above, &inside));
        } else if !line.trim().is_empty() {
            above = line;
        }
    }
    blocks
}

fn block(language: &str, above: &str, lines: &[&str]) -> Option<Block> {
    if language == "console" {
        return Some(Block::Console(lines.iter().flat_map(|line| steps(line)).collect()));
    }
    let sentence = above.strip_suffix("`:")?;
    let (before, path) = sentence.rsplit_once('`')?;
    let text = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let is_added = before.ends_with("the end of ");
    Some(Block::File { path: path.to_owned(), text, is_added })
}

fn steps(line: &str) -> Vec<Step> {
    if let Some(command) = line.strip_prefix("$ ") {
        return vec![Step::Type(command.to_owned())];
    }
    match line.strip_prefix("^C") {
        Some("") => vec![Step::Interrupt],
        Some(rest) => vec![Step::Interrupt, Step::See(rest.to_owned())],
        None => vec![Step::See(line.to_owned())],
    }
}

#[test]
fn a_page_is_what_is_typed_seen_and_written() {
    let page = "In `src/main.rs`:\n\n```rust\nfn main() {}\n```\n\
                At the end of `Cargo.toml`:\n```toml\n[x]\n\ny = 1\n```\n\
                As in\n```toml\nz = 2\n```\n\
                ```console\n$ run it\nhere\n^C    Stopping\n^C\n```\n";
    let file = |path: &str, text: &str, is_added| Block::File {
        path: path.to_owned(),
        text: text.to_owned(),
        is_added,
    };
    let see = |text: &str| Step::See(text.to_owned());
    assert_eq!(
        parse(page),
        [
            file("src/main.rs", "fn main() {}\n", false),
            file("Cargo.toml", "[x]\n\ny = 1\n", true),
            Block::Console(vec![
                Step::Type("run it".to_owned()),
                see("here"),
                Step::Interrupt,
                see("    Stopping"),
                Step::Interrupt,
            ]),
        ]
    );
}
