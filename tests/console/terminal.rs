//! A terminal at which a command runs: what it is to show, and what is seen there.

use harness::{Line, Tool};
use rustix::process::Signal;

use super::line::Numbers;

/// What is said of cargo while it works, which depends on what it did before.
const PROGRESS: [&str; 9] = [
    "Adding",
    "Blocking",
    "Compiling",
    "Creating",
    "Downloaded",
    "Downloading",
    "Finished",
    "Locking",
    "Waited",
];

/// A line that stands for any number of lines of the tool.
const LEFT_OUT: &str = "...";

/// A command at work.
#[derive(Debug)]
pub(crate) struct Terminal {
    page: String,
    pub(crate) command: String,
    tool: Tool,
    /// What is to be seen, so far.
    shown: Vec<String>,
    /// From what is seen to what the page says.
    words: Vec<(String, String)>,
}

impl Terminal {
    pub(crate) fn new(page: &str, command: &str, tool: Tool, words: Vec<(String, String)>) -> Self {
        let (page, command) = (page.to_owned(), command.to_owned());
        Self { page, command, tool, shown: Vec::new(), words }
    }

    /// Another line is to be seen.
    pub(crate) fn show(&mut self, line: &str) {
        self.shown.push(line.to_owned());
        sort_starts(&mut self.shown);
    }

    /// Wait for everything that is to be seen so far.
    pub(crate) fn wait(&self, numbers: &mut Numbers) {
        let Self { page, command, .. } = self;
        let what = format!("{page}: `{command}` to show this:\n{}\n", self.shown.join("\n"));
        *numbers = self.tool.wait_until(&what, |lines| {
            let mut numbers = numbers.clone();
            self.is_seen(&self.seen(lines), &mut numbers).then_some(numbers)
        });
    }

    /// Press Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.tool.signal_group(Signal::INT);
    }

    /// Wait for its end: what the tool said is what is shown and no more, and what a process
    /// said has what is shown of it.
    pub(crate) fn finish(self, numbers: &mut Numbers) {
        self.tool.finish();
        let seen = self.seen(&self.tool.lines());
        let mut known = numbers.clone();
        assert!(self.is_seen(&seen, &mut known), "{}", self.report(&seen));
        let is_said = |line: &&String| source(line).is_none() && !is_progress(line);
        let mut shown = self.shown.iter().filter(is_said).peekable();
        let mut is_left_out = false;
        for line in seen.iter().filter(is_said) {
            is_left_out |= shown.next_if(|line| *line == LEFT_OUT).is_some();
            if shown.peek().is_some_and(|shown| known.same(shown, line)) {
                shown.next();
                is_left_out = false;
            } else if !is_left_out {
                panic!("`{line}` is not shown, or not here\n{}", self.report(&seen));
            }
        }
        assert!(shown.all(|line| line == LEFT_OUT), "{}", self.report(&seen));
        *numbers = known;
    }

    fn seen(&self, lines: &[Line]) -> Vec<String> {
        let page = |text: String| {
            self.words.iter().fold(text, |text, (here, there)| text.replace(here, there))
        };
        let mut seen: Vec<_> = lines.iter().map(|line| page(line.text())).collect();
        sort_starts(&mut seen);
        seen
    }

    /// Whether all that is shown of each who writes was written by it, in this order. Cargo is
    /// one of them: what it builds starts while it goes on.
    fn is_seen(&self, seen: &[String], numbers: &mut Numbers) -> bool {
        let voice = |line: &str| (source(line).map(str::to_owned), is_progress(line));
        let mut voices: Vec<_> = self.shown.iter().map(|line| voice(line)).collect();
        voices.sort_unstable();
        voices.dedup();
        voices.into_iter().all(|one| {
            let mut seen = seen.iter().filter(|line| voice(line) == one);
            let mut shown =
                self.shown.iter().filter(|line| voice(line) == one && *line != LEFT_OUT);
            shown.all(|shown| seen.any(|seen| numbers.same(shown, seen)))
        })
    }

    fn report(&self, seen: &[String]) -> String {
        let (shown, seen) = (self.shown.join("\n"), seen.join("\n"));
        let Self { page, command, .. } = self;
        format!("{page}: `{command}` is to show\n{shown}\n\nand what is seen is\n{seen}\n")
    }
}

/// Whether a command runs until somebody stops it.
pub(crate) fn is_formation(command: &str) -> bool {
    command.starts_with("cargo formation dev")
}

/// The instance that wrote a line, if one did.
fn source(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(' ')?;
    let is_instance = name.rsplit_once('.').is_some_and(|(process, number)| {
        !process.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    });
    (is_instance && rest.trim_start().starts_with(['|', '+'])).then_some(name)
}

/// Who starts first is whose binary is there first: the order of those that start together does
/// not count, nor which of them has started when another is up.
fn sort_starts(lines: &mut [String]) {
    let starts = ["Started ", "Ready "];
    let is_start = |line: &str| starts.iter().any(|word| line.trim_start().starts_with(word));
    let mut group = Vec::new();
    for at in 0..=lines.len() {
        match lines.get(at) {
            Some(line) if is_start(line) => group.push(at),
            Some(line) if source(line).is_some() || is_progress(line) => {}
            _ => {
                let mut starts: Vec<_> = group.iter().map(|at| lines[*at].clone()).collect();
                starts.sort_by_key(|start| start.split_whitespace().nth(1).map(str::to_owned));
                for (at, start) in group.drain(..).zip(starts) {
                    lines[at] = start;
                }
            }
        }
    }
}

#[test]
fn who_starts_together_starts_in_any_order() {
    let sorted = |lines: &[&str]| {
        let mut lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        sort_starts(&mut lines);
        lines
    };
    let (web, clock) = ("     Started web.1 (process 7)", "     Started clock.1 (process 8)");
    let between = ["web.1    | ready", "    Finished `dev` profile in 1.0s"];
    assert_eq!(sorted(&[web, between[0], between[1], clock]), [clock, between[0], between[1], web]);
    let crash = "     Crashed web.1: SIGKILL; starts again in 100ms";
    assert_eq!(sorted(&[web, crash, clock]), [web, crash, clock]);
    let up = "       Ready web at http://127.0.0.1:4000, after 1.2s";
    assert_eq!(sorted(&[web, up, clock]), sorted(&[clock, web, up]));
    let again = "     Started web.1 (process 6)";
    assert_eq!(sorted(&[web, between[0], again, clock]), [clock, between[0], web, again]);
}

fn is_progress(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    line.starts_with("  ") && PROGRESS.contains(&first)
}
