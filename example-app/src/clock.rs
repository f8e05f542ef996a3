//! What `clock` does: put every check that is due into the queue, and forget old ones.

use std::collections::HashMap;

use apalis::prelude::BoxDynError;

use crate::database::Database;
use crate::moment;
use crate::queue::{Job, Queue};

/// Checks are kept for a week.
const KEPT: i64 = 7 * 86_400;

/// What was finished is kept in the queue for a day, and no shorter than any interval: it
/// is how the queue knows what it had before.
const FINISHED: i64 = 2 * 86_400;

/// How often the clock forgets, in seconds.
const FORGETS: i64 = 3_600;

/// Somebody who knows what is due.
#[derive(Debug)]
pub struct Clock {
    database: Database,
    queue: Queue,
    /// What was enqueued last, so as not to ask the queue each second.
    last: HashMap<String, i64>,
    forgot: i64,
}

impl Clock {
    /// A clock that has enqueued nothing.
    #[must_use]
    pub fn new(database: Database, queue: Queue) -> Self {
        Self { database, queue, last: HashMap::new(), forgot: 0 }
    }

    /// Enqueue what is due at `now` and not in the queue. How many checks that may be:
    /// another clock may have been here before.
    ///
    /// What was due while no clock ran is gone. It would tell nothing about then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&mut self, now: i64) -> Result<usize, BoxDynError> {
        let mut enqueued = 0;
        for monitor in self.database.monitors().await? {
            let due = moment::due(now, monitor.every);
            if self.last.get(&monitor.name) == Some(&due) {
                continue;
            }
            let job = Job { monitor: monitor.name.clone(), due, enqueued: now };
            self.queue.push(job).await?;
            self.last.insert(monitor.name, due);
            enqueued += 1;
        }
        if now - self.forgot >= FORGETS {
            self.database.forget(now - KEPT).await?;
            self.queue.forget(now - FINISHED).await?;
            self.forgot = now;
        }
        Ok(enqueued)
    }
}
