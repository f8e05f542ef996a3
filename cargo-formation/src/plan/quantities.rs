//! Which process types run in development, and how many instances of each.
//!
//! From the weakest to the strongest: one instance each; `dev.quantity`; `dev.exclude`;
//! the types that were named; `--scale`. Types that `--scale` does not name keep theirs,
//! also beside a selection: `dev web --scale worker=2` runs one `web` and two `worker`s.
//! An excluded type, and a scheduled one unless `dev.schedule` is on, is here only when its own
//! name was said, by a selection or with a quantity above 0. `all` names nobody.

use super::{Limit, PlanError, Request};
use crate::formation::{
    Formation, ProcessName, ProcessType, Scale, ScaleStep, ScaleTarget, nearest,
};

/// The number of instances of every process type, in declaration order.
///
/// That of `release` is 1 if the one-off runs and else 0. It runs whenever the formation
/// has it, also beside a selection (what was selected expects a migrated database),
/// unless it is excluded or its own quantity is 0; `all` does not concern it.
pub(super) fn counts(formation: &Formation, request: &Request) -> Result<Vec<u16>, Vec<PlanError>> {
    let unknown = unknown(formation, request);
    let counts: Vec<_> = formation.processes.iter().map(|p| count(p, formation, request)).collect();
    let excessive = formation.processes.iter().zip(&counts).filter_map(|(process, &quantity)| {
        let limit = limit(process).filter(|_| quantity > 1)?;
        Some(PlanError::TooMany { process: process.name.clone(), quantity, limit })
    });
    let mut errors: Vec<_> = unknown.into_iter().chain(excessive).collect();
    if errors.is_empty() && is_empty(formation, request, &counts) {
        errors.push(PlanError::Empty);
    }
    if errors.is_empty() { Ok(counts) } else { Err(errors) }
}

/// One of every type that is named, or of every type if none is: for building alone.
pub(super) fn named(
    formation: &Formation,
    types: &[ProcessName],
) -> Result<Vec<u16>, Vec<PlanError>> {
    let request = Request { select: types.to_vec(), ..Request::default() };
    let errors = unknown(formation, &request);
    let wanted = |process: &ProcessType| types.is_empty() || types.contains(&process.name);
    let counts = formation.processes.iter().map(|process| u16::from(wanted(process)));
    if errors.is_empty() { Ok(counts.collect()) } else { Err(errors) }
}

/// How many instances of one type run.
fn count(process: &ProcessType, formation: &Formation, request: &Request) -> u16 {
    if let Some(quantity) = own(&request.scale, &process.name) {
        return quantity;
    }
    let dev = &formation.settings.dev;
    let selected = request.select.contains(&process.name);
    let wanted = selected
        || ((request.select.is_empty() || process.name.is_release())
            && (process.schedule.is_none() || dev.schedule)
            && !dev.exclude.contains(&process.name));
    if !wanted {
        return 0;
    }
    // What is left of `--scale` is `all`, which does not concern `release`, and which those that
    // cannot be many take for one.
    let release = process.name.is_release();
    let most = if limit(process).is_some() { 1 } else { u16::MAX };
    if let Some(all) = request.scale.quantity(&process.name).filter(|_| !release) {
        return all.min(most);
    }
    let in_table = own(&dev.quantity, &process.name).or_else(|| {
        let all = dev.quantity.quantity(&process.name).filter(|_| !release);
        all.map(|all| all.min(most))
    });
    // Who names a type wants to see it run, whatever the table says of an ordinary start.
    in_table.unwrap_or(1).max(u16::from(selected))
}

/// What a scale says of this type by its own name.
fn own(scale: &Scale, name: &ProcessName) -> Option<u16> {
    let names = |step: &&ScaleStep| match &step.target {
        ScaleTarget::Process(named) => named == name,
        ScaleTarget::All => false,
    };
    scale.steps().iter().find(names).map(|step| step.quantity)
}

