//! What each reader makes of the name of a process type.
//!
//! Names that exist at all match `[A-Za-z][A-Za-z0-9_-]{0,62}` and differ in more than
//! case, `-` and `_`, so nothing here can make two of them one.

use super::consumer::Consumer;

/// What a reader makes of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays as it is.
    Kept,
    /// It becomes another, and the process is known by that.
    Renamed(String),
    /// It stays as it is, and is also the name of this.
    Special(&'static str),
    /// The process does not run, for this reason.
    Refused(&'static str),
}

/// What `consumer` makes of `name`, which is the name of a process type.
pub(super) fn verdict(consumer: Consumer, name: &str) -> Verdict {
    match consumer {
        Consumer::Heroku => heroku(name),
        Consumer::Scalingo => scalingo(name),
        // Its pattern is `^(\w+):`, and a line that does not match is not there.
        Consumer::Google if name.contains('-') => {
            Verdict::Refused("a line whose name has a `-` is silently dropped")
        }
        Consumer::Railpack if is_yaml_constant(name) => {
            Verdict::Refused("the file is read as YAML, where this name is a constant")
        }
        Consumer::Google
        | Consumer::Railpack
        | Consumer::Portable
        | Consumer::Dokku
        | Consumer::Paketo
        | Consumer::Local => Verdict::Kept,
    }
}

/// The Cloud Native Buildpack lowers letters and turns `_` into `-`, then wants
/// `[a-z0-9]([a-z0-9-]*[a-z0-9])?`; the classic build system keeps the name.
fn heroku(name: &str) -> Verdict {
    let key = name.to_ascii_lowercase().replace('_', "-");
    if key.ends_with('-') {
        Verdict::Refused("a name ends in a letter or a digit")
    } else if key == name {
        Verdict::Kept
    } else {
        Verdict::Renamed(key)
    }
}

fn scalingo(name: &str) -> Verdict {
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Verdict::Refused("a name is letters and digits only")
    } else if name.len() > 24 {
        Verdict::Refused("a name has at most 24 characters")
    } else {
        // Its documentation, "Procfile", "Special Process Types".
        match name {
            "postdeploy" => {
                Verdict::Refused("a process of this name runs once, at every deployment")
            }
            "tcp" => {
                Verdict::Special("it is the type behind the TCP gateway, and runs for nothing else")
            }
            _ => Verdict::Kept,
        }
    }
}

/// The words that YAML 1.1 reads as a truth value or as nothing.
fn is_yaml_constant(name: &str) -> bool {
    let constants = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    constants.iter().any(|constant| constant.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::consumer::Consumer;
    use super::{Verdict, verdict};

    /// The consumers that do not keep the name, in the order of `Consumer::readers`.
    fn check(name: &str, others: &[(Consumer, Option<&str>)]) {
        let found: Vec<_> = Consumer::Portable
            .readers()
            .iter()
            .filter_map(|&consumer| match verdict(consumer, name) {
                Verdict::Kept | Verdict::Special(_) => None,
                Verdict::Renamed(to) => Some((consumer, Some(to))),
                Verdict::Refused(_) => Some((consumer, None)),
            })
            .collect();
        let others: Vec<_> = others.iter().map(|(c, to)| (*c, to.map(str::to_owned))).collect();
        assert_eq!(found, others, "{name}");
    }

    #[test]
    fn lower_case_letters_and_digits_are_kept_by_all() {
        check("web", &[]);
        check("worker2", &[]);
        check(&"a".repeat(24), &[]);
    }

    #[test]
    fn everything_else_changes_or_vanishes_somewhere() {
        check(&"a".repeat(25), &[(Consumer::Scalingo, None)]);
        check("mail-in", &[(Consumer::Scalingo, None), (Consumer::Google, None)]);
        check("mail_in", &[(Consumer::Heroku, Some("mail-in")), (Consumer::Scalingo, None)]);
        check("mailIn", &[(Consumer::Heroku, Some("mailin"))]);
        check(
            "mail-",
            &[(Consumer::Heroku, None), (Consumer::Scalingo, None), (Consumer::Google, None)],
        );
        check("mail_", &[(Consumer::Heroku, None), (Consumer::Scalingo, None)]);
        check("postdeploy", &[(Consumer::Scalingo, None)]);
        check("on", &[(Consumer::Railpack, None)]);
        check("No", &[(Consumer::Heroku, Some("no")), (Consumer::Railpack, None)]);
    }
}
