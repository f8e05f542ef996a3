//! The Procfile: one `name: command` a line, and as many dialects as readers.
//!
//! There is no standard. What every reader accepts is much smaller than what most of
//! them do: a name of lower-case letters and digits, one space, and one simple command
//! without quotes. Inside of that nothing is said; outside of it every reader that would
//! understand something else is named, and the reader the file is for can make it a refusal.

mod command;
mod consumer;
mod header;
mod name;
mod notice;
pub(super) mod word;
mod yaml;

#[cfg(test)]
mod readers;
#[cfg(test)]
mod tests;

use self::command::Command;
use self::header::header;
use self::name::Verdict;
use super::File;
use crate::formation::{Formation, ProcessName, ProcessType, StopSignal};

pub use self::consumer::{BinDir, Consumer, UnknownConsumer};
pub use self::header::{command, emitted_with};
pub use self::notice::{Refusal, Warning};

/// Where everybody looks for it, relative to the workspace root.
pub const USUAL_NAME: &str = "Procfile";

/// For whom, and where the binaries will be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Who reads the file.
    pub consumer: Consumer,
    /// Where the binaries are when it runs.
    pub bin_dir: BinDir,
}

/// A Procfile, and what its reader will not understand as the formation means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procfile {
    /// The text: ASCII as far as the arguments are, LF, with a final newline.
    pub text: String,
    /// What is worth knowing, in declaration order.
    pub warnings: Vec<Warning>,
}

impl Procfile {
    /// The file at its usual place.
    #[must_use]
    pub fn file(self) -> File {
        File::ours(USUAL_NAME, self.text)
    }
}

/// Emit the Procfile of a formation.
///
/// Backing services are not in it, and scheduled types only where a clock finds them there. `release`
/// is, except where nothing but harm would come of it.
///
/// # Errors
/// Every reason why the reader could not run the formation from a Procfile.
pub fn procfile(formation: &Formation, options: &Options) -> Result<Procfile, Vec<Refusal>> {
    let mut draft = Draft::new(options);
    for process in &formation.processes {
        draft.add(process);
    }
    draft.check_whole();
    draft.finish()
}

/// A Procfile in the making.
struct Draft<'o> {
    options: &'o Options,
    lines: Vec<(String, String)>,
    warnings: Vec<Warning>,
    refusals: Vec<Refusal>,
}

impl<'o> Draft<'o> {
    fn new(options: &'o Options) -> Self {
        Self { options, lines: Vec::new(), warnings: Vec::new(), refusals: Vec::new() }
    }

    fn add(&mut self, process: &ProcessType) {
        let is_scheduled = process.schedule.is_some();
        if is_scheduled && self.options.consumer.starts_all() {
            self.warnings.push(Warning::Scheduled { process: process.name.clone() });
            return;
        }
        if is_scheduled {
            self.warnings.push(Warning::Clocked { process: process.name.clone() });
        }
        if let Some(name) = self.line_name(process) {
            self.check_treatment(process);
            self.check_routing(process);
            self.add_command(name, process);
        }
    }

    /// What the process type is called in the file, if it is there at all.
    fn line_name(&mut self, process: &ProcessType) -> Option<String> {
        let declared = process.name.as_str();
        if process.name.is_release() {
            return self.release_name();
        }
        for consumer in self.options.consumer.readers() {
            match name::verdict(*consumer, declared) {
                Verdict::Kept => {}
                Verdict::Renamed(to) => self.warnings.push(Warning::Renamed {
                    process: process.name.clone(),
                    by: *consumer,
                    to,
                }),
                Verdict::Special(what) => self.warnings.push(Warning::Meaning {
                    process: process.name.clone(),
                    to: *consumer,
                    what,
                }),
                Verdict::Refused(why) => self.refuse_name(&process.name, *consumer, why),
            }
        }
        Some(declared.to_owned())
    }

    fn refuse_name(&mut self, process: &ProcessName, by: Consumer, why: &'static str) {
        let process = process.clone();
        if by == self.options.consumer {
            self.refusals.push(Refusal::Name { process, by, why });
        } else {
            self.warnings.push(Warning::NameRefused { process, by, why });
        }
    }

    fn release_name(&mut self) -> Option<String> {
        let consumer = self.options.consumer;
        match consumer {
            Consumer::Heroku | Consumer::Dokku => Some("release".to_owned()),
            Consumer::Portable => {
                self.warnings.push(Warning::ReleaseUnknown { to: Consumer::Local });
                Some("release".to_owned())
            }
            Consumer::Scalingo => {
                self.warnings.push(Warning::Postdeploy);
                Some("postdeploy".to_owned())
            }
            Consumer::Paketo | Consumer::Google => {
                self.warnings.push(Warning::ReleaseUnknown { to: consumer });
                Some("release".to_owned())
            }
            Consumer::Railpack | Consumer::Local => {
                self.warnings.push(Warning::ReleaseLeftOut { by: consumer });
                None
            }
        }
    }

