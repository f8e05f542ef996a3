//! The script that installs the units, with a `systemctl` that only writes down what it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::super::workspace::{Said, Workspace};
use super::super::is_installed;

const TABLE: &str = "[package.metadata.formation]\nweb = { quantity = 2 }\n\
                     worker = { quantity = 2 }\nrelease = \"web --migrate\"\n";

/// `systemctl` fails for the units that are named in the file `fails`.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >>"$LOG"
case $1 in
    list-units) [ "$5" = "shop-worker@*.service" ] && echo "shop-worker@7.service loaded active running"; exit 0 ;;
esac
for last; do :; done
! grep -qxF -e "$last" "$LOG.fails" 2>/dev/null
"#;

/// A machine: a root, and a `systemctl`.
struct Machine {
    shop: Workspace,
}

impl Machine {
    fn new() -> Self {
        let shop = Workspace::shop(TABLE, &["web", "worker"]);
        shop.write("bin/systemctl", SYSTEMCTL);
        fs::set_permissions(shop.path("bin/systemctl"), fs::Permissions::from_mode(0o755)).unwrap();
        let machine = Self { shop };
        machine.build("one");
        machine.export();
        machine
    }

    /// New binaries.
    fn build(&self, text: &str) {
        for binary in ["web", "worker"] {
            self.shop.write(&format!("target/release/{binary}"), text);
        }
    }

    fn export(&self) {
        self.shop.tool(&["export", "systemd", "--output", "units"]).run().ended(0);
    }

    /// Run the script; what it said, and what `systemctl` was told.
    fn install(&self, argument: &str) -> (Said, Vec<String>) {
        let _ = fs::remove_file(self.shop.path("log"));
        let path =
            format!("{}:{}", self.shop.path("bin").display(), std::env::var("PATH").unwrap());
        let script = self.shop.program("sh".as_ref()).args(&["units/install.sh", argument]);
        let script = script.env("PATH", path).env("DESTDIR", self.shop.path("root"));
        let said = script.env("LOG", self.shop.path("log")).run();
        let log = fs::read_to_string(self.shop.path("log")).unwrap_or_default();
        (said, log.lines().map(str::to_owned).collect())
    }

