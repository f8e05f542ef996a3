//! A binary of this package, for as long as a test needs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// After this long something will not happen any more.
const DEADLINE: Duration = Duration::from_secs(30);

/// One run. It ends with the test, also when that fails.
pub struct Run {
    child: Child,
    lines: Receiver<String>,
}

impl Run {
    /// Start it, and read what it logs.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut lines = output.lines().map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Wait for a line that has this in it. What follows there.
    pub fn wait_for(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(DEADLINE);
            let line = line.unwrap_or_else(|why| panic!("no `{text}`: {why}"));
            if let Some((_, rest)) = line.split_once(text) {
                return rest.to_owned();
            }
        }
    }

    /// Ask it to stop, as a process manager does. How it ended.
    pub fn stop(mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status();
        assert!(status.unwrap().success());
        while self.lines.recv_timeout(DEADLINE).is_ok() {}
        // A deadline that has passed is a failure, for a killed process has no success.
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
