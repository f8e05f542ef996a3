#!/bin/sh
# PostgreSQL for this checkout: `sh bin/postgres PORT`. It keeps what it has in `.postgres`.
set -e
for bin in /usr/lib/postgresql/*/bin; do    # where Debian hides it; the newest is the last
    if test -d "$bin"; then PATH=$bin:$PATH; fi
done
if ! command -v initdb >/dev/null; then
    echo "PostgreSQL is not installed: there is no initdb" >&2
    exit 127
fi
data=${POSTGRES_DATA:-.postgres/dev}
mkdir -p "$data"
as=
if test "$(id -u)" = 0; then                # as in a container: it refuses to run as root
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
    chown postgres "$data"
fi
if ! test -f "$data/db/PG_VERSION"; then    # made aside, so that half of one never counts
    rm -rf "$data/new"
    $as initdb --pgdata="$data/new" --username=app --auth=trust --encoding=UTF8 --no-sync
    echo 'CREATE DATABASE app' | $as postgres --single -D "$data/new" postgres >/dev/null
    mv "$data/new" "$data/db"
fi
exec $as postgres -D "$data/db" -p "$1" -k ''
