//! `new --deploy`: what is exported, and what people and the CI are told of it.

use std::fs;

use harness::Workspace;

use crate::{TOOL, empty, said};

/// `new shop` with these arguments: the workspace, with the versions that are here already, and
/// what was said.
#[track_caller]
fn deployed(arguments: &[&str]) -> (Workspace, Workspace, String) {
    let above = empty();
    let (code, text) = said(&mut above.command(&[&["new", "shop"], arguments].concat()));
    assert_eq!(code, Some(0), "{text}");
    let shop = Workspace::existing(TOOL, &above.root().join("shop"));
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    fs::copy(lock, shop.root().join("Cargo.lock")).unwrap();
    (above, shop, text)
}

fn read(shop: &Workspace, path: &str) -> String {
    fs::read_to_string(shop.root().join(path)).unwrap()
}

/// What `export` says of what is not in the files: comments and commands, in its order.
fn not_in_it(shop: &Workspace, platform: &str) -> String {
    let (code, text) = said(&mut shop.command(&["export", platform, "--dry-run"]));
    assert_eq!(code, Some(0), "{text}");
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("Not in it "));
    let step = |line: &str| {
        let (what, how) = line.rsplit_once(": `").unwrap();
        format!("# {what}\n{}\n", how.trim_end_matches('`'))
    };
    lines.map(step).collect()
}

const PLATFORMS: [&str; 6] = ["systemd", "compose", "kubernetes", "fly", "app-json", "dokku"];

#[test]
fn the_readme_has_the_commands_and_the_ci_looks_at_every_export() {
    // Both of the last two are `app.json`.
    for last in [5, 4] {
        let asked: Vec<&str> =
            PLATFORMS.into_iter().filter(|platform| *platform != PLATFORMS[last]).collect();
        let (_above, shop, _) = deployed(&["--deploy", &asked.join(",")]);
        let (readme, ci) = (read(&shop, "README.md"), read(&shop, ".github/workflows/ci.yml"));
        for platform in ["dockerfile"].into_iter().chain(asked.iter().copied()) {
            let check = format!("export {platform} --check");
            assert!(ci.contains(&format!("      - run: cargo formation {check}\n")), "{ci}");
            let words: Vec<&str> = check.split(' ').collect();
            let (code, text) = said(&mut shop.command(&words));
            assert_eq!(code, Some(0), "{text}");
            assert!(readme.contains(&format!("\ncargo formation export {platform} --output ")));
        }
        for platform in asked {
            let commands = not_in_it(&shop, platform);
            assert!(!commands.is_empty() && readme.contains(&commands), "{commands}{readme}");
        }
        // What brings the files up to date finds nothing to do.
        let exports = readme.lines().filter(|line| line.starts_with("cargo formation export "));
        for line in exports {
            let before = read(&shop, "Cargo.toml");
            let words: Vec<&str> = line.split(' ').skip(2).collect();
            let (code, text) = said(&mut shop.command(&words));
            assert_eq!(code, Some(0), "{text}");
            assert_eq!(read(&shop, "Cargo.toml"), before);
        }
        assert_eq!(readme.matches("\n### ").count(), 5);
    }
}

#[test]
fn what_will_not_do_is_said_at_once() {
    let next = "its `README.md` says more, and how to deploy it\n";
    let (_above, shop, text) = deployed(&["--deploy", "systemd,compose,fly"]);
    assert_eq!(
        text,
        format!(
            "     Created `shop` with web, worker, clock, release\n        \
             Note for `compose`, `fly`: containers share no files, and SQLite is one; `--db postgres` \
             is for more than one of them\n        \
             Next `cd shop`, then `cargo formation dev`; {next}"
        )
    );
    assert_eq!(read(&shop, "README.md").matches("\nContainers share no files").count(), 1);
    let (_above, shop, text) = deployed(&["--db", "postgres", "--deploy", "systemd,compose"]);
    let warning = "warning: for `compose`: the backing service `postgres` is not in it: name its \
                   `image` in the table, or say in the environment where it is\n";
    assert!(text.contains(warning) && text.ends_with(next), "{text}");
    assert!(!text.contains("Note"), "{text}");
    assert!(!read(&shop, "README.md").contains("Containers share"));
    let (_above, _, text) = deployed(&["--deploy", "systemd"]);
    assert_eq!(text.lines().count(), 2, "{text}");
    let (_above, _, text) = deployed(&["--db", "none", "--deploy", "fly"]);
    assert_eq!(text.lines().count(), 2, "{text}");
}
