//! Whether a run that is up answers as it should, for as long as it lives.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::http::{Answer, answer};
use crate::world::output::Life;

/// So many answers in a row have to be bad: one may be an accident.
const BAD_ANSWERS: u32 = 2;

/// What is asked of a run, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The port of a loopback address.
    pub port: u16,
    /// The path, starting with `/`.
    pub path: String,
    /// How long between two questions.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// What the answers have come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// They are bad, in this way.
    Unwell(String),
    /// They are good again.
    Well,
}

/// Ask a run that is up until it ends, and report each time the answers become others.
pub async fn follow(question: Question, mut life: watch::Receiver<Life>, report: impl Fn(Finding)) {
    let ask = async {
        let mut bad = 0;
        loop {
            // Nothing tells when to ask: this is a time of day and not an event.
            let _ = timeout(question.interval, pending::<()>()).await;
            let answer = answer(question.port, &question.path, question.timeout).await;
            match (answer, bad) {
                (Answer::Status(200..=399), BAD_ANSWERS) => {
                    bad = 0;
                    report(Finding::Well);
                }
                (Answer::Status(200..=399), _) => bad = 0,
                (_, BAD_ANSWERS) => {}
                (answer, _) => {
                    bad += 1;
                    if bad == BAD_ANSWERS {
                        report(Finding::Unwell(question.words(answer)));
                    }
                }
            }
        }
    };
    tokio::select! {
        () = ask => {}
        // An error is the end of whoever knows of its life.
        _ = life.wait_for(|life| *life != Life::Leader) => {}
    }
}

impl Question {
    fn words(&self, answer: Answer) -> String {
        let path = &self.path;
        match answer {
            Answer::Status(code) => format!("`{path}` answers {code}"),
            Answer::Garbage => format!("`{path}` answers with what is no HTTP"),
            Answer::Late => format!("`{path}` does not answer within {:?}", self.timeout),
            Answer::Nobody => "it takes no connections".into(),
        }
    }
}
