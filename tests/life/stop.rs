//! Somebody asks the formation to stop.

use rustix::process::Signal;

use crate::formation;

#[test]
fn every_signal_that_asks_ends_the_whole_family() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let workspace = formation(r#"app = { bin = "zoo", args = ["family"] }"#);
        let tool = workspace.dev(&[]);
        tool.wait_for("app.1  | ready");
        workspace.wait_for_process("sleep 7001");
        workspace.wait_for_process("sleep 7002");
        tool.signal(signal);
        tool.ends_with(code);
        workspace.assert_nothing_alive();
    }
}
