//! What tells two builds of one binary apart.

use std::fmt;

/// How many digits name a snapshot: 48 bits, enough for the builds of one binary.
const SHORT: usize = 12;

/// The identity of a build: a hash of what of it is loaded.
///
/// Two builds with one identity run the same code over the same data, whatever their
/// debug information, their timestamps and cargo say. What is not built has the default one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(u128);

impl Identity {
    /// The identity with this hash.
    #[must_use]
    pub fn new(hash: u128) -> Self {
        Self(hash)
    }

    /// The first 12 of its 32 digits: part of a file name.
    #[must_use]
    pub fn short(self) -> String {
        let mut digits = self.to_string();
        digits.truncate(SHORT);
        digits
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn leading_zeros_are_digits() {
        let identity = Identity::new(0x00ab_cdef_0123_4567_89ab_cdef_0123_4567);
        assert_eq!(identity.to_string(), "00abcdef0123456789abcdef01234567");
        assert_eq!(identity.short(), "00abcdef0123");
    }
}
