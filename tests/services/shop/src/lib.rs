//! What the shop asks its database: compiles only where the database has these tables.

use sqlx::SqlitePool;

/// The title of some book.
pub async fn title(pool: &SqlitePool) -> sqlx::Result<String> {
    sqlx::query_scalar!("SELECT title FROM books").fetch_one(pool).await
}
