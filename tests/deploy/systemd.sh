#!/usr/bin/env bash
# The example app on a real systemd, deployed by the commands of docs/deploy/systemd.md.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=systemd/machine.sh
. "$(dirname "$0")/systemd/machine.sh"
# shellcheck source=systemd/asking.sh
. "$(dirname "$0")/systemd/asking.sh"

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
    cat >>"$shop/Cargo.toml" <<'TABLE'

[workspace.metadata.formation]
app = "shop"
config.DATABASE_URL = { required = true, secret = true, description = "SQLite or PostgreSQL" }
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

# ---- What is looked at.

starts() {
    local status=0 released instance uid
    step "the first deploy"
    formation 'web = { quantity = 2 }' 'worker = { quantity = 2 }' "$clock" "$release" "$nightly"
    quietly export_shop
    quietly build_shop
    # Somebody whose names begin with ours, and who has nothing to do with us.
    inside systemd-run --quiet --unit=shop-next sleep infinity
    stranger=$(property shop-next MainPID)

    install_shop >>"$log" 2>&1 || status=$?
    expect "the first install.sh, which asks for the environment file" 1 "$status"
    expect "mode and owner of /etc/shop/env" "600 root" "$(inside stat -c '%a %U' /etc/shop/env)"
    expect "what is started before it is filled in" "" "$(running)"
    inside sed -i 's|^DATABASE_URL=$|DATABASE_URL=sqlite:/var/lib/shop/uptime.db|' /etc/shop/env
    seen "the first install.sh asks for /etc/shop/env, of mode 600, and starts nothing"

    quietly install_shop
    expect "what runs" "shop-clock.service shop-web@4000.service shop-web@4001.service \
shop-worker@1.service shop-worker@2.service" "$(running)"
    expect "how often release ran" 1 "$(lines_of shop-release 'the database is up to date')"
    released=$(property shop-release ExecMainExitTimestampMonotonic)
    for instance in $(running); do
        (($(property "$instance" ExecMainStartTimestampMonotonic) >= released)) ||
            fail "$instance started before release had ended"
        uid=$(inside stat -c %u "/proc/$(property "$instance" MainPID)")
        ((uid > 0)) || fail "$instance runs as root"
    done
    seen "release ran once, and before the others; $(running | wc -w) instances run, none as root"

    eventually healthy 4000
    eventually healthy 4001
    eventually has_checks 'this%20service' 2
    expect "whether the target is enabled" enabled "$(inside systemctl is-enabled shop.target)"
    has shop-worker@2.service inside sh -c "$list_line" ||
        fail "\`systemctl list-dependencies\` of the page does not show the instances"
    # It goes on for ever; its reader does not.
    { inside timeout 60 sh -c "$follow_line" || true; } |
        grep -m 1 'shop-worker\.[12].*: up' >>"$log" || fail "\`journalctl\` of the page does not show the lines"
    seen "web answers /healthz at 4000 and 4001, checks are performed and recorded"
}

answers_while_it_stops() {
    local client before
    step "restart web while it is answering"
    before=$(property shop-web@4000 MainPID)
    mkfifo "$scratch/body"
    nsenter --target "$leader" --net -- curl --silent --verbose --max-time 60 --request POST --header 'Content-Type: application/json' \
        --header 'Expect: 100-continue' --upload-file - --write-out '%{http_code}' \
        http://127.0.0.1:4000/api/monitors <"$scratch/body" >"$scratch/answer" 2>"$scratch/verbose" &
    client=$!
    at_end "kill $client"
    exec 7>"$scratch/body"
    printf '{"name": "half a request", "every": 3600, ' >&7
    eventually grep -q '^< HTTP/1.1 100' "$scratch/verbose"
    inside systemctl restart --no-block shop-web@4000
    eventually has 'SIGTERM, stopping' journal_of "$before"
    printf '"url": "http://127.0.0.1:4001/healthz"}' >&7
    exec 7>&-
    wait "$client" || fail "the request was not answered: $(tail -n 3 "$scratch/verbose")"
    grep -q '201$' "$scratch/answer" || fail "the answer was $(cat "$scratch/answer")"
    eventually is_another shop-web@4000 "$before"
    eventually healthy 4000
    expect "ends of shop-web@4000 that went well" 1 "$(lines_of shop-web@4000 'Deactivated successfully')"
    nobody_was_killed
    seen "a request half sent when web was restarted was answered, with 201, before it ended"
}

