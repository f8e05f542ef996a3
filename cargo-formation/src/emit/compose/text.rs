//! A value of a compose file, in which `$` begins a variable of whoever starts the engine.
//!
//! Facts from the Compose specification, "Interpolation": `$$` is a dollar, `${NAME?why}` is an
//! error with this text where `NAME` is not set, `${NAME-text}` stands for the text there. What such
//! a text may have in it is in the source of its reader, compose-go, `template/template.go`: no line
//! break, which its pattern does not match, and braces only in pairs.

use super::super::yaml::Node;

/// What the image, the engine, or every shell sets for itself: `PATH` and the certificates of the
/// base image, what an engine tells a container, and what a shell is told by its login. Its value
/// in the shell of who starts the engine is not that of the container.
const OF_ITS_OWN: [&str; 12] = [
    "PATH",
    "SSL_CERT_FILE",
    "HOME",
    "HOSTNAME",
    "TERM",
    "USER",
    "LOGNAME",
    "SHELL",
    "SHLVL",
    "PWD",
    "OLDPWD",
    "TMPDIR",
];

/// Why none of these can be said.
pub(super) const NOT_THE_SAME: &str = "it would be that of the shell that starts the engine, and \
                                       not the container's; let the program read its environment";

/// Whether a variable is one thing in a container and another around it.
pub(super) fn is_of_its_own(name: &str) -> bool {
    OF_ITS_OWN.contains(&name)
}

/// A value in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(String);

impl Text {
    /// A text that is itself, whatever it holds.
    pub(super) fn literal(text: &str) -> Self {
        Self::default().and(text)
    }

    /// Add a text that is itself.
    pub(super) fn and(mut self, text: &str) -> Self {
        self.0.push_str(&text.replace('$', "$$"));
        self
    }

    /// Add a variable that has to be set.
    pub(super) fn needed(self, name: &str) -> Self {
        self.interpolated(&format!("${{{name}?set {name}}}"))
    }

    /// A variable that has a default. A brace or a line break would end it: then there is `None`.
    pub(super) fn with_default(name: &str, default: &str) -> Option<Self> {
        let is_said = !default.contains(['{', '}', '\n']);
        let default = default.replace('$', "$$");
        is_said.then(|| Self::default().interpolated(&format!("${{{name}-{default}}}")))
    }

    /// Add what is an interpolation already.
    pub(super) fn interpolated(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    /// Add another.
    pub(super) fn and_all(self, other: &Self) -> Self {
        self.interpolated(&other.0)
    }

    /// The value.
    pub(super) fn node(self) -> Node {
        Node::Text(self.0)
    }
}
