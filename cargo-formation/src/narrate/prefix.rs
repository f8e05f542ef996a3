//! What a line of a process starts with: `web.1    | `.

use anstyle::{AnsiColor, Style};

use crate::formation::RunName;

/// Told apart on dark and light terminals alike; red is for errors.
const COLOURS: [AnsiColor; 8] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
    AnsiColor::BrightGreen,
    AnsiColor::BrightMagenta,
];

/// The width that makes the names of a formation line up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(usize);

impl Width {
    /// The width for these names.
    pub fn of(names: impl Iterator<Item = RunName>) -> Self {
        Self(names.map(|name| name.to_string().len()).max().unwrap_or(0))
    }

    /// The width for these names, as they were written down.
    pub fn of_texts<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self(names.map(str::len).max().unwrap_or(0))
    }
}

/// The prefix of a line; `bar` is `|`, or `+` where a broken line goes on. Colours follow
/// the position of the type in the formation.
#[must_use]
pub fn prefix(name: &RunName, width: Width, bar: char, colour: Option<usize>) -> String {
    prefix_of(&name.to_string(), width, bar, colour)
}

/// As [`prefix`], for a name as it was written down.
#[must_use]
pub fn prefix_of(name: &str, width: Width, bar: char, colour: Option<usize>) -> String {
    let plain = format!("{name:<width$}  {bar}", width = width.0);
    let Some(position) = colour else { return plain + " " };
    let style = Style::new().fg_color(Some(COLOURS[position % COLOURS.len()].into()));
    format!("{style}{plain}{style:#} ")
}

#[cfg(test)]
mod tests {
    use super::{Width, prefix};
    use crate::formation::{InstanceName, RunName};

    fn name(process: &str, number: u16) -> RunName {
        InstanceName { process: process.parse().unwrap(), number }.into()
    }

    #[test]
    fn names_line_up() {
        let names = [name("web", 1), name("worker", 10)];
        let width = Width::of(names.iter().cloned());
        assert_eq!(prefix(&names[0], width, '|', None), "web.1      | ");
        assert_eq!(prefix(&names[1], width, '|', None), "worker.10  | ");
    }

    #[test]
    fn colour_is_on_the_prefix_only() {
        let web = name("web", 1);
        let width = Width::of(std::iter::once(web.clone()));
        assert_eq!(prefix(&web, width, '|', Some(0)), "\u{1b}[36mweb.1  |\u{1b}[0m ");
    }
}
