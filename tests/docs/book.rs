//! The book that mdBook makes of the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::page::root;

/// A page as mdBook wrote it.
#[derive(Debug, Default)]
struct Html {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

#[test]
fn it_is_built_without_a_warning_and_its_links_lead_somewhere() {
    let directory = tempfile::tempdir().unwrap();
    let mut mdbook = Command::new("mdbook");
    mdbook.arg("build").arg(root().join("docs")).arg("--dest-dir").arg(directory.path());
    let Ok(output) = mdbook.output() else {
        return harness::skipped("there is no `mdbook` to build the book with");
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    let mut book = BTreeMap::new();
    collect(directory.path(), directory.path(), &mut book);
    assert!(book.len() > 10, "there is no book in {}", directory.path().display());
    let broken: Vec<_> = book
        .iter()
        .flat_map(|(path, page)| page.links.iter().map(move |link| (path, link)))
        .filter(|(path, link)| !leads_somewhere(directory.path(), &book, path, link))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Read every page below a directory. The page for printing has all others in it, with
/// links of its own; it says nothing new.
fn collect(top: &Path, directory: &Path, found: &mut BTreeMap<PathBuf, Html>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(top, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "html")
            && !["print.html", "404.html", "toc.html"].iter().any(|name| path.ends_with(name))
        {
            let page = read(&fs::read_to_string(&path).unwrap());
            found.insert(path.strip_prefix(top).unwrap().to_owned(), page);
        }
    }
}

fn read(text: &str) -> Html {
    let values = |attribute: &str| {
        let start = format!(" {attribute}=\"");
        let rests = text.split(&start).skip(1).collect::<Vec<_>>();
        rests.into_iter().filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
    };
    let links = values("href").chain(values("src"));
    Html {
        anchors: values("id").collect(),
        links: links.filter(|link| !link.contains("://") && !link.starts_with('/')).collect(),
    }
}

fn leads_somewhere(top: &Path, book: &BTreeMap<PathBuf, Html>, from: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        from.to_owned()
    } else {
        let path = top.join(from).parent().unwrap().join(file);
        let Ok(path) = path.canonicalize() else { return false };
        path.strip_prefix(top.canonicalize().unwrap()).unwrap().to_owned()
    };
    anchor.is_empty() || book.get(&target).is_some_and(|page| page.anchors.contains(anchor))
}
