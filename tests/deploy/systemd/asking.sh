# shellcheck shell=bash
# What is asked of the machine: of its systemd, of its journal, and of the app by HTTP.

# Whether the output of a command has a text in it: has TEXT COMMAND…
has() {
    local text=$1 output
    shift
    output=$("$@") && [[ $output == *"$text"* ]]
}

# ---- Of systemd.

property() { inside systemctl show --property="$2" --value "$1"; }

is_state() { [[ $(property "$1" ActiveState) == "$2" ]]; }

# Whether a unit runs, and not as this process.
is_another() {
    local now
    now=$(property "$1" MainPID)
    is_state "$1" active && ((now != 0 && now != $2))
}

# The services of an app that run, on one line: running [APP]
running() {
    local units
    units=$(inside systemctl list-units --plain --no-legend --state=active "${1:-shop}-*.service")
    awk '$1 != "shop-next.service" { printf "%s%s", sep, $1; sep = " " }' <<<"$units"
}

# The same with their processes, a line each.
processes() {
    local unit
    for unit in $(running); do echo "$unit $(property "$unit" MainPID)"; done
}

# ---- Of the journal.

lines_of() { inside journalctl --quiet --boot --output=cat --unit="$1" | grep -c -F -e "$2" || true; }

# What the process of this number has said.
journal_of() { inside journalctl --quiet --output=cat "_PID=$1"; }

# Whoever was stopped has ended by itself, within its time.
nobody_was_killed() {
    expect "processes that had to be killed" 0 "$(lines_of 'shop-*' 'timed out')"
}

# ---- Of the app, from inside the machine's network.

beside() { nsenter --target "$leader" --net -- "$@"; }

ask() { beside curl --silent --show-error --max-time 10 "$@"; }

# The other one is restarted with a request under way.
web=http://127.0.0.1:4001

# A server in the machine's network that answers when it is let go: slow_server PORT. What it was
# asked is in $scratch/slow-PORT/asked, and it is let go by a file `go` there.
slow_server() {
    mkdir "$scratch/slow-$1"
    setsid setpriv --pdeathsig TERM nsenter --target "$leader" --net -- \
        perl "$repository/tests/deploy/slow.pl" "$1" "$scratch/slow-$1" 2>>"$log" &
    at_end "kill -- -$!"
    eventually test -e "$scratch/slow-$1/listening"
}

# Ask again and again, as a proxy before several instances would: load PORT… Each request goes to
# the first that takes it.
load() {
    rm -f -- "$scratch/load-ends"
    # shellcheck disable=SC2016 # It is the other bash that expands this.
    setpriv --pdeathsig TERM nsenter --target "$leader" --net -- bash -c '
        asked=0 unanswered=0 end=$1
        shift
        until [[ -e $end ]]; do
            for port in "$@"; do
                answer=$(curl --silent --max-time 10 --fail "http://127.0.0.1:$port/healthz") && break
            done
            ((asked += 1))
            [[ $answer ]] || ((unanswered += 1))
        done
        echo "$asked $unanswered"
    ' load "$scratch/load-ends" "$@" >"$scratch/load" &
    loader=$!
    at_end "touch ${scratch@Q}/load-ends"
}

# Sets `asked`, how many requests there were, and `unanswered`, how many nobody took.
end_load() {
    touch "$scratch/load-ends"
    wait "$loader" || fail "the load ended early"
    read -r asked unanswered <"$scratch/load"
}
