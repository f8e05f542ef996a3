//! Who reads a Procfile, and where each expects the binaries.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Heroku's Dev Center, "Dynos and the Dyno Manager": `SIGKILL` follows `SIGTERM` after 30 seconds.
const HEROKU_GRACE: Duration = Duration::from_secs(30);

/// Who reads a Procfile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Consumer {
    /// All of them, as far as one file can serve them all.
    #[default]
    Portable,
    /// Heroku: the classic build system and the Cloud Native Buildpack.
    Heroku,
    /// Dokku, with a buildpack or with an image.
    Dokku,
    /// Scalingo.
    Scalingo,
    /// The Paketo buildpacks.
    Paketo,
    /// The buildpacks of Google Cloud.
    Google,
    /// Railpack and its predecessor Nixpacks, which read the file as YAML.
    Railpack,
    /// What developers run: foreman, honcho, node-foreman, Overmind, Hivemind, goreman.
    /// One family, because they agree on everything that is emitted here: the names, and
    /// that the command goes to a shell.
    Local,
}

impl Consumer {
    /// Every consumer with the words that choose it; the first is its own.
    pub const ALL: [(Self, &'static [&'static str]); 8] = [
        (Self::Portable, &["portable"]),
        (Self::Heroku, &["heroku"]),
        (Self::Dokku, &["dokku"]),
        (Self::Scalingo, &["scalingo"]),
        (Self::Paketo, &["paketo"]),
        (Self::Google, &["google"]),
        (Self::Railpack, &["railpack", "nixpacks"]),
        (Self::Local, &["local", "foreman", "honcho", "nf", "overmind", "hivemind", "goreman"]),
    ];

    /// The word that chooses it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Heroku => "heroku",
            Self::Dokku => "dokku",
            Self::Scalingo => "scalingo",
            Self::Paketo => "paketo",
            Self::Google => "google",
            Self::Railpack => "railpack",
            Self::Local => "local",
        }
    }

    /// Whose rules a file for this consumer has to keep: a portable one those of all.
    pub(super) fn readers(&self) -> &[Self] {
        match self {
            Self::Portable => &[
                Self::Heroku,
                Self::Dokku,
                Self::Scalingo,
                Self::Paketo,
                Self::Google,
                Self::Railpack,
                Self::Local,
            ],
            Self::Heroku
            | Self::Dokku
            | Self::Scalingo
            | Self::Paketo
            | Self::Google
            | Self::Railpack
            | Self::Local => std::slice::from_ref(self),
        }
    }

    /// Whether requests from outside come to `web` and to nobody else, which has to listen at
    /// `PORT`: Heroku's Dev Center, "The Procfile"; Scalingo's documentation, "Procfile".
    pub(super) fn routes_to_web_alone(self) -> bool {
        match self {
            Self::Heroku | Self::Scalingo => true,
            Self::Portable
            | Self::Dokku
            | Self::Paketo
            | Self::Google
            | Self::Railpack
            | Self::Local => false,
        }
    }

    /// Whether a file for `other` is one for this reader, too.
    #[must_use]
    pub fn reads(self, other: Self) -> bool {
        self == other || self == Self::Portable || other == Self::Portable
    }

    /// Whether what is in the file may be started for good. Dokku starts what its `app.json` gives
    /// a quantity, and `web`; the `cron` there runs others by their names.
    pub(super) fn starts_all(self) -> bool {
        match self {
            Self::Dokku => false,
            Self::Portable
            | Self::Heroku
            | Self::Scalingo
            | Self::Paketo
            | Self::Google
            | Self::Railpack
            | Self::Local => true,
        }
    }

    /// How long a process has to stop, where nobody can change that.
    pub(super) fn grace(self) -> Option<Duration> {
        match self {
            Self::Heroku => Some(HEROKU_GRACE),
            Self::Portable
            | Self::Dokku
            | Self::Scalingo
            | Self::Paketo
            | Self::Google
            | Self::Railpack
            | Self::Local => None,
        }
    }

    fn bin_dir(self) -> BinDir {
        match self {
            // The path that the usual Rust buildpacks and a checkout have in common.
            Self::Portable
            | Self::Heroku
            | Self::Dokku
            | Self::Scalingo
            | Self::Google
            | Self::Local => BinDir::Under("./target/release".to_owned()),
            // It links the binaries into a directory of `PATH` and removes the sources.
            Self::Paketo => BinDir::SearchPath,
            Self::Railpack => BinDir::Under("./bin".to_owned()),
        }
    }
}

