# shellcheck shell=bash
# A room for an engine: its own process ids, mounts and network, so that nothing of it gets out.
#
# Whoever is in it ends with its process 1, and so do its mounts, its network and all containers,
# however this script ends. It reaches the world as a program of slirp4netns, and the rules of this
# machine's packet filter stay as they are.

# The number of its process 1 here, while it runs.
leader=
# Where the engines put the control groups of their containers.
groups=formation-deploy-$$

open_room() {
    local room
    needs_packages catatonit=catatonit slirp4netns=slirp4netns nsenter=util-linux
    at_end remove_groups
    # Process 1 has to collect the orphans of the engines.
    setsid setpriv --pdeathsig KILL unshare --mount --pid --net --fork --kill-child --mount-proc \
        catatonit -P </dev/null >>"$log" 2>&1 &
    room=$!
    # By way of its process 1, so that somebody waits for that.
    at_end "kill -KILL \${leader:-$room}; wait $room"
    eventually find_leader "$room"
    setsid setpriv --pdeathsig KILL slirp4netns --configure --disable-host-loopback \
        --netns-type=path "/proc/$leader/ns/net" tap0 </dev/null >>"$log" 2>&1 &
    at_end "kill $!; wait $!"
    eventually has_network
    quietly inside sh -euc "$own_files" own_files "$scratch"
}

# What engines keep outside of their own directories is of the room, too; so is who knows names.
# shellcheck disable=SC2016 # It is the other shell that expands this.
own_files='
    echo nameserver 10.0.2.3 >"$1/resolv.conf"
    mkdir -p /var/lib/cni
    for place in /run /dev/shm /var/lib/cni; do mount -t tmpfs tmpfs "$place"; done
    names=$(realpath -m /etc/resolv.conf)
    mkdir -p "$(dirname "$names")"
    [ -e "$names" ] || touch "$names"
    mount --bind "$1/resolv.conf" "$names"
'

find_leader() {
    kill -0 "$1" || fail "the room could not be opened"
    leader=$(tr -d ' ' <"/proc/$1/task/$1/children")
    [[ -n $leader && $(cat "/proc/$leader/comm") == catatonit ]]
}

has_network() { inside ip route show default | grep -q tap0; }

# Run a command there, with the files and the environment of here.
inside() { nsenter --target "$leader" --mount --pid --net --wd -- "$@"; }

# The same as a process of which `$!` is the number here.
beside() { exec nsenter --target "$leader" --mount --pid --net --wd -- "$@"; }

# Run a command in the network of a process of the room: in_network_of PID COMMAND…
in_network_of() {
    local pid=$1
    shift
    inside nsenter --net="/proc/$pid/ns/net" -- "$@"
}

# What the kernel says of a process of the room, on one line: rights_of PID FIELD…
rights_of() {
    local field words=()
    for field in "${@:2}"; do
        words+=("$(inside sed -n "s/^$field:[[:space:]]*\([^[:space:]]*\).*/\1/p" "/proc/$1/status")")
    done
    echo "${words[*]}"
}

# Whether a place of its file system is mounted `rw` or `ro`: mount_of PID PLACE
mount_of() {
    # The fields are in proc_pid_mountinfo(5).
    inside sed -n "s|^[0-9]* [0-9]* [0-9:]* [^ ]* $2 \(r[ow]\).*|\1|p" "/proc/$1/mountinfo" | tail -n 1
}

# Empty control groups stay behind where they were made.
remove_groups() {
    find /sys/fs/cgroup -depth -type d -path "*/$groups*" -exec rmdir {} \;
}
