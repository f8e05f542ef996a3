//! What the table says, put into a fly.toml that is there.
//!
//! A value that differs is replaced where it stands; its comment, the order, and all that the
//! table says nothing of, stay.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

use super::end::{END, held, released};
use super::same::{is_same, is_same_at};
use super::usual::add_usual;
use crate::emit::File;
use crate::emit::shared::Unreadable;

/// What is only written where there is nothing: the app's name is given by Fly, and how
/// requests are served is nobody's but the reader's.
const BEGUN: [&str; 4] =
    ["app", "build", "http_service.force_https", "http_service.auto_stop_machines"];

/// What says the same as a key of ours, and wins: flyctl, `machines.go`, `computeToGuest`.
const RIVALS: [(&str, &str); 1] = [("vm.memory", "memory_mb")];

/// The file `found` with all that `said` says.
pub(in crate::emit) fn over(said: &File, found: &str) -> Result<String, Unreadable> {
    let mut file = read(&held(found, &read(found)?))?;
    let mut ours = read(&said.text)?;
    let before = file.to_string();
    add_usual(&mut ours, &file);
    // Who has services of an own making has said how requests come in.
    if file.contains_key("services") && !file.contains_key("http_service") {
        ours.remove("http_service");
    }
    forget_types(&mut file, &ours);
    conceal(&mut file, &ours, &said.secrets)?;
    merge(file.as_table_mut(), ours.as_table_mut(), "")?;
    let text = file.to_string();
    Ok(if text == before { found.to_owned() } else { released(&text) })
}

fn read(text: &str) -> Result<DocumentMut, Unreadable> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        Unreadable(format!("it is no TOML: {}", error.message()))
    })
}

/// The types are those of the table.
fn forget_types(file: &mut DocumentMut, ours: &DocumentMut) {
    let known = |name: &str| name == END || ours["processes"].get(name).is_some();
    let Some(types) = file.get_mut("processes").and_then(Item::as_table_like_mut) else { return };
    let stale: Vec<String> =
        types.iter().map(|(name, _)| name.to_owned()).filter(|name| !known(name)).collect();
    for name in stale {
        types.remove(&name);
    }
}

/// A secret may have had a value before it was one.
fn conceal(
    file: &mut DocumentMut,
    ours: &DocumentMut,
    secrets: &[String],
) -> Result<(), Unreadable> {
    let Some(env) = file.get_mut("env") else { return Ok(()) };
    // What a type's own `env` says is none.
    let is_said = |name: &str| ours.get("env").is_some_and(|env| env.get(name).is_some());
    for name in secrets.iter().filter(|name| !is_said(name)) {
        env.as_table_like_mut().ok_or_else(|| no("env", "table"))?.remove(name);
    }
    Ok(())
}

/// Every key of `ours`, on every level.
fn merge(found: &mut dyn TableLike, ours: &mut Table, below: &str) -> Result<(), Unreadable> {
    for (key, item) in ours.iter_mut() {
        let place = if below.is_empty() { key.to_string() } else { format!("{below}.{key}") };
        match found.get_mut(&key) {
            Some(_) if BEGUN.contains(&place.as_str()) => {}
            Some(there) => put(there, item, &place)?,
            None => {
                forget_position(item);
                found.insert(&key, item.clone());
            }
        }
        for (_, rival) in RIVALS.iter().filter(|(ours, _)| *ours == place) {
            found.remove(rival);
        }
    }
    Ok(())
}

fn put(there: &mut Item, ours: &mut Item, place: &str) -> Result<(), Unreadable> {
    match ours {
        Item::None => Ok(()),
        Item::Value(ours) => match there {
            Item::Value(there) => {
                set(there, ours, place);
                Ok(())
            }
            Item::None | Item::Table(_) | Item::ArrayOfTables(_) => Err(no(place, "value")),
        },
        Item::Table(ours) => match there.as_table_like_mut() {
            Some(there) => merge(there, ours, place),
            None => Err(no(place, "table")),
        },
        Item::ArrayOfTables(ours) => match there {
            Item::ArrayOfTables(there) => put_entries(there, ours, place),
            Item::None | Item::Table(_) | Item::Value(_) => {
                Err(no(place, &format!("list written as `[[{place}]]`")))
            }
        },
    }
}

/// An entry of ours is that with the same processes, and where there are several Fly takes the
/// last; without any, the first.
fn put_entries(
    found: &mut ArrayOfTables,
    ours: &mut ArrayOfTables,
    place: &str,
) -> Result<(), Unreadable> {
    for entry in ours.iter_mut() {
        let types = entry.get("processes").and_then(Item::as_value).cloned();
        let of_the_same = found.iter_mut().filter(|there| match (there.get("processes"), &types) {
            (Some(Item::Value(there)), Some(types)) => is_same(there, types),
            (_, types) => types.is_none(),
        });
        let most = if types.is_some() { usize::MAX } else { 1 };
        let mut is_there = false;
        for there in of_the_same.take(most) {
            merge(there, entry, place)?;
            is_there = true;
        }
        if !is_there {
            entry.set_position(None);
            found.push(entry.clone());
        }
    }
    Ok(())
}

/// Replace a value, and leave what stands around it.
fn set(there: &mut Value, ours: &Value, place: &str) {
    if !is_same_at(place, there, ours) {
        let decor = there.decor().clone();
        *there = ours.clone();
        *there.decor_mut() = decor;
    }
}

/// A table that comes from another file stands where this one has place for it.
fn forget_position(item: &mut Item) {
    match item {
        Item::None | Item::Value(_) => {}
        Item::Table(table) => {
            table.set_position(None);
            for (_, item) in table.iter_mut() {
                forget_position(item);
            }
        }
        Item::ArrayOfTables(tables) => {
            for table in tables.iter_mut() {
                table.set_position(None);
            }
        }
    }
}

fn no(place: &str, kind: &str) -> Unreadable {
    Unreadable(format!("its `{place}` is no {kind}"))
}
