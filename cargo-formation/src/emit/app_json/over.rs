//! What the table says, put into an app.json that is there.
//!
//! Nothing but that changes, and the order of keys stays. Where something does change, the file
//! is laid out anew, with two spaces a level; numbers stay as they are written, and JSON has no
//! comments that could be lost.

use serde_json::{Map, Value, json};

use super::number::{held, released};
use super::pretty;
use super::read::read;
use crate::emit::File;
use crate::emit::shared::Unreadable;

/// The name of the checks that are the table's: others are somebody's own.
pub(super) const CHECK: &str = "formation";

/// Who reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit) enum Dialect {
    /// Heroku: quantities and variables.
    Heroku,
    /// Dokku: these, checks and schedules.
    Dokku,
}

/// The file `found` with all that `said` says.
pub(in crate::emit) fn over(
    said: &File,
    found: &str,
    dialect: Dialect,
) -> Result<String, Unreadable> {
    // What is refused is refused as it stands there.
    read(found)?;
    let (plain, numbers) = held(found);
    let before = read(&plain)?;
    let ours = read(&said.text)?;
    let mut file = before.clone();
    put_formation(&mut file, &ours)?;
    conceal(&mut file, &said.secrets);
    put_env(&mut file, &ours)?;
    if dialect == Dialect::Dokku {
        hide(&mut file, &ours);
        put_checks(&mut file, &ours)?;
        put_cron(&mut file, &ours)?;
    }
    if file == before {
        return Ok(found.to_owned());
    }
    Ok(released(&pretty(&file.into()), &numbers))
}

/// What Heroku knows of a file, by its schema. Another key, and it creates no app.
const HEROKU: [&str; 15] = [
    "name",
    "description",
    "keywords",
    "website",
    "repository",
    "logo",
    "success_url",
    "scripts",
    "env",
    "formation",
    "addons",
    "buildpacks",
    "environments",
    "stack",
    "image",
];

/// What has to be said of each key that Heroku refuses.
pub(in crate::emit) fn objections_of_heroku(text: &str) -> Vec<String> {
    let file = read(text).unwrap_or_default();
    let refused = file.keys().filter(|key| !HEROKU.contains(&key.as_str()));
    let objection = |key: &String| {
        format!("has `{key}`, with which Heroku takes nothing of it; take it out by hand")
    };
    refused.map(objection).collect()
}

/// The types are those of the table. What else is said of one that stays, as its size, stays.
fn put_formation(
    file: &mut Map<String, Value>,
    ours: &Map<String, Value>,
) -> Result<(), Unreadable> {
    let Some(Value::Object(ours)) = ours.get("formation") else { return Ok(()) };
    let types = object(file, "formation")?;
    types.retain(|name, _| ours.contains_key(name));
    merge(types, ours);
    Ok(())
}

/// A type without a port is no service: Dokku would give it one. `web` always gets one there.
fn hide(file: &mut Map<String, Value>, ours: &Map<String, Value>) {
    let Some(Value::Object(types)) = file.get_mut("formation") else { return };
    let is_service = |name: &str| name == "web" || ours["formation"][name].get("service").is_some();
    for (_, entry) in types.iter_mut().filter(|(name, _)| !is_service(name)) {
        let Some(Value::Object(service)) = entry.get_mut("service") else { continue };
        let removed = service.shift_remove("exposed");
        if let (Some(_), true, Value::Object(entry)) = (removed, service.is_empty(), entry) {
            entry.shift_remove("service");
        }
    }
}

/// A secret may have had a value before it was one. What else is said of it stays.
fn conceal(file: &mut Map<String, Value>, secrets: &[String]) {
    let Some(Value::Object(env)) = file.get_mut("env") else { return };
    for (_, variable) in env.iter_mut().filter(|(name, _)| secrets.contains(name)) {
        match variable {
            Value::Object(variable) => {
                variable.shift_remove("value");
            }
            // The short form of a variable is its value.
            Value::String(_) => *variable = json!({}),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
    }
}

/// The variables of the table say what it says. Others stay.
fn put_env(file: &mut Map<String, Value>, ours: &Map<String, Value>) -> Result<(), Unreadable> {
    let Some(Value::Object(ours)) = ours.get("env") else { return Ok(()) };
    let env = object(file, "env")?;
    for (_, variable) in env.iter_mut().filter(|(name, _)| ours.contains_key(*name)) {
        // The short form of a variable is its value.
        if variable.is_string() {
            *variable = json!({ "value": variable.take() });
        }
    }
    merge(env, ours);
    Ok(())
}

/// The checks of our name are those of the table. Others stay, where they are.
fn put_checks(file: &mut Map<String, Value>, ours: &Map<String, Value>) -> Result<(), Unreadable> {
    let ours = ours.get("healthchecks").and_then(Value::as_object).cloned().unwrap_or_default();
    if ours.is_empty() && !file.contains_key("healthchecks") {
        return Ok(());
    }
    let types = object(file, "healthchecks")?;
    for (name, checks) in &ours {
        let found = types.entry(name.as_str()).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(found) = found else {
            return Err(no(&format!("healthchecks.{name}"), "list"));
        };
        let at = found.iter().position(is_ours).unwrap_or(found.len());
        found.retain(|check| !is_ours(check));
        let checks = checks.as_array().cloned().unwrap_or_default();
        found.splice(at..at, checks);
    }
    types.retain(|name, checks| {
        let Value::Array(checks) = checks else { return true };
        if ours.contains_key(name) || !checks.iter().any(is_ours) {
            return true;
        }
        checks.retain(|check| !is_ours(check));
        !checks.is_empty()
    });
    if types.is_empty() {
        file.shift_remove("healthchecks");
    }
    Ok(())
}

fn is_ours(check: &Value) -> bool {
    check["name"] == CHECK
}

/// The entries that run a type of the table do so by its schedule. Others stay.
fn put_cron(file: &mut Map<String, Value>, ours: &Map<String, Value>) -> Result<(), Unreadable> {
    let Some(Value::Array(ours)) = ours.get("cron") else { return Ok(()) };
    let found = file.entry("cron").or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(found) = found else { return Err(no("cron", "list")) };
    for entry in ours {
        match found.iter_mut().find(|other| other["command"] == entry["command"]) {
            Some(Value::Object(other)) => {
                merge(other, entry.as_object().unwrap_or(&Map::new()));
            }
            Some(_) | None => found.push(entry.clone()),
        }
    }
    Ok(())
}

/// The object below this key, made if there is none.
fn object<'f>(
    file: &'f mut Map<String, Value>,
    key: &str,
) -> Result<&'f mut Map<String, Value>, Unreadable> {
    match file.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(found) => Ok(found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(no(key, "object"))
        }
    }
}

fn no(key: &str, kind: &str) -> Unreadable {
    Unreadable(format!("its `{key}` is no {kind}"))
}

/// Every key of `ours`, on every level. What is no object is replaced.
fn merge(found: &mut Map<String, Value>, ours: &Map<String, Value>) {
    for (key, value) in ours {
        match (found.get_mut(key), value) {
            (Some(Value::Object(found)), Value::Object(ours)) => merge(found, ours),
            (Some(found), _) => found.clone_from(value),
            (None, _) => {
                found.insert(key.clone(), value.clone());
            }
        }
    }
}
