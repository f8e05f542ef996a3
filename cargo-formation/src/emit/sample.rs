//! Formations for tests of the emitters.

use super::App;
use crate::formation::{Binary, Formation, Port, ProcessType, Template};

/// A process type with nothing but defaults.
pub(super) fn process(name: &str) -> ProcessType {
    let binary =
        Binary { package: "shop".into(), name: name.to_owned(), required_features: Vec::new() };
    ProcessType::of_binary(name.parse().unwrap(), binary)
}

/// `name: arguments` a line, as a table would say it; `web` has a port.
pub(super) fn formation(lines: &[&str]) -> Formation {
    let read = |line: &&str| {
        let (name, args) = line.split_once(": ").unwrap_or((line, ""));
        let args = shell_words::split(args).unwrap();
        let args = args.iter().map(|arg| Template::parse(arg).unwrap()).collect();
        let port = if name == "web" { Port::Assigned } else { Port::None };
        ProcessType { args, port, ..process(name) }
    };
    Formation { processes: lines.iter().map(read).collect(), ..Formation::default() }
}

/// The app `shop` of this formation.
pub(super) fn shop(formation: &Formation) -> App<'_> {
    App { formation, package: Some("shop"), place: None }
}
