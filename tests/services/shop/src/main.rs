//! Reads from the database, and stays.

use sqlx::SqlitePool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = SqlitePool::connect(&std::env::var("DATABASE_URL")?).await?;
    println!("read {}", shop::title(&pool).await?);
    std::future::pending().await
}
