
# sh install.sh DIRECTORY: install the binaries in DIRECTORY and the units beside this script;
#     run `release`; when it has succeeded, stop what is no longer wanted, start what is new, and
#     restart the rest one by one, the next when the one before listens. What fails leaves the
#     rest of the old formation running. May be repeated.
# sh install.sh --remove: stop all of it, and remove its units and binaries. The environment
#     file and what the processes wrote stay.
#
# What is stopped and removed are the exact names that an earlier run has written down.
# DESTDIR is put before every path, for those who try this out.
set -eu
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
etc=${DESTDIR:-}/etc/$app
systemd=${DESTDIR:-}/etc/systemd/system
home=${DESTDIR:-}/opt/$app
installed=$etc/installed
proc=${DESTDIR:-}/proc

say() { printf '%s\n' "$app: $*" >&2; }
fail() { say "$@"; exit 1; }

# The lines of the first list that are not in the second.
without() {
    printf '%s\n' "$1" | while IFS= read -r line; do
        if [ -n "$line" ] && ! printf '%s\n' "$2" | grep -qxF -e "$line"; then printf '%s\n' "$line"; fi
    done
}

# Each line of a list as the last argument of a command.
each() {
    list=$1
    shift
    printf '%s\n' "$list" | while IFS= read -r line; do
        if [ -n "$line" ]; then "$@" "$line" </dev/null || exit 1; fi
    done
}

# Somebody else's unit of that name would be gone: one of the machine, one of another app, or one
# in our place that was not emitted.
not_theirs() {
    for path in /usr/lib /usr/local/lib /lib; do
        path=${DESTDIR:-}$path/systemd/system/$1
        if [ -e "$path" ] || [ -L "$path" ]; then taken "$path" "a unit of this machine"; fi
    done
    for list in "${DESTDIR:-}"/etc/*/installed; do
        if [ "$list" != "$installed" ] && grep -qsxF -e "unit $1" "$list"; then taken "$1" "in $list"; fi
    done
    path=$systemd/$1
    if [ ! -e "$path" ] && [ ! -L "$path" ]; then return 0; fi
    if ! head -n 1 -- "$path" | grep -q -e '^# Emitted by .cargo formation'; then taken "$path" "not ours"; fi
}

taken() { fail "$1 is $2, and the unit of $app would take its place; say another \`app\` in the table. Nothing has changed"; }

install_unit() {
    mkdir -p "$(dirname -- "$systemd/$1")"
    cp -- "$here/$1" "$systemd/$1.new"
    mv -f -- "$systemd/$1.new" "$systemd/$1"
}

# Whoever started an instance besides: with its template it goes, and nobody else's does.
stop_template() {
    case $1 in *@.service | *@.socket) systemctl stop "${1%%@*}@*.${1##*.}" ;; esac
}

remove_unit() {
    stop_template "$1" || return 1
    rm -f -- "$systemd/$1" || return 1
    case $1 in */*) rmdir -- "$systemd/$(dirname -- "$1")" 2>/dev/null || true ;; esac
}

# Stop what is wanted no more. It may be gone already, if this was interrupted before.
stop_unit() {
    systemctl stop "$1" || ! systemctl is-active --quiet "$1" || return 1
    systemctl reset-failed "$1" 2>/dev/null || true
}

# Whether somebody listens at a port: state 0A of the tables of `proc(5)`.
listens() {
    grep -qs -e ": [0-9A-F]*:$(printf '%04X' "$1") [0-9A-F]*:0000 0A" "$proc/net/tcp" "$proc/net/tcp6"
}

# An instance that listens is there before the next one is stopped. To have been started is not
# enough.
restart() {
    systemctl restart "$1" || return 1
    if [ ! -r "$proc/net/tcp" ]; then return 0; fi
    printf '%s\n' "$listening" | while read -r unit port seconds; do
        if [ "$unit" != "$1" ]; then continue; fi
        tenths=0
        until listens "$port"; do
            if [ "$tenths" -ge "${seconds}0" ]; then
                fail "$unit does not listen at $port after $seconds s, and those after it have not been restarted; see journalctl -u $unit"
            fi
            tenths=$((tenths + 1))
            sleep 0.1
        done
    done
}

