//! No request is lost: an app behind its address while its code changes, crashes and scales.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![expect(clippy::disallowed_methods, reason = "tests read the environment they were started in")]

#[path = "serving/client.rs"]
mod client;
#[path = "serving/fits.rs"]
mod fits;
#[path = "serving/load.rs"]
mod load;
#[path = "serving/shop.rs"]
mod shop;
#[path = "serving/socket.rs"]
mod socket;
#[path = "serving/start.rs"]
mod start;
#[path = "serving/swap.rs"]
mod swap;
#[path = "serving/table.rs"]
mod table;
