#!/usr/bin/env bash
# The example app as the image of docs/deploy/dockerfile.md, run by the commands of
# docs/deploy/compose.md.
# shellcheck source=containers.sh
. "$(dirname "$0")/containers.sh"

page=docs/deploy/compose.md

main() {
    prepare
    look_at_image
    build_again

    export_compose
    starts_nothing_when_release_fails
    starts
    follows_the_logs
    survives_a_crash
    finishes_what_it_has
    scales_by_hand
    runs_what_the_table_says_now
    leaves_nothing
}

look_at_image() {
    local found container
    step "look at the image"
    expect "user, command and entry point" '65532:65532 ["web"] null' \
        "$(inspect shop '{{.Config.User}} {{json .Config.Cmd}} {{json .Config.Entrypoint}}')"
    expect "ports" '{"8080/tcp":{}}' "$(inspect shop '{{json .Config.ExposedPorts}}')"
    container=$(docker create shop)
    found=$(docker export "$container" | tar -t | sed -n 's|^\(app/.*[^/]\)$|\1|p' | sort | paste -s -d ' ')
    quietly docker rm "$container"
    expect "the files of /app" "app/target/release/clock app/target/release/migrate \
app/target/release/web app/target/release/worker" "$found"
    seen "the image: $(($(inspect shop '{{.Size}}') / 1000000)) MB, of them" \
        "$(($(inspect gcr.io/distroless/cc-debian12:nonroot '{{.Size}}') / 1000000)) MB of the base;" \
        "the user is 65532, CMD is web, no ENTRYPOINT, nothing in /app but the four binaries"
}

build_again() {
    local start=$SECONDS compiled
    step "build it again after an edit of one file"
    # Another one each time, as the engine knows what it has built before.
    echo "// An edit, at $(date +%s.%N)." >>"$shop/example-app/src/bin/clock.rs"
    as_on "$image_page" 'docker build --tag shop' >"$scratch/build" 2>&1 || fail "no second build"
    compiled=$(sed -n 's/.* Compiling \([^ ]*\) .*/\1/p' "$scratch/build" | sort -u | paste -s -d ' ')
    expect "what the second build compiled" example-app "$compiled"
    seen "after an edit of one file it was built in $((SECONDS - start)) s: only the app was compiled"
}

export_compose() {
    step "export for Compose"
    cat >"$shop/.env" <<'ENV'
DATABASE_URL=postgres://postgres:secret@db/postgres
POSTGRES_PASSWORD=secret
HOST=0.0.0.0
ENV
    quietly_as_on "$page" 'cargo formation export compose'
    quietly in_shop cargo formation export compose --check
}

starts_nothing_when_release_fails() {
    step "a release that fails"
    if DATABASE_URL=postgres://postgres:wrong@db/postgres as_on "$page" 'up --detach --build' >>"$log" 2>&1; then
        fail "\`up\` succeeded with a release that failed"
    fi
    has_said shop-release-1 'password authentication failed' || fail "release failed otherwise"
    expect "what runs" shop-db-1 "$(containers running)"
    expect "what was never started" "shop-clock-1 shop-web-1 shop-web-2 shop-worker-1 shop-worker-2" \
        "$(containers created)"
    seen "a release that failed: \`up\` fails, and nothing but the database was started"
}

starts() {
    local name released
    step "up"
    quietly_as_on "$page" 'up --detach --build'
    expect "what runs" "shop-clock-1 shop-db-1 shop-web-1 shop-web-2 shop-worker-1 shop-worker-2" \
        "$(containers running)"
    expect "how release ended" "exited 0" "$(inspect shop-release-1 '{{.State.Status}} {{.State.ExitCode}}')"
    released=$(inspect shop-release-1 '{{.State.FinishedAt}}')
    for name in shop-{clock-1,web-1,web-2,worker-1,worker-2}; do
        [[ $(inspect "$name" '{{.State.StartedAt}}') > $released ]] ||
            fail "$name was started before release had ended"
    done
    eventually healthy 4000
    eventually healthy 4001
    as_on "$page" ' ps' | grep -q shop-worker-2 || fail "\`ps\` does not show the instances"
    eventually has_good_checks "$itself" 2
    for name in shop-{clock-1,web-1,web-2,worker-1,worker-2}; do
        expect "user, rights and new rights of $name" "65532 0000000000000000 1" \
            "$(rights_of "$(pid_of "$name")" Uid CapEff NoNewPrivs)"
    done
    seen "release ran before the others; web answers at 4000 and 4001, checks of it are recorded"
}

