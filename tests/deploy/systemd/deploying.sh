# shellcheck shell=bash
# What is seen of deploys after the first: those that fail, and those that change the table.

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

is_removed() {
    step "remove it"
    quietly inside sudo sh /srv/shop/deploy/systemd/install.sh --remove
    expect "what runs" "" "$(running)"
    expect "its units" "" "$(inside find /etc/systemd/system -name 'shop[-.]*')"
    quietly inside test -s /etc/shop/env -a -s /var/lib/shop/uptime.db
    expect "what else runs" "door-door@5000.service door-slow@5100.service door-slow@5101.service" \
        "$(running door)"
    seen "install.sh --remove left the environment file and the database, and nothing else"
}
