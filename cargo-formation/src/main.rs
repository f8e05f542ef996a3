//! The `cargo-formation` binary.

fn main() {}
