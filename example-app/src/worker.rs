//! What `worker` does with a check: perform it, and record what it found.

use crate::check::{Outcome, State};
use crate::database::Database;
use crate::moment;
use crate::probe::Probe;
use crate::queue::Job;

/// After this many seconds in the queue, the answer to a check would say nothing about the
/// moment that it was meant for.
const LATEST: i64 = 60;

/// Somebody who performs checks.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The instance, as the page names it.
    pub name: String,
    /// Where it looks up and records.
    pub database: Database,
    /// With what it asks.
    pub probe: Probe,
}

impl Worker {
    /// Perform a check and record what it found, unless its monitor is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn perform(&self, job: &Job) -> Result<(), sqlx::Error> {
        let Job { monitor, due, enqueued } = job;
        let Some(found) = self.database.monitor(monitor).await? else {
            return Ok(());
        };
        let outcome = if moment::now() - enqueued > LATEST {
            let detail = format!("no worker within {LATEST} s");
            Outcome { state: State::Missed, detail, took_ms: 0 }
        } else {
            self.probe.ask(&found.url).await
        };
        let is_news = self.database.record((monitor, *due), &outcome, &self.name).await?;
        let Outcome { state, detail, took_ms } = outcome;
        match (is_news, state) {
            (true, State::Up) => tracing::info!("{monitor}: up, {detail} in {took_ms} ms"),
            (true, State::Down | State::Missed) => tracing::warn!("{monitor}: {state}, {detail}"),
            (false, _) => tracing::info!("{monitor}: somebody else has recorded it"),
        }
        Ok(())
    }
}
