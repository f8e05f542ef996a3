//! Lines that are too long to be kept.

use std::fs;
use std::io::{BufRead, BufReader};

use harness::DEADLINE;
use rustix::process::Signal;

use crate::{MIB, beast, dev_into_pipe, formation, output};

/// What a tool may need in all, whatever is written.
const BOUND: usize = 48 * MIB;

#[test]
fn a_line_of_a_mebibyte_is_whole() {
    let workspace = formation(&beast("app", &format!("long-line {MIB}")));
    let shown = output(&workspace.dev(&[]));
    let (prefix, line) = shown.split_at("app.1  | ".len());
    assert_eq!(prefix, b"app.1  | ");
    assert_eq!(line.len(), MIB + 1);
    assert!(line.iter().take(MIB).all(|byte| *byte == b'x'));
}

#[test]
fn a_line_without_end_is_broken_in_bounded_memory_and_stops_nobody_else() {
    let long = 100 * MIB;
    let workspace =
        formation(&(beast("long", &format!("long-line {long}")) + &beast("tick", "ticks 1")));
    let (tool, reader) = dev_into_pipe(&workspace, &[]);
    let mut reader = BufReader::new(reader);
    let (mut seen, mut parts, mut ticks) = (0, 0, 0);
    while seen < long {
        assert!(tool.age() < DEADLINE, "{seen} of {long} bytes came");
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).unwrap();
        let line = line.strip_suffix(b"\n").unwrap();
        if let Some(tick) = line.strip_prefix(b"tick.1  | ") {
            assert_eq!(tick, format!("tick {ticks}").as_bytes());
            ticks += 1;
        } else {
            let marker: &[u8] = if parts == 0 { b"long.1  | " } else { b"long.1  + " };
            let part = line.strip_prefix(marker).unwrap();
            assert!(part.iter().all(|byte| *byte == b'x'));
            seen += part.len();
            parts += 1;
        }
    }
    assert_eq!((seen, parts), (long, 100));
    assert!(ticks > 0, "nobody else was heard");
    let peak = peak(tool.pid());
    assert!(peak < BOUND, "{} MiB", peak / MIB);
    drop(reader);
    tool.signal(Signal::TERM);
    tool.finish();
    workspace.assert_nothing_alive();
}

/// The most memory a process ever had, in bytes.
fn peak(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}
