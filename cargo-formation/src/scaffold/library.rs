//! Modules of a library that is there.

/// Whether a library says that it has a module of this name, visible or not.
pub(super) fn declares(library: &str, name: &str) -> bool {
    library.lines().any(|line| module(line) == Some(name))
}

/// A library that has this public module, too: among the others by name, or at its end.
pub(super) fn with_module(library: &str, name: &str) -> String {
    let own = format!("pub mod {name};\n");
    let mut lines: Vec<&str> = library.split_inclusive('\n').collect();
    let modules = lines.iter().enumerate().filter_map(|(at, line)| Some((at, module(line)?)));
    let modules: Vec<_> = modules.collect();
    let behind = modules.iter().rfind(|(_, other)| *other < name).map(|(at, _)| at + 1);
    match behind.or(modules.first().map(|(at, _)| *at)) {
        Some(at) => {
            lines.insert(at, &own);
            lines.concat()
        }
        None if library.trim().is_empty() => own,
        None => format!("{}\n\n{own}", library.trim_end()),
    }
}

/// The module that a line declares.
fn module(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let rest = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?;
    rest.strip_suffix(';').or(rest.strip_suffix(" {"))
}

#[cfg(test)]
mod tests {
    use super::{declares, with_module};

    fn check(library: &str, expected: &str) {
        assert!(!declares(library, "listen"));
        let found = with_module(library, "listen");
        assert_eq!(found, expected);
        assert!(declares(&found, "listen"));
    }

    #[test]
    fn a_module_stands_where_it_belongs() {
        check("", "pub mod listen;\n");
        check("//! A shop.\n", "//! A shop.\n\npub mod listen;\n");
        check(
            "mod a;\npub mod z;\n\nfn f() {}\n",
            "mod a;\npub mod listen;\npub mod z;\n\nfn f() {}\n",
        );
        check("mod a;\nmod b;\nmod z;\n", "mod a;\nmod b;\npub mod listen;\nmod z;\n");
        check("pub mod logging;\n", "pub mod listen;\npub mod logging;\n");
        check("pub mod a;\nfn f() {}\n", "pub mod a;\npub mod listen;\nfn f() {}\n");
    }

    #[test]
    fn a_module_may_have_its_text_with_it() {
        assert!(declares("mod jobs {\n}\n", "jobs"));
        assert!(!declares("// mod jobs;\n", "jobs"));
    }
}