finishes_what_it_has() {
    local before worker workers=(shop-worker@1 shop-worker@2)
    step "stop the workers while they perform a check"
    before=$(property "${workers[0]}" MainPID)
    slow_server 7000
    monitor slow http://127.0.0.1:7000/
    eventually test -s "$scratch/slow-7000/asked"
    inside systemctl stop --no-block "${workers[@]}"
    eventually has 'SIGTERM, stopping' journal_of "$before"
    touch "$scratch/slow-7000/go"
    for worker in "${workers[@]}"; do eventually is_state "$worker" inactive; done
    for worker in "${workers[@]}"; do expect "how $worker ended" success "$(property "$worker" Result)"; done
    expect "the checks of slow" 1 "$(checks slow)"
    has '"state":"up"' api monitors/slow/checks || fail "the check of slow was not finished"
    quietly inside systemctl start "${workers[@]}"
    expect "how often slow was asked" 1 "$(wc -l <"$scratch/slow-7000/asked")"
    nobody_was_killed
    seen "a check under way when the workers were stopped was finished, and recorded once"
}

survives_crashes() {
    local before unit crash crashes=8
    step "kill web and worker"
    for unit in shop-web@4001 shop-worker@1; do
        before=$(property "$unit" MainPID)
        kill_process_of "$unit"
        eventually is_another "$unit" "$before"
        expect "restarts of $unit" 1 "$(property "$unit" NRestarts)"
    done
    eventually healthy 4001
    seen "web and worker, killed with KILL, were started again"

    step "kill a worker $crashes times in a row"
    for ((crash = 0; crash < crashes; crash++)); do
        before=$(property shop-worker@2 MainPID)
        kill_process_of shop-worker@2
        eventually is_another shop-worker@2 "$before"
    done
    expect "restarts of shop-worker@2" "$crashes" "$(property shop-worker@2 NRestarts)"
    seen "a worker that crashed $crashes times in a row runs: there is no limit"

    step "kill both workers while they perform a check"
    slow_server 7001
    monitor lost http://127.0.0.1:7001/
    eventually test -s "$scratch/slow-7001/asked"
    kill_process_of shop-worker@1 shop-worker@2
    touch "$scratch/slow-7001/go"
    eventually has_checks lost 1
    expect "the checks of lost" 1 "$(checks lost)"
    expect "moments with two checks" "" "$(moments 'this%20service' | sort | uniq -d)"
    checks_go_on
    seen "a check lost with its worker was performed again and recorded once; checks go on"
}

keeps_what_runs_when_release_fails() {
    local before said binary
    step "a release that fails"
    before=$(processes)
    mkdir "$scratch/door/broken"
    for binary in web worker clock; do cp -- "$(type -P true)" "$scratch/door/broken/$binary"; done
    cp -- "$(type -P false)" "$scratch/door/broken/migrate"
    if said=$(inside sudo sh /srv/shop/deploy/systemd/install.sh /srv/door/broken 2>&1); then
        fail "install.sh succeeded with a release that failed"
    fi
    grep -q 'release failed, and nothing else has changed' <<<"$said" || fail "it said: $said"
    expect "what runs after it" "$before" "$(processes)"
    quietly inside cmp /srv/shop/target/release/worker /opt/shop/bin/worker
    before=$(property shop-worker@1 MainPID)
    kill_process_of shop-worker@1
    eventually is_another shop-worker@1 "$before"
    quietly inside cmp /srv/shop/target/release/worker "/proc/$(property shop-worker@1 MainPID)/exe"
    checks_go_on
    seen "a release that failed started nothing; what ran went on, and restarts with the old code"
}

