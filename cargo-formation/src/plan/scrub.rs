//! Taking out of the environment what cargo and rustup put in, and nothing else.
//!
//! A subcommand started by cargo carries variables of cargo's making, one started
//! through an alias or `cargo run` also those of *its* package. Handed on to the cargo
//! we spawn, they make every build script that watches one of them run again at each
//! change between tool and shell. Handed on to processes, they show a development that
//! no platform has. What the user has set stays.

use std::env::{join_paths, split_paths};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Variables, as the process environment gives them.
type Variables = [(OsString, OsString)];

/// The environment for the cargo we spawn: without what cargo said of its child.
///
/// What rustup adds stays: the choice of the toolchain, so that the build uses the same, and
/// its libraries, because it adds them for the cargo that is typed in the shell, too.
/// `artifacts` are the directories cargo builds into.
#[must_use]
pub fn for_cargo(shell: &Variables, artifacts: &[&Path]) -> Vec<(OsString, OsString)> {
    without(shell, &Added::by_cargo_alone(shell, artifacts))
}

/// The environment for processes: also without what rustup said of its child.
#[must_use]
pub fn for_processes(shell: &Variables, artifacts: &[&Path]) -> Vec<(OsString, OsString)> {
    let mut env = without(shell, &Added::by_both(shell, artifacts));
    env.retain(|(name, _)| !by_rustup(name));
    env
}

fn without(shell: &Variables, added: &Added<'_>) -> Vec<(OsString, OsString)> {
    let kept = shell.iter().filter(|(name, value)| !added.by_cargo(name, value));
    kept.filter_map(|(name, value)| Some((name.clone(), added.cleaned(name, value)?))).collect()
}

/// The variable in which the loader of this platform finds more libraries; as cargo has it.
pub(super) fn library_variable() -> &'static str {
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" }
}

/// Every variable that may hold directories of the toolchain. All are looked at
/// everywhere: the others do not occur by accident.
const LIBRARY_PATHS: [&str; 3] =
    ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

fn by_rustup(name: &OsStr) -> bool {
    name == "RUST_RECURSION_COUNT" || name.as_encoded_bytes().starts_with(b"RUSTUP_TOOLCHAIN")
}

/// Where entries of a library path come from if cargo or rustup added them.
struct Added<'a> {
    artifacts: &'a [&'a Path],
    /// Where rustup keeps toolchains, if what it added is meant.
    toolchains: Option<PathBuf>,
    /// The libraries of the toolchain that runs.
    libraries: Option<PathBuf>,
    /// Whether rustup took part, and what it added is meant; only rustup adds `libraries` itself. Without it, they
    /// may be `/usr/lib`, in a path that the user wrote.
    rustup: bool,
}

