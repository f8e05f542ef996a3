# shellcheck shell=bash
# A machine whose process 1 is systemd: a container of systemd-nspawn, with a network of its own.
#
# It is known to nobody, neither machined nor a systemd of this machine, and needs neither.

# Its number here, and that of its process 1, while it runs.
nspawn=
leader=
machine=$scratch/machine

# Make a machine of a root file system: make_machine ROOT. What is in `shop` here is in /srv/shop
# there; what is in $scratch/door is in /srv/door.
make_machine() {
    cp -a --reflink=auto -- "$1" "$machine"
    echo machine >"$machine/etc/hostname"
    echo "127.0.0.1 localhost machine" >"$machine/etc/hosts"
    mkdir -p "$machine/srv/shop" "$machine/srv/door" "$scratch/door"
    at_end stop_machine
}

boot_machine() {
    # It ends with this script, however that ends, and is not reached by Ctrl-C.
    setsid setpriv --pdeathsig TERM systemd-nspawn --quiet --directory="$machine" --boot \
        --register=no --keep-unit --private-network --console=pipe \
        --bind-ro="$shop:/srv/shop" --bind-ro="$scratch/door:/srv/door" </dev/null >>"$scratch/console" 2>&1 &
    nspawn=$!
    eventually find_leader
    eventually is_up
}

find_leader() {
    kill -0 "$nspawn" || fail "systemd-nspawn ended: $(tail -n 3 "$scratch/console")"
    leader=$(tr -d ' ' <"/proc/$nspawn/task/$nspawn/children")
    [[ -n $leader && $(cat "/proc/$leader/comm") == systemd ]]
}

is_up() { [[ $(inside systemctl is-system-running) == running ]]; }

# Run a command in the machine, as root and with nothing of this environment.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --root --wd -- \
        env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Restart the machine, as an administrator would.
reboot_machine() {
    quietly inside systemctl reboot
    eventually is_gone "$nspawn"
    boot_machine
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Ask, then force. What systemd-nspawn leaves behind are empty control groups, where no other
# systemd removes them.
stop_machine() {
    local groups last
    if [[ -z $nspawn ]]; then return; fi
    groups=$(payload_groups)
    kill -TERM "$nspawn"
    last=$((SECONDS + 60))
    until is_gone "$nspawn" || ((SECONDS >= last)); do sleep 0.2; done
    kill -KILL "$nspawn"
    wait "$nspawn"
    remove_groups "$groups"
}

# The control groups of the machine that are its own from top to bottom.
payload_groups() {
    local path
    sed -n 's|^[^/]*:\(/.*payload\)/.*|\1|p' "/proc/$leader/cgroup" | sort -u | while IFS= read -r path; do
        for top in /sys/fs/cgroup "/sys/fs/cgroup"/*; do
            if [[ -d $top$path ]]; then echo "$top$path"; fi
        done
    done
}

remove_groups() {
    local group
    while IFS= read -r group; do
        if [[ -n $group ]]; then find "$group" -depth -type d -exec rmdir {} \; ; fi
    done <<<"$1"
}