/// Why this type never has more than one instance, if so.
fn limit(process: &ProcessType) -> Option<Limit> {
    if process.name.is_release() {
        Some(Limit::Release)
    } else if process.singleton {
        Some(Limit::Singleton)
    } else if process.schedule.is_some() {
        Some(Limit::Scheduled)
    } else if process.route {
        None
    } else {
        Some(Limit::Unrouted)
    }
}

/// Whether there would be nothing to do: `release` alone counts only if it was asked
/// for by name, or if the formation is nothing else.
fn is_empty(formation: &Formation, request: &Request, counts: &[u16]) -> bool {
    let lone = formation.processes.len() == 1;
    !formation.processes.iter().zip(counts).any(|(process, &count)| {
        let name = &process.name;
        let asked = request.select.contains(name) || own(&request.scale, name).is_some();
        count > 0 && (!name.is_release() || lone || asked)
    })
}

/// The words that name no process type.
fn unknown(formation: &Formation, request: &Request) -> Vec<PlanError> {
    let selected = request.select.iter().map(|name| (name, name.to_string()));
    let steps = request.scale.steps().iter().chain(formation.settings.dev.quantity.steps());
    let scaled = steps.filter_map(|step| match &step.target {
        ScaleTarget::Process(name) => Some((name, step.to_string())),
        ScaleTarget::All => None,
    });
    let unknown = selected.chain(scaled).filter(|(name, _)| formation.get(name).is_none());
    let error = |(name, token): (&ProcessName, String)| {
        if formation.service(name).is_some() {
            return PlanError::IsService { token, service: name.clone() };
        }
        let suggestion = suggest(formation, name);
        PlanError::UnknownProcess { token, suggestion }
    };
    unknown.map(error).collect()
}

