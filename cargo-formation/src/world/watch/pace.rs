//! How often everything is looked at, whatever the kernel tells.

use std::time::Duration;

/// Not more often, however little there is to look at.
const SHORTEST: Duration = Duration::from_secs(1);
/// Not less often, however much there is: with a sweep of more than 180 ms the share is larger.
const LONGEST: Duration = Duration::from_mins(1);

/// What the kernel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Everything, so far as anybody knows.
    Everything,
    /// Not everything: looking is all there is.
    Something,
}

/// How long to wait after a sweep that took so long.
pub(super) type Pace = fn(Duration, Told) -> Duration;

/// How long to wait after a sweep that took `spent`.
pub(super) fn pause(spent: Duration, told: Told) -> Duration {
    // The pauses that make looking 0.3 % of a core, or 3 %.
    let shares = match told {
        Told::Everything => 333,
        Told::Something => 33,
    };
    spent.saturating_mul(shares).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Told, pause};

    fn check(spent: u64, told: Told) -> u64 {
        u64::try_from(pause(Duration::from_micros(spent), told).as_millis()).unwrap()
    }

    #[test]
    fn a_sweep_costs_its_share() {
        assert_eq!(check(30_000, Told::Everything), 9_990);
        assert_eq!(check(100_000, Told::Something), 3_300);
        assert_eq!(check(10, Told::Everything), 1_000);
        assert_eq!(check(1_000_000, Told::Everything), 60_000);
    }
}
