//! The columns "Type" and "Default" of the reference of the table: every row is tried.
//!
//! A value of each shape is given to each key, and taken or refused as the type says. The
//! default, written down, makes the same formation as nothing.

use cargo_formation::formation::Formation;
use cargo_formation::manifest::{BinaryTarget, Manifest, Package, Workspace, read};

use super::page::{Page, cells};

/// What a value may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    Boolean,
    Array,
    Table,
}

use Shape::{Array, Boolean, Number, Table, Text};

const SHAPES: [Shape; 5] = [Text, Number, Boolean, Array, Table];

/// The types of the reference, by how they begin.
const TYPES: [(&str, &[Shape]); 22] = [
    ("string", &[Text]),
    ("strings", &[Array]),
    ("strings, or one string", &[Array, Text]),
    ("as `args`", &[Array, Text]),
    ("[globs](#values)", &[Array, Text]),
    ("names", &[Array]),
    ("path", &[Text]),
    ("path, or [table]", &[Text, Table]),
    ("boolean", &[Boolean]),
    ("0 to 100", &[Number]),
    ("1 to 65535", &[Number]),
    ("`true`, `false`, number", &[Boolean, Number]),
    ("number, or `\"500m\"`", &[Number, Text]),
    ("a size", &[Text]),
    ("length of time", &[Text, Number]),
    ("[length of time]", &[Text, Number]),
    ("cron", &[Text]),
    ("`\"", &[Text]),
    ("table", &[Table]),
    ("[table]", &[Table]),
    ("[see there](#ready)", &[Text, Table]),
    ("[as above](#ready)", &[Text, Table]),
];

