//! What a build says, how it ends, and what is left when it is ended.

use std::collections::BTreeSet;
use std::fs;
use std::sync::mpsc::channel;

use harness::eventually;
use rustix::process::Signal;

use super::workspace::{DEADLINE, Said, Workspace, processes};

/// A lone package with three binaries, two of which share a module.
fn shared() -> Workspace {
    let bin = |name: &str| format!("[[bin]]\nname = \"{name}\"\npath = \"src/{name}.rs\"\n");
    let bins: String = ["web", "worker", "clock"].map(bin).concat();
    let table = "[package.metadata.formation]\nweb = {}\nworker = {}\nclock = {}\n";
    let shop = Workspace::shop(&format!("{table}{bins}"), &[]);
    shop.write("src/shared.rs", "pub fn f() -> &'static str { \"the text\" }\n");
    for name in ["web", "worker"] {
        let main =
            format!("mod shared;\nfn main() {{ println!(\"{name} {{}}\", shared::f()); }}\n");
        shop.write(&format!("src/{name}.rs"), &main);
    }
    shop.write("src/clock.rs", "fn main() {}\n");
    shop
}

/// The identities of `build --format json`, by binary.
fn identities(said: &Said) -> Vec<(String, String)> {
    let json = said.ended(0).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let built = json.as_array().unwrap().iter();
    built.map(|built| (text(&built["binary"]), text(&built["identity"]))).collect()
}

/// What cargo says to people, without what is never the same or only how it was started:
/// paragraphs, sorted, because cargo compiles in any order.
fn paragraphs(said: &Said) -> Vec<String> {
    let kept = |line: &&str| {
        !line.starts_with("error: build failed: ")
            && !line.starts_with("warning: build failed, waiting")
            && !line.trim_start().starts_with("Finished")
            // Of each target, and what it counts depends on the order.
            && !line.contains("generated 1 warning")
            && !line.starts_with("error: could not compile")
    };
    let text: Vec<&str> = said.stderr.lines().filter(kept).collect();
    let text = text.join("\n").replace("\nerror", "\n\nerror").replace("\nwarning", "\n\nwarning");
    let mut paragraphs: Vec<_> =
        text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    paragraphs.sort();
    paragraphs
}

#[test]
fn an_identity_is_what_is_loaded_and_nothing_else() {
    let shop = shared();
    let build = || shop.tool(&["build", "--format", "json"]).run();
    let first = identities(&build());
    assert_eq!(first.len(), 3);
    assert!(first.iter().all(|(_, identity)| identity.len() == 32), "{first:?}");
    shop.edit("src/shared.rs", "pub fn", "// Why it is so.\npub fn");
    let commented = build();
    assert!(commented.stdout.contains("\"fresh\": false"), "cargo compiled: {commented}");
    assert_eq!(identities(&commented), first, "a comment is not loaded");
    shop.edit("src/shared.rs", "the text", "the test");
    let changed = identities(&build());
    let differ: Vec<&str> = first
        .iter()
        .zip(&changed)
        .filter(|(old, new)| old.1 != new.1)
        .map(|(old, _)| old.0.as_str())
        .collect();
    assert_eq!(differ, ["web", "worker"]);
    // The table for people has the same, shorter.
    let text = shop.tool(&["build"]).run();
    for (binary, identity) in changed {
        let row = text.stdout.lines().find(|line| line.contains(&format!("debug/{binary}")));
        assert!(row.is_some_and(|row| row.contains(&identity[..12])), "{text}");
    }
}

