//! How bad something is that a process logs.

use std::fmt;

/// How bad something is, in the levels of `tracing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// What helps to find an error.
    Debug,
    /// As it should be.
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// As loggers spell it in a field of its own, in whatever case.
    #[must_use]
    pub fn from_field(word: &str) -> Option<Self> {
        Self::from_word(&word.to_ascii_uppercase())
    }

    /// As loggers spell it among other words: in capitals. `LOG` and `NOTICE` are PostgreSQL's,
    /// the short ones of `slog`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "TRACE" | "TRCE" => Self::Trace,
            "DEBUG" | "DEBG" => Self::Debug,
            "INFO" | "LOG" | "NOTICE" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" | "ERRO" | "FATAL" | "CRIT" | "CRITICAL" | "PANIC" => Self::Error,
            _ => return None,
        })
    }

    /// As bunyan and pino number it: 10 is trace, 60 is fatal.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warn,
            50..=60 => Self::Error,
            _ => return None,
        })
    }

    /// As `--level` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// As `tracing` writes it.
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn a_level_has_many_spellings() {
        for level in [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error] {
            assert_eq!(Level::from_word(&level.to_string()), Some(level));
            assert_eq!(Level::from_field(level.name()), Some(level));
        }
        assert_eq!(Level::from_field("Warning"), Some(Level::Warn));
        assert_eq!(Level::from_word("info"), None);
        assert_eq!(Level::from_number(30), Some(Level::Info));
        assert_eq!(Level::from_number(60), Some(Level::Error));
        assert_eq!(Level::from_number(3), None);
    }

    #[test]
    fn worse_is_more() {
        assert!(Level::Error > Level::Warn && Level::Warn > Level::Info);
        assert!(Level::Info > Level::Debug && Level::Debug > Level::Trace);
    }
}
