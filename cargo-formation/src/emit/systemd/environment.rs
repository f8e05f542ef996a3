//! An example of the environment file: what the app needs, and no value of a secret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::PLATFORM;
use crate::emit::app::App;
use crate::formation::{ConfigItem, Template};

/// The file: a line for each variable that a machine has to say, or may.
pub(super) fn example(app: &App<'_>, name: &str, urls: &[(String, String)]) -> String {
    let config = &app.formation.settings.config;
    let mut text = format!(
        "# {}\n\
         # `install.sh` makes /etc/{name}/env of it, which only root can read (mode 0600), once.\n",
        PLATFORM.header()
    );
    for item in config {
        write_item(&mut text, item);
    }
    let known = |variable: &&str| {
        config.iter().any(|item| item.name == **variable)
            || urls.iter().any(|(name, _)| name == *variable)
    };
    let used: BTreeSet<&str> = used(app).filter(|variable| !known(variable)).collect();
    for variable in used {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n# Used by arguments of the table.\n#{variable}=");
    }
    text
}

fn write_item(text: &mut String, item: &ConfigItem) {
    let need = match (item.required, item.secret) {
        (true, true) => " (required, secret)",
        (true, false) => " (required)",
        (false, true) => " (secret)",
        (false, false) => "",
    };
    let description = item.description.as_deref().unwrap_or("").replace(char::is_control, " ");
    let colon = if description.is_empty() { "" } else { ": " };
    // What has to be said stands there to be filled in; an empty value would be one.
    let mark = if item.has_to_be_said() { "" } else { "#" };
    let _ = writeln!(text, "\n# {}{need}{colon}{description}\n{mark}{}=", item.name, item.name);
}

/// The variables that arguments use and that nothing of the table sets.
fn used<'f>(app: &App<'f>) -> impl Iterator<Item = &'f str> {
    app.formation.processes.iter().flat_map(|process| {
        let own = |name: &str| process.env.iter().any(|(known, _)| known == name);
        let ours =
            |name: &str| name == "PORT" || name.starts_with("PORT_") || name == "FORMATION_PROCESS";
        let used = process.args.iter().flat_map(Template::variables);
        used.filter(move |name| !own(name) && !ours(name))
    })
}
