//! The name of a package that is to be made.
//!
//! What cargo refuses is refused in its words, and what it advises against is said. What cargo
//! takes and what would then not compile, or not without a warning, is refused as well.

use std::fmt;
use std::str::FromStr;

use super::dependencies;
use super::keywords::{ARTIFACTS, KEYWORDS, STANDARD, WINDOWS};

/// The longest name: it is a directory, a crate, and a part of the names of files.
const MAX_LENGTH: usize = 64;

/// The name of a package that a scaffold can make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageName(String);

impl PackageName {
    /// The name as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as that of a crate, as Rust code spells it: `mail-shop` is `mail_shop`.
    #[must_use]
    pub fn krate(&self) -> String {
        self.0.replace('-', "_")
    }

    /// What speaks against it without being wrong.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        let Self(name) = self;
        WINDOWS.contains(&name.as_str()).then(|| Advice::Windows(name.clone()))
    }
}

impl FromStr for PackageName {
    type Err = PackageNameError;

    fn from_str(text: &str) -> Result<Self, PackageNameError> {
        let wrong = |why| PackageNameError { name: text.to_owned(), why };
        if let Some(why) = character(text) {
            return Err(wrong(why));
        }
        let uses_it = |krate: &str| krate.replace('-', "_") == text.replace('-', "_");
        if KEYWORDS.contains(&text) {
            return Err(wrong(Why::Keyword));
        }
        if ARTIFACTS.contains(&text) {
            return Err(wrong(Why::Artifact));
        }
        if text == "test" {
            return Err(wrong(Why::Test));
        }
        if STANDARD.contains(&text) {
            return Err(wrong(Why::Standard));
        }
        if dependencies::ALL.iter().any(|dependency| uses_it(dependency.name)) {
            return Err(wrong(Why::Dependency));
        }
        if text.to_lowercase() != text || is_unusual(text) {
            return Err(wrong(Why::Case));
        }
        Ok(Self(text.to_owned()))
    }
}

/// What is wrong with the characters of a name.
fn character(text: &str) -> Option<Why> {
    let first = text.chars().next();
    let Some(first) = first else { return Some(Why::Empty) };
    if first.is_ascii_digit() {
        return Some(Why::Digit(first));
    }
    if !(first.is_alphabetic() || first == '_') {
        return Some(Why::First(first));
    }
    let allowed = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if let Some(other) = text.chars().find(|&c| !allowed(c)) {
        return Some(Why::Character(other));
    }
    if !text.is_ascii() {
        return Some(Why::NotAscii);
    }
    (text.len() > MAX_LENGTH).then_some(Why::TooLong)
}

/// Whether the compiler would say something about such a crate, or that there is none.
fn is_unusual(text: &str) -> bool {
    let krate = text.replace('-', "_");
    krate.starts_with('_') || krate.ends_with('_') || krate.contains("__")
}

/// What speaks against a name without being wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Windows has no files of that name.
    Windows(String),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Windows(name) => write!(
                f,
                "package name `{name}` is a reserved Windows filename; this package will not \
                 work on Windows platforms"
            ),
        }
    }
}

/// Why a text is not the name of a package that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageNameError {
    name: String,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Empty,
    Digit(char),
    First(char),
    Character(char),
    NotAscii,
    TooLong,
    Keyword,
    Artifact,
    Test,
    Standard,
    Dependency,
    Case,
}

impl fmt::Display for PackageNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why } = self;
        let invalid = format!("invalid package name `{name}`");
        match why {
            Why::Empty => f.write_str("package name cannot be empty"),
            Why::Digit(c) => write!(
                f,
                "invalid character `{c}` in package name: `{name}`, the name cannot start with a \
                 digit"
            ),
            Why::First(c) => write!(
                f,
                "invalid character `{c}` in package name: `{name}`, the first character must be a \
                 Unicode XID start character (most letters or `_`)"
            ),
            Why::Character(c) => write!(
                f,
                "invalid character `{c}` in package name: `{name}`, characters must be Unicode XID \
                 characters (numbers, `-`, `_`, or most letters)"
            ),
            Why::NotAscii => write!(f, "{invalid}: contains non-ASCII characters"),
            Why::TooLong => write!(f, "{invalid}: it has more than {MAX_LENGTH} characters"),
            Why::Keyword => write!(f, "{invalid}: it is a Rust keyword"),
            Why::Artifact => {
                write!(f, "{invalid}: it conflicts with cargo's build directory names")
            }
            Why::Test => write!(f, "{invalid}: it conflicts with Rust's built-in test library"),
            Why::Standard => write!(f, "{invalid}: Rust's standard library has that name"),
            Why::Dependency => write!(f, "{invalid}: the package depends on another of that name"),
            Why::Case => write!(f, "{invalid}: it is not snake_case or kebab-case"),
        }
    }
}

impl std::error::Error for PackageNameError {}

#[cfg(test)]
mod tests {
    use super::PackageName;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = text.parse::<PackageName>().unwrap_err().to_string();
        assert!(error.ends_with(expected), "{text}: {error}");
    }

    #[test]
    fn what_compiles_is_a_name() {
        for (text, krate) in [("shop", "shop"), ("mail-shop_2", "mail_shop_2"), ("web", "web")] {
            let name: PackageName = text.parse().unwrap();
            assert_eq!((name.as_str(), name.krate().as_str()), (text, krate));
            assert_eq!(name.advice(), None);
        }
        assert!("nul".parse::<PackageName>().unwrap().advice().is_some());
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        check("", "package name cannot be empty");
        check("2shop", "the name cannot start with a digit");
        check("-shop", "Unicode XID start character (most letters or `_`)");
        check(
            "a b",
            "invalid character ` ` in package name: `a b`, characters must be Unicode XID \
                      characters (numbers, `-`, `_`, or most letters)",
        );
        check("größe", "contains non-ASCII characters");
        check(&"a".repeat(65), "it has more than 64 characters");
        check("fn", "it is a Rust keyword");
        check("deps", "it conflicts with cargo's build directory names");
        check("test", "it conflicts with Rust's built-in test library");
        check("std", "Rust's standard library has that name");
        check("proc-macro", "Rust's standard library has that name");
        check("tracing_subscriber", "the package depends on another of that name");
        for text in ["Shop", "_shop", "shop-", "a__b", "a-_b"] {
            check(text, "it is not snake_case or kebab-case");
        }
    }
}
