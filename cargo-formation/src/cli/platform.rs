//! Where a formation is to run, as it is typed.

use std::ffi::OsStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Error, ValueEnum};

/// Where the formation is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// One image with all binaries, for whoever runs containers.
    #[value(help = None::<&'static str>)]
    Dockerfile,
    /// Units of systemd, for one machine.
    #[value(help = None::<&'static str>)]
    Systemd,
    /// A compose file, for the containers of one machine.
    #[value(help = None::<&'static str>)]
    Compose,
    /// What Heroku creates an app from.
    #[value(help = None::<&'static str>)]
    AppJson,
    /// What Dokku reads beside the Procfile.
    #[value(help = None::<&'static str>)]
    Dokku,
    /// What Fly deploys an app by.
    #[value(help = None::<&'static str>)]
    Fly,
    /// A kustomization, for a cluster of Kubernetes.
    #[value(help = None::<&'static str>)]
    Kubernetes,
}

/// What people call a platform, and what its files are called here. Clap finds the word that is
/// spelled most alike, which of `heroku` is `dokku`.
const NAMES: [(&str, &str); 6] = [
    ("docker", "an image is made of a `dockerfile`; for several containers there is `compose`"),
    ("docker-compose", "its files are those of `compose`"),
    ("heroku", "Heroku reads an `app-json`, beside the Procfile"),
    ("k8s", "its files are those of `kubernetes`"),
    ("kustomize", "its files are those of `kubernetes`"),
    ("podman", "its files are those of `compose` and `dockerfile`"),
];

/// Takes the word of a platform, and says which it is to who typed its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlatformParser;

impl TypedValueParser for PlatformParser {
    type Value = Platform;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Platform, Error> {
        let parsed = EnumValueParser::new().parse_ref(command, argument, value);
        parsed.map_err(|mut error| {
            let mut names = NAMES.iter();
            if let Some((_, tip)) = names.find(|(name, _)| value.eq_ignore_ascii_case(name)) {
                error.remove(ContextKind::SuggestedValue);
                let tip = ContextValue::StyledStrs(vec![(*tip).into()]);
                error.insert(ContextKind::Suggested, tip);
            }
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let platforms = Platform::value_variants().iter();
        Some(Box::new(platforms.filter_map(ValueEnum::to_possible_value)))
    }
}
