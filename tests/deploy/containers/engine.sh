# shellcheck shell=bash
# Docker with its plugins, in the room. What it has built is in the cache, for the next time.

engine_data=$cache/docker

start_engine() {
    local engine
    needs_packages dockerd=docker.io runc=runc iptables=iptables
    lay_out_client
    # No other engine with this cache.
    exec 8>"$cache/docker.lock"
    flock --nonblock 8 || fail "another one of these scripts runs"
    step "start an engine"
    beside setsid dockerd --data-root "$engine_data" --exec-root "$scratch/exec" \
        --pidfile "$scratch/engine.number" --host "$DOCKER_HOST" \
        --cgroup-parent "/$groups" </dev/null >>"$scratch/engine" 2>&1 8>&- &
    engine=$!
    at_end "stop_engine $engine"
    eventually docker version
    forget_containers
    at_end forget_containers
    seen "Docker $(docker version --format '{{.Server.Version}}'), BuildKit;" \
        "Compose $(docker compose version --short)"
}

# Ask it to end, and wait until it has. What has this number here only entered the room for it.
stop_engine() {
    inside sh -c "kill $(cat "$scratch/engine.number")" || kill "$1"
    wait "$1"
}

# What an engine that was killed left behind, and what is left at the end.
forget_containers() {
    local ids
    mapfile -t ids < <(docker ps --all --quiet)
    if ((${#ids[@]})); then quietly docker rm --force --volumes "${ids[@]}"; fi
    quietly docker network prune --force
    quietly docker volume prune --force
}

# `docker` as people have it, with Compose and with nothing of the user's own configuration. The
# program of Debian has BuildKit built in; one that lies before it in PATH may not.
lay_out_client() {
    local plugins=$scratch/docker/cli-plugins
    export DOCKER_HOST=unix://$scratch/engine.sock DOCKER_CONFIG=$scratch/docker DOCKER_BUILDKIT=1
    mkdir -p "$plugins" "$scratch/client"
    echo '{}' >"$scratch/docker/config.json"
    ln -s /usr/bin/docker "$scratch/client/docker"
    plugin docker-compose "$plugins"
    plugin docker-buildx "$plugins"
    PATH=$scratch/client:$PATH
}

# A plugin that no Debian before 13 has: plugin NAME DIRECTORY
plugin() {
    newest "$1" "$1" "usr/libexec/docker/cli-plugins/$1"
    ln -s "$cache/$1" "$2/$1"
}

# ---- What is asked of it.

# The standard output of a Go template of a container or an image: inspect NAME TEMPLATE
inspect() { docker inspect --format "$2" "$1"; }

# Compose with the emitted file.
compose() { in_shop docker compose --file compose.formation.yaml "$@"; }

# The containers of the project that are in a state, on one line: containers STATE
containers() {
    docker ps --all --filter label=com.docker.compose.project=shop --filter "status=$1" \
        --format '{{.Names}}' | sort | paste -s -d ' '
}

pid_of() { inspect "$1" '{{.State.Pid}}'; }

has_said() { docker logs "$1" 2>&1 | grep -F -e "$2" >/dev/null; }

# Whether a container was restarted so often, and runs.
was_restarted() { [[ $(inspect "$1" '{{.RestartCount}} {{.State.Running}}') == "$2 true" ]]; }

# It was asked to end, and did so by itself.
ended_well() {
    local name
    for name in "$@"; do
        expect "how $name ended" "exited 0 false" \
            "$(inspect "$name" '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}')"
        has_said "$name" 'SIGTERM, stopping' || fail "$name was not asked with SIGTERM"
    done
}
