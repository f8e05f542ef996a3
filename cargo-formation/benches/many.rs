//! What many instances cost: three hundred that do nothing.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and says what it found"
)]

mod ground;

use std::fs;
use std::time::{Duration, Instant};

use ground::{Ground, Program, Stream, median, verdict};
use rustix::process::{Pid, Signal, kill_process};

const TYPES: [&str; 3] = ["a", "b", "c"];
const EACH: usize = 100;
const ROUNDS: usize = 3;
const GOAL_START: f64 = 3.0;
const GOAL_STOP: f64 = 2.0;
const GOAL_MEMORY: f64 = 40.0;

fn main() {
    let ground = Ground::new(&TYPES.map(|name| format!("{name} = \"zoo idle\"\n")).concat());
    println!("{} x {EACH} idle instances, {ROUNDS} rounds", TYPES.len());
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| round(&ground)).collect();
    let middle = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let (start, stop) = (middle(|r| r.start), middle(|r| r.stop));
    let memory = rounds.iter().map(|r| r.memory).fold(0.0, f64::max);
    verdict(start <= GOAL_START, &format!("all ready after {start:.2} s, of {GOAL_START} s"));
    verdict(stop <= GOAL_STOP, &format!("ended after {stop:.2} s, of {GOAL_STOP} s"));
    verdict(memory <= GOAL_MEMORY, &format!("at most {memory:.1} MB, of {GOAL_MEMORY} MB"));
}

/// What one round took.
struct Round {
    /// Seconds from the end of the build to the last instance's first line.
    start: f64,
    /// Seconds from the signal to the end of the tool.
    stop: f64,
    /// The most memory the tool had, in MB.
    memory: f64,
}

fn round(ground: &Ground) -> Round {
    let scale = format!("all={EACH}");
    let command = ground.formation(&["dev", "--no-watch", "--release", "--scale", &scale]);
    let mut program = Program::start(command);
    let (mut errors, mut lines, mut ready) = (Vec::new(), 0, None);
    let mut built = None;
    while lines < TYPES.len() * EACH {
        let (stream, at, bytes) = program.next().expect("no end before everything is ready");
        match stream {
            Stream::Error if built.is_none() => {
                errors.extend(bytes);
                built = contains(&errors, b"Finished").then_some(at);
            }
            Stream::Error => {}
            Stream::Output => {
                lines += bytes.split(|byte| *byte == b'\n').count() - 1;
                ready = Some(at);
            }
        }
    }
    let start = ready.expect("a line") - built.expect("the end of the build");
    let (stop, memory) = stop(&mut program);
    let (start, stop) = (start.as_secs_f64(), stop.as_secs_f64());
    println!("ready {start:6.3} s  end {stop:6.3} s  peak {memory:5.1} MB");
    Round { start, stop, memory }
}

/// Ask the tool to end; how long that took, and the most memory it ever had.
fn stop(program: &mut Program) -> (Duration, f64) {
    let pid = program.pid();
    let mut memory = peak(pid).unwrap_or(f64::INFINITY);
    let asked = Instant::now();
    let raw = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(raw, Signal::TERM).expect("a signal");
    loop {
        if program.ended().is_some() {
            return (asked.elapsed(), memory);
        }
        memory = peak(pid).map_or(memory, |now| now.max(memory));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The most memory a process ever had, in MB.
fn peak(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((kibibytes * 1024) as f64 / 1e6)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
