//! What the process types of `__name__` share; each of them is a binary of `src/bin`.

use std::error::Error;

__modules__

/// Why a process ends before its time.
pub type Failure = Box<dyn Error + Send + Sync>;
