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

step "format and lints" scripts/lint.sh
step "what the browser loads" scripts/bundle.sh
if cargo nextest --version >/dev/null 2>&1; then
    step "tests" cargo nextest run --locked --workspace --no-fail-fast
else
    step "tests" cargo test --locked --workspace --no-fail-fast --lib --bins --tests
fi
step "examples in the documentation" cargo test --locked --workspace --doc
step "browser journeys" scripts/end2end.sh
