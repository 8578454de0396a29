#!/usr/bin/env bash
# The browser journeys, against the release binary with everything inside: what users get.
# Further arguments go to Playwright (a file's name, --headed, …).
set -euo pipefail
. "$(dirname "$0")/env.sh"

CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
npm_packages end2end
scripts/bundle.sh
cargo build --locked --release -p server

binary=$target_dir/release/lineup
size=$(wc -c <"$binary")
say "the release binary is $size bytes"
[ "$size" -le 60000000 ] || die "the release binary is larger than 60 MB"

cd end2end
LINEUP_BINARY=$binary npx --no-install playwright test --project="${PROJECT:-journeys}" "$@"
