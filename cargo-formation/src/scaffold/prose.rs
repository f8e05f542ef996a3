//! What a new workspace says about itself, to people and in files of settings.

use super::workspace::Design;
use super::{Database, Kind};

/// The backing service of a formation with PostgreSQL, as `docs/guide/services.md` has it.
pub(super) const SERVICES: &str = r#"
# Development alone: `dev` starts it before it builds, and stops it at the end.
[package.metadata.formation.settings.services]
postgres = { command = "sh bin/postgres $PORT", port = true, ready = { log = "ready to accept connections" }, stop = { signal = "INT" } }
"#;

/// What every container is told. Elsewhere there may be a proxy on the same machine.
const IMAGE: &str = r#"
# Who listens at 127.0.0.1 in a container is reached by nobody.
[package.metadata.formation.settings.platform.dockerfile]
env = { HOST = "0.0.0.0" }
"#;

/// What a reader of the README has to know of it.
pub(super) const SERVER: &str = "
PostgreSQL has to be installed (Debian: `postgresql`). `bin/postgres` starts a server of this checkout's
own, with its data in `.postgres`.
";

/// The rows of the table of process types.
pub(super) fn rows(design: &Design) -> String {
    let rows = design.kinds.iter().map(|kind| {
        let what = match (kind, design.database) {
            (Kind::Web, None) => "answers requests; `/healthz` says whether it is well",
            (Kind::Web, Some(_)) => {
                "answers requests, and takes jobs at `/jobs`; `/healthz` says whether it is well"
            }
            (Kind::Worker, None) => "looks for work every five seconds",
            (Kind::Worker, Some(_)) => "does the jobs that are in the queue, a table",
            (Kind::Clock, None) => "ticks every ten seconds; there is one of it",
            (Kind::Clock, Some(_)) => {
                "puts what is due into the queue every ten seconds; there is one of it"
            }
            (Kind::Release, None) => "runs once, before the others start",
            (Kind::Release, Some(_)) => {
                "applies the migrations of `migrations`, before the others start"
            }
        };
        format!("| `{}` | {what} |\n", kind.name())
    });
    rows.collect()
}

/// Where to look at it.
pub(super) fn open(kinds: &[Kind]) -> &'static str {
    if kinds.contains(&Kind::Web) { "\nOpen <http://127.0.0.1:4000>." } else { "" }
}

/// What the formation needs of its environment, as its table says it. Nothing of it is required:
/// in development `DATABASE_URL` is not set.
pub(super) fn config(design: &Design) -> String {
    let needed = settings(design).into_iter().find(|(name, ..)| *name == "DATABASE_URL");
    let Some((name, what, _)) = needed else { return String::new() };
    format!(
        "\n# What has to be said where it is deployed, or may be; no value of a secret.\n\
         [package.metadata.formation.settings.config]\n\
         {name} = {{ secret = true, description = \"{what}\" }}\n"
    )
}

/// What its image says to whoever answers requests.
pub(super) fn image(design: &Design) -> &'static str {
    if design.kinds.contains(&Kind::Web) { IMAGE } else { "" }
}

/// The variables that the service reads, each with what it is, and an example.
fn settings(design: &Design) -> Vec<(&'static str, &'static str, String)> {
    let mut settings = Vec::new();
    match design.database {
        None => {}
        Some(Database::Sqlite) => settings.push((
            "DATABASE_URL",
            "the database, a file; without it one in `data`, or where systemd says in `STATE_DIRECTORY`",
            format!("sqlite:data/{}.db", design.name.as_str()),
        )),
        Some(Database::Postgres) => settings.push((
            "DATABASE_URL",
            "the database; without it the server of `bin/postgres`",
            "postgres://user:password@host/database".to_owned(),
        )),
    }
    if design.kinds.contains(&Kind::Web) {
        let host = "the address to listen at; without it this machine alone is answered";
        settings.push(("HOST", host, "0.0.0.0".to_owned()));
    }
    settings.push(("RUST_LOG", "what is logged; without it `info`", "debug".to_owned()));
    settings
}

/// The rows of the table of variables.
pub(super) fn variables(design: &Design) -> String {
    let web = design.kinds.contains(&Kind::Web);
    let port = web.then_some("| `PORT` | the port to listen at; a process manager says it |\n");
    let rows =
        settings(design).into_iter().map(|(name, what, _)| format!("| `{name}` | {what} |\n"));
    port.map(str::to_owned).into_iter().chain(rows).collect()
}

/// An environment file that says nothing, and shows what could be said.
pub(super) fn env_example(design: &Design) -> String {
    let head =
        "# For development: copy this to `.env`, and take the `#` away from what you change.\n";
    let lines = settings(design).into_iter().map(|(name, what, example)| {
        let what = what[..1].to_uppercase() + &what[1..];
        format!("\n# {what}\n#{name}={example}\n")
    });
    std::iter::once(head.to_owned()).chain(lines).collect()
}

/// The environment file of a formation that is tested.
pub(super) fn env_test(database: Database) -> &'static str {
    match database {
        Database::Sqlite => {
            "# For `cargo formation test`: its own database.\nDATABASE_URL=sqlite:data/test.db\n"
        }
        Database::Postgres => {
            "# For `cargo formation test`: its own server.\nPOSTGRES_DATA=.postgres/test\n"
        }
    }
}

/// What git is not to see.
pub(super) fn ignored(database: Option<Database>) -> String {
    let own = match database {
        None => "",
        Some(Database::Sqlite) => "/data\n",
        Some(Database::Postgres) => "/.postgres\n",
    };
    include_str!("templates/ignored").to_owned() + own
}
