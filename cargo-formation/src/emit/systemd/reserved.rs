//! Names of apps that systemd has something else for: a file of that name would take its place.

/// Targets of `systemd.special(7)`. One in `/etc` with the same name hides it, and with it what the
/// machine needs to start or to stop.
const TARGETS: [&str; 60] = [
    "basic",
    "bluetooth",
    "boot-complete",
    "cryptsetup",
    "cryptsetup-pre",
    "ctrl-alt-del",
    "default",
    "emergency",
    "exit",
    "factory-reset",
    "final",
    "first-boot-complete",
    "getty",
    "getty-pre",
    "graphical",
    "halt",
    "hibernate",
    "hybrid-sleep",
    "initrd",
    "initrd-fs",
    "initrd-root-device",
    "initrd-root-fs",
    "initrd-usr-fs",
    "integritysetup",
    "integritysetup-pre",
    "kbrequest",
    "kexec",
    "local-fs",
    "local-fs-pre",
    "machines",
    "multi-user",
    "network",
    "network-online",
    "network-pre",
    "nss-lookup",
    "nss-user-lookup",
    "paths",
    "poweroff",
    "printer",
    "reboot",
    "remote-fs",
    "remote-fs-pre",
    "rescue",
    "rpcbind",
    "shutdown",
    "sigpwr",
    "sleep",
    "slices",
    "smartcard",
    "sockets",
    "sound",
    "suspend",
    "swap",
    "sysinit",
    "time-set",
    "time-sync",
    "timers",
    "umount",
    "usb-gadget",
    "veritysetup",
];

/// Slices of `systemd.special(7)`.
const SLICES: [&str; 3] = ["machine", "system", "user"];

/// Users that machines have from the start, by the lists of Debian and Fedora. A service with
/// `DynamicUser=` runs as the user of its name if there is one; see `systemd.exec(5)`.
const USERS: [&str; 28] = [
    "adm",
    "backup",
    "bin",
    "chrony",
    "daemon",
    "dbus",
    "ftp",
    "games",
    "gnats",
    "halt",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "news",
    "nobody",
    "operator",
    "polkitd",
    "proxy",
    "root",
    "shutdown",
    "sshd",
    "sync",
    "sys",
    "uucp",
    "www-data",
];

const USER: &str = "it is a user that machines have, and the processes would be that user's";

/// What else is called like the app, if something is.
pub(super) fn meaning(app: &str) -> Option<&'static str> {
    if TARGETS.contains(&app) {
        Some("it is a target that the machine needs")
    } else if SLICES.contains(&app) {
        Some("it is a slice that the machine has")
    } else if USERS.contains(&app) {
        Some(USER)
    } else if app == "systemd" || app.starts_with("systemd-") {
        Some("the names of its own parts begin so")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::meaning;

    #[test]
    fn what_a_machine_needs_is_nobodys_app() {
        let check = |app: &str, meant: Option<&str>| assert_eq!(meaning(app), meant, "{app}");
        check("network", Some("it is a target that the machine needs"));
        check("user", Some("it is a slice that the machine has"));
        check("root", Some(super::USER));
        check("systemd-journald", Some("the names of its own parts begin so"));
        check("shop", None);
        check("networks", None);
        check("systemd", Some("the names of its own parts begin so"));
        check("systemdx", None);
    }
}
