//! Manifests before and after.

use snapbox::{Data, IntoData, assert_data_eq, str};
use toml_edit::{DocumentMut, TableLike};

use super::{CommonKeys, Home, NewService, NewSource, NewType, NotPut, put_services, put_types};
use crate::formation::{Port, Restart, Template};

fn words(words: &[&str]) -> Vec<Template> {
    words.iter().map(|word| Template::parse(word).unwrap()).collect()
}

fn new(name: &str, args: &[&str]) -> NewType {
    NewType {
        name: name.parse().unwrap(),
        bin: None,
        package: None,
        args: words(args),
        keys: CommonKeys::default(),
        quantity: None,
    }
}

fn check(manifest: &str, home: Home, types: &[NewType], expected: impl Into<Data>) {
    let text = put_types(manifest, home, types).unwrap();
    // Put in once more, nothing changes.
    assert_eq!(put_types(&text, home, types).unwrap(), text);
    assert_data_eq!(text, expected.into().raw());
}

#[test]
fn a_table_that_is_not_there_stands_behind_its_package() {
    check(
        "[package]\nname = \"shop\" # ours\n\n# what we use\n[dependencies]\nserde = \"1\"\n",
        Home::Package,
        &[new("web", &[]), new("worker", &["--queue", "$Q${A}b $$5"])],
        str![[r#"
[package]
name = "shop" # ours

[package.metadata.formation]
web = {}
worker = { args = ["--queue", "$Q${A}b $$5"] }

# what we use
[dependencies]
serde = "1"

"#]],
    );
    check(
        "[workspace]\nmembers = [\n  \"a\", # first\n]",
        Home::Workspace,
        &[new("web", &[])],
        str![[r#"
[workspace]
members = [
  "a", # first
]

[workspace.metadata.formation.processes]
web = {}

"#]],
    );
}

#[test]
fn what_is_there_stays_as_it_is() {
    check(
        "[package]\nname = \"shop\"\n[package.metadata.formation]\nweb     = { quantity = 2 } # two\n# last\n\n[lib]\n",
        Home::Package,
        &[new("web", &["--not"]), new("worker", &[])],
        str![[r#"
[package]
name = "shop"
[package.metadata.formation]
web     = { quantity = 2 } # two
worker = {}
# last

[lib]

"#]],
    );
}

#[test]
fn every_way_to_write_a_table_can_be_added_to() {
    let manifests = [
        "[package]\nmetadata = { formation = { web = {} } }\n",
        "[package]\nmetadata.formation.web = {}\n",
        "[package]\nmetadata.other = 1\n",
        "[package.metadata]\nformation = { web = {} }\n",
        "[package.metadata]\nformation.web.quantity = 2\n",
        "[package.metadata.formation.web]\nquantity = 2\n\n[package.metadata.formation.clock]\n[lib]\n",
        "[package.metadata.formation.settings]\napp = \"x\"\n",
        "[lib]\n[package.metadata.formation]\nweb = {}\n[package.metadata.formation.settings]\n",
        "package.name = \"x\"\n",
        "",
    ];
    for manifest in manifests {
        let names = |text: &str| -> Vec<String> {
            let document: DocumentMut = text.parse().unwrap();
            let table = Home::Package
                .types()
                .iter()
                .try_fold(document.as_item(), |item, key| item.get(key));
            let table = table.and_then(|item| item.as_table_like().map(TableLike::iter));
            table
                .into_iter()
                .flatten()
                .map(|(name, _)| name.to_owned())
                .filter(|it| it != "settings")
                .collect()
        };
        let text = put_types(manifest, Home::Package, &[new("worker", &["x"])]).unwrap();
        let expected = [names(manifest), vec!["worker".to_owned()]].concat();
        assert_eq!(names(&text), expected, "{manifest}\n{text}");
        for line in manifest.lines().filter(|line| !line.contains('{')) {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}

#[test]
fn ends_of_lines_and_byte_order_marks_stay() {
    let put = |manifest| put_types(manifest, Home::Package, &[new("web", &[])]).unwrap();
    let text = put("\u{feff}[package]\r\nname = \"shop\"\r\n");
    let table = "\r\n[package.metadata.formation]\r\nweb = {}\r\n";
    assert_eq!(text, format!("\u{feff}[package]\r\nname = \"shop\"\r\n{table}"));
    // Who mixes them keeps them mixed.
    let mixed = "[package]\r\nname = \"shop\"\nversion = \"\"\"\r\n1\n\"\"\"\r\n";
    assert_eq!(put(mixed), format!("{mixed}{table}"));
}

#[test]
fn everything_that_is_said_of_a_type_or_a_service_is_written() {
    let keys = CommonKeys {
        dir: Some("ui".to_owned()),
        port: Some(Port::Exact(3000)),
        restart: Some(Restart::Never),
        pty: true,
        env: vec![("A".to_owned(), Template::parse("$$5 $B").unwrap())],
    };
    let full = NewType {
        bin: Some("server".to_owned()),
        package: Some("shop".to_owned()),
        quantity: Some(2),
        keys: keys.clone(),
        ..new("web", &["it's"])
    };
    let service =
        |name: &str, source, keys| NewService { name: name.parse().unwrap(), source, keys };
    let text = put_types("[workspace]\n", Home::Workspace, &[full]).unwrap();
    let services = [
        service("redis", NewSource::Command(words(&["redis-server", "--port", "$PORT"])), keys),
        service("odd", NewSource::Command(words(&["a b", "", "&&"])), CommonKeys::default()),
        service("db", NewSource::Compose("postgres".to_owned()), CommonKeys::default()),
    ];
    let text = put_services(&text, Home::Workspace, &services).unwrap();
    assert_data_eq!(text, str![[r#"
[workspace]

[workspace.metadata.formation.processes]
web = { bin = "server", package = "shop", args = ["it's"], quantity = 2, dir = "ui", port = 3000, restart = "never", pty = true, env = { A = "$$5 $B" } }

[workspace.metadata.formation.services]
redis = { command = "redis-server --port $PORT", dir = "ui", port = 3000, restart = "never", pty = true, env = { A = "$$5 $B" } }
odd = { command = ["a b", "", "&&"] }
db = { compose = "postgres" }

"#]].raw());
}

#[test]
fn what_cannot_hold_a_table_is_refused() {
    let put = |manifest| put_types(manifest, Home::Package, &[new("web", &[])]).unwrap_err();
    assert!(matches!(put("[package"), NotPut::NotToml(_)));
    for manifest in
        ["package = 1\n", "[package]\nmetadata = []\n", "[[package.metadata.formation]]\n"]
    {
        let expected = "`package.metadata.formation` is no table that could hold more";
        assert_eq!(put(manifest).to_string(), expected);
    }
}
