//! Other quantities while `dev` runs: the same formation, planned again.

use super::shape::Shape;
use crate::formation::{MAX_QUANTITY, ProcessName, Scale, ScaleStep, ScaleTarget};
use crate::narrate::notice::Known;
use crate::plan::{PlanError, Request, plan};

/// What is asked for, of one type or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    target: ScaleTarget,
    quantity: Quantity,
}

/// How many there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Exactly(u16),
    More(u16),
    Fewer(u16),
}

impl Shape {
    /// This, with other quantities, and the types that were named; nothing if all were.
    ///
    /// # Errors
    /// Why it cannot be, as a sentence.
    pub(super) fn scaled(
        &self,
        quantities: &[String],
    ) -> Result<(Self, Option<Vec<ProcessName>>), String> {
        let steps: Vec<Step> =
            quantities.iter().map(|text| step(text)).collect::<Result<_, _>>()?;
        if steps.is_empty() {
            return Err("no quantity is said, as in `web=2` or `worker=+1`".into());
        }
        let request = Request { scale: self.rescaled(&steps)?, ..self.request.clone() };
        let shape = self.planned(request).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            errors.join("; ")
        })?;
        let named: Option<Vec<ProcessName>> = steps
            .into_iter()
            .map(|step| match step.target {
                ScaleTarget::Process(name) => Some(name),
                ScaleTarget::All => None,
            })
            .collect();
        Ok((shape, named))
    }

    /// The same formation, for another request.
    ///
    /// # Errors
    /// Every reason why that cannot be.
    pub(super) fn planned(&self, request: Request) -> Result<Self, Vec<PlanError>> {
        let plan = plan(&self.formation, &request, &self.surroundings)?;
        let mut shape = Self { request, ..self.clone() };
        // What flags have added stays.
        let selection = &mut shape.cargo.request.selection;
        let added = selection.features.iter();
        let added = added.filter(|feature| !self.plan.build.features.contains(feature));
        let mut features: Vec<String> = plan.build.features.iter().chain(added).cloned().collect();
        features.dedup();
        selection.binaries.clone_from(&plan.build.binaries);
        selection.features = features;
        shape.known = Known::of(&self.formation, &plan);
        shape.plan = plan;
        Ok(shape)
    }

    /// What was asked for, but for the quantities of types that are not there any more.
    pub(super) fn as_far_as_there(&self, request: &Request) -> Request {
        let mut scale = Scale::default();
        for step in request.scale.steps() {
            let is_there = match &step.target {
                ScaleTarget::Process(name) => self.formation.get(name).is_some(),
                ScaleTarget::All => true,
            };
            if is_there {
                // They went together before.
                let _ = scale.push(step.clone());
            }
        }
        Request { scale, ..request.clone() }
    }

    /// What was asked for until now, and this.
    fn rescaled(&self, steps: &[Step]) -> Result<Scale, String> {
        let named = |target: &ScaleTarget| steps.iter().any(|step| step.target == *target);
        let all = named(&ScaleTarget::All);
        let mut scale = Scale::default();
        let kept = self.request.scale.steps().iter();
        for step in kept.filter(|step| !all && !named(&step.target)) {
            scale.push(step.clone()).map_err(|error| error.to_string())?;
        }
        for Step { target, quantity } in steps {
            let quantity = match (target, quantity) {
                (_, Quantity::Exactly(quantity)) => *quantity,
                (ScaleTarget::Process(name), Quantity::More(more)) => {
                    self.quantity(name).saturating_add(*more)
                }
                (ScaleTarget::Process(name), Quantity::Fewer(fewer)) => {
                    self.quantity(name).saturating_sub(*fewer)
                }
                (ScaleTarget::All, Quantity::More(_) | Quantity::Fewer(_)) => {
                    return Err("`all` takes a number, as in `all=2`".into());
                }
            };
            if let ScaleTarget::Process(name) = target
                && name.is_release()
            {
                return Err("`release` runs once; it has no quantity".into());
            }
            let step = ScaleStep { target: target.clone(), quantity };
            scale.push(step).map_err(|error| error.to_string())?;
        }
        Ok(scale)
    }

    /// How many instances of a type are wanted now.
    pub(super) fn quantity(&self, name: &ProcessName) -> u16 {
        let instances = self.plan.instances.iter();
        let of_type = instances.filter(|planned| planned.name.process == *name);
        u16::try_from(of_type.count()).unwrap_or(MAX_QUANTITY)
    }
}

/// `web=3`, `worker=+1`, `clock=-1`, `all=2`.
fn step(text: &str) -> Result<Step, String> {
    let (name, quantity) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is no quantity: say `{text}=2`, or `{text}=+1`"))?;
    let target = match name {
        "all" => ScaleTarget::All,
        name => ScaleTarget::Process(name.parse().map_err(|why| format!("`{text}`: {why}"))?),
    };
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| digits.parse::<u16>().unwrap_or(u16::MAX));
        let number = number.filter(|number| *number <= MAX_QUANTITY);
        number.ok_or_else(|| format!("`{text}`: a quantity is a number from 0 to {MAX_QUANTITY}"))
    };
    let quantity = match (quantity.strip_prefix('+'), quantity.strip_prefix('-')) {
        (Some(more), _) => Quantity::More(number(more)?),
        (_, Some(fewer)) => Quantity::Fewer(number(fewer)?),
        (None, None) => Quantity::Exactly(number(quantity)?),
    };
    Ok(Step { target, quantity })
}

#[cfg(test)]
mod tests {
    use super::{Quantity, Step, step};
    use crate::formation::ScaleTarget;

    #[test]
    fn a_quantity_is_a_number_or_a_difference() {
        let web = || ScaleTarget::Process("web".parse().unwrap());
        let check = |text: &str, target, quantity| {
            assert_eq!(step(text), Ok(Step { target, quantity }));
        };
        check("web=3", web(), Quantity::Exactly(3));
        check("web=0", web(), Quantity::Exactly(0));
        check("web=+1", web(), Quantity::More(1));
        check("web=-2", web(), Quantity::Fewer(2));
        check("all=2", ScaleTarget::All, Quantity::Exactly(2));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let refused = |text: &str| step(text).unwrap_err();
        assert!(refused("web").contains("say `web=2`"));
        for text in ["web=", "web=+", "web=x", "web=+-1", "web=1.5", "web=101", "web=99999"] {
            assert!(refused(text).ends_with("from 0 to 100"), "{text}");
        }
        assert!(refused("2=1").contains("starts with a letter"));
    }
}
