#!/usr/bin/env bash
# Takes the pictures in docs/screenshots from the demonstration.
set -euo pipefail
. "$(dirname "$0")/env.sh"

npm_packages end2end/snapshots
PROJECT=screenshots scripts/end2end.sh
node end2end/snapshots/shrink.mjs docs/screenshots
