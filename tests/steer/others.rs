//! Another user of the machine.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use harness::{Tool, skipped};

use crate::stage::{Said, Stage, idle_types, said};

/// To be somebody else.
const OTHER: &[&str] = &["setpriv", "--reuid=54323", "--regid=54323", "--clear-groups"];

/// What somebody else hears.
fn heard(stage: &Stage, words: &[&str]) -> Said {
    let mut command = stage.workspace.command_under(OTHER, words);
    command.env("FORMATION_SOCKET", stage.socket()).current_dir("/");
    said(&Tool::start(command))
}

/// Let everybody enter a directory and those above it.
fn open_up(path: &Path) {
    for directory in path.ancestors().filter(|path| path.starts_with(std::env::temp_dir())) {
        let mode = fs::metadata(directory).unwrap().mode();
        // As far as it is ours.
        let _ = fs::set_permissions(directory, Permissions::from_mode(mode | 0o755));
    }
}

#[test]
fn can_neither_connect_nor_be_answered() {
    let stage = Stage::open(&idle_types(&["app"]), &["--no-watch"]);
    let pid = stage.pid("app.1");
    let socket = stage.socket();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&socket), 0o600);
    for directory in socket.ancestors().skip(1).take(2) {
        assert_eq!(mode(directory), 0o700, "{}", directory.display());
    }
    if heard(&stage, &["--version"]).code != 0 {
        stage.end();
        return skipped("it takes root, `setpriv` and a tool that all may run to be another user");
    }
    // Whatever somebody has done to the directories above.
    open_up(socket.ancestors().nth(3).unwrap());
    for words in [&["ps"][..], &["stop", "app"], &["down"]] {
        let refused = heard(&stage, words);
        assert_eq!(refused.code, 8, "{refused:?}");
        assert!(refused.err.contains("Permission denied"), "{}", refused.err);
        assert_eq!(refused.out, "");
    }
    // And to the socket itself.
    open_up(socket.parent().unwrap());
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).unwrap();
    for words in [&["ps"][..], &["stop", "app"], &["down"]] {
        let refused = heard(&stage, words);
        assert_ne!(refused.code, 0, "{refused:?}");
        assert_eq!(refused.out, "", "{refused:?}");
    }
    assert_eq!(stage.pid("app.1"), pid);
    stage.end();
}
