//! What the manifest of the workspace says of the profile it is developed with.

use toml_edit::{Document, Item};

use super::Workspace;

impl Workspace {
    /// Whether `[profile.dev]` says how much debug information there is. Cargo's own choice is
    /// all of it, and making it is a large part of what a small change costs.
    #[must_use]
    pub fn chooses_debug_information(&self) -> bool {
        let Some(manifest) = self.manifests.get(self.root_manifest) else { return false };
        let Ok(document) = Document::parse(manifest.text.as_str()) else { return false };
        let dev = document.get("profile").and_then(|profiles| profiles.get("dev"));
        dev.and_then(Item::as_table_like).is_some_and(|dev| dev.contains_key("debug"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Manifest, Workspace};

    #[test]
    fn only_the_profile_that_is_developed_with_counts() {
        let check = |text: &str, chosen| {
            let manifest = Manifest { path: "/shop/Cargo.toml".into(), text: text.into() };
            let workspace = Workspace {
                root: "/shop".into(),
                manifests: vec![manifest],
                root_manifest: 0,
                local: None,
                packages: Vec::new(),
            };
            assert_eq!(workspace.chooses_debug_information(), chosen, "{text}");
        };
        check("[profile.dev]\ndebug = \"line-tables-only\"\n", true);
        check("[profile]\ndev = { debug = 2 }\n", true);
        check("[profile.dev]\nopt-level = 1\n", false);
        check("[profile.dev.package.\"*\"]\ndebug = false\n", false);
        check("[profile.release]\ndebug = 1\n", false);
        check("[workspace]\n", false);
        check("[profile", false);
    }
}
