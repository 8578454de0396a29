#!/usr/bin/env bash
# Measures the pages in Chromium: paint, readiness, transfer, redraw beside uPlot, heap, Lighthouse; writes
# the figures to docs/benchmarks.md. Needs a quiet machine and some 25 minutes. LINEUP_BINARY takes a binary
# that is there already; for the rest of the environment see end2end/bench/main.mjs.
set -euo pipefail
. "$(dirname "$0")/env.sh"

CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
npm_packages end2end
npm_packages end2end/bench
if [ -z "${LINEUP_BINARY:-}" ]; then
    scripts/bundle.sh
    release_binary
    LINEUP_BINARY=$target_dir/release/lineup
fi
LINEUP_BINARY=$(realpath "$LINEUP_BINARY")
export LINEUP_BINARY
node end2end/bench/main.mjs docs/benchmarks.md