/// As its makers write it.
impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "some readers of Procfiles",
            Self::Heroku => "Heroku",
            Self::Dokku => "Dokku",
            Self::Scalingo => "Scalingo",
            Self::Paketo => "Paketo",
            Self::Google => "Google Cloud's buildpacks",
            Self::Railpack => "Railpack and Nixpacks",
            Self::Local => "foreman and its kin",
        })
    }
}

impl FromStr for Consumer {
    type Err = UnknownConsumer;

    fn from_str(text: &str) -> Result<Self, UnknownConsumer> {
        Self::ALL
            .iter()
            .find(|(_, words)| words.contains(&text))
            .map(|(consumer, _)| *consumer)
            .ok_or_else(|| UnknownConsumer(text.to_owned()))
    }
}

/// A word that chooses no consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownConsumer(pub String);

impl fmt::Display for UnknownConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no known reader of Procfiles; there are", self.0)?;
        for (position, (consumer, _)) in Consumer::ALL.iter().enumerate() {
            let before = if position == 0 { "" } else { "," };
            write!(f, "{before} `{}`", consumer.word())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownConsumer {}

/// Where the binaries are when the file is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BinDir {
    /// Where the consumer puts them.
    #[default]
    Usual,
    /// In a directory of `PATH`: the bare name is the command.
    SearchPath,
    /// In this directory.
    Under(String),
}

impl BinDir {
    /// The directory as it is typed; an empty one is `PATH`.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        if text.is_empty() { Self::SearchPath } else { Self::Under(text.to_owned()) }
    }

    /// As it is typed, if it has to be.
    pub(super) fn typed_as(&self) -> Option<&str> {
        match self {
            Self::Usual => None,
            Self::SearchPath => Some(""),
            Self::Under(dir) => Some(dir),
        }
    }

    /// The program that runs a binary.
    pub(super) fn program(&self, consumer: Consumer, binary: &str) -> String {
        match self {
            Self::Usual => consumer.bin_dir().program(consumer, binary),
            Self::SearchPath => binary.to_owned(),
            Self::Under(dir) => match dir.strip_suffix('/').unwrap_or(dir) {
                "" => format!("/{binary}"),
                dir => format!("{dir}/{binary}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BinDir, Consumer, UnknownConsumer};

    #[test]
    fn every_consumer_is_chosen_by_its_words() {
        for (consumer, words) in Consumer::ALL {
            assert_eq!(words.first(), Some(&consumer.word()));
            for word in words {
                assert_eq!(word.parse(), Ok(consumer));
            }
        }
        assert_eq!("systemd".parse::<Consumer>(), Err(UnknownConsumer("systemd".into())));
        let message = UnknownConsumer("heruku".into()).to_string();
        assert!(message.contains("there are `portable`, `heroku`,"), "{message}");
    }

    fn check(dir: &BinDir, consumer: Consumer, program: &str) {
        assert_eq!(dir.program(consumer, "web"), program);
    }

    #[test]
    fn each_consumer_has_the_binaries_in_its_own_place() {
        check(&BinDir::Usual, Consumer::Portable, "./target/release/web");
        check(&BinDir::Usual, Consumer::Paketo, "web");
        check(&BinDir::Usual, Consumer::Railpack, "./bin/web");
    }

    #[test]
    fn a_directory_that_was_typed_wins() {
        check(&BinDir::typed(""), Consumer::Heroku, "web");
        check(&BinDir::typed("/app/"), Consumer::Paketo, "/app/web");
        check(&BinDir::typed("/"), Consumer::Paketo, "/web");
        check(&BinDir::typed("./bin"), Consumer::Paketo, "./bin/web");
    }
}
