//! Whether a place is inside of a workspace already.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

/// The manifest of the workspace that a package in `directory` would belong to.
///
/// `manifests` are those of the directories above it, nearest first, with their texts. As cargo
/// has it, the first that is a workspace decides, unless it excludes the directory.
#[must_use]
pub fn enclosing<'m>(directory: &Path, manifests: &'m [(PathBuf, String)]) -> Option<&'m Path> {
    let mut workspaces = manifests.iter().filter_map(|(path, text)| {
        let document: DocumentMut = text.parse().ok()?;
        Some((path, document.get("workspace")?.clone()))
    });
    let (path, workspace) = workspaces.next()?;
    let root = path.parent()?;
    let is_in = |key| listed(&workspace, key).any(|other| directory.starts_with(root.join(other)));
    (!is_in("exclude") || is_in("members")).then_some(path)
}

fn listed<'w>(workspace: &'w Item, key: &str) -> impl Iterator<Item = &'w str> {
    let list = workspace.get(key).and_then(Item::as_array);
    list.into_iter().flatten().filter_map(|value| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::enclosing;
    use std::path::Path;

    fn check(manifests: &[(&str, &str)], expected: Option<&str>) {
        let manifests = manifests.iter().map(|(path, text)| ((*path).into(), (*text).to_owned()));
        let manifests: Vec<_> = manifests.collect();
        assert_eq!(enclosing(Path::new("/a/b/shop"), &manifests), expected.map(Path::new));
    }

    #[test]
    fn the_nearest_workspace_decides_unless_it_excludes_the_place() {
        let package = ("/a/b/Cargo.toml", "[package]\nname = \"b\"");
        let workspace = ("/a/Cargo.toml", "[workspace]\nmembers = [\"c\"]");
        check(&[], None);
        check(&[package], None);
        check(&[package, workspace], Some("/a/Cargo.toml"));
        check(&[("/a/Cargo.toml", "[workspace]\nexclude = [\"b\"]")], None);
        check(&[("/a/Cargo.toml", "[workspace]\nexclude = [\"bees\"]")], Some("/a/Cargo.toml"));
        let both = "[workspace]\nexclude = [\"b\"]\nmembers = [\"b/shop\"]";
        check(&[("/a/Cargo.toml", both)], Some("/a/Cargo.toml"));
        check(&[("/a/Cargo.toml", "no TOML")], None);
    }
}
