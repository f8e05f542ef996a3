//! What is left in a fly.toml of types that are gone: Fly refuses a service of nobody, and asks and
//! sizes nobody's machines without a word.

use toml_edit::{DocumentMut, Item, TableLike};

/// A name, and the tables that have it.
type Named = (String, Vec<String>);

/// What has to be said of each name that is in the file, and not in its `[processes]`.
pub(in crate::emit) fn objections(text: &str) -> Vec<String> {
    let Ok(file) = text.parse::<DocumentMut>() else { return Vec::new() };
    let mut named: Vec<Named> = Vec::new();
    collect(file.as_table(), "", &mut named);
    let types = file.get("processes").and_then(Item::as_table_like);
    named.retain(|(name, _)| !types.is_some_and(|types| types.contains_key(name)));
    named.iter().map(|(name, places)| objection(name, places)).collect()
}

fn objection(name: &str, places: &[String]) -> String {
    let places = places.join("`, `");
    format!("names `{name}`, which `[processes]` does not have, in `{places}`; take it out by hand")
}

/// Every name of a list called `processes`, with the tables that have it.
fn collect(table: &dyn TableLike, path: &str, named: &mut Vec<Named>) {
    for (key, item) in table.iter() {
        let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match item {
            Item::ArrayOfTables(entries) => {
                for entry in entries {
                    add(entry, &format!("[[{below}]]"), named);
                    collect(entry, &below, named);
                }
            }
            Item::None | Item::Value(_) | Item::Table(_) => {
                if let Some(table) = item.as_table_like() {
                    add(table, &format!("[{below}]"), named);
                    collect(table, &below, named);
                }
            }
        }
    }
}

fn add(table: &dyn TableLike, place: &str, named: &mut Vec<Named>) {
    let types = table.get("processes").and_then(Item::as_array).into_iter().flatten();
    for name in types.filter_map(toml_edit::Value::as_str) {
        match named.iter_mut().find(|(known, _)| known == name) {
            Some((_, places)) if places.last().is_some_and(|last| last == place) => {}
            Some((_, places)) => places.push(place.to_owned()),
            None => named.push((name.to_owned(), vec![place.to_owned()])),
        }
    }
}
