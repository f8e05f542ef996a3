//! The table: what it means, and what is said when it is wrong.
#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes every snapshot with them")]
#![expect(clippy::too_many_lines, reason = "what is said of a table stands beside it, whole")]
#![expect(clippy::expect_used, reason = "a fixture that is wrong should fail its test")]

#[path = "table/anything.rs"]
mod anything;
#[path = "table/combinations.rs"]
mod combinations;
#[path = "table/fixture.rs"]
mod fixture;
#[path = "table/local.rs"]
mod local;
#[path = "table/meaning.rs"]
mod meaning;
#[path = "table/refusals.rs"]
mod refusals;
#[path = "table/settings.rs"]
mod settings;
#[path = "table/workspaces.rs"]
mod workspaces;
