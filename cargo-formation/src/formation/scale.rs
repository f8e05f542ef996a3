//! Quantities as people type them: `web=2,worker=3`, `all=1`.

use std::fmt;
use std::str::FromStr;

use super::name::{NameError, ProcessName};

/// The most instances a process type can have: each type owns a range of 100 ports.
pub const MAX_QUANTITY: u16 = 100;

/// How many instances of which types; types it does not name keep theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    steps: Vec<ScaleStep>,
}

/// One `name=quantity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleStep {
    /// Whom it is about.
    pub target: ScaleTarget,
    /// How many there are to be, at most `MAX_QUANTITY`.
    pub quantity: u16,
}

/// Whom a quantity is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScaleTarget {
    /// Every type that no other step names.
    All,
    /// This type.
    Process(ProcessName),
}

impl Scale {
    /// The steps as they were typed.
    #[must_use]
    pub fn steps(&self) -> &[ScaleStep] {
        &self.steps
    }

    /// The quantity that is asked for `name`, if any: its own, else that of `all`.
    #[must_use]
    pub fn quantity(&self, name: &ProcessName) -> Option<u16> {
        let own = self
            .steps
            .iter()
            .find(|step| matches!(&step.target, ScaleTarget::Process(named) if named == name));
        let all = self.steps.iter().find(|step| step.target == ScaleTarget::All);
        own.or(all).map(|step| step.quantity)
    }

    /// Add a step.
    ///
    /// # Errors
    /// When the target has one already, or the quantity is above `MAX_QUANTITY`.
    pub fn push(&mut self, step: ScaleStep) -> Result<(), ScaleError> {
        let token = step.to_string();
        if step.quantity > MAX_QUANTITY {
            return Err(ScaleError::TooMany { token });
        }
        if self.steps.iter().any(|other| other.target == step.target) {
            return Err(ScaleError::Duplicate { token });
        }
        self.steps.push(step);
        Ok(())
    }
}

impl FromStr for Scale {
    type Err = ScaleError;

    fn from_str(text: &str) -> Result<Self, ScaleError> {
        let mut scale = Self::default();
        for token in text.split(',') {
            scale.push(step(token.trim())?)?;
        }
        Ok(scale)
    }
}

/// Read one `name=quantity`.
fn step(token: &str) -> Result<ScaleStep, ScaleError> {
    let owned = || token.to_owned();
    let (name, quantity) =
        token.split_once('=').ok_or_else(|| ScaleError::NoQuantity { token: owned() })?;
    let (name, quantity) = (name.trim(), quantity.trim());
    let target = match name {
        "all" => ScaleTarget::All,
        name => ScaleTarget::Process(
            name.parse().map_err(|reason| ScaleError::Name { token: owned(), reason })?,
        ),
    };
    let digits = !quantity.is_empty() && quantity.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return Err(ScaleError::Quantity { token: owned() });
    }
    // Only a number too large for 16 bits can fail here.
    let quantity = quantity.parse().map_err(|_| ScaleError::TooMany { token: owned() })?;
    Ok(ScaleStep { target, quantity })
}

impl fmt::Display for ScaleStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            ScaleTarget::All => write!(f, "all={}", self.quantity),
            ScaleTarget::Process(name) => write!(f, "{name}={}", self.quantity),
        }
    }
}

/// Why a text is not a scale. Each names the token at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScaleError {
    /// There is no `=`.
    NoQuantity {
        /// The part of the text that is wrong.
        token: String,
    },
    /// What stands before `=` cannot be a process type.
    Name {
        /// The part of the text that is wrong.
        token: String,
        /// Why.
        reason: NameError,
    },
    /// What stands after `=` is not a whole number.
    Quantity {
        /// The part of the text that is wrong.
        token: String,
    },
    /// The quantity is above `MAX_QUANTITY`.
    TooMany {
        /// The part of the text that is wrong.
        token: String,
    },
    /// The type is named twice.
    Duplicate {
        /// The second mention.
        token: String,
    },
}

impl fmt::Display for ScaleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoQuantity { token } => {
                write!(f, "`{token}` has no quantity; write it as `web=2`")
            }
            Self::Name { token, reason } => write!(f, "`{token}` names no process type: {reason}"),
            Self::Quantity { token } => write!(
                f,
                "the quantity of `{token}` is not a whole number from 0 to {MAX_QUANTITY}"
            ),
            Self::TooMany { token } => {
                write!(f, "`{token}` asks for more than {MAX_QUANTITY} instances")
            }
            Self::Duplicate { token } => write!(f, "`{token}` names a type a second time"),
        }
    }
}

impl std::error::Error for ScaleError {}

#[cfg(test)]
mod tests {
    use super::{Scale, ScaleError};

    fn quantity(scale: &str, name: &str) -> Option<u16> {
        scale.parse::<Scale>().unwrap().quantity(&name.parse().unwrap())
    }

    #[test]
    fn a_named_type_beats_all() {
        assert_eq!(quantity("all=2,clock=0", "clock"), Some(0));
        assert_eq!(quantity("clock=0,all=2", "web"), Some(2));
        assert_eq!(quantity("web=2, worker=3", "worker"), Some(3));
        assert_eq!(quantity("web=2", "worker"), None);
    }

    #[test]
    fn every_mistake_names_its_token() {
        let token = |text: &str| text.parse::<Scale>().unwrap_err();
        let owned = str::to_owned;
        assert_eq!(token("web"), ScaleError::NoQuantity { token: owned("web") });
        assert_eq!(token("web=1,"), ScaleError::NoQuantity { token: owned("") });
        for wrong in ["web=x", "web=-1", "web=+1", "web=1e9", "web=", "web=1=2"] {
            assert_eq!(token(wrong), ScaleError::Quantity { token: owned(wrong) });
        }
        for wrong in ["web=101", "web=99999999999"] {
            assert_eq!(token(wrong), ScaleError::TooMany { token: owned(wrong) });
        }
        assert_eq!(token("a=1,web=1,web=2"), ScaleError::Duplicate { token: owned("web=2") });
        assert!(matches!(token("=1"), ScaleError::Name { .. }));
    }
}
