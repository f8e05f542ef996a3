#!/usr/bin/env bash
# The example app on a real systemd, deployed by the commands of docs/deploy/systemd.md.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=app.sh
. "$(dirname "$0")/app.sh"
# shellcheck source=systemd/machine.sh
. "$(dirname "$0")/systemd/machine.sh"
# shellcheck source=systemd/asking.sh
. "$(dirname "$0")/systemd/asking.sh"
# shellcheck source=systemd/running.sh
. "$(dirname "$0")/systemd/running.sh"
# shellcheck source=systemd/deploying.sh
. "$(dirname "$0")/systemd/deploying.sh"
# shellcheck source=systemd/handing.sh
. "$(dirname "$0")/systemd/handing.sh"

# What the page says, line by line.
page=docs/deploy/systemd.md
export_line=$(command_of $page 'cargo formation export')
build_line=$(command_of $page 'cargo build')
install_line=$(command_of $page 'sudo sh')
list_line=$(command_of $page 'systemctl list-dependencies')
follow_line=$(command_of $page 'journalctl --follow')

# Lines of the table.
clock='clock = { singleton = true }'
release='release = "migrate"'
# Every minute, so that it need not be waited for.
nightly='nightly = { bin = "migrate", schedule = "* * * * *" }'

main() {
    needs_packages systemd-nspawn=systemd-container curl=curl perl=perl-base setpriv=util-linux
    root_file_system systemd systemd systemd-sysv dbus ca-certificates sudo
    install_tool
    lay_out_shop
    table Cargo.toml '[workspace.metadata.formation]' <<<'app = "shop"'
    table Cargo.toml '[workspace.metadata.formation.config]' <<'TABLE'
DATABASE_URL = { required = true, secret = true, description = "SQLite or PostgreSQL" }
TABLE
    step "boot the machine"
    make_machine "$root"
    boot_machine
    seen "process 1 is $(inside systemctl --version | head -n 1)"

    starts
    answers_while_it_stops
    finishes_what_it_has
    survives_crashes
    keeps_what_runs_when_release_fails
    stops_where_new_code_does_not_come_up
    stops_and_starts_as_a_whole
    scales_by_hand
    scales_by_the_table
    runs_by_the_clock
    drops_what_the_table_drops
    hands_over_its_socket
    leaves_no_gap
    kills_who_does_not_stop
    comes_up_with_the_machine
    is_removed
}

# The table of the example app from now on, a line for each argument.
formation() { printf '%s\n' "$@" | table example-app/Cargo.toml '[package.metadata.formation]'; }

export_shop() { in_shop bash -ec "$export_line"; }
build_shop() { in_shop bash -ec "$build_line"; }
install_shop() { inside sh -ec "cd /srv/shop; $install_line"; }

deploy() {
    quietly export_shop
    quietly build_shop
    quietly install_shop
}

kill_process_of() { quietly inside systemctl kill --signal=KILL --kill-whom=main "$@"; }

show() {
    if [[ -n $leader ]]; then inside journalctl --quiet --no-pager --lines=30 --output=short-monotonic || true; fi
}

main
