//! What one would type: below the help of each command.

pub(super) const NEW: &str = "\
Examples:
    cargo formation new shop                  web, worker, clock and release over SQLite
    cargo formation new shop --db postgres --types web,release
    cargo formation new tools/poller --db none --types worker";

pub(super) const INIT: &str = "\
Examples:
    cargo formation init                      show a table, and ask whether to write it
    cargo formation init --dry-run            only show it, and what cannot be taken over";

pub(super) const ADD: &str = "\
Examples:
    cargo formation add worker mailer         `src/bin/mailer.rs`, a worker
    cargo formation add web admin --package shop";

pub(super) const DEV: &str = "\
Examples:
    cargo formation dev                       the whole formation
    cargo formation dev web --scale web=2     two instances of `web`, besides `release`
    cargo formation dev --isolated            beside another one in this workspace
    cargo formation dev --host 0.0.0.0        for a phone in the same network, too";

pub(super) const LOGS: &str = "\
Examples:
    cargo formation logs web -n 50            the last 50 lines of all instances of `web`
    cargo formation logs -f --level warn      what is logged as a warning or worse, from now on
    cargo formation logs --since 10m --grep 'timed? ?out'
    cargo formation logs --format json -n 100 | jq .text";

pub(super) const BUILD: &str = "\
Examples:
    cargo formation build --release           what a release of the app contains
    cargo formation build web --format json   where its binary is, for a script";

pub(super) const RUN: &str = "\
Examples:
    cargo formation run release               apply the migrations now
    cargo formation run worker -- --once      with other arguments than the table's
    cargo formation run web --as web.1        in the place of that instance, as under a debugger";

pub(super) const TEST: &str = "\
Examples:
    cargo formation test -- cargo test --test api
    cargo formation test --scale worker=3 --env-file .env.test -- ./smoke.sh
    cargo formation test -- sh -c 'curl -f $FORMATION_WEB_URL/healthz'";

pub(super) const CHECK: &str = "\
Examples:
    cargo formation check                     before a commit, and in CI
    cargo formation check --for all           what each platform would refuse or warn of";

pub(super) const LIST: &str = "\
Examples:
    cargo formation list                      what there is, and at which ports
    cargo formation list --format json        the same for a script";

pub(super) const ENV: &str = "\
Examples:
    cargo formation env web                   all that an instance of `web` sees
    cargo formation env web --changes         what is added, changed and taken away
    cargo formation env web --format dotenv > .env.web";

pub(super) const PROCFILE: &str = "\
Examples:
    cargo formation procfile --output Procfile
    cargo formation procfile --check          in CI: fails if the file is stale
    cargo formation procfile --for heroku     as this one reader understands it";

pub(super) const EXPORT: &str = "\
Examples:
    cargo formation export dockerfile --output .
    cargo formation export systemd --dry-run  which files would be written
    cargo formation export compose --check    in CI: fails if a file is stale";

pub(super) const PS: &str = "\
Examples:
    cargo formation ps                        who runs, as which process, since when
    cargo formation ps --watch                and who does now
    cargo formation ps --format json | jq -r '.instances[] | select(.state == \"ready\").name'";

pub(super) const RESTART: &str = "\
Examples:
    cargo formation restart web               all instances of `web`, one after the other
    cargo formation restart worker.2 clock
    cargo formation restart all               but those that were stopped";

pub(super) const STOP: &str = "\
Examples:
    cargo formation stop worker               until `start worker`, whatever is saved meanwhile
    cargo formation stop web.2";

pub(super) const START: &str = "\
Examples:
    cargo formation start worker              after `stop worker`, or after too many crashes
    cargo formation start nightly             what is scheduled, now";

pub(super) const SCALE: &str = "\
Examples:
    cargo formation scale web=3 worker=+1     three of `web`, one `worker` more
    cargo formation scale all=1               one of each";

pub(super) const DEBUG: &str = "\
Examples:
    cargo formation debug web                 while a debugger is attached to it";

pub(super) const WAIT: &str = "\
Examples:
    cargo formation wait --timeout 60s        until everything is up
    cargo formation wait --idle               until what was saved is live";

pub(super) const ATTACH: &str = "\
Examples:
    cargo formation attach console            the only instance of `console`; Ctrl-\\ detaches
    cargo formation attach web.2 --detach-key ctrl-p,ctrl-q";

pub(super) const DOWN: &str = "\
Examples:
    cargo formation down                      from another terminal, or at the end of a script";

pub(super) const COMPLETIONS: &str = "\
Examples:
    cargo formation completions bash > ~/.local/share/bash-completion/completions/cargo-formation
    cargo formation completions fish > ~/.config/fish/completions/cargo-formation.fish";

pub(super) const MAN: &str = "\
Examples:
    cargo formation man | man -l -            read it
    cargo formation man --output ~/.local/share/man/man1";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::cli::Cli;

    /// What a line would run, without what a shell makes of the rest, and what is said of it.
    fn words(line: &str) -> Vec<String> {
        let typed = line.trim().split("  ").next().unwrap();
        let typed = typed.split(['|', '>']).next().unwrap();
        shell_words::split(typed).unwrap()
    }

    #[test]
    fn every_command_has_examples_that_are_understood_and_are_of_it() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let examples = command.get_after_help().unwrap_or_else(|| panic!("none of {name}"));
            let text = examples.to_string();
            let lines = text.strip_prefix("Examples:\n").unwrap();
            for line in lines.lines() {
                let words = words(line);
                assert_eq!(words[..3], ["cargo", "formation", name], "{line}");
                // What cargo hands over.
                let parsed = Cli::try_parse_from(&words[1..]);
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }
}
