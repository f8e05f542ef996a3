//! Whatever the text: an answer, and never both or neither of formation and error.

use cargo_formation::narrate::Paint;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::fixture::{Fixture, SHOP};

/// A manifest that uses most of the table, for edits to break.
const TABLE: &str = r#"[package]
name = "shop" # größer 日本

[package.metadata.formation]
web = { port = true, ports = { admin = 9000 }, health = { path = "/up", startup = 5 }, quantity = 2 }
worker = "worker --queue 'a b' $QUEUE"
clock = { schedule = "0 3 * * *", env = { A = "größe ${PORT}" }, resources = { memory = "1GiB" } }
release.bin = "migrate"
release.rerun = true

[workspace.metadata.formation]
base-port = 5000
config.DATABASE_URL = { required = true, secret = true }
dev = { quantity = { web = 1 }, exclude = ["clock"] }
services.redis = { command = ["redis-server", "--port", "$PORT"], port = true, stop = { signal = "INT" } }
platform.fly = { region = "fra" }
"#;

const PIECES: [&str; 12] = [
    "=",
    "{}",
    "\"",
    "[",
    "]",
    "\n",
    ".",
    "1",
    "true",
    "é",
    "port",
    "[package.metadata.formation.x]",
];

#[test]
fn the_table_that_is_broken_below_is_right() {
    assert_eq!(Fixture::root_package("shop", TABLE, &SHOP).formation().processes.len(), 4);
}

proptest! {
    #[test]
    fn a_formation_is_there_exactly_when_no_problem_is(
        edits in vec((any::<proptest::sample::Index>(), 0..9_usize, 0..PIECES.len()), 1..4)
    ) {
        let mut letters: Vec<char> = TABLE.chars().collect();
        for (at, length, piece) in edits {
            let start = at.index(letters.len());
            let end = (start + length).min(letters.len());
            letters.splice(start..end, PIECES[piece].chars());
        }
        let text: String = letters.into_iter().collect();
        let fixture = Fixture::root_package("shop", &text, &SHOP);
        let reading = fixture.read();
        prop_assert_eq!(reading.formation.is_some(), reading.problems.is_empty(), "{}", text);
        // Rendering slices the text at every place, and panics where a place is wrong.
        let rendered = fixture.rendered(Paint::Plain);
        prop_assert_eq!(rendered.is_empty(), reading.problems.is_empty());
    }
}
