//! The simulated world and what must be true in it.
