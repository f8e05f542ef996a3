//! The words that an instance is started with: its environment and its arguments.
//!
//! They are put together when everything is planned, so that what is wrong with them is known
//! before anything starts; and once more when a run starts whose port is only known then.

use std::ffi::{OsStr, OsString};

use super::environment::Environment;
use super::{Place, PlanError};
use crate::formation::{ProcessName, Template, Unset};

/// What the environment and the arguments of one instance are made of.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// The process type.
    pub(super) owner: ProcessName,
    /// The environment without the variables of the type itself.
    pub(super) env: Environment,
    /// The variables of the type itself that nothing stronger has, in declaration order.
    pub(super) own: Vec<(String, Template)>,
    /// The arguments.
    pub(super) args: Vec<Template>,
}

/// Those are equal that lead to the same, whatever the port.
impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        [1, 2].into_iter().all(|port| self.at(port) == other.at(port))
    }
}

impl Words {
    /// The environment and the arguments.
    pub(super) fn expand(&self) -> Result<(Environment, Vec<String>), Vec<PlanError>> {
        let mut env = self.env.clone();
        let mut errors = add(&self.owner, &self.own, &mut env);
        let mut args = Vec::new();
        for (template, number) in self.args.iter().zip(1..) {
            match word(template, &self.owner, Place::Argument(number), &env) {
                Ok(arg) => args.push(arg),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok((env, args)) } else { Err(errors) }
    }

    /// The environment and the arguments with another `PORT`.
    pub(super) fn at(&self, port: u16) -> (Environment, Vec<String>) {
        let mut words = self.clone();
        words.env.insert("PORT".into(), port.to_string().into());
        // What could be put together with one port can be with another.
        words.expand().unwrap_or_default()
    }
}

/// Add variables of `owner` itself to an environment. What is wrong with them is returned.
pub(super) fn add<'o>(
    owner: &ProcessName,
    own: impl IntoIterator<Item = &'o (String, Template)>,
    env: &mut Environment,
) -> Vec<PlanError> {
    let mut errors = Vec::new();
    for (variable, template) in own {
        match word(template, owner, Place::Variable(variable.clone()), env) {
            Ok(value) => {
                env.insert(variable.into(), value.into());
            }
            Err(error) => {
                errors.push(error);
                // That it is not set is no second problem of who uses it.
                env.insert(variable.into(), OsString::new());
            }
        }
    }
    errors
}

/// A template with the variables of `env`; `owner` and `place` say whose it is and where.
pub(super) fn word(
    template: &Template,
    owner: &ProcessName,
    place: Place,
    env: &Environment,
) -> Result<String, PlanError> {
    let value = |name: &str| env.get(OsStr::new(name)).and_then(|value| value.to_str());
    template.expand(value).map_err(|Unset(variable)| {
        let owner = owner.clone();
        if env.contains_key(OsStr::new(&variable)) {
            PlanError::NotText { owner, variable, place }
        } else {
            PlanError::Unset { owner, variable, place }
        }
    })
}
