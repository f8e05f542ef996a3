//! The watch, with a real file system and the real watcher.
