# shellcheck shell=bash
# The images that the formation stands on: the registry's own, or stand-ins where there is none.
#
# A stand-in is made of packages of Debian and of the Rust of this machine. It has what the emitted
# files rely on, and no more.

bases=(rust:1-slim-bookworm gcr.io/distroless/cc-debian12:nonroot postgres:15)

get_bases() {
    local base made=() how has
    # A stand-in that was made otherwise is made anew.
    how=$({ cat "$repository"/tests/deploy/containers/{bases.sh,postgres}; rustc --version; } |
        sha256sum | head -c 16)
    for base in "${bases[@]}"; do
        step "get $base"
        if docker pull "$base" >>"$log" 2>&1; then continue; fi
        # What was pulled another time has its digest there.
        if [[ $(inspect "$base" '{{len .RepoDigests}}' 2>>"$log") == [1-9]* ]]; then continue; fi
        made+=("$base")
        has=$(inspect "$base" '{{with .Config.Labels}}{{.how}}{{end}}' 2>>"$log" || true)
        if [[ $has != "$how" ]]; then stand_in_for "$base"; fi
    done
    if ((${#made[@]} == 0)); then
        seen "the bases are those of their registries: ${bases[*]}"
        return
    fi
    echo "    NO REGISTRY ANSWERS: these are stand-ins: ${made[*]}" >&2
    seen "NOT the registry's own, but stand-ins: ${made[*]}"
}

stand_in_for() {
    case $1 in
        rust:*) stand_in_for_rust "$1" ;;
        */cc-*) stand_in_for_cc "$1" ;;
        postgres:*) stand_in_for_postgres "$1" ;;
        *) fail "nobody knows what \`$1\` is" ;;
    esac
}

# Import a root file system: import DIRECTORY IMAGE CHANGE…
import() {
    local directory=$1 image=$2 change changes=(--change "LABEL how=$how")
    shift 2
    for change in "$@"; do changes+=(--change "$change"); done
    tar -c --numeric-owner -C "$directory" . | docker import "${changes[@]}" - "$image" >>"$log" 2>&1 ||
        fail "no stand-in for $image"
    rm -rf -- "$directory"
}

# A root file system to be changed, of links: what is replaced in it stays as it is elsewhere.
copy_root() {
    root_file_system "$@"
    cp -al -- "$root" "$scratch/$1"
}

# The certificates that this machine trusts, which are others where a proxy is in the way.
certificates() { install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"; }

# A compiler, a linker, and cargo's home where the image has it.
stand_in_for_rust() {
    local place=$scratch/rust sysroot
    copy_root rust gcc libc6-dev ca-certificates
    sysroot=$(rustc --print sysroot)
    mkdir "$place/usr/local/cargo"
    cp -a -- "$sysroot/bin/cargo" "$sysroot/bin/rustc" "$place/usr/local/bin/"
    cp -a -- "$sysroot/lib" "$place/usr/local/"
    certificates "$place"
    import "$place" "$1" 'ENV CARGO_HOME=/usr/local/cargo' \
        'ENV PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'CMD ["bash"]'
}

# The C library and certificates, and no shell.
stand_in_for_cc() {
    local place=$scratch/cc package
    mkdir -p "$place"/{root,packages} "$place/root"/{tmp,home/nonroot}
    (cd "$place/packages" && quietly apt-get -o APT::Sandbox::User=root download -q \
        base-files libc6 libgcc-s1 tzdata)
    # What is a link to a directory in later Debians is one here already.
    for package in "$place"/packages/*.deb; do quietly dpkg-deb -x "$package" "$place/root"; done
    certificates "$place/root"
    chmod 1777 "$place/root/tmp"
    echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$place/root/etc/passwd"
    echo 'nonroot:x:65532:' >"$place/root/etc/group"
    import "$place/root" "$1" 'USER 65532' 'WORKDIR /home/nonroot' \
        'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'
}

# A server that does on its first start what the variables say.
stand_in_for_postgres() {
    local place=$scratch/postgres
    copy_root postgres postgresql ca-certificates locales
    install -D -m 0755 "$repository/tests/deploy/containers/postgres" \
        "$place/usr/local/bin/docker-entrypoint.sh"
    import "$place" "$1" 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'ENV PGDATA=/var/lib/postgresql/data' 'VOLUME ["/var/lib/postgresql/data"]' \
        'ENTRYPOINT ["docker-entrypoint.sh"]' 'EXPOSE 5432' \
        'CMD ["postgres"]'
}
