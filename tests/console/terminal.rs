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
        let mut shown = self.shown.iter().filter(|line| source(line).is_none()).peekable();
        let mut is_left_out = false;
        for line in seen.iter().filter(|line| source(line).is_none()) {
            is_left_out |= shown.next_if(|line| *line == LEFT_OUT).is_some();
            if shown.peek().is_some_and(|shown| known.same(shown, line)) {
                shown.next();
                is_left_out = false;
            } else if !is_left_out && !is_progress(line) {
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
        lines.iter().map(|line| page(line.text())).collect()
    }

    /// Whether all that is shown of each who writes was written by it, in this order.
    fn is_seen(&self, seen: &[String], numbers: &mut Numbers) -> bool {
        let mut sources: Vec<_> = self.shown.iter().map(|line| source(line)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.into_iter().all(|one| {
            let mut seen = seen.iter().filter(|line| source(line) == one);
            let mut shown =
                self.shown.iter().filter(|line| source(line) == one && *line != LEFT_OUT);
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

fn is_progress(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    line.starts_with("  ") && PROGRESS.contains(&first)
}
