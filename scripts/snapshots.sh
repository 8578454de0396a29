#!/usr/bin/env bash
# Compares the main pages of the demonstration with the pictures in end2end/snapshots/pictures; UPDATE=1 renews
# those that differ. Further arguments go to Playwright.
set -euo pipefail
. "$(dirname "$0")/env.sh"

npm_packages end2end/snapshots
update=none
if [ "${UPDATE:-0}" != 0 ]; then update=changed; fi
PROJECT=snapshots scripts/end2end.sh --update-snapshots="$update" "$@"
if [ "$update" != none ]; then node end2end/snapshots/shrink.mjs end2end/snapshots/pictures; fi
