#!/usr/bin/env bash
# Every test there is, the cheapest first. Stops at the first that fails.
set -euo pipefail
. "$(dirname "$0")/env.sh"

step() {
    say "== $1"
    shift
    local begun=$SECONDS
    "$@"
    say "   $((SECONDS - begun)) s"
}

# A disk that fills up fails a build after half an hour, with many lines about something else.
if [ ! -d "$target_dir" ] && [ "$(free_gib)" -lt 16 ]; then
    die "$(free_gib) GiB are free for $target_dir, the tests need 16: free some, or set CARGO_TARGET_DIR to a larger disk"
fi

# What the tests start themselves: an AWS API server in a Python environment, PostgreSQL, Prometheus and
# VictoriaMetrics.
python3 -c 'import ensurepip, venv' 2>/dev/null || by_apt python3 python3-venv ||
    die "Python 3 with venv is missing (it runs the AWS API server of the tests); on Debian: apt-get install python3-venv"

# Fetched while the first builds run.
fetch() {
    scripts/postgres.sh >/dev/null
    scripts/chromium.sh >/dev/null
    scripts/moto.sh >/dev/null
    scripts/prometheus.sh >/dev/null
    scripts/pdf_tools.sh >/dev/null
    npm_packages end2end
}
fetch &
fetching=$!
trap 'kill "$fetching" 2>/dev/null || true' EXIT

step "format and lints" scripts/lint.sh
wait "$fetching"
if cargo nextest --version >/dev/null 2>&1; then
    step "tests" cargo nextest run --locked --workspace --no-fail-fast
else
    step "tests" cargo test --locked --workspace --no-fail-fast --lib --bins --tests
fi
step "examples in the documentation" cargo test --locked --workspace --doc
# A build server keeps no debug build, and may have no room for it beside the one for release.
if [ -n "${CI:-}" ] && [ "$(free_gib)" -lt 12 ]; then
    say "removing the debug build: $(free_gib) GiB are free"
    rm -rf "$target_dir/debug"
fi
say "== browser journeys"
scripts/end2end.sh
