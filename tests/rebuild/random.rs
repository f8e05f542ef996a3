//! Edits at any moment, in any style, while somebody else builds something else.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::chance::{Chance, seed};
use crate::shop::{Dev, Shop, shared, source};

/// How many times everybody comes to rest, unless `ROUNDS` says otherwise.
const ROUNDS: u32 = 12;

fn rounds() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "this is where a person says it")]
    let said = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    said.unwrap_or(ROUNDS)
}

/// What the last edits have left.
#[derive(Debug)]
struct Latest {
    web: u32,
    worker: u32,
    all: u32,
}

#[test]
fn the_last_edit_is_what_runs_in_the_end() {
    let seed = seed();
    let mut chance = Chance::new(seed);
    let shop = Shop::new();
    // With this feature `web` is another, which is never to run.
    shop.workspace.append("web/Cargo.toml", "[features]\nother = []\n");
    shop.workspace.write("web/src/main.rs", &web(1));
    let dev = shop.dev(&[]);
    let mut latest = Latest { web: 1, worker: 1, all: 1 };
    let mut next = 1;
    for round in 0..rounds() {
        let when = format!("round {round}, CHANCE_SEED={seed}");
        let mut others = Vec::new();
        for _ in 0..=chance.below(6) {
            next += 1;
            edit(&shop, &mut latest, &mut others, next, &mut chance);
            // The next edit comes when it comes, at the latest when this one has settled.
            let gap = Duration::from_millis(u64::try_from(chance.below(600)).unwrap());
            dev.settles_within(gap);
        }
        // Whatever is broken is mended.
        next += 1;
        latest.web = next;
        save(&shop.path("web/src/main.rs"), &web(next), &mut chance);
        let Latest { web, worker, all } = latest;
        let expected = [format!("web {web} {all} 1"), format!("worker {worker} {all} 0")];
        for words in &expected {
            dev.says(words);
        }
        dev.comes_to_rest(&when);
        for mut other in others {
            // A source that is broken right now breaks theirs, too.
            other.wait().unwrap();
        }
        for words in &expected {
            assert_eq!(&last(&dev, words), words, "{when}\n{}", dev.tool.transcript());
        }
    }
    assert_eq!(dev.tool.count("| other "), 0, "CHANCE_SEED={seed}\n{}", dev.tool.transcript());
    dev.end(&shop);
}

fn edit(shop: &Shop, latest: &mut Latest, others: &mut Vec<Child>, next: u32, chance: &mut Chance) {
    let source_of_web = shop.path("web/src/main.rs");
    match chance.below(6) {
        0 => {
            latest.all = next;
            save(&shop.path("shared/src/lib.rs"), &shared(1, next), chance);
        }
        1 => {
            latest.worker = next;
            save(&shop.path("worker/src/main.rs"), &source("worker", next), chance);
        }
        2 => save(&source_of_web, &web(next), chance),
        3 => save(&source_of_web, "fn main() { let wrong: u32 = \"\"; }\n", chance),
        4 => {
            let mut other = shop.cargo(&["build", "-p", "web", "--features", "other"]);
            others.push(other.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        }
        _ => {}
    }
}

/// A source of `web` that tells what it was built with.
fn web(own: u32) -> String {
    let text = source("web", own);
    text.replace("shared::live(&format!(\"web", "shared::live(&format!(\"{}").replace(
        "shared::of_all(), ",
        "if cfg!(feature = \"other\") { \"other\" } else { \"web\" }, shared::of_all(), ",
    )
}

/// Save in any style.
fn save(path: &Path, text: &str, chance: &mut Chance) {
    let beside = |ending: &str| path.with_extension(ending);
    match chance.below(3) {
        // In place.
        0 => fs::write(path, text).unwrap(),
        // Whole, as most editors do.
        1 => {
            fs::write(beside("tmp"), text).unwrap();
            fs::rename(beside("tmp"), path).unwrap();
        }
        // With a backup in between, as vim does.
        _ => {
            fs::rename(path, beside("rs~")).unwrap();
            fs::write(path, text).unwrap();
            fs::remove_file(beside("rs~")).unwrap();
        }
    }
}

/// What the type that these words begin with has said last.
fn last(dev: &Dev, words: &str) -> String {
    let name = words.split(' ').next().unwrap();
    let text = dev.tool.text(harness::Stream::Out);
    let said = text.lines().rev().find_map(|line| {
        let (_, said) = line.split_once("| ")?;
        said.starts_with(name).then_some(said)
    });
    said.and_then(|said| said.split_once(" in process ")).unwrap().0.to_owned()
}
