//! Keys of one process type that cannot stand together.

use crate::formation::{Port, Restart};

use super::entry::Field;
use super::problem::Problem;
use super::process::Draft;
use super::value::ReadyKey;
use super::workspace::Place;

/// Every rule that a process type breaks by itself.
pub(super) fn broken(draft: &Draft) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(singleton_is_one(draft));
    problems.extend(singleton_never_overlaps(draft));
    problems.extend(unrouted(draft));
    problems.extend(without_port(draft));
    problems.extend(ready_without_health(draft));
    problems.extend(rerun_elsewhere(draft));
    if draft.name.is_release() {
        problems.extend(release(draft));
    } else {
        problems.extend(scheduled(draft));
    }
    problems
}

/// A key, what it says and where.
struct Said {
    text: String,
    at: Place,
}

fn said(text: impl Into<String>, at: Place) -> Said {
    Said { text: text.into(), at }
}

/// Two keys that exclude each other.
fn clash(wrong: &Said, because: &Said, why: &str, help: &str) -> Problem {
    Problem::error(format!("`{}` and `{}` exclude each other", because.text, wrong.text))
        .at(wrong.at, why)
        .beside(because.at, format!("beside `{}`", because.text))
        .help(help)
}

fn on(field: &Field<bool>) -> Option<Place> {
    field.given().filter(|(value, _)| **value).map(|(_, at)| at)
}

fn off(field: &Field<bool>) -> Option<Place> {
    field.given().filter(|(value, _)| !**value).map(|(_, at)| at)
}

fn several(draft: &Draft) -> Option<Said> {
    quantity(draft, |quantity| quantity > 1)
}

/// A quantity that is wrong here.
fn quantity(draft: &Draft, is_wrong: impl Fn(u16) -> bool) -> Option<Said> {
    let (quantity, at) = draft.keys.quantity.given().filter(|(given, _)| is_wrong(**given))?;
    Some(said(format!("quantity = {quantity}"), at))
}

fn singleton_is_one(draft: &Draft) -> Option<Problem> {
    let singleton = said("singleton", on(&draft.keys.singleton)?);
    let help = "remove one of them; without `quantity` there is one";
    Some(clash(&several(draft)?, &singleton, "more than one", help))
}

fn singleton_never_overlaps(draft: &Draft) -> Option<Problem> {
    let singleton = said("singleton", on(&draft.keys.singleton)?);
    let overlap = said("overlap = true", on(&draft.keys.overlap)?);
    let why = "two would run at the same time";
    Some(clash(&overlap, &singleton, why, "remove `overlap`; a singleton is replaced one by one"))
}

/// Without a route an instance binds the public port itself, and only one can.
fn unrouted(draft: &Draft) -> Vec<Problem> {
    let Some(at) = off(&draft.keys.route) else {
        return Vec::new();
    };
    let route = said("route = false", at);
    let why = "only one process can listen on the public port";
    let overlap = on(&draft.keys.overlap).map(|at| said("overlap = true", at));
    [several(draft), overlap]
        .into_iter()
        .flatten()
        .map(|wrong| clash(&wrong, &route, why, "remove one of them"))
        .collect()
}

fn without_port(draft: &Draft) -> Vec<Problem> {
    if draft.effective_port() != Some(Port::None) {
        return Vec::new();
    }
    let keys = &draft.keys;
    // The word `http` needs `health`, and that will need the port.
    let ready = keys.ready.given().filter(|(ready, _)| **ready != ReadyKey::Http);
    let ready = ready.and_then(|(ready, at)| Some((ready.asks_a_port()?, at)));
    let needy = [
        ("health", keys.health.given().map(|(_, at)| at)),
        (ready.map_or("ready", |(said, _)| said), ready.map(|(_, at)| at)),
        ("socket", on(&keys.socket)),
        ("route", keys.route.given().map(|(_, at)| at)),
    ];
    // A type that must not have a port is told to lose the key instead.
    let help = if draft.name.is_release() || keys.schedule.given().is_some() {
        "remove it"
    } else {
        "add `port = true`"
    };
    let problem = |key: &str, at| {
        Problem::error(format!("`{key}` needs a port, and `{}` has none", draft.name))
            .at(at, "there is no port to use")
            .help(help)
    };
    needy.into_iter().filter_map(|(key, at)| Some(problem(key, at?))).collect()
}

