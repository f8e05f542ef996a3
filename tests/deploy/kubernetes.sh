#!/usr/bin/env bash
# The example app as docs/deploy/kubernetes.md exports it, played by podman.
#
# Podman has neither Jobs nor Services nor probes by HTTP. What is laid over the emitted files for
# it stands in containers/podman, and is laid there as the page lays over what differs between
# clusters.
# shellcheck source=containers.sh
. "$(dirname "$0")/containers.sh"
# shellcheck source=containers/podman.sh
. "$(dirname "$0")/containers/podman.sh"

page=docs/deploy/kubernetes.md

main() {
    prepare
    lay_out_podman
    hand_over_images
    start_database

    export_kubernetes
    release_can_fail
    releases
    starts
    has_no_rights
    answers_its_probes
    survives_a_crash
    finishes_what_it_has
}

export_kubernetes() {
    step "export for Kubernetes"
    formation 'web = { quantity = 2, health = "/healthz" }' 'worker = { quantity = 2 }' \
        'clock = { singleton = true }'
    quietly_as_on "$page" 'cargo formation export kubernetes'
    quietly in_shop cargo formation export kubernetes --check --output deploy/kubernetes
    cp -r -- "$repository"/tests/deploy/containers/podman/{release,others} "$shop/deploy/"
    in_shop kubectl kustomize deploy/release >"$scratch/release.yaml" 2>>"$log" || fail "no kustomization"
    in_shop kubectl kustomize deploy/others >"$scratch/others.yaml" 2>>"$log" || fail "no kustomization"
    seen "$(podman --version); $(kubectl version --client 2>>"$log" | head -n 1)"
    seen "ADAPTED for podman: the pod of the release Job is played by itself, no containerPort," \
        "no Services, and stopped before \`kube down\`, which gives no time; the tag is that of the image that was built"
}

# The secret of the page's command, with this address of the database. Podman keeps only its data.
secret() {
    local command
    printf 'DATABASE_URL=%s\nHOST=0.0.0.0\n' "$1" >"$shop/.env.production"
    command=$(command_of "$page" 'kubectl create secret')
    in_shop bash -ec "$command --dry-run=client --output jsonpath={.data}" >"$scratch/secret.json" ||
        fail "no secret"
    podman secret rm shop.secrets >>"$log" 2>&1 || true
    quietly podman secret create shop.secrets "$scratch/secret.json"
}

# Play `release` to its end. Sets `status`.
play_release() {
    quietly podman kube play "$scratch/release.yaml"
    status=$(podman wait shop-release-release)
}

release_can_fail() {
    step "a release that fails"
    secret "postgres://postgres:wrong@$database/postgres"
    play_release
    expect "exit status of release" 1 "$status"
    expect "how often release was started again" 0 "$(look shop-release-release '{{.RestartCount}}')"
    has_said shop-release-release 'password authentication failed' || fail "release failed otherwise"
    quietly podman kube down "$scratch/release.yaml"
    seen "a release that failed ended with 1, once"
}

releases() {
    step "release"
    secret "postgres://postgres:secret@$database/postgres"
    play_release
    expect "exit status of release" 0 "$status"
    quietly podman kube down "$scratch/release.yaml"
    seen "release ran to its end"
}

starts() {
    local name
    step "play the others"
    quietly podman kube play "$scratch/others.yaml"
    expect "what runs" "shop-clock-pod-0-clock shop-web-pod-0-web shop-web-pod-1-web \
shop-worker-pod-0-worker shop-worker-pod-1-worker" "$(running)"
    for name in shop-web-pod-{1,0}-web; do
        web=http://$(address_of "$name"):8080
        eventually healthy
    done
    # There is no Service, so what `web` has watched by itself is at the address of a pod.
    monitor peer "$web/healthz"
    eventually has_good_checks peer 1
    seen "two pods of web answer, two of worker perform checks"
}

# What the pods may, by the kernel's own account.
has_no_rights() {
    local name pid
    step "look at the rights"
    for name in $(running); do
        pid=$(pid_of "$name")
        expect "user, rights, new rights and seccomp of $name" "65532 0000000000000000 1 2" \
            "$(rights_of "$pid" Uid CapEff NoNewPrivs Seccomp)"
        expect "how / and /tmp of $name are mounted" "ro rw" "$(mount_of "$pid" /) $(mount_of "$pid" /tmp)"
    done
    seen "no pod has rights, or a root that can be written; /tmp can"
}

# What a kubelet would ask, as it stands in the emitted file.
answers_its_probes() {
    local path
    step "ask what the probes ask"
    path=$(grep -m 1 '^ *path: ' "$shop/deploy/kubernetes/deployment-web.yaml" | sed 's/.*: "\?\([^"]*\)"\?/\1/')
    expect "the answer to the probe" 200 \
        "$(ask --output /dev/null --write-out '%{http_code}' "$web$path")"
    seen "$path, which the probes ask, is answered with 200"
}

survives_a_crash() {
    local name before
    step "kill web and worker"
    for name in shop-web-pod-0-web shop-worker-pod-1-worker; do
        before=$(pid_of "$name")
        quietly inside kill -KILL "$before"
        eventually is_another "$name" "$before"
    done
    eventually healthy
    seen "web and worker, killed with KILL, were started again"
}

# Ask every container to end, and give it the time that the emitted file says, as a kubelet does.
# Of podman 4.3, `kube down` gives none, and `pod stop` takes the network away at once.
stop_containers() {
    local name grace pids=()
    for name in $(running); do
        grace=$(sed -n 's/.*terminationGracePeriodSeconds: //p' \
            "$shop/deploy/kubernetes/deployment-${name##*-}.yaml")
        podman stop --time "$grace" "$name" >>"$log" 2>&1 &
        pids+=($!)
    done
    wait "${pids[@]}"
}

finishes_what_it_has() {
    local name names stopping
    step "stop while a request and a check are under way"
    names=$(running)
    slow_servers shop-worker-pod-0-worker shop-worker-pod-1-worker
    begin_request
    ask_slow_servers
    stop_containers 7>&- &
    stopping=$!
    eventually has_said shop-web-pod-0-web 'SIGTERM, stopping'
    eventually has_said "$busy" 'SIGTERM, stopping'
    let_slow_servers_go
    end_request
    expect "the answer to the request" 201 "$answered"
    wait "$stopping" || fail "they did not stop"
    for name in $names; do
        expect "how $name ended" "exited 0" "$(look "$name" '{{.State.Status}} {{.State.ExitCode}}')"
    done
    expect "how often slow was asked" 1 "$(times_asked)"
    expect "what is recorded of slow" up "$(in_database "SELECT state FROM checks WHERE monitor = 'slow'")"
    seen "stopped with a request half sent and a check half done: 201, one good check, every exit status is 0"
    quietly podman kube down "$scratch/others.yaml"
    expect "what there is but the database" db "$(podman ps --all --format '{{.Names}}')"
    seen "\`kube down\` leaves no container"
}

main; exit
