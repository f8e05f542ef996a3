//! What the whole trees of runs use of the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ChildId;
use super::census::Mark;

/// What the processes of a run use, all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many live.
    pub processes: u32,
    /// The processor time they have used, with that of their dead children that were waited for.
    pub cpu: Duration,
    /// The memory they have in use, in bytes; what several share is counted for each.
    pub memory: u64,
}

/// What these runs use. Reads the whole process table: not for the loop.
///
/// `None` where that cannot be told.
#[cfg(target_os = "linux")]
#[must_use]
pub fn usage(marks: &BTreeMap<ChildId, Mark>) -> Option<BTreeMap<ChildId, Usage>> {
    use rustix::process::Pid;

    let token = &marks.values().next()?.token;
    let leader = |mark: &Mark| Pid::from_raw(i32::try_from(mark.leader).ok()?);
    let sessions = marks.iter().filter_map(|(child, mark)| Some((leader(mark)?, *child))).collect();
    let census = super::census::take(token, &sessions)?;
    let used = census.members.into_iter().map(|(child, members)| {
        let used = members.into_iter().filter_map(|member| of_process(member.pid));
        let sum = used.fold(Usage::default(), |sum, used| Usage {
            processes: sum.processes + used.processes,
            cpu: sum.cpu + used.cpu,
            memory: sum.memory + used.memory,
        });
        (child, sum)
    });
    Some(used.collect())
}

/// Nothing is known where there is no process table to read.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn usage(_marks: &BTreeMap<ChildId, Mark>) -> Option<BTreeMap<ChildId, Usage>> {
    None
}

/// The fields 14 to 17, times in ticks, and 24, memory in pages, of `/proc/PID/stat`; see
/// `proc_pid_stat(5)`.
#[cfg(target_os = "linux")]
fn of_process(pid: u32) -> Option<Usage> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = memchr::memrchr(b')', &stat)? + 1;
    let rest = std::str::from_utf8(stat.get(after_name..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // The first of them is the third.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks: u64 = (14..=17).filter_map(field).sum();
    let second = rustix::param::clock_ticks_per_second().max(1);
    Some(Usage {
        processes: 1,
        cpu: Duration::from_millis(ticks * 1000 / second),
        memory: field(24)? * rustix::param::page_size() as u64,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::of_process;

    #[test]
    fn a_process_uses_memory_and_time() {
        let used = of_process(std::process::id()).unwrap();
        assert_eq!(used.processes, 1);
        assert!(used.memory > 1024 * 1024, "{used:?}");
        assert!(used.memory < 1 << 40, "{used:?}");
        assert_eq!(of_process(u32::MAX), None);
    }
}
