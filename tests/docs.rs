//! The documentation: its links lead somewhere, also as a book, and its tables are those of
//! the code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a page that is not there is a failure")]

#[path = "docs/book.rs"]
mod book;
#[path = "docs/code.rs"]
mod code;
#[path = "docs/commands.rs"]
mod commands;
#[path = "docs/facts.rs"]
mod facts;
#[path = "docs/page.rs"]
mod page;
#[path = "docs/values.rs"]
mod values;
#[path = "docs/variables.rs"]
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use self::code::{all_keys, constants, keys};
use self::page::{Page, pages};

/// The sections of the reference of the table, and the functions that read their keys.
const KEYS: [(&str, &[(&str, &str)]); 10] = [
    ("A process type", &[("process.rs", "keys"), ("process.rs", "package")]),
    ("`health`", &[("process.rs", "health")]),
    ("`ready`", &[("value.rs", "ready_table")]),
    ("`stop`", &[("value.rs", "stop")]),
    ("`resources`", &[("resources.rs", "resources")]),
    (
        "Settings",
        &[
            ("settings.rs", "settings"),
            ("settings.rs", "services"),
            ("settings.rs", "development"),
            ("tables.rs", "workspace"),
        ],
    ),
    ("`config`", &[("settings.rs", "config_item")]),
    ("`dev`", &[("dev.rs", "dev")]),
    ("A backing service", &[("service.rs", "service"), ("service.rs", "source")]),
    ("One developer's own", &[("local.rs", "overlay"), ("settings.rs", "development")]),
];

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    assert!(pages.len() > 10, "the documentation was not found");
    let mut broken = Vec::new();
    for page in &pages {
        for link in page.links() {
            if let Err(why) = page.follow(&link, &pages) {
                broken.push(format!("{}: `{link}`: {why}", page.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_page_is_on_a_shelf_of_both_indexes() {
    let pages = pages();
    let pages = pages.iter().map(|page| page.path.to_str().unwrap());
    let indexes = ["docs/README.md", "docs/SUMMARY.md"];
    let every: BTreeSet<String> = pages
        .filter(|path| path.starts_with("docs/") && !indexes.contains(path))
        .map(str::to_owned)
        .collect();
    for index in indexes {
        let page = Page::read(index);
        let links: Vec<_> = page.links().iter().map(|link| page.target(link)).collect();
        let listed = links.iter().map(|path| path.to_str().unwrap().to_owned());
        let listed: Vec<_> = listed.filter(|path| !indexes.contains(&path.as_str())).collect();
        let set: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(set, every, "{index} lists the left, and there is the right");
        assert_eq!(set.len(), listed.len(), "{index} lists a page twice");
    }
}

#[test]
fn a_page_of_the_book_links_to_the_book_only() {
    for page in pages().iter().filter(|page| page.path.starts_with("docs")) {
        for link in page.links() {
            let target = page.target(&link);
            let inside = target.starts_with("docs");
            assert!(inside, "{}: `{link}` is no page of the book", page.path.display());
        }
    }
}

#[test]
fn every_key_of_the_table_is_documented_and_no_other() {
    let page = Page::read("docs/reference/table.md");
    for (section, functions) in KEYS {
        let read: BTreeSet<String> =
            functions.iter().flat_map(|(file, function)| keys(file, function)).collect();
        assert!(!read.is_empty(), "no keys found for {section}");
        let documented: BTreeSet<String> = page.rows(section).into_keys().collect();
        assert_eq!(documented, read, "{section}");
    }
    let every = all_keys();
    let told: BTreeSet<String> =
        KEYS.iter().flat_map(|(section, _)| page.rows(section).into_keys()).collect();
    assert_eq!(told, every, "a key is read somewhere else than this test looks");
}

#[test]
fn every_exit_code_is_documented_and_no_other() {
    let page = Page::read("docs/reference/exit-codes.md");
    let documented: BTreeMap<String, String> = page
        .rows("Exit codes")
        .into_iter()
        .map(|(code, row)| (page::cells(&row)[1].trim_matches('`').to_owned(), code))
        .collect();
    assert_eq!(documented, constants());
}
