//! The shape of the code: who may use whom, and what nobody there may know.
//!
//! Invariants as absences. Each is a rule in a table below, checked against the source of
//! `cargo-formation/src`; comments, strings and what is compiled for tests alone do not count.
//! Why the layers are what they are says `docs/architecture.md`.
#![expect(clippy::unwrap_used, reason = "a source that cannot be read is a failure")]

#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/token.rs"]
mod token;

use std::collections::BTreeSet;

use self::source::{File, Kind, Layer, files};

/// Each top-level module with the top-level modules it may use besides itself; a module may
/// only use what stands above it.
const LAYERS: [(&str, &[&str]); 14] = [
    // The vocabulary.
    ("formation", &[]),
    // The decisions.
    ("manifest", &["formation"]),
    ("plan", &["formation"]),
    ("supervise", &["formation"]),
    ("emit", &["formation", "plan"]),
    ("scaffold", &["formation", "manifest", "plan", "emit"]),
    ("control", &["formation"]),
    ("narrate", &["formation", "manifest", "plan", "supervise", "emit", "control"]),
    // The shell: it speaks in the types of the decisions.
    ("world", &["formation", "manifest", "plan", "supervise", "scaffold", "control", "narrate"]),
    // The loop.
    ("drive", &["formation", "plan", "supervise", "control", "narrate", "world"]),
    // The entry.
    ("cli", &["formation"]),
    (
        "commands",
        &[
            "formation",
            "manifest",
            "plan",
            "supervise",
            "emit",
            "scaffold",
            "control",
            "narrate",
            "world",
            "drive",
            "cli",
        ],
    ),
    ("main", &["formation", "world", "commands"]),
    // Only declares the others.
    ("lib", &[]),
];

/// The modules that know neither files nor processes nor the time.
const PURE: [&str; 8] =
    ["formation", "manifest", "plan", "supervise", "emit", "scaffold", "control", "narrate"];

/// What they must not mention.
const IMPURE: [&[&str]; 12] = [
    &["tokio"],
    &["rustix"],
    &["chrono"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "os", "unix"],
    &["std", "process"],
    &["std", "env"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["std", "io", "stdin"],
];

/// What only looks impure: functions from values to a value.
const PURE_AFTER_ALL: [&[&str]; 2] =
    [&["std", "env", "join_paths"], &["std", "env", "split_paths"]];

/// The files that write to standard output or standard error. The help and the errors of the
/// command line are written by clap itself.
const WRITERS: [&str; 4] =
    ["world/output/writer.rs", "world/terminal.rs", "world/shim.rs", "world/compose.rs"];

/// The longest a file may be, without what is compiled for tests alone.
const MOST_LINES: usize = 400;

#[test]
fn a_module_uses_only_the_layers_below_it() {
    let layer = |name: &str| LAYERS.iter().position(|(known, _)| *known == name);
    for (module, allowed) in LAYERS {
        for used in allowed {
            assert!(layer(used) < layer(module), "the table lets `{module}` use `{used}` above it");
        }
    }
    check(Kind::Product, |file| {
        let module = file.top();
        let (_, allowed) = LAYERS
            .into_iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("`{module}` has no place in the table of layers"));
        let used = file.layers();
        let strangers = used.into_iter().filter(|used| used.name != module);
        strangers
            .filter(|used| !allowed.contains(&used.name.as_str()))
            .map(|Layer { name, line }| (line, format!("`{module}` must not use `{name}`")))
            .collect()
    });
}

#[test]
fn every_layer_exists() {
    let found: BTreeSet<String> = files().iter().map(|file| file.top().to_owned()).collect();
    let known: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, known);
}

#[test]
fn decisions_know_no_world() {
    check(Kind::Product, |file| {
        if !PURE.contains(&file.top()) {
            return Vec::new();
        }
        let paths = file.paths().into_iter();
        let impure = |path: &[String]| {
            IMPURE.iter().any(|known| begins(path, known))
                && !PURE_AFTER_ALL.iter().any(|known| begins(path, known))
        };
        paths
            .filter(|(path, _)| impure(path))
            .map(|(path, line)| (line, format!("a decision must not know `{}`", path.join("::"))))
            .collect()
    });
}

#[test]
fn a_use_line_is_evidence() {
    for kind in [Kind::Product, Kind::Test] {
        check(kind, |file| {
            let globs =
                file.all_paths().into_iter().filter(|(path, _)| path.ends_with(&["*".into()]));
            globs.map(|(path, line)| (line, format!("`{}` hides names", path.join("::")))).collect()
        });
    }
}

#[test]
fn every_file_says_what_it_is() {
    for kind in [Kind::Product, Kind::Test] {
        check(kind, |file| {
            let told = file.text.starts_with("//! ");
            if told { Vec::new() } else { vec![(1, "does not begin with `//! …`".to_owned())] }
        });
    }
}

#[test]
fn no_file_grows_out_of_hand() {
    check(Kind::Product, |file| {
        let lines = file.lines();
        let much = lines > MOST_LINES;
        if much { vec![(lines, format!("{lines} lines are too many"))] } else { Vec::new() }
    });
}

#[test]
fn one_module_writes_to_the_terminal() {
    check(Kind::Product, |file| {
        if WRITERS.contains(&file.path.as_str()) {
            return Vec::new();
        }
        let streams = file.paths().into_iter().filter(|(path, _)| is_stream(path));
        let streams = streams.map(|(path, line)| (line, path.join("::")));
        let macros = file.macros().into_iter().filter(|(name, _)| is_print(name));
        let macros = macros.map(|(name, line)| (line, format!("{name}!")));
        let told = |(line, what): (usize, String)| (line, format!("`{what}` has one home"));
        streams.chain(macros).map(told).collect()
    });
}

/// `stdout` and `stderr` of `std::io` or `rustix::stdio`, imported or called.
fn is_stream(path: &[String]) -> bool {
    let [.., module, name] = path else { return false };
    ["io", "stdio"].contains(&module.as_str()) && ["stdout", "stderr"].contains(&name.as_str())
}

fn is_print(name: &str) -> bool {
    ["print", "println", "eprint", "eprintln", "dbg"].contains(&name)
}

fn begins(path: &[String], with: &[&str]) -> bool {
    path.len() >= with.len() && path.iter().zip(with).all(|(found, known)| found == known)
}

/// Apply a rule to every file, and fail with all that breaks it.
fn check(kind: Kind, rule: impl Fn(&File) -> Vec<(usize, String)>) {
    let files = files();
    assert!(files.len() > 50, "the source was not found");
    let files = files.iter().filter(|file| file.kind == kind);
    let broken: Vec<String> = files
        .flat_map(|file| {
            let path = &file.path;
            let faults = rule(file).into_iter();
            faults.map(move |(line, what)| format!("{path}:{line}: {what}"))
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