/// Values that are right for a key, where not any of their shape is.
const SAMPLES: [(&str, Shape, &str); 32] = [
    ("args", Array, r#"["x"]"#),
    ("base-port", Number, "5000"),
    ("bin", Text, r#""web""#),
    ("config", Table, r#"{ A = {} }"#),
    ("cpu", Text, r#""500m""#),
    ("dev", Table, "{ exclude = [\"worker\"] }"),
    ("dir", Text, r#""src""#),
    ("drain", Text, r#""7s""#),
    ("env", Table, r#"{ A = "x" }"#),
    ("exclude", Array, r#"["worker"]"#),
    ("health", Table, r#"{ path = "/up" }"#),
    ("health", Text, r#""/up""#),
    ("http", Text, r#""/up""#),
    ("interval", Text, r#""7s""#),
    ("memory", Text, r#""1MiB""#),
    ("package", Text, r#""shop""#),
    ("path", Text, r#""/up""#),
    ("platform", Table, "{ fly = {} }"),
    ("ports", Table, "{ admin = true }"),
    ("processes", Table, "{ worker = {} }"),
    ("quantity", Table, "{ worker = 2 }"),
    ("ready", Table, r#"{ log = "x" }"#),
    ("ready", Text, r#""started""#),
    ("resources", Table, r#"{ cpu = 1 }"#),
    ("restart", Text, r#""always""#),
    ("schedule", Text, r#""* * * * *""#),
    ("services", Table, r#"{ redis = { command = "x" } }"#),
    ("signal", Text, r#""INT""#),
    ("startup", Text, r#""7s""#),
    ("stop", Table, r#"{ signal = "INT" }"#),
    ("timeout", Text, r#""7s""#),
    ("watch", Array, r#"["x"]"#),
];

/// A row of the reference.
#[derive(Debug)]
struct Row {
    section: &'static str,
    key: String,
    kind: String,
    default: String,
}

const SECTIONS: [&str; 10] = [
    "A process type",
    "`health`",
    "`ready`",
    "`stop`",
    "`resources`",
    "Settings",
    "`config`",
    "`dev`",
    "A backing service",
    LOCAL,
];

/// The section of the keys of `formation.local.toml`.
const LOCAL: &str = "One developer's own";

fn rows() -> Vec<Row> {
    let page = Page::read("docs/reference/table.md");
    let of = |section| page.rows(section).into_iter().map(move |row| (section, row));
    let rows = SECTIONS.into_iter().flat_map(of).map(|(section, (key, row))| {
        let [_, kind, default, _] = cells(&row).try_into().unwrap();
        Row { section, key, kind, default }
    });
    rows.collect()
}

impl Row {
    fn shapes(&self) -> &'static [Shape] {
        let above =
            || rows().into_iter().find(|row| row.section == SECTIONS[0] && row.key == self.key);
        if self.kind == "as above" || self.kind.starts_with("as above, ") {
            return above().unwrap().shapes();
        }
        let fits = |(kind, _): &&(&str, _)| self.kind.starts_with(kind);
        let longest = TYPES.iter().filter(fits).max_by_key(|(kind, _)| kind.len());
        longest.unwrap_or_else(|| panic!("what is the type of {self:?}?")).1
    }

    fn sample(&self, shape: Shape) -> &'static str {
        let own = |(key, of, _): &&(&str, Shape, &str)| (*key, *of) == (&self.key, shape);
        SAMPLES.iter().find(own).map_or(shape.any(), |(_, _, sample)| sample)
    }

    /// What is made of a package where the key says this, or nothing.
    fn formation(&self, value: Option<&str>) -> Result<Formation, String> {
        let said = value.map(|value| format!("{} = {value}", self.key)).unwrap_or_default();
        if self.section == LOCAL {
            let local = Manifest { path: "/ws/formation.local.toml".into(), text: said };
            return formation_with("[package.metadata.formation]\nworker = {}\n", Some(local));
        }
        formation(&self.frame(&said))
    }

    /// A manifest in which a key is where it belongs.
    fn frame(&self, said: &str) -> String {
        let process = |keys: &str| format!("[package.metadata.formation]\nworker = {{ {keys} }}\n");
        let settings = |keys: &str| format!("{}settings = {{ {keys} }}\n", process(""));
        let and = |before: &str| join(before, said);
        match (self.section, self.key.as_str()) {
            ("A process type", "package") => {
                let keys = and("bin = \"worker\"");
                format!("[workspace.metadata.formation.processes]\nworker = {{ {keys} }}\n")
            }
            ("A process type", "rerun") => {
                format!(
                    "[package.metadata.formation]\nrelease = {{ {} }}\n",
                    and("bin = \"worker\"")
                )
            }
            ("A process type", "port" | "schedule") => process(said),
            ("A process type", _) => process(&and("port = true")),
            ("`health`", "path") => process(&format!("port = true, health = {{ {said} }}")),
            ("`health`", _) => {
                process(&format!("port = true, health = {{ {} }}", and("path = \"/\"")))
            }
            ("`ready`", _) => process(&format!("port = true, ready = {{ {said} }}")),
            ("`stop`", _) => process(&format!("stop = {{ {said} }}")),
            ("`resources`", _) => process(&format!("resources = {{ {said} }}")),
            ("Settings", "processes") => format!("[workspace.metadata.formation]\n{said}\n"),
            ("Settings", _) => settings(said),
            ("`config`", _) => settings(&format!("config = {{ A = {{ {said} }} }}")),
            ("`dev`", _) => settings(&format!("dev = {{ {said} }}")),
            ("A backing service", key) => {
                let source = match key {
                    "command" | "compose" => "",
                    "keep" => "compose = \"x\"",
                    _ => "command = \"x\"",
                };
                settings(&format!("services = {{ redis = {{ {} }} }}", and(source)))
            }
            (section, key) => panic!("nobody knows what `{key}` of {section} is a key of"),
        }
    }
}

fn join(before: &str, after: &str) -> String {
    let both = [before, after].into_iter().filter(|part| !part.is_empty());
    both.collect::<Vec<_>>().join(", ")
}

impl Shape {
    /// A value that is right for whoever takes any of this shape.
    fn any(self) -> &'static str {
        match self {
            Text => "\"x\"",
            Number => "2",
            Boolean => "true",
            Array => "[\"x\"]",
            Table => "{}",
        }
    }
}

/// The formation that a package `shop` with the binaries `web` and `worker` declares, or what is wrong.
fn formation(text: &str) -> Result<Formation, String> {
    formation_with(text, None)
}

/// The same, with `formation.local.toml`.
fn formation_with(text: &str, local: Option<Manifest>) -> Result<Formation, String> {
    let target = |name: &str| BinaryTarget {
        name: name.to_owned(),
        source: format!("/ws/src/bin/{name}.rs").into(),
        required_features: Vec::new(),
    };
    let binaries = vec![target("web"), target("worker")];
    let manifest = Manifest { path: "/ws/Cargo.toml".into(), text: text.to_owned() };
    let mut workspace = Workspace {
        root: "/ws".into(),
        manifests: vec![manifest],
        packages: vec![Package { name: "shop".to_owned(), manifest: 0, binaries }],
        ..Workspace::default()
    };
    if let Some(local) = local {
        workspace.lay_over(local);
    }
    let reading = read(&workspace);
    reading.formation.ok_or_else(|| format!("{text}{:#?}", reading.problems))
}

#[test]
fn a_key_takes_what_its_type_says_and_nothing_else() {
    for row in rows() {
        let shapes = row.shapes();
        for shape in SHAPES {
            let sample = row.sample(shape);
            let taken = row.formation(Some(sample));
            match (shapes.contains(&shape), taken) {
                (true, Err(why)) => panic!("{row:?} refuses `{sample}`: {why}"),
                (false, Ok(_)) => panic!("{row:?} takes `{sample}`"),
                (true, Ok(_)) | (false, Err(_)) => {}
            }
        }
    }
}

#[test]
fn a_default_is_what_nothing_means() {
    for row in rows() {
        let nothing = row.formation(None);
        let said = |value: &str| row.formation(Some(value));
        match row.default.as_str() {
            required if required.starts_with("required") => {
                assert!(nothing.is_err(), "{row:?} is not required");
            }
            "none" => {
                let sample = row.sample(row.shapes()[0]);
                assert_ne!(said(sample), nothing, "{row:?} changes nothing");
            }
            cell if OTHERWISE.iter().any(|(key, other)| (*key, *other) == (&row.key, cell)) => {}
            cell => {
                let value =
                    value(cell).unwrap_or_else(|| panic!("what is the default of {row:?}?"));
                assert_eq!(said(&value), nothing, "{row:?}");
            }
        }
    }
}

/// Defaults that are told instead of written: the tests below try them, or say who does.
const OTHERWISE: [(&str, &str); 13] = [
    ("bin", "the type's name"),
    ("package", "the package that has the binary"),
    ("port", "`true` for `web`, else `false`"),
    ("ready", "`\"http\"` with `health`, `\"tcp\"` with a port, else `\"started\"`"),
    ("ready", "`\"tcp\"` with a port, else `\"started\"`"),
    ("overlap", "`true` with a routed port, unless `singleton` or with `ports`"),
    ("stop", "`TERM`, 10 s"),
    // The constants behind these are in `facts.rs`, or in the tests of the commands.
    ("timeout", "10 s in development, 30 s emitted"),
    ("dir", "the workspace root"),
    ("base-port", "4000"),
    ("env-file", "`.env`"),
    ("profile", "cargo's `dev`"),
    ("quantity", "1 of each"),
];

/// A default as TOML.
fn value(cell: &str) -> Option<String> {
    let code = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    if let Some(code) = code {
        let is_word = code.bytes().all(|b| b.is_ascii_uppercase());
        return Some(if is_word { format!("{code:?}") } else { code.to_owned() });
    }
    let (number, unit) = cell.split_once(' ').unwrap_or((cell, ""));
    number.parse::<u32>().ok()?;
    match unit {
        "" => Some(number.to_owned()),
        "s" => Some(format!("\"{number}s\"")),
        _ => None,
    }
}

#[test]
fn a_default_that_depends_on_others_is_what_nothing_means() {
    let process = |keys: &str| formation(&format!("[package.metadata.formation]\n{keys}\n"));
    let same = |nothing: &str, said: &str| assert_eq!(process(nothing), process(said), "{said}");
    same("worker = {}", "worker = { bin = \"worker\" }");
    same("web = {}", "web = { port = true }");
    same("worker = {}", "worker = { port = false }");
    same("worker = {}", "worker = { ready = \"started\" }");
    same("web = {}", "web = { ready = \"tcp\" }");
    same("web = { health = \"/\" }", "web = { health = \"/\", ready = \"http\" }");
    same("worker = {}", "worker = { overlap = false }");
    same("web = {}", "web = { overlap = true }");
    same("web = { route = false }", "web = { route = false, overlap = false }");
    same("web = { singleton = true }", "web = { singleton = true, overlap = false }");
    same("web = { ports = { a = true } }", "web = { ports = { a = true }, overlap = false }");
    same("worker = {}", "worker = { stop = { signal = \"TERM\" } }");
    let service = |keys: &str| {
        format!("worker = {{}}\nsettings.services = {{ redis = {{ command = \"x\"{keys} }} }}")
    };
    same(&service(""), &service(", ready = \"started\""));
    same(&service(", port = true"), &service(", port = true, ready = \"tcp\""));
    same(&service(""), &service(", stop = { signal = \"TERM\" }"));
    let both = |keys: &str| {
        formation(&format!("[workspace.metadata.formation.processes]\nworker = {{ {keys} }}\n"))
    };
    assert_eq!(both(""), both("package = \"shop\""));
}
