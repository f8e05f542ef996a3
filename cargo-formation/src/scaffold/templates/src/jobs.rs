//! The queue, a table: whoever has work to do puts a job in, a worker takes it out.

use sqlx::Error;

use crate::database::Pool;

/// Take the oldest job that nobody has. Who took one and has not finished it within a minute
/// counts as dead, and the job is there for others.
const TAKE: &str = "
    UPDATE jobs SET taken = __now__
    WHERE id = (
        SELECT id FROM jobs WHERE taken < __now__ - 60
        ORDER BY id LIMIT 1__lock__
    )
    RETURNING id, what
";

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    id: i64,
    /// What is to be done.
    pub what: String,
}

/// Everything that is to be done.
#[derive(Clone, Debug)]
pub struct Jobs {
    pool: Pool,
}

impl Jobs {
    /// Those of this database.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Put a job in, unless the same is in there already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put(&self, what: &str) -> Result<(), Error> {
        let query = sqlx::query("INSERT INTO jobs (what) VALUES ($1) ON CONFLICT DO NOTHING");
        query.bind(what).execute(&self.pool).await.map(drop)
    }

    /// Take a job. It stays in there until it is finished.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self) -> Result<Option<Job>, Error> {
        let row = sqlx::query_as(TAKE).fetch_optional(&self.pool).await?;
        Ok(row.map(|(id, what)| Job { id, what }))
    }

    /// Take a job out, which is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(&self, job: &Job) -> Result<(), Error> {
        let query = sqlx::query("DELETE FROM jobs WHERE id = $1");
        query.bind(job.id).execute(&self.pool).await.map(drop)
    }

    /// How many jobs are not done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count(&self) -> Result<i64, Error> {
        let query = sqlx::query_scalar("SELECT count(*) FROM jobs");
        query.fetch_one(&self.pool).await
    }
}
