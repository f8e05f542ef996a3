# shellcheck shell=bash
# What is asked of the app by HTTP. Who sources this has an `ask`: `curl` from where the app can be
# reached.

# Where `web` is asked.
web=http://127.0.0.1:4000

# Whether `web` is well, or who is at a port of its machine: healthy [PORT]
healthy() {
    local base=$web
    if (($#)); then base=http://127.0.0.1:$1; fi
    [[ $(ask --fail "$base/healthz") == ok ]]
}

api() { ask --fail "$web/api/$1" "${@:2}"; }

# Have an address checked, now and then every hour: monitor NAME URL
monitor() {
    quietly api monitors --header 'Content-Type: application/json' \
        --data "{\"name\": \"$1\", \"url\": \"$2\", \"every\": 3600}"
}

# What is recorded of the checks of a monitor and is like this, a line each: recorded NAME PATTERN
recorded() { api "monitors/$1/checks?limit=10000" | grep -o -e "$2" || true; }

# The moments of which a check of a monitor is recorded, a line each.
moments() { recorded "$1" '"due":[0-9]*'; }

# How many checks of a monitor are recorded, and how many found it well.
checks() { moments "$1" | wc -l; }
good_checks() { recorded "$1" '"state":"up"' | wc -l; }

has_checks() { (($(checks "$1") >= $2)); }
has_good_checks() { (($(good_checks "$1") >= $2)); }

# The page's own monitor, as it is named in an address.
itself='this%20service'

# More checks of the service itself are recorded than now.
checks_go_on() { eventually has_good_checks "$itself" "$(($(good_checks "$itself") + 1))"; }
