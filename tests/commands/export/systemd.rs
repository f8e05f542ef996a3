//! The units and systemd, and the script that installs them.

#[path = "systemd/installing.rs"]
mod installing;
#[path = "systemd/times.rs"]
mod times;

use std::fs;
use std::process::Command;

use super::super::workspace::Workspace;
use super::is_installed;

/// Everything that units have words for, and what somebody would write who wants to break a file.
pub(super) const HOSTILE: &str = r##"[package.metadata.formation]
web = { quantity = 2, socket = true, ports = { admin = true }, args = ["it's", 'say "hi"', "a b", "#x", "%d", '\', "", "$$HOME", "ü", "a\nb", "\tc", ";", "$PORT", "${DATABASE_URL}", "\u0085\u2028\uFEFF\uFDCF\uFFFD"] }
worker = { quantity = 3, resources = { cpu = 2, memory = "256MiB" }, stop = { signal = "INT" }, env = { A = "x y%i\n", B = "\u0085\u009f\u2028\uFEFF\uFDF0" }, ready = "notify" }
clock = { bin = "worker", singleton = true, port = 80, dir = "100% of src" }
nightly = { bin = "worker", schedule = "*/7 3-5 1,15 * mon" }
an-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_YYYYYYYYYYYYYYYYYYYYYYYYYYYYY = "worker --long"
release = "web --migrate"

[package.metadata.formation.settings.config]
DATABASE_URL = { required = true, secret = true, description = "Postgres" }
RUST_LOG = { default = "info,shop=debug" }
"##;

/// A workspace whose units are in a root of their own, with what they lean on.
fn installed() -> Workspace {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.tool(&["export", "systemd", "--output", "root/etc/systemd/system"]).run().ended(0);
    let root = shop.path("root");
    let copied = Command::new("cp")
        .args(["-r", "--parents", "/usr/lib/systemd/system"])
        .arg(&root)
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
    for binary in ["web", "worker"] {
        let path = root.join("opt/shop/bin").join(binary);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy("/bin/true", path).unwrap();
    }
    shop
}

const UNITS: [&str; 9] = [
    "shop-an-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_YYYYYYYYYYYYYYYYYYYYYYYYYYYYY@1.service",
    "shop.target",
    "shop-web@4000.service",
    "shop-web@4000.socket",
    "shop-worker@1.service",
    "shop-clock.service",
    "shop-release.service",
    "shop-nightly.service",
    "shop-nightly.timer",
];

fn root_flag(shop: &Workspace) -> String {
    format!("--root={}", shop.path("root").display())
}

#[test]
fn systemd_verifies_every_unit() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    if !is_installed(&shop, "systemd-analyze", "nobody verifies the units") {
        return;
    }
    let shop = installed();
    let root = root_flag(&shop);
    let verify = || {
        let words = ["verify", "--man=no", "--recursive-errors=yes", &root];
        shop.program("systemd-analyze".as_ref()).args(&words).args(&UNITS).run()
    };
    let said = verify();
    assert!(!said.ended(0).stderr.contains("shop-"), "{said}");
    // It does say what is wrong.
    let path = "root/etc/systemd/system/shop-clock.service";
    shop.edit(path, "KillMode=mixed", "KillMood=mixed");
    assert_ne!(verify().code(), Some(0), "a key that does not exist is an error");
}

#[test]
fn little_is_left_to_attack() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    if !is_installed(&shop, "systemd-analyze", "nobody rates the units") {
        return;
    }
    let shop = installed();
    for unit in ["shop-web@4000.service", "shop-worker@1.service", "shop-nightly.service"] {
        let words = ["security", "--offline=true", "--threshold=25", "--no-pager", unit];
        let analyze = shop.program("systemd-analyze".as_ref()).args(&words);
        analyze.args(&[&root_flag(&shop)]).run().ended(0);
    }
}

#[test]
fn several_files_are_too_many_for_standard_output() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    let refused = shop.tool(&["export", "systemd"]).run();
    refused.ended(2).never_says("Not in it").says(
        "error: systemd is 13 files, too many for standard output; write them with \
         `cargo formation export systemd --output deploy/systemd`",
    );
    shop.tool(&["export", "systemd", "--output", "deploy/systemd"]).run().ended(0);
    shop.tool(&["export", "systemd", "--check"]).run().ended(0);
    shop.edit("Cargo.toml", "quantity = 3", "quantity = 2");
    let stale = shop.tool(&["export", "systemd", "--check"]).run();
    stale.ended(4).says("error: `deploy/systemd/shop.target` is stale; write it with");
    stale.says("`deploy/systemd/install.sh` is stale").says("Checked deploy/systemd/shop-web@");
    assert!(stale.stdout.contains("-Wants=shop-worker@3.service\n"), "{stale}");
}

#[test]
fn what_an_earlier_export_left_is_named() {
    let shop = Workspace::shop(HOSTILE, &["web", "worker"]);
    shop.tool(&["export", "systemd", "--output", "units"]).run().ended(0);
    shop.write("units/README", "mine\n");
    shop.edit("Cargo.toml", "quantity = 2, socket = true", "quantity = 1");
    let again = shop.tool(&["export", "systemd", "--output", "units"]).run();
    let named =
        "warning: `units/shop-web@.socket` is of an earlier export, and nobody needs it now";
    again.ended(0).says(named).says("`units/shop-web@4001.service.d/ports.conf` is of an earlier");
    again.never_says("README");
    let check = || shop.tool(&["export", "systemd", "--output", "units", "--check"]).run();
    check().ended(4).says(named);
    fs::remove_file(shop.path("units/shop-web@.socket")).unwrap();
    fs::remove_file(shop.path("units/shop-web@4001.service.d/ports.conf")).unwrap();
    check().ended(0);
}