impl<'a> Added<'a> {
    fn by_cargo_alone(shell: &Variables, artifacts: &'a [&'a Path]) -> Self {
        Self { toolchains: None, rustup: false, ..Self::by_both(shell, artifacts) }
    }

    fn by_both(shell: &Variables, artifacts: &'a [&'a Path]) -> Self {
        let get = |name: &str| {
            let found = shell.iter().find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| Path::new(value))
        };
        let home = || get("HOME").map(|home| home.join(".rustup"));
        let cargo = get("CARGO").filter(|cargo| cargo.is_absolute());
        Self {
            artifacts,
            toolchains: get("RUSTUP_HOME")
                .map(Path::to_path_buf)
                .or_else(home)
                .map(|rustup| rustup.join("toolchains")),
            libraries: cargo.and_then(Path::parent).and_then(Path::parent).map(|s| s.join("lib")),
            rustup: get("RUSTUP_TOOLCHAIN").is_some(),
        }
    }

    /// Whether a variable is one that cargo sets for its children.
    fn by_cargo(&self, name: &OsStr, value: &OsStr) -> bool {
        let bytes = name.as_encoded_bytes();
        name == "CARGO"
            || name == "CARGO_BIN_NAME"
            || name == "CARGO_CRATE_NAME"
            || bytes.starts_with(b"CARGO_MANIFEST_")
            || bytes.starts_with(b"CARGO_PKG_")
            // `cargo run` sets it if the package has a build script; any other is the user's.
            || (name == "OUT_DIR" && self.is_artifact(Path::new(value)))
    }

    /// A value without the entries that were added; `None` if nothing is left.
    fn cleaned(&self, name: &OsStr, value: &OsStr) -> Option<OsString> {
        if !LIBRARY_PATHS.iter().any(|path| name == *path) {
            return Some(value.to_owned());
        }
        let own: Vec<_> = split_paths(value).filter(|entry| !self.covers(entry)).collect();
        if own.len() == split_paths(value).count() {
            return Some(value.to_owned());
        }
        // What is left of an empty value of the user's is as good as none.
        let path = join_paths(own).ok()?;
        (!path.is_empty()).then_some(path)
    }

    /// Whether an entry of a library path was added.
    fn covers(&self, entry: &Path) -> bool {
        let toolchains = self.toolchains.as_deref();
        let of_rustup = toolchains.is_some_and(|toolchains| entry.starts_with(toolchains));
        let of_toolchain = self.libraries.as_deref().is_some_and(|libraries| {
            entry.starts_with(libraries.join("rustlib")) || (self.rustup && entry == libraries)
        });
        of_rustup || of_toolchain || self.is_artifact(entry)
    }

    fn is_artifact(&self, path: &Path) -> bool {
        self.artifacts.iter().any(|directory| path.starts_with(directory))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::{for_cargo, for_processes};

    fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    const ARTIFACTS: [&str; 2] = ["/w/target", "/cache/build"];

    /// What is left of `LD_LIBRARY_PATH` beside the other variables.
    fn library_path(path: &str, others: &[(&str, &str)]) -> Option<String> {
        let mut shell = variables(others);
        shell.push(("LD_LIBRARY_PATH".into(), path.into()));
        find(for_processes(&shell, &ARTIFACTS.map(Path::new)))
    }

    fn find(env: Vec<(OsString, OsString)>) -> Option<String> {
        let found = env.into_iter().find(|(name, _)| name == "LD_LIBRARY_PATH");
        found.map(|(_, value)| value.into_string().unwrap())
    }

    #[test]
    fn what_cargo_said_is_gone_and_what_the_user_said_stays() {
        let shell = variables(&[
            ("CARGO", "/home/ann/.rustup/toolchains/stable/bin/cargo"),
            ("CARGO_BIN_NAME", "x"),
            ("CARGO_CRATE_NAME", "x"),
            ("CARGO_HOME", "/home/ann/.cargo"),
            ("CARGO_MANIFEST_DIR", "/w"),
            ("CARGO_MANIFEST_PATH", "/w/Cargo.toml"),
            ("CARGO_PKG_NAME", "x"),
            ("CARGO_PKG_VERSION_PRE", ""),
            ("CARGO_TARGET_DIR", "/w/target"),
            ("OUT_DIR", "/w/target/debug/build/x-1/out"),
            ("RUSTFLAGS", "-g"),
            ("RUSTUP_HOME", "/home/ann/.rustup"),
            ("RUSTUP_TOOLCHAIN", "stable"),
            ("RUSTUP_TOOLCHAIN_SOURCE", "default"),
            ("RUST_LOG", "info"),
            ("RUST_RECURSION_COUNT", "1"),
        ]);
        let names = |env: Vec<(OsString, OsString)>| -> Vec<String> {
            env.into_iter().map(|(name, _)| name.into_string().unwrap()).collect()
        };
        let artifacts = [Path::new("/w/target")];
        let rustup = ["RUSTUP_TOOLCHAIN", "RUSTUP_TOOLCHAIN_SOURCE", "RUST_RECURSION_COUNT"];
        let users = ["CARGO_HOME", "CARGO_TARGET_DIR", "RUSTFLAGS", "RUSTUP_HOME", "RUST_LOG"];
        assert_eq!(names(for_processes(&shell, &artifacts)), users);
        let mut for_build = names(for_cargo(&shell, &artifacts));
        for_build.retain(|name| !users.contains(&name.as_str()));
        assert_eq!(for_build, rustup);
        let own = variables(&[("OUT_DIR", "/home/ann/out")]);
        assert_eq!(for_processes(&own, &artifacts), own);
    }

    #[test]
    fn entries_of_the_toolchain_and_the_build_leave_the_library_path() {
        let rustup = [
            ("CARGO", "/home/ann/.rustup/toolchains/stable/bin/cargo"),
            ("HOME", "/home/ann"),
            ("RUSTUP_TOOLCHAIN", "stable"),
        ];
        let toolchain = "/home/ann/.rustup/toolchains/stable/lib";
        assert_eq!(library_path(toolchain, &rustup), None);
        assert_eq!(library_path(&format!("{toolchain}:"), &rustup), None);
        let run = format!("/w/target/debug:/cache/build/debug/deps:{toolchain}/rustlib/x/lib");
        assert_eq!(library_path(&run, &rustup), None);
        let path = format!("{run}:{toolchain}:/opt/own:/opt/own/two");
        assert_eq!(library_path(&path, &rustup).as_deref(), Some("/opt/own:/opt/own/two"));
        assert_eq!(
            library_path("/w/target-of-mine", &rustup).as_deref(),
            Some("/w/target-of-mine")
        );
    }

    /// A build script that watches the variable finds what it finds in the shell, where
    /// rustup adds the libraries, too.
    #[test]
    fn the_cargo_we_spawn_keeps_what_rustup_added() {
        let toolchain = "/home/ann/.rustup/toolchains/stable/lib";
        for before in ["", "/w/target/debug/deps:/w/target/debug:LIB/rustlib/x/lib:"] {
            let path = format!("{}{toolchain}:/opt/own", before.replace("LIB", toolchain));
            let shell = variables(&[
                ("CARGO", "/home/ann/.rustup/toolchains/stable/bin/cargo"),
                ("HOME", "/home/ann"),
                ("RUSTUP_TOOLCHAIN", "stable"),
                ("LD_LIBRARY_PATH", &path),
            ]);
            let left = find(for_cargo(&shell, &ARTIFACTS.map(Path::new)));
            assert_eq!(left, Some(format!("{toolchain}:/opt/own")));
        }
    }

    #[test]
    fn a_toolchain_outside_rustup_home_is_known_by_its_cargo() {
        let linked = [("CARGO", "/src/rust/stage1/bin/cargo"), ("RUSTUP_TOOLCHAIN", "mine")];
        assert_eq!(library_path("/src/rust/stage1/lib:/x", &linked).as_deref(), Some("/x"));
        let moved = [("RUSTUP_HOME", "/opt/rustup")];
        assert_eq!(library_path("/opt/rustup/toolchains/a/lib", &moved), None);
    }

    #[test]
    fn without_rustup_a_system_directory_is_the_users() {
        let system = [("CARGO", "/usr/bin/cargo")];
        let path = "/usr/lib/rustlib/x/lib:/usr/lib:/opt/own";
        assert_eq!(library_path(path, &system).as_deref(), Some("/usr/lib:/opt/own"));
    }

    #[test]
    fn an_untouched_path_stays_to_the_letter() {
        assert_eq!(library_path("/a::/b:", &[]).as_deref(), Some("/a::/b:"));
        assert_eq!(library_path("", &[]).as_deref(), Some(""));
    }
}
