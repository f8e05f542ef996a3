//! A manifest with one more process type, or dependency. Everything else of it stays as it is.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::dependencies::{Defaults, Dependency};

/// Put a process type into the table at this path, behind the others.
///
/// `entry` is the text of an inline table. Nothing if something that is no table is in the way, or
/// the name is taken.
pub(super) fn put_type(
    document: &mut DocumentMut,
    path: &[&str],
    name: &str,
    entry: &str,
) -> Option<()> {
    let entry: InlineTable = entry.parse::<Value>().ok()?.as_inline_table()?.clone();
    put(reach(document.as_table_mut(), path)?, name, entry)
}

/// Put something with a name into a table, behind the others. Nothing if the name is taken.
pub(super) fn put(table: &mut dyn TableLike, name: &str, entry: InlineTable) -> Option<()> {
    if table.contains_key(name) {
        return None;
    }
    // Behind a type that has a header of its own, only another can stand. Settings are no type.
    let is_headed = |item: &Item| item.as_table().is_some_and(|it| !it.is_dotted());
    let headed = table.iter().any(|(name, item)| name != "settings" && is_headed(item));
    let item = if headed { Item::Table(entry.into_table()) } else { Item::Value(entry.into()) };
    table.insert(name, item);
    Some(())
}

/// Put a dependency where it belongs, or give the one that is there what it lacks. Nothing if
/// something that is no table is in the way.
pub(super) fn put_dependency(document: &mut DocumentMut, wanted: &Dependency) -> Option<()> {
    let table = reach(document.as_table_mut(), &["dependencies"])?;
    let Some(there) = table.get_mut(wanted.name) else {
        let sorted = table.iter().map(|(name, _)| name.to_owned()).is_sorted();
        table.insert(wanted.name, Item::Value(described(wanted)));
        if sorted {
            sort(table);
        }
        return Some(());
    };
    if let Some(version) = there.as_str() {
        if wanted.features.is_empty() {
            return Some(());
        }
        *there = Item::Value(InlineTable::from_iter([("version", version)]).into());
    }
    let there = there.as_table_like_mut()?;
    let features = there.entry("features").or_insert(Item::Value(Array::new().into()));
    let features = features.as_array_mut()?;
    for feature in wanted.features {
        if !features.iter().any(|known| known.as_str() == Some(feature)) {
            features.push(*feature);
        }
    }
    if features.is_empty() {
        there.remove("features");
    }
    Some(())
}

fn sort(table: &mut dyn TableLike) {
    table.sort_values();
}

fn described(wanted: &Dependency) -> Value {
    let Dependency { name: _, version, defaults, features } = wanted;
    if *defaults == Defaults::Wanted && features.is_empty() {
        return (*version).into();
    }
    let mut entry = InlineTable::from_iter([("version", *version)]);
    if *defaults == Defaults::Unwanted {
        entry.insert("default-features", false.into());
    }
    if !features.is_empty() {
        entry.insert("features", features.iter().copied().collect::<Array>().into());
    }
    entry.into()
}

/// The table at the end of a path, made where it is not.
pub(super) fn reach<'t>(
    table: &'t mut dyn TableLike,
    path: &[&str],
) -> Option<&'t mut dyn TableLike> {
    let Some((first, rest)) = path.split_first() else { return Some(table) };
    if !table.contains_key(first) {
        let mut new = Table::new();
        // A table that only holds others needs no header.
        new.set_implicit(!rest.is_empty());
        table.insert(first, Item::Table(new));
    }
    reach(table.get_mut(first)?.as_table_like_mut()?, rest)
}

#[cfg(test)]
mod tests {
    use super::{put_dependency, put_type};
    use crate::scaffold::dependencies::dependencies;
    use toml_edit::DocumentMut;

    const PATH: [&str; 3] = ["package", "metadata", "formation"];

    fn check(text: &str, expected: Option<&str>) {
        let mut document: DocumentMut = text.parse().unwrap();
        let put = put_type(&mut document, &PATH, "mailer", "{ singleton = true }");
        assert_eq!(put.map(|()| document.to_string()).as_deref(), expected);
    }

    #[test]
    fn a_type_stands_behind_the_others_and_comments_stay() {
        check(
            "[package]\nname = \"a\" # mine\n",
            Some(
                "[package]\nname = \"a\" # mine\n\n[package.metadata.formation]\n\
                 mailer = { singleton = true }\n",
            ),
        );
        check(
            "[package.metadata.formation]\nweb     = {}  # the page\n\n[lib]\n",
            Some(
                "[package.metadata.formation]\nweb     = {}  # the page\n\
                 mailer = { singleton = true }\n\n[lib]\n",
            ),
        );
        check(
            "[package.metadata.formation.web]\nquantity = 2\n",
            Some(
                "[package.metadata.formation.web]\nquantity = 2\n\n\
                 [package.metadata.formation.mailer]\nsingleton = true\n",
            ),
        );
        check("[package.metadata]\nformation = 1\n", None);
        check("[package.metadata.formation]\nmailer = {}\n", None);
    }

    #[test]
    fn a_dependency_is_added_or_given_what_it_lacks() {
        let text = "[dependencies]\n# Ours.\nanyhow = \"1\"\ntokio = { version = \"1\", features = [\"time\"] }\n\
                    tracing = \"0.1\"\ntracing-subscriber = \"0.3\"\n";
        let mut document: DocumentMut = text.parse().unwrap();
        for dependency in dependencies(&[crate::scaffold::Kind::Web], None) {
            put_dependency(&mut document, &dependency).unwrap();
        }
        assert_eq!(
            document.to_string(),
            "[dependencies]\n# Ours.\nanyhow = \"1\"\n\
             axum = { version = \"0.8.9\", default-features = false, features = [\"http1\", \"tokio\"] }\n\
             tokio = { version = \"1\", features = [\"time\", \"macros\", \"net\", \"rt-multi-thread\", \"signal\"] }\n\
             tracing = \"0.1\"\n\
             tracing-subscriber = { version = \"0.3\", features = [\"env-filter\", \"fmt\"] }\n"
        );
        let once = document.to_string();
        for dependency in dependencies(&[crate::scaffold::Kind::Web], None) {
            put_dependency(&mut document, &dependency).unwrap();
        }
        assert_eq!(document.to_string(), once);
    }
}