# The last command of the page goes on for ever, so it is ended.
follows_the_logs() {
    local follower
    step "follow the logs"
    setsid bash -ec "cd ${shop@Q}; exec $(command_of "$page" ' logs --follow')" >"$scratch/followed" 2>&1 &
    follower=$!
    at_end "kill -- -$follower"
    eventually grep -q '^worker-[12] .*this service: up' "$scratch/followed"
    kill -- "-$follower"
}

survives_a_crash() {
    local name
    step "kill web and worker"
    for name in shop-web-1 shop-worker-2; do
        quietly inside kill -KILL "$(pid_of "$name")"
        eventually was_restarted "$name" 1
    done
    eventually healthy
    was_restarted shop-web-2 0 || fail "shop-web-2 was restarted, too"
    checks_go_on
    seen "web and worker, killed with KILL, were started again, and nobody else"
}

finishes_what_it_has() {
    local stopping
    step "stop while a request and a check are under way"
    slow_servers shop-worker-1 shop-worker-2
    begin_request
    ask_slow_servers
    compose stop web worker clock >>"$log" 2>&1 7>&- &
    stopping=$!
    eventually has_said shop-web-1 'SIGTERM, stopping'
    eventually has_said "$busy" 'SIGTERM, stopping'
    let_slow_servers_go
    end_request
    expect "the answer to the request" 201 "$answered"
    wait "$stopping" || fail "it did not stop"
    ended_well shop-{web-1,web-2,worker-1,worker-2,clock-1}
    quietly_as_on "$page" 'up --detach --build'
    eventually healthy
    expect "the checks of slow, and how many found it well" "1 1" "$(checks slow) $(good_checks slow)"
    expect "how often slow was asked" 1 "$(times_asked)"
    seen "stopped with a request half sent and a check half done: 201, one good check, every exit status is 0"
}

scales_by_hand() {
    local before
    step "more by hand, and fewer"
    before=$(inspect shop-web-1 '{{.State.StartedAt}}')
    quietly_as_on "$page" '--scale worker=4'
    expect "what runs" "shop-clock-1 shop-db-1 shop-web-1 shop-web-2 shop-worker-1 shop-worker-2 \
shop-worker-3 shop-worker-4" "$(containers running)"
    quietly_as_on "$page" '--scale worker=4' --scale worker=1
    expect "what runs" "shop-clock-1 shop-db-1 shop-web-1 shop-web-2 shop-worker-1" "$(containers running)"
    expect "when web was started" "$before" "$(inspect shop-web-1 '{{.State.StartedAt}}')"
    seen "worker 2 to 4 to 1 by hand, and web went on"
}

runs_what_the_table_says_now() {
    step "another table"
    formation 'web = {}' 'worker = { quantity = 3 }'
    if in_shop cargo formation export compose --check >>"$log" 2>&1; then fail "--check missed the change"; fi
    quietly_as_on "$page" 'cargo formation export compose'
    quietly_as_on "$page" 'up --detach --build' --remove-orphans
    # Which of two instances goes is for the engine to say.
    expect "what runs" "db web worker worker worker" \
        "$(containers running | sed 's/shop-\([a-z]*\)-[0-9]*/\1/g')"
    eventually healthy
    if healthy 4001 2>>"$log"; then fail "somebody still answers at 4001"; fi
    seen "web 2 to 1, worker to 3 and no clock, by the table: so it runs, and nothing else is left"
}

leaves_nothing() {
    step "down"
    quietly_as_on "$page" ' down' --volumes
    expect "containers" "" "$(docker ps --all --quiet)"
    expect "networks" "" "$(docker network ls --quiet --filter label=com.docker.compose.project=shop)"
    expect "volumes" "" "$(docker volume ls --quiet)"
    seen "\`down\` leaves no container, no network and no volume"
}

main; exit
