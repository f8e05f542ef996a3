# shellcheck shell=bash
# Podman in the room: it plays what is emitted for Kubernetes.

lay_out_podman() {
    needs_packages podman=podman runc=runc iptables=iptables \
        /usr/lib/cni/bridge=containernetworking-plugins
    if ! type -p kubectl >/dev/null; then
        newest kubectl kubectl usr/bin/kubectl
        ln -s "$cache/kubectl" "$scratch/client/kubectl"
    fi
    mkdir -p "$scratch/podman"
    export CONTAINERS_CONF=$scratch/podman/containers.conf
    export CONTAINERS_STORAGE_CONF=$scratch/podman/storage.conf
    # `runc`, as `crun` of Debian 12 refuses machines with both kinds of control groups.
    cat >"$CONTAINERS_CONF" <<CONF
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "/run/podman"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
CONF
    cat >"$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$scratch/podman/storage"
runroot = "/run/podman-storage"
CONF
}

podman() { inside /usr/bin/podman "$@"; }

# The image of the engine, and the database's.
hand_over_images() {
    step "hand the images over to podman"
    docker tag shop localhost/shop:played
    docker tag postgres:15 localhost/postgres:played
    docker save localhost/shop:played localhost/postgres:played | podman load >>"$log" 2>&1 ||
        fail "podman does not take the images"
}

# A database beside the formation, as a cluster would have one somewhere.
database=10.88.0.50
start_database() {
    quietly podman run --detach --name db --ip "$database" --env POSTGRES_PASSWORD=secret \
        localhost/postgres:played
    eventually podman exec db pg_isready --host "$database"
}

# ---- What is asked of it.

# What the database answers to a query.
in_database() { podman exec db psql --username postgres --tuples-only --no-align --command "$1"; }

# The standard output of a Go template of a container: look NAME TEMPLATE
look() { podman container inspect --format "$2" "$1"; }

# The containers of the pods that run, without those that hold a pod together: running
running() {
    podman ps --filter status=running --format '{{.Names}}' | grep -v -e '-infra$' -e '^db$' |
        sort | paste -s -d ' '
}

pid_of() { look "$1" '{{.State.Pid}}'; }

has_said() { podman logs "$1" 2>&1 | grep -F -e "$2" >/dev/null; }

# Where the pod of a container is reached.
address_of() {
    in_network_of "$(pid_of "$1")" ip -4 -o address show eth0 | sed 's|.* inet \([0-9.]*\)/.*|\1|'
}

is_another() {
    local now
    now=$(pid_of "$1")
    ((now != 0 && now != $2))
}
