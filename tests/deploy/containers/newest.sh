# shellcheck shell=bash
# Programs that this Debian has too old, or not at all, and that need no others.

# Get a program out of a package of Debian's newest, once: newest PROGRAM PACKAGE PATH. It is in the
# cache then.
newest() {
    local program=$1 package=$2 path=$3 place=$scratch/$1 mirror
    if [[ -x $cache/$program ]]; then return; fi
    step "get $program of Debian's newest"
    mkdir -p "$place"/{lists,archives}/partial
    # shellcheck disable=SC2016 # It is apt that expands this.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep '/debian/\?$' | head -n 1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" \
        >"$place/sources.list"
    local own=(-o "Dir::Etc::sourcelist=$place/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$place/lists" -o "Dir::Cache::archives=$place/archives"
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
    quietly apt-get "${own[@]}" update -q
    (cd "$place" && quietly apt-get "${own[@]}" download -q "$package")
    quietly dpkg-deb -x "$place/$package"_*.deb "$place"
    install -m 0755 "$place/$path" "$cache/$program"
    rm -rf -- "$place"
}
