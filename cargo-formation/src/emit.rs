//! From a formation to the files of somebody else's process manager.
