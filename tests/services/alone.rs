//! What has nothing to do with services, and starts none.

use harness::{Stream, Tool};

use crate::{formation, shell};

#[test]
fn only_dev_starts_services() {
    let workspace = formation("app = { bin = \"zoo\", args = [\"env\"] }", &[]);
    let marker = workspace.beside("marker");
    let script = format!("echo started >{}; exec sleep 7060", marker.display());
    let line = shell("database", &script, "port = true");
    workspace.append("Cargo.toml", &format!("settings.services.{line}"));
    let commands: [&[&str]; 6] =
        [&["build"], &["run", "app"], &["procfile"], &["check"], &["list"], &["env", "app"]];
    for command in commands {
        let tool = Tool::start(workspace.command(command));
        tool.ends_with(0);
        assert!(!marker.exists(), "{command:?} started it\n{}", tool.transcript());
        // Where it would be is told all the same, to whom it concerns.
        let concerns = ["run", "env"].contains(&command[0]);
        let says = tool.text(Stream::Out).contains("FORMATION_DATABASE_URL=tcp://127.0.0.1:");
        assert_eq!(says, concerns, "{command:?}\n{}", tool.transcript());
        workspace.assert_nothing_alive();
    }
    let procfile = Tool::start(workspace.command(&["procfile"]));
    procfile.ends_with(0);
    let text = procfile.text(Stream::Out);
    let types: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(types, ["app: ./target/release/zoo env"]);
    assert_eq!(procfile.count("database"), 0, "{}", procfile.transcript());
}
