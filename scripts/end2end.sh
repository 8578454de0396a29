#!/usr/bin/env bash
# The browser journeys, against the release binary with everything inside: what users get.
# Further arguments go to Playwright (a file's name, --headed, …). LINEUP_BINARY takes a binary that is there
# already.
set -euo pipefail
. "$(dirname "$0")/env.sh"

CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
npm_packages end2end
if [ -z "${LINEUP_BINARY:-}" ]; then
    scripts/bundle.sh
    release_binary
    LINEUP_BINARY=$target_dir/release/lineup
fi
LINEUP_BINARY=$(realpath "$LINEUP_BINARY")
export LINEUP_BINARY

size=$(wc -c <"$LINEUP_BINARY")
say "the release binary is $size bytes"
[ "$size" -le 60000000 ] || die "the release binary is larger than 60 MB"

cd end2end
npx --no-install playwright test --project="${PROJECT:-journeys}" "$@"