stops_where_new_code_does_not_come_up() {
    local before said
    step "code that starts, and does not listen"
    formation 'web = { quantity = 2, health = { path = "/healthz", startup = "3s" } }' \
        'worker = { quantity = 2 }' "$clock" "$release" "$nightly"
    quietly export_shop
    before=$(processes | grep -v web@4000)
    # The release is in order this time.
    cp -- "$shop/target/release/migrate" "$scratch/door/broken/"
    if said=$(inside sudo sh /srv/shop/deploy/systemd/install.sh /srv/door/broken 2>&1); then
        fail "install.sh succeeded, and web does not listen"
    fi
    grep -q 'shop-web@4000.service does not listen at 4000 after 3 s' <<<"$said" || fail "it said: $said"
    expect "who runs on with the old code" "$before" "$(processes)"
    healthy 4001 || fail "web at 4001 does not answer"
    formation 'web = { quantity = 2 }' 'worker = { quantity = 2 }' "$clock" "$release" "$nightly"
    deploy
    expect "how many run after a deploy of good code" 5 "$(running | wc -w)"
    healthy 4000 || fail "web at 4000 does not listen after a deploy"
    seen "a deploy of a web that does not listen ended at the first; the other, worker and clock ran on; the" \
        "next deploy, of good code, set all right"
}

stops_and_starts_as_a_whole() {
    local before
    step "stop the target, and start it"
    before=$(running)
    quietly inside systemctl stop shop.target
    expect "what runs" "" "$(running)"
    nobody_was_killed
    quietly inside systemctl start shop.target
    expect "what runs" "$before" "$(running)"
    eventually healthy 4001
    checks_go_on
    seen "systemctl stop shop.target ends all within their time, start brings all back"
}

scales_by_hand() {
    local before
    step "one more by hand"
    before=$(processes)
    quietly inside systemctl start shop-worker@3 shop-web@4002
    eventually healthy 4002
    expect "who else runs" "$before" "$(processes | grep -v -e worker@3 -e web@4002)"
    quietly inside systemctl stop shop-web@4002
    expect "who else runs" "$before" "$(processes | grep -v worker@3)"
    seen "instances started and stopped by hand leave the others their processes"
}

scales_by_the_table() {
    local before
    step "more by the table, under load"
    formation 'web = { quantity = 3 }' 'worker = { quantity = 4 }' "$clock" "$release" "$nightly"
    if in_shop cargo formation export systemd --check >>"$log" 2>&1; then fail "--check missed a change"; fi
    before=$(processes)
    load 4000 4001
    deploy
    end_load
    expect "what runs" "shop-clock.service shop-web@4000.service shop-web@4001.service \
shop-web@4002.service shop-worker@1.service shop-worker@2.service shop-worker@3.service \
shop-worker@4.service" "$(running)"
    expect "who was not restarted" "" "$(grep -xF -f <(echo "$before") <(processes) || true)"
    eventually healthy 4002
    ((asked > 0)) || fail "there was no load"
    expect "requests that neither web answered, of $asked" 0 "$unanswered"
    quietly in_shop cargo formation export systemd --check
    seen "web from 2 to 3 and worker to 4 by the table: all restarted, and one of two webs answered each of" \
        "$asked requests; then the export is up to date"
}

runs_by_the_clock() {
    step "what runs every minute"
    eventually has 'the database is up to date' inside journalctl --quiet --output=cat --unit=shop-nightly
    expect "whether the timer runs" active "$(property shop-nightly.timer ActiveState)"
    seen "the timer of a type with a schedule, every minute, started it"
}

