//! How fast lines pass: three processes flood one pipe, through this tool and through
//! honcho, with the same program in the same run.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark says what it found, in numbers that are far from the edge"
)]

mod ground;

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use ground::{Ground, Program, Stream, median, verdict};

const PROCESSES: [&str; 3] = ["a", "b", "c"];
const LINES: usize = 100_000;
const WIDTH: usize = 94;
const ROUNDS: usize = 3;
/// How many times honcho's throughput ours should be.
const GOAL: f64 = 25.0;

fn main() {
    let flood = format!("flood {LINES} {WIDTH}");
    let ground = Ground::new(&PROCESSES.map(|name| format!("{name} = \"zoo {flood}\"\n")).concat());
    let zoo = ground.zoo();
    let procfile = PROCESSES.map(|name| format!("{name}: exec {} {flood}\n", zoo.display()));
    std::fs::write(ground.path().join("Procfile"), procfile.concat()).expect("a Procfile");
    let has_peer = Command::new("honcho").arg("version").output().is_ok_and(|o| o.status.success());

    println!("{} x {LINES} lines of {WIDTH} bytes to a pipe, {ROUNDS} rounds", PROCESSES.len());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round("formation", ground.formation(&["dev", "--no-watch", "--release"])));
        if has_peer {
            let mut honcho = Command::new("honcho");
            honcho.arg("start").current_dir(ground.path());
            theirs.push(round("honcho", honcho));
        }
    }
    let whole = ours.iter().all(|round| round.whole == PROCESSES.len() * LINES);
    verdict(whole, &format!("{} lines whole and in order", PROCESSES.len() * LINES));
    if has_peer {
        let rate = |rounds: &[Round]| median(rounds.iter().map(Round::rate).collect());
        let command =
            |rounds: &[Round]| median(rounds.iter().map(|r| r.command.as_secs_f64()).collect());
        let ratio = rate(&ours) / rate(&theirs);
        println!("whole commands: {:.1} times as fast", command(&theirs) / command(&ours));
        verdict(ratio >= GOAL, &format!("{ratio:.1} times honcho's throughput, of {GOAL}"));
    } else {
        println!("MISSING: honcho is not installed, so there is NOBODY TO COMPARE WITH");
    }
}

/// What came of one run of a tool.
struct Round {
    /// Lines that arrived as they were written, with one prefix, in the order of their process.
    whole: usize,
    /// From the first line of a process to the last.
    lines: Duration,
    /// From the start of the tool to its end.
    command: Duration,
}

impl Round {
    fn rate(&self) -> f64 {
        self.whole as f64 / self.lines.as_secs_f64()
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, command) = (self.lines.as_secs_f64(), self.command.as_secs_f64());
        let (whole, rate) = (self.whole, self.rate());
        write!(f, "{whole:7} whole  {lines:7.3} s  {rate:9.0} lines/s  (command {command:7.3} s)")
    }
}

fn round(name: &str, command: Command) -> Round {
    let program = Program::start(command);
    let mut text = Vec::new();
    let mut arrivals = Vec::new();
    while let Some((stream, at, bytes)) = program.next() {
        if stream == Stream::Output {
            text.extend(bytes);
            arrivals.push((text.len(), at));
        }
    }
    let (_, command) = program.end();
    let lines = lines(&text);
    let round = Round { whole: whole(&lines), lines: duration(&lines, &arrivals), command };
    println!("{name:>10}: {round}");
    round
}

/// A line of a process, and where in the output it ends.
struct Line<'t> {
    prefix: &'t [u8],
    words: &'t [u8],
    end: usize,
}

/// The lines that have a prefix that ends in `| ` and then what `flood` writes.
fn lines(text: &[u8]) -> Vec<Line<'_>> {
    let mut end = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        let Some(line) = line.strip_suffix(b"\n") else { continue };
        let Some(bar) = line.windows(2).position(|pair| pair == b"| ") else { continue };
        let (prefix, words) = line.split_at(bar + 2);
        if words.first().is_some_and(u8::is_ascii_digit) {
            lines.push(Line { prefix, words, end });
        }
    }
    lines
}

/// How many lines are whole and in order: each process's next one, with its prefix.
fn whole(lines: &[Line]) -> usize {
    let mut next = [0; PROCESSES.len()];
    for line in lines {
        let mine =
            |name: &&str| line.prefix.windows(3).any(|w| w == [name.as_bytes(), b".1"].concat());
        let Some(process) = PROCESSES.iter().position(mine) else { continue };
        let number = next[process];
        if line.words == format!("{0:.<1$}", format!("{number:010} "), WIDTH - 1).as_bytes() {
            next[process] += 1;
        }
    }
    next.iter().sum()
}

fn duration(lines: &[Line], arrivals: &[(usize, Instant)]) -> Duration {
    let arrival = |line: Option<&Line>| {
        let end = line.expect("a line").end;
        arrivals[arrivals.partition_point(|(until, _)| *until < end)].1
    };
    arrival(lines.last()) - arrival(lines.first())
}
