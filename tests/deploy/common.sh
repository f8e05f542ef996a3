# shellcheck shell=bash
# What the scripts of the platforms have in common. Each sources this first.
#
# Whatever is started or made is handed to `at_end` with what ends or removes it, by its id or its
# path, before anything can go wrong. So a script that fails or is interrupted leaves nothing.
set -euo pipefail

# The checkout that is deployed.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# What the next time is faster with: root file systems, builds. Nothing in it is in use afterwards.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cargo-formation/deploy
mkdir -p "$cache"
# What is gone afterwards. Not in /tmp, which may be memory.
scratch=$(mktemp -d "$cache/scratch.XXXXXX")
# What the commands said.
log=$scratch/log
: >"$log"
# What was seen, a line each: `run` shows it at the end.
SEEN=${SEEN:-/dev/null}

# One file system: what is mounted there by mistake is not emptied.
ends=("rm -rf --one-file-system -- ${scratch@Q}")
# Have a command run at the end, before those that are there already.
at_end() { ends=("$1" "${ends[@]}"); }

# Runs once, whatever happens, and to its end.
clean_up() {
    local status=$? last=$BASH_COMMAND command
    trap '' INT TERM HUP
    trap - EXIT
    set +e
    if ((status)) && [[ -z $is_told ]]; then tell "\`$last\` ended with $status"; fi
    for command in "${ends[@]}"; do eval "$command" >>"$log" 2>&1; done
    exit "$status"
}
trap clean_up EXIT
trap 'is_told=yes; exit 130' INT
trap 'is_told=yes; exit 143' TERM HUP

# Say what is looked at next.
step() { echo "==> $* ($SECONDS s)"; echo "==> $*" >>"$log"; }

# Write down what was seen.
seen() { echo "    seen: $*"; echo "$*" >>"$SEEN"; }

# What else a failure shows. A platform may have more to show than the log.
show() { :; }

# Why it ends, with what was said last.
is_told=
tell() {
    is_told=yes
    {
        echo "---- the last of the log:"
        tail -n 40 "$log" | cut -c 1-300
        show || true
        echo "FAILED: $*"
    } >&2
    echo "FAILED: $*" >>"$SEEN"
}

fail() { tell "$@"; exit 1; }

# Compare what is with what should be: expect WHAT EXPECTED FOUND.
expect() { [[ $2 == "$3" ]] || fail "$1: expected \`$2\`, found \`$3\`"; }

# So many seconds something may take that is not a build or a download. It only ever fails.
deadline=90

# Wait until a command succeeds: eventually COMMAND…
eventually() {
    local last=$((SECONDS + deadline))
    until "$@" >>"$log" 2>&1; do
        ((SECONDS < last)) || fail "not within $deadline s: $*"
        # Between two looks, not instead of one.
        sleep 0.2
    done
}

# Run a command, and keep what it says for the case that something goes wrong.
quietly() { echo "\$ $*" >>"$log"; "$@" >>"$log" 2>&1 || fail "this failed: $*"; }

# Install the packages of Debian that are missing: needs_packages PROGRAM=PACKAGE…
needs_packages() {
    local pair packages=()
    for pair in "$@"; do
        type -p "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
    done
    if ((${#packages[@]} == 0)); then return; fi
    step "install ${packages[*]}"
    quietly apt-get update -q
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
}

# The root file system of a Debian like this one, made once: root_file_system NAME PACKAGE…
# Sets `root`. Whoever changes it works on a copy.
root_file_system() {
    local name=$1 suite packages
    shift
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    packages=$(IFS=,; echo "$*")
    root=$cache/$suite-$name-$(sha256sum <<<"$packages" | head -c 8)
    if [[ -d $root ]]; then return; fi
    needs_packages debootstrap=debootstrap
    step "make a root file system of $suite, once"
    # It mounts /proc and /sys there, which an interruption leaves behind.
    at_end "umount -q -R ${scratch@Q}/root/proc ${scratch@Q}/root/sys"
    quietly debootstrap --variant=minbase --include="$packages" "$suite" "$scratch/root"
    rm -rf -- "$scratch"/root/var/cache/apt/archives/*.deb
    mv -T -- "$scratch/root" "$root"
}

# `cargo formation` of this checkout, as somebody has it who installed it.
install_tool() {
    step "build the tool"
    quietly cargo build --manifest-path "$repository/Cargo.toml" --locked --package cargo-formation
    local target
    target=$(cargo metadata --manifest-path "$repository/Cargo.toml" --no-deps --format-version 1 |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    mkdir "$scratch/bin"
    cp -- "$target/debug/cargo-formation" "$scratch/bin/"
    PATH=$scratch/bin:$PATH
}

# The example app as a workspace of its own, as the pages have it: it is called `shop`. Sets
# `shop`. It lies in the cache, so that what was built of it is there the next time.
lay_out_shop() {
    shop=$cache/shop
    mkdir -p "$shop"
    rm -rf -- "$shop/example-app" "$shop/deploy" "$shop"/{Cargo.toml,Cargo.lock,Dockerfile,.dockerignore,.cargo}
    # With their times, so that cargo knows what it has built.
    (cd "$repository" && git ls-files -z --cached --others --exclude-standard \
        Cargo.lock Cargo.toml .cargo example-app | tar -c --null -T -) | tar -x -C "$shop"
    # Its tests stand on what is not here.
    sed -i '/^\[dev-dependencies\]/,/^$/d' "$shop/example-app/Cargo.toml"
    sed -i 's/^members = .*/members = ["example-app"]/; /^exclude = /d' "$shop/Cargo.toml"
    # As somebody has it who has installed the tool.
    sed -i '/^\[alias\]/,/^$/d' "$shop/.cargo/config.toml"
    # Without what nobody needs any more, and nothing newer.
    quietly in_shop cargo update --quiet --workspace
}

# Run a command where the shop is. What it builds is in its `target`, as on the pages.
in_shop() (cd "$shop" && unset CARGO_TARGET_DIR CARGO_BUILD_BUILD_DIR && "$@")

# Replace the formation's table by standard input: table FILE HEADER, as in
# `table example-app/Cargo.toml '[package.metadata.formation]'`. The file is below `shop`.
table() {
    local file=$shop/$1 header=$2 text
    text=$(cat)
    awk -v header="$header" '
        $0 == header { inside = 1; next }
        inside && /^\[/ { inside = 0 }
        !inside { print }
    ' "$file" >"$scratch/table"
    printf '\n%s\n%s\n' "$header" "$text" >>"$scratch/table"
    cat -- "$scratch/table" >"$file"
}

# The commands of a page, as they stand there: its first block of `sh`.
commands_of() {
    awk '/^```sh$/ { inside = 1; next } inside && /^```$/ { exit } inside' "$repository/$1"
}

# That of them which has these words: command_of PAGE WORDS.
command_of() {
    local line
    line=$(commands_of "$1" | grep -F -m 1 -e "$2") || fail "$1 has no command \`$2\`"
    echo "$line"
}