#[test]
fn a_release_build_is_another_profile() {
    let shop = shared();
    let said = shop.tool(&["build", "--release"]).run();
    said.ended(0).says("`release` profile");
    assert!(said.stdout.contains("/target/release/web\n"), "{said}");
    assert!(!shop.path("target/debug").exists());
    let said = shop.tool(&["build", "--profile", "dev", "--target-dir", "elsewhere", "web"]).run();
    assert!(said.ended(0).stdout.contains("/elsewhere/debug/web\n"), "{said}");
    let both = shop.tool(&["build", "--release", "--profile", "dev"]).run();
    both.ended(2).says("cannot be used with");
    let unknown = shop.tool(&["build", "--profile", "nope"]).run();
    unknown.ended(101).says("error: profile `nope` is not defined");
}

#[test]
fn errors_are_shown_as_cargo_shows_them_and_once() {
    let shop = shared();
    shop.edit("src/shared.rs", "\"the text\"", "1");
    shop.edit("src/web.rs", "fn main() {", "fn main() { let unused = 1;");
    let cargo = shop.cargo(&["build", "--keep-going"]).run();
    fs::remove_dir_all(shop.path("target")).unwrap();
    let ours = shop.tool(&["build"]).run();
    cargo.ended(101);
    ours.ended(101);
    assert_eq!(ours.stdout, "");
    assert_eq!(paragraphs(&ours), paragraphs(&cargo), "{ours}\n{cargo}");
    assert_eq!(ours.stderr.matches("error[E0308]").count(), 1, "{ours}");
    let last = ours.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "error: build failed: web, worker cannot be built (1 error in shop); clock is built"
    );
    // What went well is there.
    assert!(shop.path("target/debug/clock").exists());
}

#[test]
fn warnings_are_shown_as_cargo_shows_them_and_once() {
    let shop = shared();
    shop.edit("src/shared.rs", "pub fn f", "fn dead() {}\npub fn f");
    let cargo = shop.cargo(&["build"]).run();
    fs::remove_dir_all(shop.path("target")).unwrap();
    let ours = shop.tool(&["build"]).run();
    ours.ended(0);
    assert_eq!(paragraphs(&ours), paragraphs(&cargo), "{ours}\n{cargo}");
    assert_eq!(ours.stderr.matches("function `dead` is never used").count(), 1, "{ours}");
    let lines = |said: &Said| said.stderr.lines().filter(|line| line.is_empty()).count();
    assert_eq!(lines(&ours), lines(&cargo), "{ours}\n{cargo}");
}

#[test]
fn what_cargo_alone_can_say_is_said_by_cargo() {
    let shop = shared();
    shop.write("build.rs", "fn main() { panic!(\"no protoc\") }\n");
    let said = shop.tool(&["build"]).run();
    said.ended(101).says("failed to run custom build command").says("no protoc");
    said.says(
        "error: build failed: web, worker, clock cannot be built (see what cargo says above)",
    );
    fs::remove_file(shop.path("build.rs")).unwrap();
    shop.edit("Cargo.toml", "[package.metadata", "nonsense\n[package.metadata");
    let cargo = shop.cargo(&["build"]).run();
    let ours = shop.tool(&["build"]).run();
    assert_eq!((ours.code(), &ours.stderr), (Some(101), &cargo.stderr));
}

