//! What is exported: the formation, and what its manifests say around it.

use std::path::Path;
use std::time::Duration;

use super::notice::Refusal;
use super::platform::Platform;
use crate::formation::{ConfigItem, Formation, Port, ProcessType};

/// The longest that the name of a user of Linux may be: `useradd(8)`, less the end.
const LONGEST_NAME: usize = 31;

/// How long a process has to stop, unless the table says.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// The formation as one app.
#[derive(Clone, Copy, Debug)]
pub struct App<'f> {
    /// The formation, without anything of one developer's.
    pub formation: &'f Formation,
    /// The name of the root package, if the workspace has one.
    pub package: Option<&'f str>,
    /// Where the files are written, as their user says it in a command: the directory, or that one
    /// file. Without it they are at their usual place.
    pub place: Option<&'f Path>,
}

impl<'f> App<'f> {
    /// The app's name: what the table says, else that of the root package. The directory does
    /// not count: it is another one in every checkout.
    pub(super) fn name(&self, platform: Platform) -> Result<&'f str, Refusal> {
        self.formation.app().or(self.package).ok_or(Refusal::NoApp { platform })
    }

    /// As [`Self::name`], of a name that is also that of a user or of a project.
    pub(super) fn plain_name(&self, platform: Platform) -> Result<&'f str, Refusal> {
        let name = self.name(platform)?;
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && name.chars().all(is_plain) && name.len() <= LONGEST_NAME {
            return Ok(name);
        }
        Err(Refusal::App { platform, app: name.escape_debug().to_string() })
    }

    /// The image's name, without a tag.
    pub(super) fn image(&self, platform: Platform) -> Result<&'f str, Refusal> {
        match &self.formation.settings.image {
            Some(image) => Ok(image),
            None => self.name(platform),
        }
    }

    /// Where the files of a platform are, in a command.
    pub(super) fn directory(&self, platform: Platform) -> &'f Path {
        self.place.unwrap_or(platform.directory())
    }

    /// The types that run for as long as the formation does.
    pub fn lasting(&self) -> impl Iterator<Item = &'f ProcessType> + use<'f> {
        let processes = self.formation.processes.iter();
        processes.filter(|process| !process.name.is_release() && process.schedule.is_none())
    }

    /// The types that run by the clock.
    pub fn scheduled(&self) -> impl Iterator<Item = &'f ProcessType> + use<'f> {
        self.formation.processes.iter().filter(|process| process.schedule.is_some())
    }

    /// The type that runs once, before the others start.
    #[must_use]
    pub fn release(&self) -> Option<&'f ProcessType> {
        self.formation.processes.iter().find(|process| process.name.is_release())
    }

    /// What the app needs from its environment and is nobody else's to know.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &'f ConfigItem> + use<'f> {
        self.formation.settings.config.iter().filter(|item| item.secret)
    }

    /// The type that stands for the whole where only one can: `web`, else the first with a
    /// port, else the first.
    pub(super) fn foremost(&self) -> Option<&'f ProcessType> {
        let find = |wanted: fn(&&ProcessType) -> bool| self.lasting().find(wanted);
        find(|process| process.name.is_web())
            .or_else(|| find(|process| process.port != Port::None))
            .or_else(|| find(|_| true))
    }
}
