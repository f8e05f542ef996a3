//! Whatever the text: an answer, and never both or neither of formation and error.

use cargo_formation::narrate::Paint;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::sample::Index;

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

/// What one developer lays over it.
const LOCAL: &str = r#"dev = { quantity = { web = 3 }, exclude = [] }
[services]
redis = false
mail = { command = "mailpit # größer", port = 1025 }
"#;

/// Places, how much goes there, and what comes instead.
type Edits = Vec<(Index, usize, usize)>;

fn edits() -> impl Strategy<Value = Edits> {
    vec((any::<Index>(), 0..9_usize, 0..PIECES.len()), 1..4)
}

fn edited(text: &str, edits: Edits) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (at, length, piece) in edits {
        let start = at.index(letters.len());
        let end = (start + length).min(letters.len());
        letters.splice(start..end, PIECES[piece].chars());
    }
    letters.into_iter().collect()
}

#[test]
fn the_table_that_is_broken_below_is_right() {
    assert_eq!(Fixture::root_package("shop", TABLE, &SHOP).formation().processes.len(), 4);
}

proptest! {
    #[test]
    fn a_formation_is_there_exactly_when_no_problem_is(table in edits(), local in edits()) {
        let (table, local) = (edited(TABLE, table), edited(LOCAL, local));
        for fixture in [
            Fixture::root_package("shop", &table, &SHOP),
            Fixture::root_package("shop", TABLE, &SHOP).local(&local),
            Fixture::root_package("shop", &table, &SHOP).local(&local),
        ] {
            let reading = fixture.read();
            let sound = reading.problems.is_empty();
            prop_assert_eq!(reading.formation.is_some(), sound, "{}\n{}", table, local);
            // Rendering slices the text at every place, and panics where a place is wrong.
            prop_assert_eq!(fixture.rendered(Paint::Plain).is_empty(), sound);
        }
    }
}
