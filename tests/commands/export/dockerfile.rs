//! The Dockerfile and those who read it.

use super::super::workspace::Workspace;
use super::is_installed;

/// What somebody would write who wants to break a file.
const HOSTILE: &str = r##"[package.metadata.formation]
web = { args = ["it's", 'say "hi"', "a b", "#x", "%d", '\', "", "$$HOME", "ü", "a\nb", "\tc"] }
worker = { resources = { cpu = 2 }, stop = { signal = "INT" } }
release = "web --migrate"
nightly = { bin = "worker", schedule = "0 3 * * *", dir = "src" }

[package.metadata.formation.settings.platform.dockerfile]
build-packages = ["libpq-dev", "pkg-config"]
include = ["src"]
"##;

#[test]
fn hadolint_has_nothing_to_say() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.tool(&["export", "dockerfile", "--output", "."]).run().ended(0);
    if is_installed(&shop, "hadolint", "nobody reads the Dockerfile") {
        let said = shop.program("hadolint".as_ref()).args(&["Dockerfile"]).run();
        assert_eq!(said.ended(0).stdout, "");
    }
}
