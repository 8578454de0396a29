#!/usr/bin/env bash
# Takes the pictures in docs/screenshots from the demonstration.
set -euo pipefail
. "$(dirname "$0")/env.sh"

exec scripts/end2end.sh --project=screenshots
