//! What cargo is asked.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::plan::Selection;

/// One build, in cargo's terms.
#[derive(Clone, Debug, Default)]
pub struct BuildRequest {
    /// What to build.
    pub selection: Selection,
    /// Whether diagnostics and cargo's own lines have colours.
    pub colour: Colour,
    /// The profile; cargo's default (`dev`) if absent. `release` is what `--release` means.
    pub profile: Option<String>,
    /// The workspace's `Cargo.toml`, if it is not found from the working directory.
    pub manifest_path: Option<PathBuf>,
    /// Where artifacts go, if somebody said so.
    pub target_dir: Option<PathBuf>,
    /// The platform to build for, if not this one.
    pub target: Option<String>,
    /// How free cargo is to choose and fetch dependencies.
    pub resolve: Resolve,
    /// Further arguments, as they were typed: `--jobs 2`, `--config …`.
    pub pass_through: Vec<OsString>,
}

/// Whether text for a terminal has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Text alone.
    #[default]
    Never,
    /// With escape sequences.
    Always,
}

/// How free cargo is to choose and fetch dependencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolve {
    /// As it likes.
    #[default]
    Free,
    /// `--locked`: exactly as `Cargo.lock` says.
    Locked,
    /// `--offline`: without the network.
    Offline,
    /// `--frozen`: both.
    Frozen,
}

/// The arguments of the cargo that builds this, `build` first.
#[must_use]
pub fn arguments(request: &BuildRequest) -> Vec<OsString> {
    let mut line = Line(vec!["build".into()]);
    // The healthy process types get their new code, whatever is wrong with the others.
    line.flag("--keep-going");
    let (format, color) = match request.colour {
        Colour::Never => ("json", "never"),
        Colour::Always => ("json-diagnostic-rendered-ansi", "always"),
    };
    line.option("--message-format", format);
    // Cargo would look at its own standard error, and that is a pipe.
    line.option("--color", color);
    line.selection(&request.selection);
    line.optional("--profile", request.profile.as_ref());
    line.optional("--manifest-path", request.manifest_path.as_ref());
    line.optional("--target-dir", request.target_dir.as_ref());
    line.optional("--target", request.target.as_ref());
    match request.resolve {
        Resolve::Free => {}
        Resolve::Locked => line.flag("--locked"),
        Resolve::Offline => line.flag("--offline"),
        Resolve::Frozen => line.flag("--frozen"),
    }
    line.0.extend(request.pass_through.iter().cloned());
    line.0
}

/// The variables that make cargo draw its progress bar, so many columns wide, into a pipe.
#[must_use]
pub fn progress_variables(width: u16) -> [(&'static str, String); 2] {
    [
        ("CARGO_TERM_PROGRESS_WHEN", "always".to_owned()),
        ("CARGO_TERM_PROGRESS_WIDTH", width.to_string()),
    ]
}

/// A command line in the making.
struct Line(Vec<OsString>);

impl Line {
    fn flag(&mut self, flag: &str) {
        self.0.push(flag.into());
    }

    fn option(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.extend([name.into(), value.into()]);
    }

    fn optional<T: Clone + Into<OsString>>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.option(name, value.clone());
        }
    }

    /// Cargo takes `--bin` to mean the binary of that name in any selected package.
    fn selection(&mut self, selection: &Selection) {
        for package in &selection.packages {
            self.option("--package", package);
        }
        for binary in &selection.binaries {
            self.option("--bin", &binary.name);
        }
        if !selection.features.is_empty() {
            self.option("--features", selection.features.join(","));
        }
        if selection.no_default_features {
            self.flag("--no-default-features");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BuildRequest, Colour, Resolve, arguments};
    use crate::formation::Binary;
    use crate::plan::Selection;

    fn check(request: &BuildRequest, expected: &str) {
        let words: Vec<String> =
            arguments(request).into_iter().map(|word| word.into_string().unwrap()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn a_build_is_one_command_line() {
        let binary = |package: &str, name: &str| Binary {
            package: package.to_owned(),
            name: name.to_owned(),
            required_features: Vec::new(),
        };
        let selection = Selection {
            packages: vec!["web".into(), "worker".into()],
            binaries: vec![binary("web", "web"), binary("worker", "mail")],
            features: vec!["web/a".into(), "worker/b".into()],
            no_default_features: true,
        };
        let mut request = BuildRequest { selection, ..BuildRequest::default() };
        let selected = "--package web --package worker --bin web --bin mail \
                        --features web/a,worker/b --no-default-features";
        check(
            &request,
            &format!("build --keep-going --message-format json --color never {selected}"),
        );
        request.colour = Colour::Always;
        request.profile = Some("release".into());
        request.manifest_path = Some("/shop/Cargo.toml".into());
        request.target_dir = Some("/out".into());
        request.target = Some("x86_64-unknown-linux-musl".into());
        request.resolve = Resolve::Frozen;
        request.pass_through = vec!["--jobs".into(), "2".into()];
        check(
            &request,
            &format!(
                "build --keep-going --message-format json-diagnostic-rendered-ansi \
                 --color always {selected} --profile release \
                 --manifest-path /shop/Cargo.toml --target-dir /out \
                 --target x86_64-unknown-linux-musl --frozen --jobs 2"
            ),
        );
    }
}
