//! Edits at any moment.

use std::time::Duration;

use crate::chance::{Chance, seed};
use crate::shop::Shop;

/// How many times everybody comes to rest.
const ROUNDS: u32 = 12;

#[test]
fn the_last_edit_is_what_runs_in_the_end() {
    let seed = seed();
    let mut chance = Chance::new(seed);
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let (mut worker, mut all) = (1, 1);
    let mut next = 1;
    for round in 0..ROUNDS {
        for _ in 0..=chance.below(5) {
            next += 1;
            match chance.below(4) {
                0 => {
                    all = next;
                    shop.write_shared(1, all);
                }
                1 => {
                    worker = next;
                    shop.write_own("worker", worker);
                }
                2 => shop.break_own("web"),
                _ => {}
            }
            // The next edit comes when it comes, at the latest when this one has settled.
            let gap = Duration::from_millis(u64::try_from(chance.below(600)).unwrap());
            dev.settles_within(gap);
        }
        next += 1;
        let web = next;
        shop.write_own("web", web);
        dev.says(&format!("web {web} {all} 1"));
        dev.says(&format!("worker {worker} {all} 0"));
        dev.comes_to_rest(&format!("round {round}, CHANCE_SEED={seed}"));
    }
    dev.end(&shop);
}
