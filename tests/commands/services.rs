//! Backing services, as far as they can be seen without being started.

use std::fs;

use super::workspace::Workspace;

const TABLE: &str = r#"[package.metadata.formation]
web = "zoo env"
worker = { bin = "zoo", args = ["env", "$FORMATION_REDIS_URL"], env = { DB = "$FORMATION_DB_URL" } }

[package.metadata.formation.settings.services]
redis = { command = "redis-server --port $PORT $LEVEL", port = true, env = { LEVEL = "$WHO" } }
db = { compose = "postgres", port = 5432, ready = { http = "/up" } }
"#;

#[test]
fn they_are_listed() {
    let shop = Workspace::zoo(TABLE);
    let list = shop.tool(&["list"]).run();
    assert_eq!(
        list.ended(0).stdout,
        "TYPE    BINARY  QUANTITY  PORT\n\
         web     zoo            1  4000\n\
         worker  zoo            1     -\n\
         \n\
         SERVICE  STARTED BY                            PORT  READY\n\
         redis    redis-server --port ${PORT} ${LEVEL}  4200  tcp\n\
         db       compose: postgres                     5432  http /up\n"
    );
    let json = shop.tool(&["list", "--format", "json"]).run().json();
    assert_eq!(json["services"][0]["port"], 4200);
    assert_eq!(json["services"][1]["compose"], "postgres");
}

#[test]
fn their_environment_is_shown() {
    let shop = Workspace::zoo(TABLE);
    shop.write(".env", "WHO=shared\n");
    shop.write(".env.local", "WHO=mine\n");
    let env = |name: &str| {
        shop.tool(&["env", name, "--changes", "--format", "json"]).run().ended(0).json()
    };
    let redis = env("redis");
    assert_eq!((&redis["PS"], &redis["PORT"]), (&"redis".into(), &"4200".into()));
    assert_eq!((&redis["LEVEL"], &redis["WHO"]), (&"mine".into(), &"mine".into()));
    assert_eq!(redis["FORMATION_DB_URL"], "tcp://127.0.0.1:5432");
    assert_eq!(redis.get("FORMATION_INSTANCE"), None);
    let hidden = shop.tool(&["env", "redis"]).env("WHO", "shell").run();
    hidden
        .ended(0)
        .says("warning: the shell's values of `WHO` hide those of the environment files");
    assert_eq!(env("db")["PORT"], "5432");
    assert_eq!(env("worker")["DB"], "tcp://127.0.0.1:5432");
}

#[test]
fn what_a_service_is_missing_stops_no_one_off() {
    let shop = Workspace::zoo(TABLE);
    let missing = "error: the variable `LEVEL` of `redis` uses `$WHO`, which is not set; set it \
                   in `.env`, or write `$$WHO` for a dollar";
    shop.tool(&["env", "redis"]).run().ended(3).says(missing);
    shop.tool(&["dev", "--no-watch"]).run().ended(3).says(missing);
    shop.tool(&["env", "worker"]).run().ended(0);
    assert!(!shop.path("target").exists(), "nothing was built");
    let run = shop.tool(&["run", "worker"]).run();
    assert!(run.ended(0).stdout.contains("\nFORMATION_REDIS_URL=tcp://127.0.0.1:4200\n"), "{run}");
}

#[test]
fn a_binary_of_no_type_finds_them_where_everybody_does() {
    let shop = Workspace::zoo(TABLE);
    let urls = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("FORMATION_"));
        lines.filter(|line| line.contains("_URL=")).map(str::to_owned).collect()
    };
    let said = shop.tool(&["run", "zoo", "--", "env"]).run();
    let declared = shop.tool(&["env", "worker"]).run();
    let expected = urls(&declared.ended(0).stdout);
    assert!(
        expected.contains(&"FORMATION_REDIS_URL=tcp://127.0.0.1:4200".to_owned()),
        "{declared}"
    );
    assert_eq!(urls(&said.ended(0).stdout), expected);
}

#[test]
fn one_developers_own_is_laid_over_the_table() {
    let shop = Workspace::zoo(TABLE);
    shop.write(
        "formation.local.toml",
        "services.redis = false\nservices.mail = { command = \"mailpit\", port = true }\n",
    );
    let list = shop.tool(&["list"]).run();
    let ended = |line: &str| list.stdout.contains(&format!("\n{line}\n"));
    assert!(ended("redis    yourself           4200  -"), "{list}");
    assert!(ended("mail     mailpit            4400  tcp"), "{list}");
    let mine = "error: `redis` is not started here; `formation.local.toml` says that you have \
                your own";
    shop.tool(&["env", "redis"]).run().refused(2, mine);
    let mail = shop.tool(&["env", "mail", "--format", "json"]).run().ended(0).json();
    assert_eq!(mail["FORMATION_REDIS_URL"], "tcp://127.0.0.1:4200");
}

#[test]
fn a_file_of_ones_own_that_is_wrong_is_shown_with_its_place() {
    let shop = Workspace::zoo(TABLE);
    shop.write("formation.local.toml", "[services]\nreddis = false\n");
    let unknown = "error: there is no backing service `reddis`\n --> formation.local.toml:2:1";
    for command in [&["check"][..], &["list"], &["env", "web"], &["dev", "--no-watch"]] {
        let said = shop.tool(command).run();
        said.ended(3).says(unknown).says("help: did you mean `redis`?");
    }
    let path = shop.path("formation.local.toml");
    fs::write(&path, b"\xff").unwrap();
    let no_text = format!("error: `{}` is not UTF-8; save it with that encoding", path.display());
    shop.tool(&["list"]).run().refused(3, &no_text);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let no_file = format!("error: cannot read `{}`: it is a directory", path.display());
    shop.tool(&["list"]).run().refused(3, &no_file);
}
