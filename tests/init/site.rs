//! A workspace that somebody adopts.

use std::fs;
use std::process::Command;

use harness::{Stream, Tool, Workspace};

/// The package of most tests, with a comment and a way of its own to write.
pub(crate) const MANIFEST: &str = "# the shop\n[package]\nname = \"shop\"   # ours\n\
                                   version = \"0.1.0\"\nedition = \"2024\"\n\n# none yet\n[dependencies]\n";

/// A workspace, and the tool in it.
pub(crate) struct Site(pub(crate) Workspace);

/// What the tool said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    /// A directory without any file.
    pub(crate) fn empty() -> Self {
        Self(Workspace::empty(env!("CARGO_BIN_EXE_cargo-formation")))
    }

    /// The package `shop` with these binaries.
    pub(crate) fn shop(binaries: &[&str]) -> Self {
        let site = Self::empty();
        site.0.write("Cargo.toml", MANIFEST);
        site.binaries("", binaries)
    }

    /// Add a member in the directory of its name.
    pub(crate) fn member(self, name: &str, binaries: &[&str]) -> Self {
        let text =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.0.write(format!("{name}/Cargo.toml"), &text);
        self.binaries(&format!("{name}/"), binaries)
    }

    fn binaries(self, dir: &str, binaries: &[&str]) -> Self {
        for binary in binaries {
            self.0.write(format!("{dir}src/bin/{binary}.rs"), "fn main() {}\n");
        }
        self
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.0.write(name, text);
        self
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.root().join(name)).unwrap()
    }

    /// The tool, which waits for nobody else's packages.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command(arguments);
        command.env("CARGO_HOME", self.0.beside("cargo"));
        command
    }

    /// Run the tool to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let tool = Tool::start(self.command(arguments));
        let (code, _) = tool.finish();
        Said { code, stdout: tool.text(Stream::Out), stderr: tool.text(Stream::Err) }
    }

    /// Write what is proposed; `check` and one more `init` find nothing to do.
    #[track_caller]
    pub(crate) fn adopts(&self) -> Said {
        let said = self.run(&["init", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        let check = self.run(&["check"]);
        assert_eq!(check.code, 0, "{check:#?}\n{}", self.text("Cargo.toml"));
        let written = self.text("Cargo.toml");
        let again = self.run(&["init", "--yes"]);
        assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:#?}");
        assert!(again.stderr.contains("   Unchanged "), "{again:#?}");
        assert_eq!(self.text("Cargo.toml"), written);
        said
    }
}
