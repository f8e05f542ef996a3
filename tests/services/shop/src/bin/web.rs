//! Compiles only where the database has the table that it asks for.

use sqlx::SqlitePool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = SqlitePool::connect(&std::env::var("DATABASE_URL")?).await?;
    let book = sqlx::query!("SELECT title FROM books").fetch_one(&pool).await?;
    println!("read {}", book.title);
    std::future::pending().await
}
