//! Who cares about what.