fn ready_without_health(draft: &Draft) -> Option<Problem> {
    let (_, at) = draft.keys.ready.given().filter(|(ready, _)| **ready == ReadyKey::Http)?;
    draft.keys.health.is_absent().then(|| {
        Problem::error("`ready = \"http\"` needs `health`")
            .at(at, "there is no path to ask for")
            .help("add `health = \"/healthz\"`, or use `ready = \"tcp\"`")
    })
}

fn rerun_elsewhere(draft: &Draft) -> Option<Problem> {
    let (_, at) = draft.keys.rerun.given()?;
    (!draft.name.is_release()).then(|| {
        Problem::error("`rerun` is for the process type `release` only")
            .at(at, "other types are restarted when their binary changes")
            .help("remove it")
    })
}

/// `release` runs once, before the others start: nobody reaches it, nothing repeats it.
fn release(draft: &Draft) -> Vec<Problem> {
    let keys = &draft.keys;
    let port = keys.port.given().filter(|(port, _)| port.exists()).map(|(_, at)| at);
    let always = keys.restart.given().filter(|(restart, _)| **restart == Restart::Always);
    let ports = keys.ports.given().filter(|(ports, _)| !ports.is_empty());
    [
        ("port", port),
        ("ports", ports.map(|(_, at)| at)),
        ("quantity", keys.quantity.given().map(|(_, at)| at)),
        ("schedule", keys.schedule.given().map(|(_, at)| at)),
        ("restart = \"always\"", always.map(|(_, at)| at)),
    ]
    .into_iter()
    .filter_map(|(key, at)| {
        Some(
            Problem::error(format!("`release` cannot have `{key}`"))
                .at(at?, "it runs once, before the others start")
                .help("remove it, or give the process type another name"),
        )
    })
    .collect()
}

/// What runs by the clock starts, works and ends.
fn scheduled(draft: &Draft) -> Vec<Problem> {
    let keys = &draft.keys;
    let Some((_, at)) = keys.schedule.given() else {
        return Vec::new();
    };
    let schedule = said("schedule", at);
    let always = keys.restart.given().filter(|(restart, _)| **restart == Restart::Always);
    let ports = keys.ports.given().filter(|(ports, _)| !ports.is_empty());
    let mut problems: Vec<_> = [
        // With none it would be as if nothing were said: no platform stops a clock for that.
        quantity(draft, |quantity| quantity != 1),
        on(&keys.singleton).map(|at| said("singleton", at)),
        on(&keys.overlap).map(|at| said("overlap = true", at)),
        ports.map(|(_, at)| said("ports", at)),
        always.map(|(_, at)| said("restart = \"always\"", at)),
    ]
    .into_iter()
    .flatten()
    .map(|wrong| {
        clash(
            &wrong,
            &schedule,
            "what runs by the clock is one run that ends",
            "remove one of them",
        )
    })
    .collect();
    problems.extend(scheduled_port(draft, &schedule));
    problems
}

fn scheduled_port(draft: &Draft, schedule: &Said) -> Option<Problem> {
    draft.effective_port().filter(|port| port.exists())?;
    let why = "nobody can reach what runs only by the clock";
    Some(match draft.keys.port.given() {
        Some((_, at)) => clash(&said("port", at), schedule, why, "remove one of them"),
        None => clash(
            &said("port", draft.at),
            schedule,
            "the type called `web` has a port",
            "add `port = false`, or give the process type another name",
        ),
    })
}