#[test]
fn one_cargo_waits_for_another_and_says_how_long() {
    let shop = shared();
    let first = shop.tool(&["build"]).run();
    first.ended(0).never_says("Waited");
    // The lock that cargo holds while it builds.
    let lock = fs::File::options().write(true).open(shop.path("target/debug/.cargo-lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let mut waiting = shop.tool(&["build"]).start();
    let line = waiting.wait_for("Blocking");
    assert!(line.contains("another cargo (it builds in the same target directory)"), "{line}");
    drop(lock);
    let said = waiting.end();
    said.ended(0).never_says("waiting for file lock");
    let waited = said.stderr.lines().find(|line| line.trim_start().starts_with("Waited "));
    assert!(waited.is_some_and(|line| line.ends_with("for another cargo")), "{said}");
}

/// A workspace whose build script says that it runs, and then never ends.
fn endless(ignores: &str) -> Workspace {
    let shop = shared();
    let marker = shop.path("running");
    shop.program("mkfifo".as_ref()).args(&["running"]).run().ended(0);
    let script = format!("{ignores} echo $$ >{}; exec sleep 6999", marker.display());
    shop.write(
        "build.rs",
        &format!(
            "fn main() {{ std::process::Command::new(\"sh\").args([\"-c\", {script:?}])\
             .status().unwrap(); }}\n"
        ),
    );
    shop
}

/// The processes that run in this workspace.
fn left(shop: &Workspace) -> BTreeSet<String> {
    processes(&shop.root()).into_iter().map(|(_, line)| line).collect()
}

/// Wait until the build script runs.
fn wait_for_script(shop: &Workspace) {
    let pipe = shop.path("running");
    let (sender, receiver) = channel();
    std::thread::spawn(move || drop(sender.send(fs::read_to_string(pipe))));
    receiver.recv_timeout(DEADLINE).expect("the build script never ran").unwrap();
    // The shell has still to become what runs then.
    let runs = || left(shop).iter().any(|line| line.contains("sleep 6999")).then_some(());
    eventually("what runs in the build script", DEADLINE, runs);
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_ends_the_build_and_all_of_it() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let shop = endless("");
        let building = shop.tool(&["build"]).start();
        wait_for_script(&shop);
        building.signal(signal);
        let said = building.end();
        said.ended(code).never_says("build failed");
        assert_eq!(said.stdout, "");
        assert_eq!(left(&shop), BTreeSet::new(), "{said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_signal_kills() {
    let shop = endless("trap '' TERM INT HUP;");
    let mut building = shop.tool(&["run", "web"]).start();
    wait_for_script(&shop);
    building.signal(Signal::INT);
    building.wait_for("interrupt once more to kill it");
    building.signal(Signal::INT);
    building.end().ended(130);
    assert_eq!(left(&shop), BTreeSet::new());
}

#[test]
fn a_build_script_that_watches_what_cargo_says_of_itself_runs_once() {
    let shop = shared();
    let count = shop.path("count");
    shop.write(
        "build.rs",
        &format!(
            "use std::io::Write;\nfn main() {{\n\
             for name in [\"CARGO_MANIFEST_DIR\", \"CARGO_PKG_NAME\", \"CARGO_PKG_VERSION\", \
             \"CARGO\", \"CARGO_MANIFEST_PATH\", \"LD_LIBRARY_PATH\", \"RUSTUP_TOOLCHAIN\"] {{\n\
             println!(\"cargo::rerun-if-env-changed={{name}}\"); }}\n\
             let mut file = std::fs::File::options().append(true).create(true).open({count:?});\n\
             writeln!(file.as_mut().unwrap(), \"ran\").unwrap(); }}\n"
        ),
    );
    let runs = || fs::read_to_string(&count).unwrap_or_default().lines().count();
    // From the shell.
    let typed = || shop.program("cargo".as_ref()).args(&["build", "--verbose"]).run();
    typed().ended(0);
    assert_eq!(runs(), 1);
    // Through cargo, which finds the tool beside others: as `cargo formation …` is typed.
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-formation")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", bin.display());
    let known = shop.program("cargo".as_ref()).args(&["formation", "build"]);
    known.env("PATH", &path).run().ended(0);
    // Through an alias, that is `cargo run`, which says more.
    let artifacts = shop.path("target/debug");
    let alias = shop.program("cargo".as_ref()).args(&["formation", "build"]).env("PATH", &path);
    let alias = alias.env("CARGO_PKG_NAME", "cargo-formation").env("CARGO_PKG_VERSION", "9.9.9");
    let alias = alias.env("CARGO_MANIFEST_DIR", "/elsewhere").env("LD_LIBRARY_PATH", artifacts);
    alias.run().ended(0);
    let last = typed();
    assert_eq!(runs(), 1, "{last}: a build script ran again without need");
}
