//! fly.toml, and what becomes of one that is there.

use super::super::workspace::Workspace;
use super::app_json::schema;
use super::{is_installed, read};

/// Everything that Fly has a word for, and what somebody would write who wants to break a file.
const HOSTILE: &str = r##"[package.metadata.formation]
web = { quantity = 2, args = ["it's", 'say "hi"', "a b", "#x", "%d", '\', "", "$$HOME", "ü", "a\nb", "\tc", "'''", '"""', "$PORT"], health = "/a?b=\"c\"" }
background_worker = { bin = "worker", quantity = 3, restart = "always", resources = { cpu = 2, memory = "600MiB" } }
a23456789012345678901234567890123456789012345678901234567890123 = { bin = "worker", singleton = true, env = { A = "x \"y\" 'z'\n#" } }
nightly = { bin = "worker", schedule = "*/7 3-5 1,15 * mon" }
release = "web --migrate 'a b'"
"##;

#[test]
fn its_schema_takes_it() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let written = shop.tool(&["export", "fly", "--output", "."]).run();
    written.ended(0).says("`fly scale count web=2 background_worker=3 a23456789");
    if is_installed(&shop, "check-jsonschema", "nobody reads the fly.toml") {
        let check = |file: &str| {
            let args = ["--schemafile", &schema("fly.schema.json"), file];
            shop.program("check-jsonschema".as_ref()).args(&args).run()
        };
        check("fly.toml").ended(0);
        // That the schema would notice.
        let text = read(&shop, "fly.toml").replace("release_command", "release_comand");
        shop.write("wrong.toml", &text);
        assert_ne!(check("wrong.toml").code(), Some(0));
    }
}

#[test]
fn a_file_that_is_there_keeps_its_comments() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.write("fly.toml", "# mine\napp = \"shop-4711\"  # given\n\n[env] # more\nB = '1'\n");
    shop.tool(&["export", "fly", "--check"]).run().ended(4).says("error: `fly.toml` is stale");
    shop.tool(&["export", "fly", "--output", "."]).run().ended(0).says("Wrote fly.toml");
    let text = read(&shop, "fly.toml");
    assert!(text.starts_with("# mine\napp = \"shop-4711\"  # given\n"), "{text}");
    assert!(text.contains("[env] # more\nB = '1'\nPORT = \"8080\"\n"), "{text}");
    shop.write("fly.toml", &text.replace("B = '1'", "B = '2' # two\nC = '3'"));
    shop.tool(&["export", "fly", "--check"]).run().ended(0).says("Checked fly.toml");
    let other_words = text.replace("kill_timeout = \"30s\"", "kill_timeout = 30 # seconds");
    assert_ne!(other_words, text);
    shop.write("fly.toml", &other_words);
    shop.tool(&["export", "fly", "--check"]).run().ended(0).says("Checked fly.toml");
    shop.edit("Cargo.toml", "quantity = 3, restart", "restart");
    shop.tool(&["export", "fly", "--check"]).run().ended(0);
    shop.edit("Cargo.toml", "restart = \"always\"", "restart = \"never\"");
    let stale = shop.tool(&["export", "fly", "--check"]).run();
    shop.tool(&["check", "--for", "fly"])
        .run()
        .ended(0)
        .says("warning: for `fly`: `fly.toml` is not what the table says now; write it with");
    assert!(stale.ended(4).stdout.contains("-policy = \"always\"\n+policy = \"never\""), "{stale}");
    // Also what Fly does unless it is told, now that the file says otherwise.
    shop.edit("Cargo.toml", "restart = \"never\"", "restart = \"on-failure\"");
    let stale = shop.tool(&["export", "fly", "--check"]).run();
    assert!(
        stale.ended(4).stdout.contains("-policy = \"always\"\n+policy = \"on-failure\""),
        "{stale}"
    );
}

#[test]
fn what_is_left_of_a_type_is_told_whenever_the_file_is_looked_at() {
    let shop = Workspace::shop(
        "[package.metadata.formation]\nweb = {}\nold = { bin = \"worker\", restart = \"always\" }\n",
        &["web", "worker"],
    );
    let left = "warning: `fly.toml` names `old`, which `[processes]` does not have, in `[[restart]]`; \
                take it out by hand\n";
    let flags: [&[&str]; 4] = [&["--check"], &["--dry-run"], &[], &["--output", "."]];
    let export = |flags: &[&str]| shop.tool(&[&["export", "fly"], flags].concat()).run();
    export(&["--output", "."]).ended(0).never_says("names `old`");
    shop.edit("Cargo.toml", "old = { bin = \"worker\", restart = \"always\" }\n", "");
    for flags in flags {
        export(flags).ended(if flags == ["--check"] { 4 } else { 0 }).says(left);
    }
    // What the table says it does say; the rest is theirs.
    export(&["--check"]).ended(0).says(left);
    let checked = shop.tool(&["check", "--for", "fly"]).run();
    checked.ended(0).says(&left.replacen("warning: ", "warning: for `fly`: ", 1));
    let text = read(&shop, "fly.toml");
    shop.write("fly.toml", text.split("[[restart]]").next().unwrap());
    export(&["--check"]).ended(0).never_says("names `old`");
    shop.tool(&["check", "--for", "fly"]).run().ended(0).never_says("names `old`");
}

#[test]
fn what_fly_cannot_say_is_refused_before_anything_is_written() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.edit("Cargo.toml", "\"$PORT\"]", "\"$DATABASE_URL\"]");
    shop.tool(&["export", "fly", "--output", "."]).run().ended(1).says(
        "error: `web` has `$DATABASE_URL`, which fly.toml cannot say: nobody expands variables \
         there; let the program read its environment\n --> Cargo.toml:7:1\n",
    );
    assert!(!shop.path("fly.toml").exists());
    let checked = shop.tool(&["check", "--for", "fly"]).run();
    checked.ended(1).says("error: for `fly`: `web` has `$DATABASE_URL`, which fly.toml cannot say");
}

#[test]
fn a_file_of_another_system_keeps_its_line_ends() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.write("fly.toml", "\u{feff}# mine\r\napp = \"shop-4711\"\r\n\r\n[env]\r\nB = '1'");
    shop.tool(&["export", "fly", "--output", "."]).run().ended(0).says("Wrote fly.toml");
    let text = read(&shop, "fly.toml");
    assert!(text.starts_with("\u{feff}# mine\r\napp = \"shop-4711\"\r\n"), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
    assert!(!text.ends_with('\n'), "{text:?}");
    shop.tool(&["export", "fly", "--check"]).run().ended(0).says("Checked fly.toml");
    shop.tool(&["check", "--for", "fly"]).run().ended(0).never_says("`fly.toml`");
}
