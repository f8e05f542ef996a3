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

    /// As [`Self::name`], of a name that is also that of a user, of a project, and of what the
    /// platform makes of it.
    pub(super) fn plain_name(&self, platform: Platform) -> Result<&'f str, Refusal> {
        let name = self.name(platform)?;
        match unfit(name, platform) {
            None => Ok(name),
            Some(why) => Err(app_refused(name, platform, why)),
        }
    }

    /// The image's name, without a tag.
    pub(super) fn image(&self, platform: Platform) -> Result<&'f str, Refusal> {
        if let Some(image) = &self.formation.settings.image {
            return Ok(image);
        }
        let name = self.name(platform)?;
        if is_image(name) { Ok(name) } else { Err(app_refused(name, platform, NO_IMAGE)) }
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

fn app_refused(name: &str, platform: Platform, why: &'static str) -> Refusal {
    Refusal::App { platform, app: name.escape_debug().to_string(), why }
}

/// Why a platform does not take the name, if it does not.
fn unfit(name: &str, platform: Platform) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !name.chars().all(is_plain) || name.len() > LONGEST_NAME {
        Some(
            "it starts with a lower-case letter, and has lower-case letters, digits, `-` and `_`, \
             at most 31",
        )
    } else if platform == Platform::Systemd && (name.ends_with('-') || name.contains("--")) {
        // `slice_name_is_valid` of its source; a `-` there is one more level.
        Some("it is also the name of a slice, which has no `-` at its end and no two together")
    } else if platform == Platform::Kubernetes && name.ends_with(['-', '_']) {
        Some("it is also a label, which ends with a letter or a digit")
    } else {
        None
    }
}

const NO_IMAGE: &str = "without `image` in the settings it is the image's name, which has \
                        lower-case letters and digits, and between them `.`, `_`, `__` or `-`";

/// Whether an image may be called so: a path component of the grammar in `reference.go` of
/// distribution/reference.
fn is_image(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_between = |between: &str| {
        matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
    };
    name.starts_with(is_letter)
        && name.ends_with(is_letter)
        && name.split(is_letter).all(is_between)
}

#[cfg(test)]
mod tests {
    use super::{is_image, unfit};
    use crate::emit::platform::Platform;

    #[test]
    fn a_name_is_taken_by_whom_it_fits() {
        let check = |name: &str, expected: [bool; 4]| {
            let platforms = [Platform::Systemd, Platform::Kubernetes, Platform::Compose];
            let taken = platforms.map(|platform| unfit(name, platform).is_none());
            assert_eq!([taken[0], taken[1], taken[2], is_image(name)], expected, "{name}");
        };
        check("shop", [true, true, true, true]);
        check("my-shop_2", [true, true, true, true]);
        check("a--b", [false, true, true, true]);
        check("a__b", [true, true, true, true]);
        check("a___b", [true, true, true, false]);
        check("a-_b", [true, true, true, false]);
        check("shop-", [false, false, true, false]);
        check("shop_", [true, false, true, false]);
        check("my.shop", [false, false, false, true]);
        check("Shop", [false, false, false, false]);
        check("", [false, false, false, false]);
    }
}
