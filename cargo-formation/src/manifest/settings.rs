//! What belongs to the formation as a whole: `[workspace.metadata.formation]`.

use crate::formation::{ConfigItem, Platform, Settings};

use super::dev::{Dev, dev};
use super::entry::{Entry, Fields};
use super::problem::{Parsed, Problem};
use super::service::{Service, service};
use super::value::{NUL, boolean, inside, strings, text, variable_name};
use super::workspace::Place;

/// The settings, and what of them has to be compared with the process types.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Complete but for the services and what development does.
    pub(super) settings: Settings,
    pub(super) services: Vec<Service>,
    pub(super) dev: Dev,
    /// Where `base-port` stands.
    pub(super) base_port: Option<Place>,
    /// The names of the secrets, and where they are said to be some.
    pub(super) secrets: Vec<(String, Place)>,
}

/// Read the keys of the settings, all but `processes`.
pub(super) fn settings(fields: &mut Fields<'_>) -> Shared {
    let base_port = fields.read("base-port", base_port);
    let base_port_at = base_port.given().map(|(_, at)| at);
    let (config, secrets): (Vec<_>, Vec<_>) =
        fields.collect("config", "variables", config_item).into_iter().unzip();
    let settings = Settings {
        app: fields.read("app", text).value(),
        image: fields.read("image", image).value(),
        base_port: base_port.value(),
        env_file: fields.read("env-file", inside).value(),
        features: fields.read("features", strings).or(Vec::new()),
        no_default_features: !fields.read("default-features", boolean).or(true),
        profile: fields.read("profile", text).value(),
        config,
        services: Vec::new(),
        dev: crate::formation::DevSettings::default(),
        platforms: fields.collect("platform", "platforms", platform),
    };
    Shared {
        settings,
        services: services(fields),
        dev: development(fields),
        base_port: base_port_at,
        secrets: secrets.into_iter().flatten().collect(),
    }
}

/// The services whose names are valid, so that these can be compared with the others.
fn services(fields: &mut Fields<'_>) -> Vec<Service> {
    let read = fields.collect("services", "backing services", |entry| Ok(service(entry)));
    let (services, problems): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    for problem in problems.into_iter().flatten() {
        fields.report(problem);
    }
    services.into_iter().flatten().collect()
}

/// What only development does.
pub(super) fn development(fields: &mut Fields<'_>) -> Dev {
    let (dev, problems) = fields.entry("dev").map(dev).unwrap_or_default();
    for problem in problems {
        fields.report(problem);
    }
    dev
}

fn base_port(entry: Entry<'_>) -> Parsed<u16> {
    Ok(u16::try_from(entry.number(1..65_536)?).unwrap_or(u16::MAX))
}

/// A container image without a tag: the tag is what changes from release to release.
fn image(entry: Entry<'_>) -> Parsed<String> {
    let image = text(entry)?;
    let last = image.rsplit('/').next().unwrap_or_default();
    match last.split_once([':', '@']) {
        None => Ok(image),
        Some((name, _)) => Err(entry
            .invalid("expected the name of an image without a tag or digest")
            .help(format!("write \"{}{name}\"", &image[..image.len() - last.len()]))
            .into()),
    }
}

/// A variable that the app needs; of a secret, also its name and where it is said to be one.
fn config_item(entry: Entry<'_>) -> Parsed<(ConfigItem, Option<(String, Place)>)> {
    if let Some(problem) = variable_name(&entry) {
        return Err(problem.into());
    }
    let mut fields = entry.fields("a table, as `{ required = true }`")?;
    let secret = fields.read("secret", boolean);
    // Empty is a default like any other.
    let default = fields.read("default", |value| match value.as_str() {
        None => Err(value.wrong("a string").into()),
        Some(text) if text.contains('\0') => Err(value.invalid(NUL).into()),
        Some(text) => Ok(text.to_owned()),
    });
    let secret_at = secret.given().filter(|(secret, _)| **secret).map(|(_, at)| at);
    if let (Some(secret_at), Some((_, at))) = (secret_at, default.given()) {
        fields.report(
            Problem::error(format!("the secret `{}` has a default", entry.key))
                .at(at, "a secret value does not belong into the manifest")
                .beside(secret_at, "it is declared a secret here")
                .help("put the value for development into `.env.local`"),
        );
    }
    let item = ConfigItem {
        name: entry.key.to_owned(),
        required: fields.read("required", boolean).or(false),
        secret: secret.or(false),
        default: default.value(),
        description: fields.read("description", text).value(),
    };
    let secret = secret_at.map(|at| (item.name.clone(), at));
    fields.finish((item, secret))
}

fn platform(entry: Entry<'_>) -> Parsed<Platform> {
    if !entry.is_table() {
        return Err(entry.wrong("a table").into());
    }
    Ok(Platform { name: entry.key.to_owned(), settings: super::json::item(entry.item()) })
}
