//! Words that are no names of packages, by cargo's own lists (`restricted_names.rs`).

/// The keywords of Rust, strict and reserved, up to the edition 2024.
pub(super) const KEYWORDS: [&str; 51] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Directories of cargo's builds.
pub(super) const ARTIFACTS: [&str; 4] = ["build", "deps", "examples", "incremental"];

/// Crates that come with Rust.
pub(super) const STANDARD: [&str; 5] = ["alloc", "core", "proc-macro", "proc_macro", "std"];

/// Files that Windows does not let anybody have.
pub(super) const WINDOWS: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];
