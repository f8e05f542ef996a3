//! The watch, with a real file system and the real watcher.
//!
//! Each scenario is played twice: once with the kernel telling and no sweeps, once with
//! sweeps and nobody telling. Neither may hide what the other misses.

mod ground;
mod history;
mod limits;
mod saves;
mod sets;
mod trees;
