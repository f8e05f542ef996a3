//! The names of snapshots, written and read.

use crate::formation::Identity;

/// How many hexadecimal digits of the identity are in a name.
const DIGITS: usize = 12;

/// What marks a snapshot that is not finished, before the process that makes it.
const UNFINISHED: &str = "new";

/// Whose snapshots: two formations of one workspace must not sweep each other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The formation that holds the workspace's lock; there is one at a time.
    Workspace,
    /// An isolated formation, by the process id of its tool.
    Isolated(u32),
}

/// Who is responsible for a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// The formation it was made for.
    Finished(Owner),
    /// The process that was making it.
    Unfinished(u32),
}

/// A snapshot, as its name tells.
#[derive(Debug)]
pub(super) struct Snapshot {
    digits: String,
    claim: Claim,
}

impl Snapshot {
    pub(super) fn finished(identity: Identity, owner: Owner) -> Self {
        Self { digits: identity.short(), claim: Claim::Finished(owner) }
    }

    /// One whose identity need not be known yet.
    pub(super) fn unfinished(pid: u32) -> Self {
        Self { digits: "0".repeat(DIGITS), claim: Claim::Unfinished(pid) }
    }

    pub(super) fn file_name(&self, binary: &str) -> String {
        let digits = &self.digits;
        match self.claim {
            Claim::Finished(Owner::Workspace) => format!("{binary}~{digits}"),
            Claim::Finished(Owner::Isolated(pid)) => format!("{binary}~{digits}~{pid}"),
            Claim::Unfinished(pid) => format!("{binary}~{digits}~{UNFINISHED}{pid}"),
        }
    }

    /// Who is responsible for the file of this name, if it is a snapshot of `binary`.
    /// Exact: `web~backup` is the user's, and so is `web~0123456789ab~old`.
    pub(super) fn claim(file_name: &str, binary: &str) -> Option<Claim> {
        let rest = file_name.strip_prefix(binary)?.strip_prefix('~')?;
        let (digits, claim) = match rest.split_once('~') {
            Some((digits, claim)) => (digits, Some(claim)),
            None => (rest, None),
        };
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != DIGITS || !digits.bytes().all(is_digit) {
            return None;
        }
        match claim {
            None => Some(Claim::Finished(Owner::Workspace)),
            Some(claim) => match claim.strip_prefix(UNFINISHED) {
                Some(pid) => Some(Claim::Unfinished(process_id(pid)?)),
                None => Some(Claim::Finished(Owner::Isolated(process_id(claim)?))),
            },
        }
    }
}

/// Digits as we write them: `+1` and `007` are somebody else's.
fn process_id(text: &str) -> Option<u32> {
    let pid: u32 = text.parse().ok()?;
    (pid.to_string() == text).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::{Claim, Owner, Snapshot};
    use crate::formation::Identity;

    #[test]
    fn names_say_whose_a_snapshot_is() {
        let identity = Identity::new(0x0123_4567_89ab_cdef << 64);
        for (snapshot, name) in [
            (Snapshot::finished(identity, Owner::Workspace), "web~0123456789ab"),
            (Snapshot::finished(identity, Owner::Isolated(42)), "web~0123456789ab~42"),
            (Snapshot::unfinished(42), "web~000000000000~new42"),
        ] {
            assert_eq!(snapshot.file_name("web"), name);
            assert_eq!(Snapshot::claim(name, "web"), Some(snapshot.claim));
        }
    }

    #[test]
    fn any_other_name_is_somebody_elses() {
        for name in [
            "web",
            "web~",
            "web~backup",
            "web-0123456789ab",
            "web~0123456789a",
            "web~0123456789abc",
            "web~0123456789AB",
            "web~0123456789ab~",
            "web~0123456789ab~old",
            "web~0123456789ab~+1",
            "web~0123456789ab~01",
            "web~0123456789ab~-1",
            "web~0123456789ab~1~2",
            "web~0123456789ab~new",
            "web~0123456789ab.d",
            "webs~0123456789ab",
            "worker~0123456789ab",
        ] {
            assert_eq!(Snapshot::claim(name, "web"), None, "{name}");
        }
        assert_eq!(Snapshot::claim("web~0123456789ab", "web~0123456789ab"), None);
        let claim = Snapshot::claim("a~b~0123456789ab", "a~b");
        assert_eq!(claim, Some(Claim::Finished(Owner::Workspace)));
    }
}
