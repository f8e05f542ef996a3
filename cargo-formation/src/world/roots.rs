//! Which workspace a directory may be in, found without cargo: what is to be steered or read runs
//! already, and cargo takes a while to answer.

use std::path::{Path, PathBuf};

use super::files;

/// What may be the root of the workspace that `dir` is in, the nearest first, by their canonical
/// paths: each directory from here up that has a `Cargo.toml`, up to the first that says
/// `[workspace]`. Of a manifest that was `named`, the directories from there up.
///
/// Which of them it is shows what a running or former formation has left under its name.
#[must_use]
pub fn roots(dir: &Path, named: Option<&Path>) -> Vec<PathBuf> {
    let named = named.map(|path| dir.join(path));
    let start = named.as_deref().and_then(Path::parent).unwrap_or(dir);
    let mut roots = Vec::new();
    for (manifest, text) in files::manifests(&start.canonicalize().unwrap_or_default(), None) {
        roots.extend(manifest.parent().map(PathBuf::from));
        if is_workspace(&text) {
            break;
        }
    }
    roots
}

/// Whether a manifest is one where cargo stops searching. The text may be wrong otherwise: what
/// ran before somebody broke it is still there.
fn is_workspace(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(|line| line.trim_start().replace(' ', ""));
    lines.any(|line| line.starts_with("[workspace]") || line.starts_with("[workspace."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::roots;

    /// The roots of `dir` among these manifests, relative to where they are.
    fn check(manifests: &[(&str, &str)], dir: &str, named: Option<&str>, expected: &[&str]) {
        let ground = tempfile::tempdir().unwrap();
        let ground = ground.path().canonicalize().unwrap();
        fs::create_dir_all(ground.join(dir)).unwrap();
        for (directory, text) in manifests {
            fs::create_dir_all(ground.join(directory)).unwrap();
            fs::write(ground.join(directory).join("Cargo.toml"), text).unwrap();
        }
        let found = roots(&ground.join(dir), named.map(Path::new));
        let found: Vec<_> =
            found.iter().filter_map(|root| root.strip_prefix(&ground).ok()).collect();
        assert_eq!(found, expected.iter().map(Path::new).collect::<Vec<_>>(), "{dir}");
    }

    #[test]
    fn a_member_is_in_its_own_package_or_in_what_is_above_it() {
        let tree = [("app", "[workspace]"), ("app/web", "[package]"), ("", "[package]")];
        check(&tree, "app/web/src", None, &["app/web", "app"]);
        check(&tree, "app", None, &["app"]);
        check(&tree, "", None, &[""]);
        check(&tree, "other", None, &[""]);
        check(&tree, "other", Some("../app/web/Cargo.toml"), &["app/web", "app"]);
    }

    #[test]
    fn a_lone_package_may_have_its_settings_in_the_workspace() {
        check(&[("app", "[ workspace.metadata.formation ]")], "app/src", None, &["app"]);
        check(&[], "nowhere", None, &[]);
    }
}
