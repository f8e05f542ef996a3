//! A page of the documentation: its headings, its tables, its links.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    /// Relative to the root of the repository.
    pub(crate) path: PathBuf,
    /// Its lines; those of code blocks are empty.
    lines: Vec<String>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page of the documentation.
pub(crate) fn pages() -> Vec<Page> {
    let mut found = vec![Page::read("README.md"), Page::read("CHANGELOG.md")];
    collect(Path::new("docs"), &mut found);
    found
}

fn collect(directory: &Path, found: &mut Vec<Page>) {
    for entry in fs::read_dir(root().join(directory)).unwrap() {
        let path = directory.join(entry.unwrap().file_name());
        if root().join(&path).is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(Page::read(path.to_str().unwrap()));
        }
    }
}

impl Page {
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let mut inside = false;
        let mut line = |line: &str| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            if fence || inside { String::new() } else { line.to_owned() }
        };
        Self { path: path.into(), lines: text.lines().map(&mut line).collect() }
    }

    /// The headings of a level.
    pub(crate) fn headings(&self, level: usize) -> Vec<String> {
        let mark = format!("{} ", "#".repeat(level));
        let headings = self.lines.iter().filter_map(|line| line.strip_prefix(&mark));
        headings.map(str::to_owned).collect()
    }

    /// What stands between a heading and the next, of whatever level.
    pub(crate) fn section(&self, heading: &str) -> String {
        let is = |line: &&String| line.trim_start_matches('#').trim() == heading;
        let mut after = self.lines.iter().skip_while(|line| !line.starts_with('#') || !is(line));
        assert!(after.next().is_some(), "{} has no section {heading}", self.path.display());
        let section = after.take_while(|line| !line.starts_with('#'));
        section.map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// The rows of the tables of a section, by what stands in their first cell as code: the
    /// first word of each, joined.
    pub(crate) fn rows(&self, heading: &str) -> BTreeMap<String, String> {
        let section = self.section(heading);
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        rows.map(|row| {
            let first = cells(row).remove(0);
            let codes = first.split('`').skip(1).step_by(2);
            let words = codes.map(|code| code.split(' ').next().unwrap_or_default());
            (words.collect::<Vec<_>>().join(", "), row.to_owned())
        })
        .collect()
    }

    /// The targets of the links that stay in the repository.
    pub(crate) fn links(&self) -> Vec<String> {
        let text = self.lines.join("\n");
        let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        let here = targets.filter(|target| !target.contains("://"));
        here.map(str::to_owned).collect()
    }

    /// The file a link leads to.
    pub(crate) fn target(&self, link: &str) -> PathBuf {
        let file = link.split('#').next().unwrap_or_default();
        if file.is_empty() {
            return self.path.clone();
        }
        let mut target = self.path.parent().unwrap().to_path_buf();
        for part in Path::new(file).components() {
            match part {
                Component::ParentDir => assert!(target.pop(), "{link} leaves the repository"),
                Component::Normal(name) => target.push(name),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => panic!("{link} is absolute"),
            }
        }
        target
    }

    /// See where a link leads.
    pub(crate) fn follow(&self, link: &str, pages: &[Self]) -> Result<(), String> {
        let target = self.target(link);
        if !root().join(&target).exists() {
            return Err("there is no such file".to_owned());
        }
        let Some((_, heading)) = link.split_once('#') else { return Ok(()) };
        let page = pages.iter().find(|page| page.path == target);
        let page = page.ok_or("this is no page")?;
        let known = (1..=4).flat_map(|level| page.headings(level)).any(|h| slug(&h) == heading);
        if known { Ok(()) } else { Err("there is no such heading".to_owned()) }
    }
}

/// The anchor of a heading, as the hosts of repositories make it.
pub(crate) fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The cells of a row.
pub(crate) fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}
