//! Lines that come in pieces: prompts, and what only looks like one.

use std::io::Read;
use std::time::Duration;

use harness::skipped;
use rustix::process::Signal;

use crate::{beast, dev_into_pipe, formation, said_by};

/// A prompt is on the screen this long after it was written, at the latest.
const PROMPT_WITHIN: Duration = Duration::from_millis(200);
/// A line whose writer never paused longer than this is not cut.
const PAUSE: u64 = 130;

#[test]
fn a_prompt_is_shown_while_its_writer_waits() {
    let workspace = formation(&beast("app", "prompt"));
    let (tool, mut reader) = dev_into_pipe(&workspace, &["--scale", "app=5"]);
    // When the line before each prompt came, and when the prompt did.
    let (mut shown, mut buffer) = (Vec::new(), vec![0; 65_536]);
    let (mut lines, mut prompts) = ([None; 5], [None; 5]);
    while prompts.contains(&None) {
        let count = reader.read(&mut buffer).unwrap();
        assert!(count > 0, "it ended\n{}", tool.transcript());
        shown.extend_from_slice(&buffer[..count]);
        for number in 0..5 {
            let has = |what: &str| {
                let text = format!("app.{}  | {what}", number + 1);
                shown.windows(text.len()).any(|window| window == text.as_bytes())
            };
            if lines[number].is_none() && has("a question\n") {
                lines[number] = Some(tool.age());
            }
            if prompts[number].is_none() && has("your name? ") {
                prompts[number] = Some(tool.age());
            }
        }
    }
    let waits = lines
        .iter()
        .zip(prompts)
        .map(|(line, prompt)| prompt.unwrap().saturating_sub(line.unwrap()));
    // One of them was not held up by what else this machine has to do.
    let shortest = waits.min().unwrap();
    assert!(shortest <= PROMPT_WITHIN, "{shortest:?}");
    tool.signal(Signal::TERM);
    tool.ends_with(143);
}

#[test]
fn a_line_that_comes_slowly_is_not_cut_by_others() {
    let workspace = formation(&(beast("slow", "slow-line") + &beast("tick", "ticks 5")));
    let tool = workspace.dev(&["--scale", "slow=4"]);
    tool.wait_until("four lines", |lines| {
        let ends = lines.iter().filter(|line| line.text().contains("longest gap"));
        (ends.count() == 4).then_some(())
    });
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    let lines = tool.lines();
    let mut checked = 0;
    for number in 1..=4 {
        let said = said_by(&lines, &format!("slow.{number}  | "));
        let gap = said.iter().find_map(|line| {
            let line = std::str::from_utf8(line).unwrap();
            line.strip_prefix("longest gap ")?.strip_suffix(" ms")?.parse::<u64>().ok()
        });
        if gap.unwrap() <= PAUSE {
            assert_eq!(said[0], b"one two three four five", "{}", tool.transcript());
            checked += 1;
        }
    }
    if checked == 0 {
        skipped("this machine is so busy that no process slept as briefly as it wanted to");
    }
}

#[test]
fn a_line_that_had_to_be_cut_says_so() {
    let workspace = formation(&(beast("app", "prompt") + &beast("tick", "ticks 5")));
    let tool = workspace.dev(&[]);
    tool.wait_for(" | your name? ");
    let prompt = tool.lines().iter().position(|line| line.text().contains("your name")).unwrap();
    tool.wait_until("what comes after it", |lines| (lines.len() > prompt + 5).then_some(()));
    // The others go on, each on a line of its own.
    let lines = tool.lines();
    assert_eq!(lines[prompt].bytes, b"app.1   | your name? ");
    let after = &lines[prompt + 1..];
    assert!(after.iter().all(|line| line.text().starts_with("tick.1  | tick ")));
    tool.signal(Signal::TERM);
    tool.ends_with(143);
}
