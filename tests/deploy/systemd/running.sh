# shellcheck shell=bash
# What is seen of a formation that runs: its start, its ends, its crashes.

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
    eventually has_checks "$itself" 2
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
    expect "moments with two checks" "" "$(moments "$itself" | sort | uniq -d)"
    checks_go_on
    seen "a check lost with its worker was performed again and recorded once; checks go on"
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

comes_up_with_the_machine() {
    local before
    step "restart the machine"
    before="$(running) $(running door)"
    reboot_machine
    eventually healthy 4000
    eventually healthy 4001
    expect "what runs" "$before" "$(running) $(running door)"
    expect "how often release ran" 0 "$(lines_of shop-release 'the database is up to date')"
    has_checks "$itself" 2 || fail "the checks from before are gone"
    seen "after a restart of the machine the formation is up by itself with all it knew, and release has not run"
}