drops_what_the_table_drops() {
    step "fewer, and two types less"
    formation 'web = { quantity = 2 }' 'worker = {}' "$release"
    deploy
    expect "what runs" "shop-web@4000.service shop-web@4001.service shop-worker@1.service" "$(running)"
    expect "the units of dropped types" "" "$(inside find /etc/systemd/system -name '*clock*' -o -name '*nightly*')"
    expect "what failed" "" "$(inside systemctl --failed --plain --no-legend)"
    expect "the process of shop-next, a stranger" "$stranger" "$(property shop-next MainPID)"
    nobody_was_killed
    seen "web from 3 to 2, worker from 4 to 1, two types less: stopped and removed, all within their time, and" \
        "\`shop-next.service\` of somebody else was left alone"
}

hands_over_its_socket() {
    local before restart restarts=5
    step "restart an app with \`socket = true\` and \`ready = \"notify\"\` under load"
    mkdir -p "$cache/door/src"
    cp -- "$repository/tests/deploy/systemd/door.rs" "$cache/door/src/main.rs"
    cp -- "$repository/tests/deploy/systemd/door.toml" "$cache/door/Cargo.toml"
    quietly in_door cargo build --release
    quietly in_door cargo formation export systemd --output "$scratch/door/units"
    cp -- "$cache/door/target/release/door" "$scratch/door/"
    quietly inside sudo sh /srv/door/units/install.sh /srv/door
    load 5000
    for ((restart = 0; restart < restarts; restart++)); do
        before=$(property door-door@5000 MainPID)
        quietly inside systemctl restart door-door@5000
        # It has said that it is up, and so it is.
        expect "who answers" "$(property door-door@5000 MainPID)" "$(ask http://127.0.0.1:5000/)"
        is_another door-door@5000 "$before" || fail "it is still the old process"
    done
    end_load
    ((asked > restarts)) || fail "there was no load"
    expect "requests without an answer, of $asked" 0 "$unanswered"
    seen "with \`socket = true\` all of $asked requests during $restarts restarts were answered, by one instance"
}

kills_who_does_not_stop() {
    local silent began took
    step "stop who waits for a client that says nothing"
    quietly inside systemctl restart door-door@5000
    nsenter --target "$leader" --net -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/5000; read -r -u 3' 2>>"$log" &
    silent=$!
    at_end "kill $silent"
    eventually has 'somebody is let in' journal_of "$(property door-door@5000 MainPID)"
    began=$(now_ms)
    quietly inside systemctl stop door-door@5000
    took=$(($(now_ms) - began))
    expect "how it ended" timeout "$(property door-door@5000 Result)"
    ((took >= 2000)) || fail "it was killed after $took ms, before its timeout of 2 s"
    quietly inside systemctl reset-failed door-door@5000
    quietly inside systemctl start door-door@5000
    seen "who does not stop within \`stop = { timeout = \"2s\" }\` is killed, here after $took ms"
}

now_ms() { date +%s%3N; }

in_door() (cd "$cache/door" && unset CARGO_TARGET_DIR CARGO_BUILD_BUILD_DIR && "$@")

comes_up_with_the_machine() {
    local before
    step "restart the machine"
    before="$(running) $(running door)"
    reboot_machine
    eventually healthy 4000
    eventually healthy 4001
    expect "what runs" "$before" "$(running) $(running door)"
    expect "how often release ran" 0 "$(lines_of shop-release 'the database is up to date')"
    has_checks 'this%20service' 2 || fail "the checks from before are gone"
    seen "after a restart of the machine the formation is up by itself with all it knew, and release has not run"
}

is_removed() {
    step "remove it"
    quietly inside sudo sh /srv/shop/deploy/systemd/install.sh --remove
    expect "what runs" "" "$(running)"
    expect "its units" "" "$(inside find /etc/systemd/system -name 'shop[-.]*')"
    quietly inside test -s /etc/shop/env -a -s /var/lib/shop/uptime.db
    expect "what else runs" "door-door@5000.service" "$(running door)"
    seen "install.sh --remove left the environment file and the database, and nothing else"
}

show() {
    if [[ -n $leader ]]; then inside journalctl --quiet --no-pager --lines=30 --output=short-monotonic || true; fi
}

main
