//! Code that compiles only against a migrated database, and `release`, which migrates it.
//!
//! [The app](shop/Cargo.toml) asks a database in a file with the checked queries of `sqlx`, which
//! look into that database while they are compiled. What it depends on is kept beside what
//! these tests were compiled into, so that it is compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use harness::{Tool, Workspace, skipped};
use rustix::process::Signal;

use crate::{Which, position};

/// What compiles only against the database.
const QUERY: &str = "no such table: books";

/// What `sqlx` would read, and this repository or who runs its tests may have set.
const FOREIGN: [&str; 2] = ["DATABASE_URL", "SQLX_OFFLINE"];

/// A clone of the app as somebody has it who has just come, its dependencies apart.
struct Shop {
    workspace: Workspace,
    /// Two cannot be compiled into one place at once.
    _turn: MutexGuard<'static, ()>,
}

impl Shop {
    fn clone() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let workspace = Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation"));
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/services/shop");
        for file in files(&original) {
            let text = fs::read_to_string(&file).unwrap();
            workspace.write(file.strip_prefix(&original).unwrap(), &text);
        }
        let shop = Self { workspace, _turn: turn };
        shop.prepare().then_some(shop)
    }

    /// Compile what it depends on, and forget what is its own. False if there is no such thing.
    fn prepare(&self) -> bool {
        let fetched = self.cargo(&["fetch"]);
        if !fetched.status.success() {
            let why = String::from_utf8_lossy(&fetched.stderr).into_owned();
            skipped(&format!("the crates of the app cannot be had: {}", why.trim_end()));
            return false;
        }
        for arguments in [
            &["build", "--package", "migrate"][..],
            &["clean", "--package", "shop", "--package", "migrate"],
        ] {
            let done = self.cargo(arguments);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        true
    }

    fn cargo(&self, arguments: &[&str]) -> std::process::Output {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).arg("--locked").current_dir(self.workspace.root());
        cargo.env("CARGO_TARGET_DIR", target()).env("CARGO_INCREMENTAL", "0");
        cargo.env_remove("CARGO_BUILD_BUILD_DIR");
        for name in FOREIGN {
            cargo.env_remove(name);
        }
        cargo.output().unwrap()
    }

    fn dev(&self) -> Tool {
        // One thing at a time, and what others depend on first: that what asks the database is
        // compiled before `release` has run is no matter of chance.
        let arguments = ["dev", "--no-watch", "--locked", "--jobs", "1"];
        let mut command = self.workspace.command(&arguments);
        command.env("CARGO_TARGET_DIR", target());
        for name in FOREIGN {
            command.env_remove(name);
        }
        Tool::start(command)
    }
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(directories.iter().flat_map(|path| self::files(path))).collect()
}

#[test]
fn it_comes_up_from_an_empty_database_with_one_command() {
    let Some(shop) = Shop::clone() else { return };
    let tool = shop.dev();
    tool.wait_for("web.1      | read Middlemarch");
    let order = ["release.1  | migrated", "Released", "Building again, because", "Started web.1"];
    let places = order.map(|text| position(&tool, Which::First, text));
    assert!(places.is_sorted(), "{places:?}\n{}", tool.transcript());
    for (text, times) in [("error", 0), ("Building again", 1), ("Releasing", 1), ("migrated", 1)] {
        assert_eq!(tool.count(text), times, "{text}\n{}", tool.transcript());
    }
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    // Now that the database is there, nothing is remarkable.
    let tool = shop.dev();
    tool.wait_for("web.1      | read Middlemarch");
    for (text, times) in [("error", 0), ("Building again", 0), ("migrated", 1)] {
        assert_eq!(tool.count(text), times, "{text}\n{}", tool.transcript());
    }
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    shop.workspace.assert_nothing_alive();
}

#[test]
fn errors_that_no_migration_mends_are_shown() {
    let Some(shop) = Shop::clone() else { return };
    shop.workspace.write("migrate/migrations/1_books.sql", "CREATE TABLE magazines (title TEXT);");
    let tool = shop.dev();
    tool.ends_with(101);
    let order = ["release.1  | migrated", "Building again, because", QUERY, "the build failed"];
    let places = order.map(|text| position(&tool, Which::First, text));
    assert!(places.is_sorted(), "{places:?}\n{}", tool.transcript());
    for (text, times) in [("Building again", 1), (QUERY, 1), ("migrated", 1), ("Started", 0)] {
        assert_eq!(tool.count(text), times, "{text}\n{}", tool.transcript());
    }
    shop.workspace.assert_nothing_alive();
}

#[test]
fn a_release_that_fails_shows_its_failure_and_the_errors() {
    let Some(shop) = Shop::clone() else { return };
    shop.workspace
        .write("migrate/migrations/1_books.sql", "CREATE TABEL books (title TEXT NOT NULL);");
    let tool = shop.dev();
    tool.ends_with(1);
    tool.wait_for("release.1  | Error: ");
    tool.wait_for("Failed release: exit code 1; nothing starts before it succeeds");
    // There was no database at all when it was compiled.
    tool.wait_for("error: error returned from database: (code: 14) unable to open database file");
    tool.wait_for("src/lib.rs");
    for (text, times) in [("Building again", 0), ("migrated", 0), ("Started web", 0)] {
        assert_eq!(tool.count(text), times, "{text}\n{}", tool.transcript());
    }
    shop.workspace.assert_nothing_alive();
}
