//! The environment of an instance: from the files to the process.

use std::collections::BTreeMap;

use super::workspace::Workspace;

const TYPES: &str = "[package.metadata.formation]\n\
                     web = { bin = \"zoo\", args = [\"env\"], env = { FROM_TABLE = \"table $FILE\" } }\n\
                     worker = \"zoo env\"\nbuilt = { bin = \"zoo\", args = [\"env\"], cargo-env = true }\n";

/// The lines as variables.
fn variables(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn what_a_file_says_arrives_in_the_process() {
    let shop = Workspace::zoo(TYPES);
    shop.write(
        ".env",
        "# a comment\n\nFILE=plain # said inline\nHASH=a#b\n  SPACES  =  around  \n\
         DOUBLE=\"two $FILE ${FILE} \\\"q\\\" \\$FILE # no comment\"\nSINGLE='$FILE \"as it is\"'\n\
         export EXPORTED=yes\nEMPTY=\nEMPTY_TOO=\"\"\nTWICE=first\nTWICE=second\n\
         LINES=\"one\ntwo\"\nEQUALS=a=b=c\nCRLF=dos\r\nCRLF_QUOTED=\"dos\"\r\n",
    );
    let run = shop.tool(&["run", "web"]).run();
    let got = variables(&run.ended(0).stdout);
    for (name, value) in [
        ("FILE", "plain"),
        ("HASH", "a#b"),
        ("SPACES", "around"),
        // The zoo prints its variables escaped.
        ("DOUBLE", "two plain plain \\\"q\\\" $FILE # no comment"),
        ("SINGLE", "$FILE \\\"as it is\\\""),
        ("EXPORTED", "yes"),
        ("EMPTY", ""),
        ("EMPTY_TOO", ""),
        ("TWICE", "second"),
        ("LINES", "one\\ntwo"),
        ("EQUALS", "a=b=c"),
        ("CRLF", "dos"),
        ("CRLF_QUOTED", "dos"),
        ("FROM_TABLE", "table plain"),
        ("PORT", "4000"),
        ("FORMATION_PROCESS", "web"),
    ] {
        assert_eq!(got.get(name), Some(&value), "{name}: {run}");
    }
}

#[test]
fn the_nearest_to_the_user_wins() {
    let shop = Workspace::zoo(TYPES);
    shop.write(".env", "A=env\nB=env\nC=env\nD=env\nPS=env\nFROM_TABLE=env\n");
    shop.write(".env.local", "B=local\nC=local\nD=local\n");
    shop.write("more.env", "C=asked\nD=asked\n");
    let words = ["env", "web", "--changes", "--env-file", "more.env"];
    let said = shop.tool(&words).env("D", "shell").run();
    let got = variables(&said.ended(0).stdout);
    assert_eq!((got["A"], got["B"], got["C"]), ("env", "local", "asked"));
    // What the shell has is no change.
    assert_eq!(got.get("D"), None);
    assert_eq!((got["FROM_TABLE"], got["PS"]), ("env", "web.1"));
    said.says("warning: the shell's values of `D` hide those of the environment files");
    let run = shop.tool(&["run", "web"]).env("D", "shell").env("PS", "x").run();
    assert_eq!(variables(&run.ended(0).stdout)["D"], "shell");
    run.says("warning: the shell's values of `D` hide");
}

#[test]
fn three_forms_say_the_same() {
    let shop = Workspace::zoo(TYPES);
    shop.write(".env", "QUOTES='a \"b\"'\nDOLLAR=\"it's \\$X\"\nLINES=\"one\ntwo\"\n");
    let text = shop.tool(&["env", "worker"]).run();
    text.ended(0);
    assert_eq!(text.stderr, "");
    assert!(text.stdout.contains("\nQUOTES=a \"b\"\n"), "{text}");
    assert!(text.stdout.contains("\nHOME="), "all of it: {text}");
    let changes = shop.tool(&["env", "worker", "--changes", "--format", "json"]).run();
    let json = changes.ended(0).json();
    assert_eq!(json["QUOTES"], "a \"b\"");
    assert_eq!(json["LINES"], "one\ntwo");
    assert_eq!(json["PS"], "worker.1");
    assert_eq!(json["FORMATION_WEB_URL"], "http://127.0.0.1:4000");
    assert_eq!((json.get("HOME"), json.get("PORT")), (None, None));
    // A shell reads the third, and gets what the second says.
    let dotenv = shop.tool(&["env", "worker", "--changes", "--format", "dotenv"]).run();
    shop.write("written.env", &dotenv.ended(0).stdout);
    let script =
        "set -a; . ./written.env; printf '%s|%s|%s|%s' \"$QUOTES\" \"$DOLLAR\" \"$LINES\" $PS";
    let shell = shop.program("sh".as_ref()).args(&["-c", script]).run();
    assert_eq!(shell.ended(0).stdout, "a \"b\"|it's $X|one\ntwo|worker.1");
    // And so does the tool.
    let again = shop.tool(&["env", "worker", "--changes", "--format", "json"]);
    std::fs::rename(shop.path("written.env"), shop.path(".env")).unwrap();
    assert_eq!(again.run().json(), json);
}

#[test]
fn cargo_says_what_it_is_asked_to_say() {
    let shop = Workspace::zoo(TYPES);
    shop.write(
        ".cargo/config.toml",
        "[env]\nCONFIGURED = \"by cargo\"\nHERE = { value = \"data\", relative = true }\n\
         WEAK = \"config\"\nSTRONG = { value = \"config\", force = true }\n",
    );
    let env = |name: &str| {
        let tool = shop.tool(&["env", name, "--format", "json"]);
        tool.env("WEAK", "shell").env("STRONG", "shell").run().ended(0).json()
    };
    let worker = env("worker");
    assert_eq!(worker["CONFIGURED"], "by cargo");
    assert_eq!(worker["HERE"], shop.path("data").to_str().unwrap());
    assert_eq!((&worker["WEAK"], &worker["STRONG"]), (&"shell".into(), &"config".into()));
    assert_eq!(worker.get("CARGO_MANIFEST_DIR"), None);
    let built = env("built");
    assert_eq!(built["CARGO_MANIFEST_DIR"], shop.root().to_str().unwrap());
    assert_eq!(
        (&built["CARGO_PKG_NAME"], &built["CARGO_PKG_VERSION"]),
        (&"shop".into(), &"0.1.0".into())
    );
    // As `cargo run` says it, and as the process hears it.
    let ours = shop.tool(&["run", "built"]).run();
    let cargos = shop.cargo(&["run", "--quiet", "--", "env"]).run();
    let (ours, cargos) = (variables(&ours.ended(0).stdout), variables(&cargos.ended(0).stdout));
    for (name, value) in cargos.iter().filter(|(name, _)| name.starts_with("CARGO_")) {
        assert_eq!(ours.get(name), Some(value), "{name}");
    }
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let shop = Workspace::zoo(TYPES);
    let refused = |env: &str, text: &str| {
        shop.write(".env", env);
        let text = text.replace('~', shop.root().to_str().unwrap());
        for command in ["env", "run"] {
            shop.tool(&[command, "web"]).run().refused(3, &text);
        }
        let dev = shop.tool(&["dev", "--no-watch"]).run();
        dev.refused(3, &text);
    };
    refused("FILE=1\nA=\"open\n", "error: ~/.env:2: the value has no closing `\"`");
    refused(
        "FILE=1\n\nnonsense\n",
        "error: ~/.env:3: there is no `=`; write `NAME=value`, or `#` before a comment",
    );
    refused(
        "PORT=eighty\nFILE=1\n",
        "error: `eighty` of `PORT` in ~/.env is not a port from 1 to 65535; the formation's \
         ports start there",
    );
    refused(
        "",
        "error: the variable `FROM_TABLE` of `web` uses `$FILE`, which is not set; set it in \
         `.env`, or write `$$FILE` for a dollar",
    );
    shop.write(".env", "FILE=1\n");
    shop.tool(&["env", "web", "--env-file", "no.env"]).run().refused(
        3,
        "error: the environment file `no.env` does not exist; create it, or name another",
    );
    let unknown = "error: `wbe` names no process type of this formation; did you mean `web`?";
    shop.tool(&["env", "wbe"]).run().refused(2, unknown);
    shop.tool(&["env", "web", "--base-port", "0"]).run().ended(2).says("0 is not in 1..=65535");
    let ports = shop.tool(&["env", "web", "--base-port", "9000"]).run();
    assert_eq!(variables(&ports.ended(0).stdout)["PORT"], "9000");
    assert!(!shop.path("target").exists(), "nothing was built");
}

#[test]
fn check_says_what_is_missing_or_wrong_around_the_table() {
    let table = "[package.metadata.formation]\nweb = { bin = \"zoo\", dir = \"here\" }\n\
                 nightly = { bin = \"zoo\", args = \"$TOKEN\", schedule = \"0 3 * * *\", pty = true }\n\
                 [package.metadata.formation.settings.config]\nKEY = { required = true }\n\
                 [package.metadata.formation.settings.services]\n\
                 db = { command = \"db $DATA\", port = true }\n\
                 [profile.dev]\ndebug = 1\n";
    let shop = Workspace::zoo(table);
    shop.write("here/empty", "");
    let check = || shop.tool(&["check"]).run();
    let unset = |place: &str, name: &str| {
        format!(
            "warning: argument 1 of `{place}` uses `${name}`, which is not set; set it in `.env`, \
             or write `$${name}` for a dollar\n"
        )
    };
    let checked = "     Checked web, nightly";
    let missing = [&*unset("nightly", "TOKEN"), &unset("db", "DATA"), checked].concat();
    check().refused(0, &missing);
    shop.write(".env", "TOKEN=1\nDATA=2\n");
    let required =
        "warning: the app requires `KEY`, and nothing sets a value; add a line to `.env`\n";
    check().refused(0, &[required, checked].concat());
    shop.write(".env", "TOKEN=1\nDATA='\n");
    check().ended(3).says("/.env:2: the value has no closing `'`").never_says("Checked");
    shop.write(".env", "TOKEN=1\nDATA=2\nKEY=3\n");
    std::fs::rename(shop.path("here"), shop.path("there")).unwrap();
    check().ended(3).says("error: `dir` of `web` is no directory: ");
    // None of them hides another.
    shop.write(".env", "DATA=2\nKEY=3\n");
    let both = check();
    both.ended(3)
        .says("error: `dir` of `web` is no directory: ")
        .says(unset("nightly", "TOKEN").trim());
    shop.write(".env", "TOKEN=1\nDATA='\n");
    check().ended(3).says("error: `dir` of `web` is no directory: ").says("has no closing `'`");
    shop.write(".env", "TOKEN=1\nDATA=2\nKEY=3\n");
    std::fs::rename(shop.path("there"), shop.path("here")).unwrap();
    shop.edit("Cargo.toml", "port = true", "port = 4000");
    check()
        .ended(3)
        .says("error: `web` and the backing service `db` would both listen on port 4000");
    shop.edit("Cargo.toml", "port = 4000", "port = 4001");
    check().refused(0, checked);
}
