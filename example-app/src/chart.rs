//! A history as a chart: one bar for each check, drawn as SVG.

use std::fmt::Write as _;

use crate::check::{Check, State};
use crate::moment::time_of_day;
use crate::page::escape;

/// How many checks a chart shows.
pub const BARS: usize = 90;

/// From bar to bar, in units of the drawing.
const STEP: usize = 8;
/// How wide a bar is.
const WIDTH: usize = 6;
/// How high a bar may be.
const HEIGHT: i64 = 64;
/// How low one may be: less would not be seen.
const LEAST: i64 = 3;

/// The last [`BARS`] checks, the newest at the right. The higher a bar, the longer the
/// answer took, by the square root, or a single slow one would flatten all others; a check
/// without an answer has full height.
#[must_use]
pub fn svg(monitor: &str, checks: &[Check]) -> String {
    let checks = &checks[checks.len().saturating_sub(BARS)..];
    let slowest = slowest(checks).unwrap_or(0);
    let mut bars = String::new();
    for (place, check) in (BARS - checks.len()..).zip(checks) {
        let height = height(check, slowest);
        let (x, y) = (place * STEP, HEIGHT - height);
        let Check { state, detail, took_ms, worker, at, .. } = check;
        let _ = writeln!(
            bars,
            r#"<rect class="{state}" x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="1"><title>{time} UTC: {state}, {detail}, {took_ms} ms ({worker})</title></rect>"#,
            time = time_of_day(*at),
            detail = escape(detail),
            worker = escape(worker),
        );
    }
    format!(
        r#"<svg class="chart" viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="The last {count} checks of {name}">
{bars}</svg>"#,
        width = BARS * STEP,
        count = checks.len(),
        name = escape(monitor),
    )
}

/// The milliseconds that the tallest bar of an answer stands for.
#[must_use]
pub fn slowest(checks: &[Check]) -> Option<i64> {
    let answered = checks.iter().filter(|check| check.state == State::Up);
    answered.map(|check| check.took_ms).max()
}

fn height(check: &Check, slowest: i64) -> i64 {
    match check.state {
        State::Up => {
            let square = check.took_ms.max(0) * HEIGHT * HEIGHT / slowest.max(1);
            square.isqrt().clamp(LEAST, HEIGHT)
        }
        State::Down => HEIGHT,
        State::Missed => LEAST,
    }
}

#[cfg(test)]
mod tests {
    use super::{BARS, HEIGHT, LEAST, svg};
    use crate::check::{Check, State};

    fn check(state: State, took_ms: i64) -> Check {
        let (detail, worker) = ("<200>".to_owned(), "worker.1".to_owned());
        Check { due: 60, at: 61, state, detail, took_ms, worker }
    }

    fn heights(drawing: &str) -> Vec<i64> {
        let bars = drawing.split("<rect ").skip(1);
        bars.map(|bar| bar.split_once(" height=\"").unwrap().1.split_once('"').unwrap().0)
            .map(|height| height.parse().unwrap())
            .collect()
    }

    #[test]
    fn a_bar_is_as_high_as_the_answer_was_slow() {
        let checks = [(State::Up, 0), (State::Up, 25), (State::Up, 100), (State::Down, 7)];
        let drawing = svg("a", &checks.map(|(state, took)| check(state, took)));
        assert_eq!(heights(&drawing), [LEAST, HEIGHT / 2, HEIGHT, HEIGHT]);
        assert_eq!(heights(&svg("a", &[check(State::Missed, 0)])), [LEAST]);
    }

    #[test]
    fn the_newest_stands_at_the_right_and_the_oldest_make_room() {
        let drawing = svg("a", &[check(State::Up, 1)]);
        assert!(drawing.contains(r#"x="712""#), "{drawing}");
        let many = vec![check(State::Up, 1); BARS + 10];
        let drawing = svg("a", &many);
        assert_eq!(heights(&drawing).len(), BARS);
        assert!(drawing.contains(r#"x="0""#) && drawing.contains(r#"x="712""#), "{drawing}");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(heights(&svg("a", &[])).is_empty());
    }

    #[test]
    fn what_others_wrote_is_text() {
        let drawing = svg("<a>", &[check(State::Down, 1)]);
        assert!(drawing.contains("of &lt;a&gt;"), "{drawing}");
        assert!(drawing.contains("00:01:01 UTC: down, &lt;200&gt;, 1 ms (worker.1)"), "{drawing}");
    }
}