/// The type whose name is nearest to `wrong`, if one is near.
fn suggest(formation: &Formation, wrong: &ProcessName) -> Option<String> {
    let names = formation.processes.iter().map(|process| process.name.as_str());
    nearest(wrong.as_str(), names).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::counts;
    use crate::formation::{Formation, Scale};
    use crate::plan::sample::{formation, process};
    use crate::plan::{Limit, PlanError, Request};

    /// release, web, worker, clock (a singleton), report (scheduled), mail (excluded).
    fn shop() -> Formation {
        let mut clock = process("clock");
        clock.singleton = true;
        let mut report = process("report");
        report.schedule = Some("0 3 * * *".into());
        let [release, web, worker] = ["release", "web", "worker"].map(process);
        let mut formation = formation([release, web, worker, clock, report, process("mail")]);
        formation.settings.dev.exclude = vec!["mail".parse().unwrap()];
        formation
    }

    fn request(select: &str, scale: &str) -> Request {
        Request {
            select: select.split_whitespace().map(|name| name.parse().unwrap()).collect(),
            scale: if scale.is_empty() { Scale::default() } else { scale.parse().unwrap() },
            ..Request::default()
        }
    }

    fn check(formation: &Formation, select: &str, scale: &str, expected: [u16; 6]) {
        let counts = counts(formation, &request(select, scale));
        assert_eq!(counts, Ok(expected.into()), "`{select}` --scale `{scale}`");
    }

    fn refused(select: &str, scale: &str) -> Vec<PlanError> {
        counts(&shop(), &request(select, scale)).unwrap_err()
    }

    #[test]
    fn one_of_each_but_scheduled_and_excluded_types_wait_to_be_asked() {
        check(&shop(), "", "", [1, 1, 1, 1, 0, 0]);
        check(&shop(), "report", "", [1, 0, 0, 0, 1, 0]);
        check(&shop(), "mail web", "", [1, 1, 0, 0, 0, 1]);
        check(&shop(), "", "mail=1,report=1", [1, 1, 1, 1, 1, 1]);
        check(&shop(), "", "all=1", [1, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn whoever_keeps_their_times_has_one_of_each_scheduled_type() {
        let mut formation = shop();
        formation.settings.dev.schedule = true;
        check(&formation, "", "", [1, 1, 1, 1, 1, 0]);
        check(&formation, "web", "", [1, 1, 0, 0, 0, 0]);
        check(&formation, "", "all=2,clock=1", [1, 2, 2, 1, 1, 0]);
        check(&formation, "", "all=0,web=1", [1, 1, 0, 0, 0, 0]);
        check(&formation, "", "report=0", [1, 1, 1, 1, 0, 0]);
        formation.settings.dev.quantity = "all=2,clock=1".parse().unwrap();
        check(&formation, "", "", [1, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn scale_wins_over_the_table_and_over_the_selection() {
        let mut formation = shop();
        formation.settings.dev.quantity = "web=3,worker=0".parse().unwrap();
        check(&formation, "", "", [1, 3, 0, 1, 0, 0]);
        check(&formation, "", "web=2", [1, 2, 0, 1, 0, 0]);
        check(&formation, "worker", "", [1, 0, 1, 0, 0, 0]);
        check(&formation, "web", "worker=2", [1, 3, 2, 0, 0, 0]);
        check(&formation, "", "all=2,clock=0", [1, 2, 2, 0, 0, 0]);
        check(&formation, "web", "all=2", [1, 2, 0, 0, 0, 0]);
    }

    #[test]
    fn release_runs_unless_it_is_told_not_to() {
        check(&shop(), "web", "", [1, 1, 0, 0, 0, 0]);
        check(&shop(), "web", "release=0", [0, 1, 0, 0, 0, 0]);
        check(&shop(), "release", "", [1, 0, 0, 0, 0, 0]);
        let mut formation = shop();
        formation.settings.dev.exclude = vec!["release".parse().unwrap()];
        check(&formation, "", "", [0, 1, 1, 1, 0, 1]);
        check(&formation, "release", "", [1, 0, 0, 0, 0, 0]);
        formation.settings.dev.exclude.clear();
        formation.settings.dev.quantity = "all=0,release=0,web=1".parse().unwrap();
        check(&formation, "", "", [0, 1, 0, 0, 0, 0]);
        check(&formation, "release", "all=2", [1, 0, 0, 0, 0, 0]);
        formation.settings.dev.quantity = "all=0,web=1".parse().unwrap();
        check(&formation, "", "", [1, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn nothing_to_run_is_an_error() {
        assert_eq!(refused("", "all=0"), [PlanError::Empty]);
        assert_eq!(refused("web", "web=0"), [PlanError::Empty]);
        assert_eq!(counts(&Formation::default(), &request("", "")), Err(vec![PlanError::Empty]));
        let lone = formation([process("release")]);
        assert_eq!(counts(&lone, &request("", "")), Ok(vec![1]));
    }

    #[test]
    fn an_unknown_type_is_named_with_the_one_that_was_meant() {
        let unknown = |token: &str, suggestion: Option<&str>| PlanError::UnknownProcess {
            token: token.into(),
            suggestion: suggestion.map(Into::into),
        };
        assert_eq!(
            refused("wbe", "wroker=2,x=1"),
            [
                unknown("wbe", Some("web")),
                unknown("wroker=2", Some("worker")),
                unknown("x=1", None)
            ]
        );
    }

    #[test]
    fn what_runs_once_cannot_be_scaled() {
        let too_many = |name: &str, quantity, limit| PlanError::TooMany {
            process: name.parse().unwrap(),
            quantity,
            limit,
        };
        assert_eq!(
            refused("", "clock=2,release=3"),
            [too_many("release", 3, Limit::Release), too_many("clock", 2, Limit::Singleton)]
        );
        assert_eq!(refused("", "report=2"), [too_many("report", 2, Limit::Scheduled)]);
        // Nobody who says `all` means those.
        check(&shop(), "", "all=2", [1, 2, 2, 1, 0, 0]);
        let mut web = process("web");
        web.route = false;
        let unrouted = counts(&formation([web]), &request("", "web=2"));
        assert_eq!(unrouted, Err(vec![too_many("web", 2, Limit::Unrouted)]));
    }
}
