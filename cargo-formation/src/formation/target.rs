//! Who is meant by what people type: `web`, `web.2`, `postgres`.

use std::fmt;
use std::str::FromStr;

use super::name::{InstanceName, NameError, ProcessName, RunName};

/// Some instances of the formation, or a backing service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Every instance of this process type, or the backing service of this name.
    Process(ProcessName),
    /// This instance.
    Instance(InstanceName),
}

impl Target {
    /// Whether somebody of this name is meant.
    #[must_use]
    pub fn means(&self, name: &RunName) -> bool {
        match (self, name) {
            (Self::Process(process), name) => name.process() == process,
            (Self::Instance(instance), RunName::Instance(name)) => name == instance,
            (Self::Instance(_), RunName::Service(_)) => false,
        }
    }

    /// The process type or backing service that is meant, or of which an instance is.
    #[must_use]
    pub fn process(&self) -> &ProcessName {
        match self {
            Self::Process(process) => process,
            Self::Instance(instance) => &instance.process,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(process) => process.fmt(f),
            Self::Instance(instance) => instance.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let Some((process, number)) = text.split_once('.') else {
            return Ok(Self::Process(text.parse()?));
        };
        let process = process.parse()?;
        // As it is written everywhere: no sign, no zero before it.
        let is_number = number.starts_with(|c: char| ('1'..='9').contains(&c))
            && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number);
        let number = number.ok_or_else(|| TargetError::Number(text.to_owned()))?;
        Ok(Self::Instance(InstanceName { process, number }))
    }
}

impl FromStr for InstanceName {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.parse()? {
            Target::Instance(name) => Ok(name),
            Target::Process(_) => Err(TargetError::Number(text.to_owned())),
        }
    }
}

/// Why a text means nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// No process type can have this name.
    Name(NameError),
    /// What follows the point is not the number of an instance.
    Number(String),
}

impl From<NameError> for TargetError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Number(text) => write!(
                f,
                "`{text}` is no instance: those of a type are numbered from 1, as in `web.1`"
            ),
        }
    }
}

impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests {
    use super::{Target, TargetError};
    use crate::formation::{InstanceName, NameError, RunName};

    #[test]
    fn a_type_or_one_of_its_instances_is_meant() {
        for text in ["web", "web.1", "mail-in.12"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        let number = |text: &str| Err(TargetError::Number(text.into()));
        for text in ["web.", "web.0", "web.01", "web.+1", "web.x", "web.1.2", "web.99999"] {
            assert_eq!(text.parse::<Target>(), number(text));
        }
        assert_eq!("".parse::<Target>(), Err(TargetError::Name(NameError::Empty)));
        assert_eq!(".1".parse::<Target>(), Err(TargetError::Name(NameError::Empty)));
        assert_eq!("all".parse::<Target>(), Err(TargetError::Name(NameError::Reserved)));
    }

    #[test]
    fn a_service_has_no_instances() {
        let process: crate::formation::ProcessName = "db".parse().unwrap();
        let service = RunName::Service(process.clone());
        let instance = RunName::Instance(InstanceName { process, number: 2 });
        let means = |text: &str, name| text.parse::<Target>().unwrap().means(name);
        assert!(means("db", &service) && means("db", &instance) && means("db.2", &instance));
        assert!(!means("db.1", &instance) && !means("db.1", &service) && !means("web", &service));
    }
}