    /// The units that are installed.
    fn units(&self) -> Vec<String> {
        let directory = fs::read_dir(self.shop.path("root/etc/systemd/system")).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> =
            directory.map(name).map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn binary(&self) -> String {
        fs::read_to_string(self.shop.path("root/opt/shop/bin/web")).unwrap()
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let machine = Machine::new();
    if is_installed(&machine.shop, "shellcheck", "nobody reads the script") {
        let said = machine.shop.program("shellcheck".as_ref()).args(&["units/install.sh"]).run();
        assert_eq!(said.ended(0).stdout, "");
    }
}

const RESTARTS: [&str; 4] = [
    "restart shop-web@4000.service",
    "restart shop-web@4001.service",
    "restart shop-worker@1.service",
    "restart shop-worker@2.service",
];

#[test]
fn release_comes_first_and_everybody_follows_one_by_one() {
    let machine = Machine::new();
    let (said, log) = machine.install("target/release");
    said.ended(0);
    let mut expected =
        vec!["daemon-reload", "start shop-release.service", "daemon-reload", "enable shop.target"];
    expected.extend(RESTARTS);
    expected.push("start shop.target");
    let told: Vec<&String> = log.iter().filter(|line| !line.starts_with("list-units")).collect();
    // Whoever was started by hand is restarted, too.
    expected.push("try-restart shop-worker@7.service");
    assert_eq!(told, expected);
    let units =
        ["shop-release.service", "shop-web@.service", "shop-worker@.service", "shop.target"];
    assert_eq!(machine.units(), units);
    assert_eq!(machine.binary(), "one");
    let mode = fs::metadata(machine.shop.path("root/etc/shop/env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Lines of `/proc/net/tcp`: who is reached at 4000 and 4001, and in what state.
const LISTENING: &str = "   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000\n";
const CONNECTED: &str = "   1: 0100007F:0FA1 0100007F:0FA0 01 00000000:00000000\n";

#[test]
fn who_is_next_is_restarted_when_the_one_before_listens() {
    let machine = Machine::new();
    let health = "health = { path = \"/up\", startup = \"1s\" }";
    machine.shop.edit(
        "Cargo.toml",
        "web = { quantity = 2 }",
        &format!("web = {{ quantity = 2, {health} }}"),
    );
    machine.export();
    machine.shop.write("root/proc/net/tcp", CONNECTED);
    let restarted = |log: Vec<String>| {
        log.into_iter().filter(|line| line.starts_with("restart ")).collect::<Vec<_>>()
    };
    let (said, log) = machine.install("target/release");
    said.ended(1).says("shop-web@4000.service does not listen at 4000 after 1 s");
    assert_eq!(restarted(log), RESTARTS[..1]);
    machine.shop.write("root/proc/net/tcp", &format!("{CONNECTED}{LISTENING}"));
    let (said, log) = machine.install("target/release");
    said.ended(1).says("shop-web@4001.service does not listen at 4001 after 1 s");
    assert_eq!(restarted(log), RESTARTS[..2]);
    machine.shop.write("root/proc/net/tcp6", &LISTENING.replace("0FA0", "0FA1"));
    let (said, log) = machine.install("target/release");
    said.ended(0);
    assert_eq!(restarted(log), RESTARTS);
}

#[test]
fn a_release_that_fails_leaves_the_old_code() {
    let machine = Machine::new();
    machine.install("target/release").0.ended(0);
    machine.build("two");
    machine.shop.edit("Cargo.toml", "worker = { quantity = 2 }", "");
    machine.export();
    machine.shop.write("log.fails", "shop-release.service\n");
    let before = machine.units();
    let (said, log) = machine.install("target/release");
    said.ended(1).says("shop: release failed, and nothing else has changed");
    assert_eq!(log, ["daemon-reload", "start shop-release.service"]);
    assert_eq!((machine.binary().as_str(), machine.units()), ("one", before));
    fs::remove_file(machine.shop.path("log.fails")).unwrap();
    machine.install("target/release").0.ended(0);
    assert_eq!(machine.binary(), "two");
}

#[test]
fn what_is_no_longer_wanted_is_stopped_by_its_exact_name() {
    let machine = Machine::new();
    machine.install("target/release").0.ended(0);
    // Of another app whose name begins alike.
    machine.shop.write("root/etc/systemd/system/shop-worker@.service.d/own.conf", "mine");
    machine.shop.write("root/etc/systemd/system/shop-workers@.service", "other");
    machine.shop.edit("Cargo.toml", "web = { quantity = 2 }", "web = {}");
    machine.shop.edit("Cargo.toml", "worker = { quantity = 2 }", "");
    machine.export();
    // It is interrupted while it stops them, and is run again.
    machine.shop.write("log.fails", "shop-worker@2.service\n");
    machine.shop.edit("bin/systemctl", "for last", "[ \"$1\" = is-active ] && exit 0\nfor last");
    machine.install("target/release").0.ended(1);
    fs::remove_file(machine.shop.path("log.fails")).unwrap();
    let (said, log) = machine.install("target/release");
    said.ended(0);
    let stops: Vec<&str> = log.iter().filter_map(|line| line.strip_prefix("stop ")).collect();
    let expected = ["shop-web@4001.service", "shop-worker@1.service", "shop-worker@2.service"];
    assert_eq!(stops[..3], expected);
    // Those of a template that is no more, whoever started them.
    assert_eq!(stops[3..], ["shop-worker@*.service"]);
    let left = [
        "shop-release.service",
        "shop-web@.service",
        "shop-worker@.service.d",
        "shop-workers@.service",
        "shop.target",
    ];
    assert_eq!(machine.units(), left);
    // There is nothing left to stop.
    let (_, log) = machine.install("target/release");
    assert!(!log.iter().any(|line| line.starts_with("stop ")), "{log:?}");
}

#[test]
fn all_of_it_is_removed_and_nothing_else() {
    let machine = Machine::new();
    machine.install("target/release").0.ended(0);
    machine.shop.write("root/etc/systemd/system/shop-workers@.service", "other");
    machine.shop.write("root/etc/shop/env", "SECRET=x");
    let (said, log) = machine.install("--remove");
    said.ended(0);
    assert!(log.contains(&"stop shop-web@4001.service".to_owned()), "{log:?}");
    assert!(log.contains(&"disable shop.target".to_owned()), "{log:?}");
    assert_eq!(machine.units(), ["shop-workers@.service"]);
    assert!(!machine.shop.path("root/opt/shop/bin").exists());
    assert_eq!(fs::read_to_string(machine.shop.path("root/etc/shop/env")).unwrap(), "SECRET=x");
    machine.install("--remove").0.ended(0);
}

#[test]
fn what_is_missing_is_named_before_anything_changes() {
    let machine = Machine::new();
    let (said, _) = machine.install("nowhere");
    said.ended(1).says("there is no binary nowhere/web; build it first");
    assert!(machine.units().is_empty() && !machine.shop.path("root/opt/shop/bin").exists());
    let config = "[package.metadata.formation.settings.config]\n\
                  DATABASE_URL = { required = true, secret = true }\n";
    machine.shop.edit(
        "Cargo.toml",
        "release = \"web --migrate\"\n",
        &format!("release = \"web --migrate\"\n{config}"),
    );
    machine.export();
    fs::remove_dir_all(machine.shop.path("root")).unwrap();
    let (said, log) = machine.install("target/release");
    said.ended(1).says("root/etc/shop/env, which only root can read: DATABASE_URL; then run this");
    assert!(log.is_empty(), "{log:?}");
    // Asked again, it says so again.
    machine.install("target/release").0.ended(1).says(": DATABASE_URL; then run this again");
    machine.shop.write("root/etc/shop/env", "DATABASE_URL=x\n");
    machine.install("target/release").0.ended(0);
    // What comes to be required later is asked for as well, and what runs goes on.
    let more = "API_KEY = { required = true, secret = true }\n\
                KEY = { required = true }\nLEVEL = { required = true, default = \"info\" }\n";
    machine.shop.edit("Cargo.toml", config, &format!("{config}{more}"));
    machine.export();
    machine.build("two");
    let (said, log) = machine.install("target/release");
    said.ended(1).says("only root can read: API_KEY KEY; then run this again. Nothing has changed");
    assert!(log.is_empty() && machine.binary() == "one", "{log:?}");
    machine.shop.write("root/etc/shop/env", "DATABASE_URL=x\nAPI_KEY=y\n KEY=\"\"\n");
    machine.install("target/release").0.ended(0);
    assert_eq!(machine.binary(), "two");
}

#[test]
fn nobody_elses_unit_is_replaced() {
    let machine = Machine::new();
    let refused = |path: &str, text: &str, why: &str| {
        machine.shop.write(path, text);
        let (said, log) = machine.install("target/release");
        said.ended(1).says(why).says("; say another `app` in the table. Nothing has changed");
        assert!(log.is_empty(), "{log:?}");
        assert_eq!(fs::read_to_string(machine.shop.path(path)).unwrap(), text);
        fs::remove_file(machine.shop.path(path)).unwrap();
    };
    let header = "# Emitted by `cargo formation export systemd` from Cargo.toml.\n";
    let of_the_machine = "/shop-web@.service is a unit of this machine, and the unit of shop would";
    for directory in ["usr/lib", "lib", "usr/local/lib"] {
        let path = format!("root/{directory}/systemd/system/shop-web@.service");
        refused(&path, header, of_the_machine);
    }
    assert!(!machine.shop.path("root/etc").exists() && !machine.shop.path("root/opt").exists());
    let own = "root/etc/systemd/system/shop.target";
    refused(own, "[Unit]\n", "/etc/systemd/system/shop.target is not ours");
    refused("root/etc/shop-w/installed", "unit shop-worker@.service\n", "/etc/shop-w/installed");
    assert!(
        !machine.shop.path("root/etc/shop").exists() && !machine.shop.path("root/opt").exists()
    );
    // One that was installed before it was written down, and what somebody has linked there.
    machine.shop.write("root/etc/systemd/system/shop-release.service", header);
    machine.install("target/release").0.ended(0);
    machine.install("target/release").0.ended(0);
    fs::remove_file(machine.shop.path(own)).unwrap();
    std::os::unix::fs::symlink("/dev/null", machine.shop.path(own)).unwrap();
    machine.install("target/release").0.ended(1).says("shop.target is not ours");
    machine.install("--remove").0.ended(0);
}

#[test]
fn two_at_once_are_refused() {
    let machine = Machine::new();
    machine.install("target/release").0.ended(0);
    let held = fs::File::open(machine.shop.path("root/etc/shop/lock")).unwrap();
    held.lock().unwrap();
    machine.install("target/release").0.ended(1).says("another install.sh is at work");
}
