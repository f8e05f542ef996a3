# shellcheck shell=bash
# What is seen of a second app, `door.rs`, that takes half a second to start: where it is handed its
# socket and says when it is up, and where it does neither.

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
    arguments_arrive
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

arguments_arrive() {
    local given
    given=$(journal_of "$(property door-door@5000 MainPID)" | grep -e '^arguments' -e '^variable')
    expect "what door was given" "$(cat "$repository/tests/deploy/systemd/door.given")" "$given"
    seen "arguments and variables with quotes, blanks, \`%\`, \`\$\`, \`\\\` and line breaks arrived as they are"
}

leaves_no_gap() {
    local before
    step "deploy two instances that start slowly, under load"
    before=$(property door-slow@5100 MainPID)
    load 5100 5101
    quietly inside sudo sh /srv/door/units/install.sh /srv/door
    end_load
    is_another door-slow@5100 "$before" || fail "it is still the old process"
    ((asked > 0)) || fail "there was no load"
    expect "requests that neither took, of $asked" 0 "$unanswered"
    seen "of two instances that take half a second to start, one answered each of $asked requests during a deploy"
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
