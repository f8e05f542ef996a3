# shellcheck shell=bash
# What is asked of the app by HTTP, from inside the room.

ask() { inside curl --silent --show-error --max-time 10 "$@"; }

# A request that is begun and not finished: `end_request` ends it, and sets `answered`
# to the status of the answer. It does not end while anybody else has file 7 open.
begin_request() {
    mkfifo "$scratch/body"
    # The answer to its head shows that somebody has taken it.
    inside curl --silent --verbose --max-time 60 --request POST --header 'Content-Type: application/json' \
        --header 'Expect: 100-continue' --upload-file - --write-out '%{http_code}' \
        --output "$scratch/answer" "$web/api/monitors" \
        <"$scratch/body" >"$scratch/status" 2>"$scratch/verbose" &
    requester=$!
    exec 7>"$scratch/body"
    printf '{"name": "half a request", "every": 3600, ' >&7
    eventually grep -q '^< HTTP/1.1 100' "$scratch/verbose"
}

end_request() {
    printf '"url": "%s/healthz"}' "$web" >&7
    exec 7>&-
    wait "$requester" || fail "the request was not answered: $(tail -n 3 "$scratch/verbose")"
    # shellcheck disable=SC2034 # Whoever calls this reads it.
    answered=$(cat "$scratch/status")
    rm -f -- "$scratch/body"
}

# A server beside each of some containers, at 127.0.0.1:7000 of their networks, which answers when
# it is let go: slow_servers NAME…
slow_servers() {
    local name
    for name in "$@"; do
        mkdir -p "$scratch/slow/$name"
        beside nsenter --net="/proc/$(pid_of "$name")/ns/net" -- \
            perl "$repository/tests/deploy/slow.pl" 7000 "$scratch/slow/$name" 2>>"$log" &
        eventually test -e "$scratch/slow/$name/listening"
    done
}

# Have them asked by whoever performs checks. Sets `busy` to the container that does.
ask_slow_servers() {
    monitor slow http://127.0.0.1:7000/
    eventually somebody_asks
}
somebody_asks() {
    local asked=("$scratch"/slow/*/asked)
    busy=$(basename -- "$(dirname -- "${asked[0]}")")
    [[ -s ${asked[0]} ]]
}

let_slow_servers_go() { touch "$scratch/slow/$busy/go"; }

times_asked() { cat -- "$scratch"/slow/*/asked | wc -l; }
