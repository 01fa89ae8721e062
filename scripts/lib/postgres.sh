# shellcheck shell=bash
# Private PostgreSQL clusters: scripts/run keeps one, scripts/with-postgres makes throw-away ones. Needs say.sh, places.sh.
# PostgreSQL refuses to run as root: then PG_ACCOUNT ("postgres", or who owns the cluster) runs it.

PG_ACCOUNT='' # empty: this account
PG_BIN=''

# pg_programs [MAJOR]: finds initdb and postgres; of that major version when a cluster exists already.
pg_programs() {
    local major=${1:-*} dirs
    mapfile -t dirs < <(compgen -G "/usr/lib/postgresql/$major/bin" | sort -V)
    ((${#dirs[@]})) || die "PostgreSQL ${1:-} is not installed: scripts/setup installs it"
    PG_BIN=${dirs[-1]}
    [[ -x $PG_BIN/initdb ]] || die "$PG_BIN has no initdb: install the package postgresql"
}

pg_as() {
    if [[ -z $PG_ACCOUNT ]]; then
        "$@"
    else
        setpriv --reuid "$PG_ACCOUNT" --regid "$(id -g "$PG_ACCOUNT")" --init-groups -- "$@"
    fi
}

# pg_own DIRECTORY: makes it, 0700, for the account that runs PostgreSQL; false where that account cannot reach it.
pg_own() {
    mkdir -p "$1" && chmod 700 "$1" || return 1
    [[ -z $PG_ACCOUNT ]] || chown "$PG_ACCOUNT" "$1" || return 1
    (cd / && pg_as test -w "$1" -a -x "$1")
}

# pg_place WISH: sets PG_HOME to a directory of ours that the account can reach: WISH, or one under /var/lib.
pg_place() {
    PG_HOME=$1
    ((EUID == 0)) || {
        pg_own "$PG_HOME" || die "$PG_HOME cannot be made or belongs to another account"
        return
    }
    PG_ACCOUNT=postgres
    [[ ! -d $1/data ]] || PG_ACCOUNT=$(stat -c %U "$1/data")
    id "$PG_ACCOUNT" >/dev/null 2>&1 || die "PostgreSQL does not run as root, and there is no account $PG_ACCOUNT"
    pg_own "$PG_HOME" 2>/dev/null && return
    PG_HOME=/var/lib/aisha-$(printf '%s' "$1" | sha256sum | cut -c 1-12)
    pg_own "$PG_HOME" || die "neither $1 nor $PG_HOME can be used by the account $PG_ACCOUNT"
    say "PostgreSQL: the account $PG_ACCOUNT cannot reach $1, so its data are in $PG_HOME"
}

# pg_make DATA LOG [OPTION…]: a new cluster, whole or not at all. Anyone who reaches the socket is trusted; nobody but
# the owner reaches it.
pg_make() {
    local data=$1 log=$2
    shift 2
    (cd / && pg_as rm -rf "$data.new")
    (cd / && logged "$log" 'initdb' pg_as "$PG_BIN/initdb" --pgdata "$data.new" --username postgres --auth-local trust \
        --auth-host reject --encoding UTF8 --locale C.UTF-8 --no-instructions "$@")
    pg_as mv "$data.new" "$data"
}

pg_sql() { "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$1" -U postgres -d postgres; }

# pg_ready SOCKET_DIRECTORY: does it answer?
pg_ready() { "$PG_BIN/pg_isready" -q -h "$1"; }

# pg_database SOCKET_DIRECTORY NAME: role and database aisha, when missing.
pg_database() {
    pg_sql "$1" <<-'SQL'
	SELECT 'CREATE ROLE aisha LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aisha') \gexec
	SELECT 'CREATE DATABASE aisha OWNER aisha' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'aisha') \gexec
	SQL
}
