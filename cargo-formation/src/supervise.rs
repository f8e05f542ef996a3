//! The decisions of `dev`.
