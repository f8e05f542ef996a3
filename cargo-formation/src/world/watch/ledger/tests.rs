//! What is seen without being told.
