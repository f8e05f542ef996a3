# shellcheck shell=bash
# The shop, and its image.

# The table beyond that of the example app: what the app needs, and a database beside it.
lay_out_app() {
    lay_out_shop
    # With it, most of the time would be spent linking.
    sed -i '/^lto = /d' "$shop/Cargo.toml"
    formation 'web = { quantity = 2 }' 'worker = { quantity = 2 }' 'clock = { singleton = true }'
    table Cargo.toml '[workspace.metadata.formation]' <<<'app = "shop"'
    table Cargo.toml '[workspace.metadata.formation.config]' <<'TABLE'
DATABASE_URL = { required = true, secret = true, description = "SQLite or PostgreSQL" }
HOST = { description = "where web listens, which in a container is at every address" }
RUST_LOG = { default = "info,apalis_core=warn" }
TABLE
    table Cargo.toml '[workspace.metadata.formation.services]' <<'TABLE'
db = { command = "postgres", image = "postgres:15", env = { POSTGRES_PASSWORD = "$POSTGRES_PASSWORD" } }
TABLE
}

# The formation's table: these process types, a line each, and `release`.
formation() {
    printf '%s\n' "$@" 'release = "migrate"' '' |
        table example-app/Cargo.toml '[package.metadata.formation]'
}

# Run a command of a page where the shop is, with more words: as_on PAGE WORDS [MORE…]
as_on() {
    local command
    command="$(command_of "$1" "$2") ${*:3}"
    echo "\$ $command" >>"$log"
    in_shop bash -ec "$command"
}
# The same, which has to succeed.
quietly_as_on() { as_on "$@" >>"$log" 2>&1 || fail "this command of $1 failed: $2"; }

image_page=docs/deploy/dockerfile.md

build_image() {
    local start=$SECONDS
    step "export and build the image"
    quietly_as_on "$image_page" 'cargo formation export dockerfile'
    quietly_as_on "$image_page" 'docker build --tag shop'
    seen "the image was built in $((SECONDS - start)) s, with what the cache had of it"
}
