//! A Dockerfile: one image with every binary of the formation.
//!
//! The image has a `CMD` and never an `ENTRYPOINT`: whoever runs containers replaces the
//! command to run another process type, and `ENTRYPOINT` would stay in front of it. All
//! instructions are those of the frontend that every Docker since 20.10 and every Podman has
//! built in, so no `# syntax` line fetches another.

mod build;
mod variables;
mod wishes;

use std::fmt::Write as _;

use self::build::build;
pub(super) use self::variables::Variable;
use self::wishes::Wishes;
use super::app::App;
use super::container;
use super::notice::{Refusal, Unsaid, Warning};
use super::platform::Platform;
use super::shell::ShellLine;
use super::{Exported, File};
use crate::formation::{ProcessType, Template};

/// Where the binaries are. Relative to the working directory it is the path that most who read
/// Procfiles have them at, so that one Procfile serves with a build of theirs and with this image.
const BIN_DIR: &str = "/app/target/release";

/// What of the checkout is nothing for an image. Values of secrets above all.
const IGNORED: &str = "\
.git
.env*
formation.local.toml
target
";

/// Export the image.
pub(super) fn dockerfile(app: &App<'_>) -> Result<Exported, Vec<Refusal>> {
    let platform = Platform::Dockerfile;
    if app.formation.processes.is_empty() {
        return Err(vec![Refusal::Empty { platform }]);
    }
    let wishes = Wishes::read(app)?;
    let mut warnings = lost_dirs(app);
    let command = app.foremost().and_then(|process| match words(process) {
        Ok(words) => Some(words),
        Err(warning) => {
            warnings.push(warning);
            None
        }
    });
    let text = format!(
        "# {}\n{}\n{}",
        platform.header(),
        build(app.formation, &wishes),
        image(app, command.as_deref(), &wishes),
    );
    let ignored = format!(
        "# {}\n{IGNORED}",
        "Begun by `cargo formation export dockerfile`; yours from then on."
    );
    let files = vec![File::ours("Dockerfile", text), File::theirs(".dockerignore", ignored)];
    Ok(Exported { files, unsaid: unsaid(app, platform), warnings })
}

/// The working directories that the image does not have. What is wrong with the wishes is a
/// matter of the image.
pub(super) fn lost_dirs(app: &App<'_>) -> Vec<Warning> {
    let Ok(wishes) = Wishes::read(app) else { return Vec::new() };
    let lost = app.formation.processes.iter().filter_map(|process| wishes.lost_dir(process));
    lost.collect()
}

/// The variables that every container of the image has.
pub(super) fn variables<'f>(app: &App<'f>) -> Vec<Variable<'f>> {
    Wishes::read(app).map(|wishes| wishes.variables).unwrap_or_default()
}

/// The command of a process type. Nobody expands variables in it: there is no shell.
fn words(process: &ProcessType) -> Result<Vec<String>, Warning> {
    let word = |arg: &Template| {
        arg.expand(|_| None).map_err(|unset| Warning::NoCommand {
            process: process.name.clone(),
            variable: unset.0,
        })
    };
    let args: Result<Vec<String>, Warning> = process.args.iter().map(word).collect();
    Ok(std::iter::once(process.binary.name.clone()).chain(args?).collect())
}

/// Words as JSON, which is what makes an instruction of a Dockerfile start a program without
/// a shell. A backslash by its number: where it stands before a quote, hadolint takes the whole
/// for a line of a shell.
fn json(words: &[String]) -> String {
    serde_json::Value::from(words).to_string().replace(r"\\", r"\u005c")
}

/// The second stage: what the image has, and what runs when nobody says.
fn image(app: &App<'_>, command: Option<&[String]>, wishes: &Wishes<'_>) -> String {
    let mut text =
        format!("FROM {}\nWORKDIR /app\nCOPY --from=build /out/ {BIN_DIR}/\n", wishes.base);
    for path in &wishes.include {
        let words = [(*path).to_owned(), format!("/app/{path}")];
        let _ = writeln!(text, "COPY {}", json(&words));
    }
    let _ = writeln!(text, "ENV PATH={BIN_DIR}:$PATH");
    for variable in &wishes.variables {
        let _ = writeln!(text, "{}", variable.instruction());
    }
    let ports = app.foremost().map(container::ports).unwrap_or_default();
    // Only strings: writing to one does not fail.
    // No `ENV PORT`: types without a port would see it, too.
    if let Some(main) = ports.iter().find(|port| port.variable == "PORT") {
        let _ = writeln!(text, "EXPOSE {}", main.number);
    }
    if let Some(process) = app.foremost() {
        let _ = writeln!(text, "STOPSIGNAL {}", process.stop.signal.name());
    }
    text.push_str("USER 65532:65532\n");
    if let Some(command) = command {
        let _ = writeln!(text, "CMD {}", json(command));
    }
    text
}

/// An image says what is in it, not what runs and how often.
fn unsaid(app: &App<'_>, platform: Platform) -> Vec<Unsaid> {
    let image = app.image(platform).unwrap_or("IMAGE");
    let build = Unsaid {
        what: "what the image is called".to_owned(),
        command: ShellLine::of(["docker", "build", "--tag", image, "."]).to_string(),
    };
    let processes = app.formation.processes.iter();
    let process = |process: &ProcessType| Unsaid {
        what: format!("how `{}` runs", process.name),
        command: run(process, image).to_string(),
    };
    std::iter::once(build).chain(processes.map(process)).collect()
}

/// What runs a process type of the image.
fn run(process: &ProcessType, image: &str) -> ShellLine {
    // Process 1 of a container does not end by a signal that it does not handle.
    let mut line = ShellLine::of(["docker", "run", "--init", "--rm"]);
    for port in container::ports(process) {
        let assignment = format!("{}={}", port.variable, port.number);
        line = line.words(["--env", &assignment]);
    }
    if let Some(dir) = &process.dir {
        line = line.words(["--workdir", &format!("/app/{}", dir.display())]);
    }
    let line = line.variables("--env", process);
    line.words([image, &process.binary.name]).arguments(process)
}

#[cfg(test)]
mod tests;
