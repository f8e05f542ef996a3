//! What a new fly.toml need not say, because Fly does it anyway or is told elsewhere. One that is
//! there may say otherwise, and then it has to be told.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

/// Add to `ours` what only a file that speaks of it has to say.
pub(super) fn add_usual(ours: &mut DocumentMut, file: &DocumentMut) {
    add_restarts(ours, file);
    add_check(ours, file);
}

/// Fly itself starts again what fails, and nothing else.
fn add_restarts(ours: &mut DocumentMut, file: &DocumentMut) {
    let types: Vec<String> = alone(file).filter(|name| is_type(ours, name)).collect();
    for name in types {
        if alone(ours).any(|known| known == name) {
            continue;
        }
        let mut restart = Table::new();
        restart["policy"] = value("on-failure");
        restart["processes"] = value(Array::from_iter([name]));
        let restarts = ours.entry("restart").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        if let Some(restarts) = restarts.as_array_of_tables_mut() {
            restarts.push(restart);
        }
    }
}

/// The types that have an entry of `[[restart]]` for themselves.
fn alone(file: &DocumentMut) -> impl Iterator<Item = String> {
    let entries = file.get("restart").and_then(Item::as_array_of_tables).into_iter().flatten();
    entries.filter_map(|entry| only(entry.get("processes")?))
}

/// The type that requests come to is asked by way of them. It may have a check of its own from a
/// time when they came to another.
fn add_check(ours: &mut DocumentMut, file: &DocumentMut) {
    let Some(service) = ours.get("http_service") else { return };
    let Some(name) = service.get("processes").and_then(only) else { return };
    let check = service.get("checks").and_then(Item::as_array_of_tables);
    let Some(mut check) = check.and_then(|checks| checks.get(0)).cloned() else { return };
    let there = file.get("checks").and_then(|checks| checks.get(&name)?.get("processes"));
    if there.and_then(only).as_ref() != Some(&name) {
        return;
    }
    // It may be shorter than Fly grants here.
    check.remove("interval");
    let mut port = service.get("internal_port").cloned().unwrap_or_default();
    std::mem::swap(&mut check["port"], &mut port);
    let mut checks = Table::new();
    checks.set_implicit(true);
    checks[&name] = Item::Table(check);
    match ours.get_mut("checks").and_then(Item::as_table_mut) {
        Some(known) => known.extend(checks),
        None => ours["checks"] = Item::Table(checks),
    }
}

fn is_type(ours: &DocumentMut, name: &str) -> bool {
    ours.get("processes").is_some_and(|types| types.get(name).is_some())
}

/// The name that is the only one of a list.
fn only(list: &Item) -> Option<String> {
    let names = list.as_array()?;
    let name = names.get(0)?.as_str()?;
    (names.len() == 1).then(|| name.to_owned())
}
