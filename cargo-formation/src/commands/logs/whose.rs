//! Whose lines are wanted: types, instances, services, the tool.

use std::collections::BTreeSet;

use crate::formation::nearest;
use crate::world::history::{Reading, Record, TOOL};

/// The names that were given; everybody if none was.
#[derive(Clone, Debug)]
pub(super) struct Whose(BTreeSet<String>);

impl Whose {
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.iter().cloned().collect())
    }

    /// Whether the lines of this instance or service are wanted.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.contains(name) || self.0.contains(process(name))
    }

    /// Refuse a name of which nothing is known, in words.
    pub(super) fn check(&self, mut history: Reading) -> Result<(), String> {
        let mut unknown: BTreeSet<&String> = self.0.iter().collect();
        let mut known = BTreeSet::from([TOOL.to_owned()]);
        let is_new = |name: &str, known: &BTreeSet<String>| {
            name != TOOL && known.iter().all(|known| known != name)
        };
        unknown.retain(|name| *name != TOOL);
        while !unknown.is_empty() {
            let names = match history.record() {
                Some(Record::Head(head)) => head.names.into_iter().map(|(name, _)| name).collect(),
                Some(Record::Block(block)) if is_new(&block.by.name, &known) => {
                    vec![block.by.name.to_string()]
                }
                Some(Record::Block(_) | Record::End { .. }) => continue,
                None => return Err(problem(&unknown, &known)),
            };
            for name in names {
                unknown.retain(|unknown| *unknown != &name && **unknown != process(&name));
                known.insert(process(&name).to_owned());
                known.insert(name);
            }
        }
        Ok(())
    }
}

/// The process type of an instance: `web` of `web.2`.
fn process(name: &str) -> &str {
    name.split_once('.').map_or(name, |(process, _)| process)
}

fn problem(unknown: &BTreeSet<&String>, known: &BTreeSet<String>) -> String {
    let unknown: Vec<String> = unknown
        .iter()
        .map(|name| match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("`{name}` (did you mean `{near}`?)"),
            None => format!("`{name}`"),
        })
        .collect();
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "the history of this workspace knows no {}; it has {}",
        unknown.join(" and no "),
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::Whose;

    #[test]
    fn a_type_is_all_of_its_instances() {
        let check = |names: &[&str], wanted: &[&str]| {
            let whose = Whose::new(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
            let all = ["web.1", "web.2", "webhook.1", "redis", "formation"];
            let found: Vec<&str> = all.into_iter().filter(|name| whose.wants(name)).collect();
            assert_eq!(found, wanted, "{names:?}");
        };
        check(&[], &["web.1", "web.2", "webhook.1", "redis", "formation"]);
        check(&["web"], &["web.1", "web.2"]);
        check(&["web.2", "redis"], &["web.2", "redis"]);
        check(&["formation", "webhook"], &["webhook.1", "formation"]);
    }
}
