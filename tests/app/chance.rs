//! Chance that can be had again.

use std::env;
use std::hash::{BuildHasher, RandomState};

/// Numbers that follow from a seed.
#[derive(Debug)]
pub(crate) struct Chance(u64);

/// The seed of a run: `CHANCE_SEED`, to see again what it led to, or any.
pub(crate) fn seed() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "this is where a person says it")]
    let said = env::var("CHANCE_SEED").ok().and_then(|seed| seed.parse().ok());
    said.unwrap_or_else(|| RandomState::new().hash_one(()))
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // SplitMix64, by Steele, Lea and Flood.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(bound).unwrap()).unwrap()
    }
}
