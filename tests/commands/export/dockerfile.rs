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

[package.metadata.formation.settings.platform.dockerfile.env]
HOST = "::"
HOSTILE = """it's "quoted", a $HOME, ${X}, \\, \\", \\$, #, %d, `$(x)`, <<EOF, ü and \\"""
EMPTY = ""
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

#[test]
fn a_secret_is_not_put_into_an_image() {
    let table = "[package.metadata.formation]\nweb = {}\n\
                 settings.config.KEY = { secret = true }\n\
                 settings.platform.dockerfile.env.KEY = \"x\"\n";
    let shop = Workspace::shop(table, &["web"]);
    shop.tool(&["export", "dockerfile"]).run().ended(1).says(
        "error: `platform.dockerfile.env.KEY`: `config` calls it a secret, which everybody would \
         have who has the image\n --> Cargo.toml:9:",
    );
    let all = shop.tool(&["check", "--for", "dockerfile"]).run();
    all.ended(1).says("`platform.dockerfile.env.KEY`: `config` calls it a secret");
}
