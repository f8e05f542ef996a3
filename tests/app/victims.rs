//! Whom to kill next.
//!
//! The tool waits twice as long after each failure in a row, and gives up after ten. Who
//! has failed a few times is left alone until it has been well for so long that the tool
//! has forgotten that.

use std::time::Duration;

use harness::{DEADLINE, Tool, Workspace, eventually, with_variable};
use rustix::process::Signal;

use crate::chance::Chance;

/// So many failures in a row are enough: the next start comes after 1.6 s.
const IN_A_ROW: usize = 5;

/// The tool forgets failures after ten seconds of health; lines need a moment to arrive.
const FORGOTTEN: Duration = Duration::from_secs(11);

/// Any of those that run and may be killed, as soon as there is one.
#[track_caller]
pub(crate) fn choose<'n>(names: &[&'n str], tool: &Tool, chance: &mut Chance) -> &'n str {
    eventually("instance that may be killed", DEADLINE, || {
        let mut ready = names.to_vec();
        ready.retain(|name| may_be_killed(name, tool));
        (!ready.is_empty()).then(|| ready[chance.below(ready.len())])
    })
}

/// Kill this instance, and wait until the tool has seen it.
#[track_caller]
pub(crate) fn kill(name: &str, workspace: &Workspace, tool: &Tool) {
    let crashed = format!("Crashed {name}: SIGKILL");
    let before = tool.count(&crashed);
    // While it is executed it has no environment that it could be known by.
    let process = eventually(&format!("process of {name}"), DEADLINE, || {
        let ours: Vec<u32> = workspace.alive().iter().map(|process| process.pid).collect();
        let mut found = with_variable("PS", name);
        found.retain(|process| ours.contains(&process.pid));
        assert!(found.len() < 2, "{name}: {found:?}\n{}", tool.transcript());
        found.pop()
    });
    process.signal(Signal::KILL);
    tool.wait_for_nth(before + 1, &crashed);
}

/// Whether it runs, and the tool would start it again soon, by what the tool said.
fn may_be_killed(name: &str, tool: &Tool) -> bool {
    let (started, crashed) = (format!("Started {name} "), format!("Crashed {name}:"));
    let mut runs_since = None;
    let mut failures = 0;
    for line in tool.lines() {
        if line.text().contains(&started) {
            runs_since = Some(line.at);
        } else if line.text().contains(&crashed) {
            let was_well = runs_since.take().is_some_and(|since| line.at > since + FORGOTTEN);
            failures = if was_well { 1 } else { failures + 1 };
        }
    }
    runs_since.is_some_and(|since| failures < IN_A_ROW || tool.age() > since + FORGOTTEN)
}
