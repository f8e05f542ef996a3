//! The processes of this machine, found by their environment or by where they are.

use std::fmt;
use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// A living process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// Its process group.
    pub group: u32,
    /// What it does, as `/proc/<pid>/stat` has it: `T` is stopped.
    pub state: char,
    /// Its arguments, with spaces between them.
    pub command: String,
}

impl Process {
    /// Send it a signal, if it is still there.
    pub fn signal(&self, signal: Signal) {
        let _ = kill_process(pid(self.pid), signal);
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pid, self.command)
    }
}

/// The living processes that were started with this variable of this value. A zombie does
/// not live.
pub fn with_variable(name: &str, value: &str) -> Vec<Process> {
    living(|pid| has_variable(pid, &format!("{name}={value}")))
}

/// As [`with_variable`], and those whose working directory is in this one: `redis-server` and
/// the helpers of `postgres` overwrite the environment that they were started with.
pub(crate) fn with_variable_or_in(name: &str, value: &str, directory: &Path) -> Vec<Process> {
    living(|pid| {
        has_variable(pid, &format!("{name}={value}"))
            || fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(directory))
    })
}

fn living(wanted: impl Fn(u32) -> bool) -> Vec<Process> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| wanted(*pid)).filter_map(process).collect()
}

fn has_variable(pid: u32, wanted: &str) -> bool {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
}

fn process(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = command.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let command = words.collect::<Vec<_>>().join(" ").trim_end().to_owned();
    (!matches!(state, 'Z' | 'X')).then_some(Process { pid, group, state, command })
}

/// A process id as the kernel's calls want it.
pub(crate) fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).unwrap()).unwrap()
}