write_list() {
    printf '%s\n' "$1" >"$installed.new"
    mv -f -- "$installed.new" "$installed"
}

# What an earlier run installed: `unit NAME` is a file, `wants NAME` what it started.
before_units() { sed -n 's/^unit //p' "$installed" 2>/dev/null || true; }
before_wanted() { sed -n 's/^wants //p' "$installed" 2>/dev/null || true; }
as_list() { printf '%s\n' "$1" | sed -n 's/^\(..*\)$/unit \1/p'; printf '%s\n' "$2" | sed -n 's/^\(..*\)$/wants \1/p'; }

remove_all() {
    systemctl stop "$app.target" || true
    each "$(before_wanted)" stop_unit
    systemctl disable "$app.target" || true
    each "$(before_units)" remove_unit
    systemctl daemon-reload
    rm -rf -- "${home:?}/bin" "$home/bin-a" "$home/bin-b"
    rm -f -- "$installed"
    say "removed; $etc/env and the state in /var/lib/$app are left"
}

# The binaries lie in one of two directories, and `bin` leads to one of them: a step that is
# whole or was not.
point_to() {
    ln -sfn -- "$1" "$home/bin.new"
    mv -fT -- "$home/bin.new" "$home/bin"
}

install_binary() {
    [ -f "$from/$1" ] || fail "there is no binary $from/$1; build it first"
    cp -- "$from/$1" "$home/$next/$1"
    chmod 0755 "$home/$next/$1"
}

[ "$#" = 1 ] || fail "say where the binaries are: sh install.sh target/release"
if [ "$1" != --remove ]; then each "$units" not_theirs; fi
mkdir -p "$etc" "$systemd" "$home"
exec 9>"$etc/lock"
flock -n 9 || fail "another install.sh is at work"
if [ "$1" = --remove ]; then
    remove_all
    exit 0
fi
from=$1

# What the app needs has to be there; to be empty it is said as `NAME=""`.
if [ ! -e "$etc/env" ]; then (umask 077 && cp -- "$here/env.example" "$etc/env"); fi
unsaid=$(printf '%s\n' "$required" | while read -r name; do
    if [ -n "$name" ] && ! grep -q -e "^[[:space:]]*$name=." "$etc/env"; then printf ' %s' "$name"; fi
done)
if [ -n "$unsaid" ]; then
    fail "say in $etc/env, which only root can read:$unsaid; then run this again. Nothing has changed"
fi

previous=$(readlink "$home/bin" || true)
next=bin-a
if [ "$previous" = bin-a ]; then next=bin-b; fi
rm -rf -- "${home:?}/$next"
mkdir -p "$home/$next"
each "$binaries" install_binary
make_directory() { mkdir -p "$home/$1"; }
each "$directories" make_directory
point_to "$next"

if [ -n "$release" ]; then
    install_unit "$release"
    systemctl daemon-reload
    if ! systemctl start "$release"; then
        if [ -n "$previous" ]; then point_to "$previous"; fi
        fail "release failed, and nothing else has changed; see journalctl -u $release"
    fi
fi

# From here on both are known, until the old ones are gone.
old_units=$(before_units)
old_wanted=$(before_wanted)
write_list "$(as_list "$old_units" "$old_wanted"; as_list "$units" "$wanted")"
each "$(without "$old_wanted" "$wanted")" stop_unit
each "$(without "$old_units" "$units")" remove_unit
each "$units" install_unit
systemctl daemon-reload
systemctl enable "$app.target"
each "$services" restart
systemctl start "$app.target"
# Those that somebody started besides, of these templates and of no other.
instances() { systemctl list-units --plain --no-legend --state=active "$1" | sed 's/ .*//'; }
each "$(without "$(each "$templates" instances)" "$services")" systemctl try-restart
write_list "$(as_list "$units" "$wanted")"
say "installed"
