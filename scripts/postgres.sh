#!/usr/bin/env bash
# Makes sure that the tests can start a PostgreSQL of their own (crates/store/tests/conformance):
# uses what is installed, else installs Debian's where this user may, else says what is missing.
# Prints the folder of initdb and postgres.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# Where packages put the programs; Debian's and Homebrew's folders are not on PATH.
found() {
    local initdb folder
    initdb=$(command -v initdb || true)
    for folder in ${initdb:+"$(dirname "$initdb")"} /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        if [ -x "$folder/initdb" ] && "$folder/postgres" --version >/dev/null 2>&1; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

# A database that exists already, or programs to make one.
if [ -n "${LINEUP_TEST_POSTGRES_URL:-}" ]; then
    say "the tests use LINEUP_TEST_POSTGRES_URL"
    exit 0
fi
if ! found; then
    by_apt postgresql && found || die "PostgreSQL's programs initdb and postgres are missing. Debian and Ubuntu: sudo apt-get install postgresql; Fedora: sudo dnf install postgresql-server; macOS: brew install postgresql; or set LINEUP_TEST_POSTGRES_URL to a database in which the tests may make schemas"
fi
# PostgreSQL refuses to run as root; as root the tests run it as the user `postgres`.
[ "$(id -u)" != 0 ] || id -u postgres >/dev/null 2>&1 ||
    die "there is no user 'postgres', and PostgreSQL does not run as root: useradd --system postgres"
