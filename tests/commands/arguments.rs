//! What is typed: the forms of the command, quantities, names.

use super::workspace::Workspace;

const TABLE: &str = "[package.metadata.formation]\nweb = {}\nworker = {}\n\
                     clock = { singleton = true }\nrelease = \"web --migrate\"\n";

fn shop() -> Workspace {
    Workspace::shop(TABLE, &["web", "worker", "clock"])
}

#[test]
fn every_form_of_the_command_is_the_same() {
    let shop = shop();
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-formation"));
    let expected = shop.tool(&["list"]).run();
    // Started directly.
    let direct = shop.program(tool.as_os_str()).args(&["list"]).run();
    assert_eq!(direct.ended(0).stdout, expected.ended(0).stdout);
    // As cargo finds it.
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", tool.parent().unwrap().display());
    let found = shop.cargo(&["formation", "list"]).env("PATH", &path).run();
    assert_eq!(found.ended(0).stdout, expected.stdout);
    let help = shop.cargo(&["help", "formation"]).env("PATH", &path).run();
    assert!(help.ended(0).stdout.contains("Usage: cargo formation"), "{help}");
    // Through an alias for something that starts it directly.
    shop.write(".cargo/config.toml", "[alias]\nf = [\"formation\", \"list\"]\n");
    let alias = shop.cargo(&["f", "--format", "json"]).env("PATH", &path).run();
    assert_eq!(alias.ended(0).json()["processes"][0]["type"], "web");
}

#[test]
fn cargo_is_the_cargo_that_started_it() {
    let shop = shop();
    let called = shop.path("called");
    let real = super::workspace::cargo();
    let script = format!("#!/bin/sh\necho $1 >>{}\nexec {real:?} \"$@\"\n", called.display());
    shop.write("my-cargo", &script);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(shop.path("my-cargo"), mode).unwrap();
    shop.tool(&["build"]).env("CARGO", shop.path("my-cargo")).run().ended(0);
    assert_eq!(std::fs::read_to_string(called).unwrap(), "metadata\nbuild\n");
    let nowhere = shop.tool(&["build"]).env("CARGO", "/no/cargo").run();
    nowhere
        .refused(101, "error: could not start `/no/cargo`: No such file or directory (os error 2)");
}

#[test]
fn a_wrong_quantity_is_named_and_nothing_starts() {
    let shop = shop();
    let unknown = "names no process type of this formation";
    for (scale, token, why) in [
        ("web=x", "`web=x`", "is not a whole number from 0 to 100"),
        ("web=-1", "`web=-1`", "is not a whole number from 0 to 100"),
        ("web=1e9", "`web=1e9`", "is not a whole number from 0 to 100"),
        ("web=1.5", "`web=1.5`", "is not a whole number from 0 to 100"),
        ("worker=1,web=", "`web=`", "is not a whole number from 0 to 100"),
        ("web", "`web`", "has no quantity; write it as `web=2`"),
        ("web=1,", "``", "has no quantity; write it as `web=2`"),
        ("web=101", "`web=101`", "asks for more than 100 instances"),
        ("web=99999999999999999999", "`web=99999999999999999999`", "more than 100 instances"),
        ("web=1,worker=1,web=2", "`web=2`", "names a type a second time"),
        ("wbe=1", "`wbe=1`", "did you mean `web`?"),
        ("web=1,nobody=1", "`nobody=1`", unknown),
        ("clock=2", "`clock`", "it is a singleton; ask for `clock=1`"),
        ("release=2", "`release`", "ask for `release=1` or `release=0`"),
        ("a b=1", "`a b=1`", "names no process type"),
    ] {
        let said = shop.tool(&["dev", "--no-watch", "--scale", scale]).run();
        said.ended(2).says(token).says(why);
        assert_eq!(said.stdout, "", "{scale}");
    }
    assert!(!shop.path("target").exists(), "something was built");
}

#[test]
fn nothing_to_run_is_an_error() {
    let shop = shop();
    let nothing = "error: nothing to run; name a process type, or give one a quantity, as \
                   `--scale web=1`";
    shop.tool(&["dev", "--scale", "all=0"]).run().refused(2, nothing);
    shop.tool(&["dev", "--scale", "web=0,worker=0,clock=0"]).run().refused(2, nothing);
    assert!(!shop.path("target").exists(), "something was built");
}

#[test]
fn names_are_checked_before_anything_is_done() {
    let shop = shop();
    let unknown = "error: `wroker` names no process type of this formation; did you mean `worker`?";
    for command in ["dev", "build", "env"] {
        shop.tool(&[command, "wroker"]).run().refused(2, unknown);
    }
    let far = "error: `something` names no process type of this formation; \
               `cargo formation list` shows them";
    shop.tool(&["build", "web", "something"]).run().refused(2, far);
    shop.tool(&["build", "9"]).run().ended(2).says("'9'");
    shop.tool(&["frobnicate"]).run().ended(2).says("unrecognized subcommand 'frobnicate'");
    shop.tool(&["biuld"]).run().ended(2).says("a similar subcommand exists: 'build'");
    shop.tool(&["list", "--format", "xml"]).run().ended(2).says("[possible values: text, json]");
    shop.tool(&["check", "--manifest-path", "no.toml"]).run().ended(101).says("no.toml");
    assert!(!shop.path("target").exists(), "something was built");
}

#[test]
fn a_backing_service_is_not_taken_for_a_process_type() {
    let table = "[package.metadata.formation]\nweb = \"zoo idle\"\n\
                 settings.services.redis = { command = \"redis-server\" }\n";
    let shop = Workspace::zoo(table);
    let refused = |token: &str| {
        format!(
            "error: `{token}` names no process type: `redis` is a backing service, of which there \
             is one, and which `dev` starts before everything else"
        )
    };
    shop.tool(&["dev", "redis"]).run().refused(2, &refused("redis"));
    shop.tool(&["build", "redis"]).run().refused(2, &refused("redis"));
    shop.tool(&["dev", "--scale", "redis=2"]).run().refused(2, &refused("redis=2"));
    let run = shop.tool(&["run", "redis"]).run();
    run.ended(2).says("`redis` is a backing service, neither a process type nor a binary");
    assert!(!shop.path("target").exists(), "something was built");
}

#[test]
fn colours_are_there_when_they_are_asked_for() {
    let shop = Workspace::shop("[package.metadata.formation]\nwbe = {}\n", &["web"]);
    shop.tool(&["check"]).run().ended(3).never_says("\u{1b}");
    shop.tool(&["check", "--color", "always"]).run().ended(3).says("\u{1b}[");
    let forced = shop.tool(&["check"]).env("CLICOLOR_FORCE", "1");
    forced.run().ended(3).says("\u{1b}[");
    let never = shop.tool(&["check", "--color", "never"]).env("CLICOLOR_FORCE", "1");
    never.run().ended(3).never_says("\u{1b}");
}