    /// What a Procfile has no words for.
    fn check_treatment(&mut self, process: &ProcessType) {
        let name = || process.name.clone();
        if let Some(dir) = &process.dir {
            self.warnings.push(Warning::Dir { process: name(), dir: dir.clone() });
        }
        if process.stop.signal != StopSignal::Term && self.options.consumer != Consumer::Local {
            self.warnings.push(Warning::Signal { process: name(), signal: process.stop.signal });
        }
        if let Some(grace) = self.options.consumer.grace()
            && process.stop.timeout.is_some_and(|timeout| timeout > grace)
        {
            let by = self.options.consumer;
            self.warnings.push(Warning::Grace { process: name(), by, grace });
        }
        if !process.env.is_empty() {
            let variables = process.env.iter().map(|(variable, _)| variable.clone()).collect();
            self.warnings.push(Warning::FixedEnv { process: name(), variables });
        }
    }

    /// Who gets the requests where nobody can say it: `web` does, and nobody else.
    fn check_routing(&mut self, process: &ProcessType) {
        let by = self.options.consumer;
        if !by.readers().iter().any(|reader| reader.routes_to_web_alone()) {
            return;
        }
        let name = process.name.clone();
        match (process.name.is_web(), process.port.exists()) {
            (true, false) => self.warnings.push(Warning::Portless { process: name, by }),
            (false, true) => self.warnings.push(Warning::Unrouted { process: name, by }),
            (true, true) | (false, false) => {}
        }
    }

    fn add_command(&mut self, name: String, process: &ProcessType) {
        let program = self.options.bin_dir.program(self.options.consumer, &process.binary.name);
        match Command::new(&program, process) {
            Ok(command) => {
                self.check_command(&command, process);
                let text = match self.options.consumer {
                    Consumer::Railpack => yaml::scalar(&command.text()),
                    Consumer::Portable
                    | Consumer::Heroku
                    | Consumer::Dokku
                    | Consumer::Scalingo
                    | Consumer::Paketo
                    | Consumer::Google
                    | Consumer::Local => command.text(),
                };
                self.lines.push((name, text));
            }
            Err(refusal) => self.refusals.push(refusal),
        }
    }

    fn check_command(&mut self, command: &Command, process: &ProcessType) {
        let consumer = self.options.consumer;
        let name = || process.name.clone();
        if let Some(word) = command.first_quoted() {
            let word = word.to_string();
            match consumer {
                Consumer::Portable => {
                    self.warnings.push(Warning::Quotes { process: name(), word });
                }
                Consumer::Dokku => self.refusals.push(Refusal::Quotes { process: name(), word }),
                Consumer::Heroku
                | Consumer::Scalingo
                | Consumer::Paketo
                | Consumer::Google
                | Consumer::Railpack
                | Consumer::Local => {}
            }
        }
        if consumer == Consumer::Portable && !yaml::is_plain(&command.text()) {
            self.warnings.push(Warning::Yaml { process: name() });
        }
        for variable in command.variables() {
            if let Some(warning) = self.variable_warning(process, variable) {
                self.warnings.push(warning);
            }
        }
    }

    fn variable_warning(&self, process: &ProcessType, variable: &str) -> Option<Warning> {
        let (process, variable) = (process.name.clone(), variable.to_owned());
        if is_ours(&variable) {
            return Some(Warning::OwnVariable { process, variable });
        }
        match self.options.consumer {
            Consumer::Portable | Consumer::Paketo | Consumer::Dokku => {
                Some(Warning::Variable { process, variable, by: self.options.consumer })
            }
            Consumer::Heroku
            | Consumer::Scalingo
            | Consumer::Google
            | Consumer::Railpack
            | Consumer::Local => None,
        }
    }

    /// What is wrong with the lines together.
    fn check_whole(&mut self) {
        if self.lines.is_empty() {
            if self.refusals.is_empty() {
                self.refusals.push(Refusal::Empty);
            }
            return;
        }
        let has_web = self.lines.iter().any(|(name, _)| name == "web");
        match self.options.consumer {
            Consumer::Google if !has_web => self.refusals.push(Refusal::NoWeb),
            Consumer::Portable if !has_web => self.warnings.push(Warning::NoWeb),
            Consumer::Railpack if self.lines.len() > 1 => {
                let used = only_one(&self.lines);
                self.warnings.push(Warning::OnlyOne { used });
            }
            Consumer::Portable
            | Consumer::Heroku
            | Consumer::Dokku
            | Consumer::Scalingo
            | Consumer::Paketo
            | Consumer::Google
            | Consumer::Railpack
            | Consumer::Local => {}
        }
    }

    fn finish(self) -> Result<Procfile, Vec<Refusal>> {
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let mut text = header(self.options);
        text.push('\n');
        for (name, command) in &self.lines {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(command);
            text.push('\n');
        }
        Ok(Procfile { text, warnings: self.warnings })
    }
}

/// Whether only the tool itself sets this variable; `PORT` is everybody's.
fn is_ours(variable: &str) -> bool {
    variable == "PS" || variable.starts_with("FORMATION_") || variable.starts_with("PORT_")
}

/// Which process Railpack and Nixpacks start: `web`, else `worker`, else the first.
fn only_one(lines: &[(String, String)]) -> String {
    let named = |wanted: &str| lines.iter().find(|(name, _)| name == wanted);
    let chosen = named("web").or_else(|| named("worker")).or(lines.first());
    chosen.map(|(name, _)| name.clone()).unwrap_or_default()
}
