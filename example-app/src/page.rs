//! The page: every monitor with its history, drawn on the server.
//!
//! It needs nothing from elsewhere. A few lines of script fetch it again every few seconds,
//! and send the form as JSON.

use std::fmt::Write as _;

use crate::chart;
use crate::check::{Check, Monitor, State};
use crate::queue::Depth;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The instance that answers.
    pub instance: String,
    /// Each monitor and its checks, oldest first.
    pub monitors: Vec<(Monitor, Vec<Check>)>,
    /// How full the queue is.
    pub queue: Depth,
}

/// The whole page.
#[must_use]
pub fn html(overview: &Overview) -> String {
    let Overview { instance, monitors, queue } = overview;
    let mut articles = String::new();
    for (monitor, checks) in monitors {
        articles.push_str(&article(monitor, checks));
    }
    include_str!("page.html")
        .replace("{headline}", headline(monitors))
        .replace("{open}", &queue.open.to_string())
        .replace("{instance}", &escape(instance))
        .replace("{articles}", &articles)
}

/// How things are, in a word.
fn headline(monitors: &[(Monitor, Vec<Check>)]) -> &'static str {
    let mut last = monitors.iter().map(|(_, checks)| checks.last().map(|check| check.state));
    if monitors.is_empty() {
        "Nothing is watched yet"
    } else if last.any(|state| state == Some(State::Down)) {
        "Something is down"
    } else {
        "All is well"
    }
}

fn article(monitor: &Monitor, checks: &[Check]) -> String {
    let Monitor { name, url, every } = monitor;
    let (state, detail) = match checks.last() {
        Some(check) => (check.state.as_str(), check.detail.as_str()),
        None => ("waiting", "not checked yet"),
    };
    let mut text = String::new();
    let _ = write!(
        text,
        r#"<article>
<h2>{name}</h2> <span class="pill {state}">{state}</span>
<button class="quiet" data-remove="{name}" title="Stop watching it">Remove</button>
<p><a href="{url}">{url}</a>, every {every} s: {detail}</p>
{chart}
<p class="quiet">{uptime}</p>
</article>
"#,
        name = escape(name),
        url = escape(url),
        detail = escape(detail),
        chart = chart::svg(name, checks),
        uptime = uptime(checks),
    );
    text
}

/// How many of the checks that were made found it up.
fn uptime(checks: &[Check]) -> String {
    let made = checks.iter().filter(|check| check.state != State::Missed).count();
    let up = checks.iter().filter(|check| check.state == State::Up).count();
    let Some(percent) = (up * 1_000).checked_div(made) else {
        return "no checks yet".to_owned();
    };
    let (whole, tenth) = (percent / 10, percent % 10);
    let slowest = match chart::slowest(checks) {
        Some(slowest) => format!(", slowest answer {slowest} ms"),
        None => String::new(),
    };
    format!("up in {whole}.{tenth} % of the last {made} checks{slowest}")
}

/// Text, safe between tags and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{Overview, escape, html, uptime};
    use crate::check::{Check, Monitor, State};
    use crate::queue::Depth;

    fn checks(states: &[State]) -> Vec<Check> {
        let check = |(due, state): (i64, &State)| {
            let (detail, worker) = ("200 OK".to_owned(), "worker.1".to_owned());
            Check { due, at: due, state: *state, detail, took_ms: 3, worker }
        };
        (0..).zip(states).map(check).collect()
    }

    fn page(monitors: &[(&str, &[State])]) -> String {
        let monitor = |(name, states): &(&str, &[State])| {
            let url = "http://127.0.0.1/".to_owned();
            (Monitor { name: (*name).to_owned(), url, every: 5 }, checks(states))
        };
        let monitors = monitors.iter().map(monitor).collect();
        let queue = Depth { enqueued: 12, open: 2 };
        html(&Overview { instance: "web.1".to_owned(), monitors, queue })
    }

    #[test]
    fn the_headline_says_how_things_are() {
        assert!(page(&[]).contains("Nothing is watched yet"));
        assert!(page(&[("a", &[State::Down, State::Up]), ("b", &[])]).contains("All is well"));
        let page = page(&[("a", &[State::Up]), ("b", &[State::Up, State::Down])]);
        assert!(page.contains("Something is down"));
    }

    #[test]
    fn a_name_is_text_wherever_it_stands() {
        let page = page(&[("<script>\"'{instance}", &[State::Up])]);
        assert!(!page.contains("<script>\""), "{page}");
        assert!(page.contains("<h2>&lt;script&gt;&quot;&#39;{instance}</h2>"), "{page}");
    }

    #[test]
    fn uptime_counts_the_checks_that_were_made() {
        assert_eq!(uptime(&[]), "no checks yet");
        assert_eq!(uptime(&checks(&[State::Down])), "up in 0.0 % of the last 1 checks");
        let states = [State::Up, State::Missed, State::Down, State::Up];
        assert_eq!(
            uptime(&checks(&states)),
            "up in 66.6 % of the last 3 checks, slowest answer 3 ms"
        );
    }

    #[test]
    fn what_is_escaped_is_as_long_as_it_needs() {
        assert_eq!(escape("a & b"), "a &amp; b");
    }
}
