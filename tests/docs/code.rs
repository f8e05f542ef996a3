//! What the source says of itself: keys of the table, constants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::page::root;

/// How the keys of a table are read.
const READERS: [&str; 4] = [".read(", ".collect(", ".entry(", ".refuse("];

fn source(path: &str) -> String {
    let text = fs::read_to_string(root().join("cargo-formation/src").join(path)).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// The keys that a function of `manifest` reads.
pub(crate) fn keys(file: &str, function: &str) -> BTreeSet<String> {
    let text = source(&format!("manifest/{file}"));
    let start = format!("fn {function}(");
    let (before, body) =
        text.split_once(&start).unwrap_or_else(|| panic!("{file} has no {function}"));
    // It ends with a brace that is indented as it is.
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let end = body.find(&format!("\n{indent}}}\n"));
    read(&body[..end.unwrap_or(body.len())])
}

/// Every key that is read anywhere in `manifest`.
pub(crate) fn all_keys() -> BTreeSet<String> {
    let directory = root().join("cargo-formation/src/manifest");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    files.flat_map(|file| read(&source(&format!("manifest/{}", file.to_str().unwrap())))).collect()
}

fn read(body: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for reader in READERS {
        for rest in body.split(reader).skip(1) {
            if let Some(key) = rest.trim_start().strip_prefix('"') {
                keys.extend(key.split_once('"').map(|(key, _)| key.to_owned()));
            }
        }
    }
    keys
}

/// The exit codes, by name.
pub(crate) fn constants() -> BTreeMap<String, String> {
    let text = source("formation/exit.rs");
    let constants = text.split("pub const ").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once(": Self = Self(")?;
        Some((name.to_owned(), rest.split_once(')')?.0.to_owned()))
    });
    constants.collect()
}
