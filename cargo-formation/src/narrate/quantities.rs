//! How many instances start, in words.

use crate::formation::ProcessName;

/// A process type of which fewer instances start than the table declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fewer<'f> {
    /// Of which type.
    pub process: &'f ProcessName,
    /// How many start.
    pub running: usize,
    /// How many there are in production.
    pub quantity: u16,
}

/// How many of how many start, and what to type for all of them.
#[must_use]
pub fn fewer(types: &[Fewer<'_>]) -> String {
    let counts: Vec<String> = types
        .iter()
        .map(|Fewer { process, running, quantity }| format!("{process} {running} of {quantity}"))
        .collect();
    let steps: Vec<String> = types
        .iter()
        .map(|Fewer { process, quantity, .. }| format!("{process}={quantity}"))
        .collect();
    format!("{}; all with `--scale {}`", counts.join(", "), steps.join(","))
}

#[cfg(test)]
mod tests {
    use super::{Fewer, fewer};

    #[test]
    fn who_wants_all_of_it_is_told_what_to_type() {
        let (web, worker) = ("web".parse().unwrap(), "worker".parse().unwrap());
        let web = Fewer { process: &web, running: 1, quantity: 2 };
        let worker = Fewer { process: &worker, running: 2, quantity: 3 };
        assert_eq!(fewer(&[web]), "web 1 of 2; all with `--scale web=2`");
        assert_eq!(
            fewer(&[web, worker]),
            "web 1 of 2, worker 2 of 3; all with `--scale web=2,worker=3`"
        );
    }
}
