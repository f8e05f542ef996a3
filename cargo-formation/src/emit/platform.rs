//! The platforms that a formation is exported to.

use std::fmt;
use std::path::Path;

use super::compose;
use super::procfile::Consumer;

/// Whoever runs the formation in production, or what is made for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// An image with all binaries of the formation, for whoever runs containers.
    Dockerfile,
    /// Units of systemd, for one machine.
    Systemd,
    /// A compose file, for the containers of one machine.
    Compose,
    /// What Heroku creates an app from.
    AppJson,
    /// What Dokku reads beside the Procfile.
    Dokku,
    /// What Fly deploys an app by.
    Fly,
    /// A kustomization, for a cluster of Kubernetes.
    Kubernetes,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 7] = [
        Self::Dockerfile,
        Self::Systemd,
        Self::Compose,
        Self::AppJson,
        Self::Dokku,
        Self::Fly,
        Self::Kubernetes,
    ];

    /// The word that chooses it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Systemd => "systemd",
            Self::Compose => "compose",
            Self::AppJson => "app-json",
            Self::Dokku => "dokku",
            Self::Fly => "fly",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// The reader of a Procfile that also reads its files.
    #[must_use]
    pub fn reader(self) -> Option<Consumer> {
        match self {
            Self::AppJson => Some(Consumer::Heroku),
            Self::Dokku => Some(Consumer::Dokku),
            Self::Dockerfile | Self::Systemd | Self::Compose | Self::Fly | Self::Kubernetes => None,
        }
    }

    /// The name of its file, where commands name that and not the directory.
    #[must_use]
    pub fn named_file(self) -> Option<&'static str> {
        match self {
            Self::Compose => Some(compose::FILE),
            Self::Dockerfile
            | Self::Systemd
            | Self::AppJson
            | Self::Dokku
            | Self::Fly
            | Self::Kubernetes => None,
        }
    }

    /// Where its files belong, relative to the workspace root, unless somebody says otherwise.
    #[must_use]
    pub fn directory(self) -> &'static Path {
        Path::new(match self {
            Self::Dockerfile | Self::Compose | Self::AppJson | Self::Dokku | Self::Fly => "",
            Self::Systemd => "deploy/systemd",
            Self::Kubernetes => "deploy/kubernetes",
        })
    }

    /// The keys below `platform.<word>` of the settings.
    pub(super) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Dockerfile => &["rust", "base", "build-packages", "include", "env"],
            Self::Systemd
            | Self::Compose
            | Self::AppJson
            | Self::Dokku
            | Self::Fly
            | Self::Kubernetes => &[],
        }
    }

    /// The first line of each of its files, without the mark of a comment.
    #[must_use]
    pub fn header(self) -> String {
        format!(
            "Emitted by `cargo formation export {}` from Cargo.toml, to be changed there.",
            self.word()
        )
    }
}

/// As messages name it.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dockerfile => "a Dockerfile",
            Self::Systemd => "systemd",
            Self::Compose => "a compose file",
            Self::AppJson => "Heroku's app.json",
            Self::Dokku => "Dokku's app.json",
            Self::Fly => "fly.toml",
            Self::Kubernetes => "Kubernetes",
        })
    }
}
