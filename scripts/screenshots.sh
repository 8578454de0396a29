#!/usr/bin/env bash
# Takes the pictures in docs/screenshots from the demonstration.
set -euo pipefail
. "$(dirname "$0")/env.sh"

PROJECT=screenshots exec scripts/end2end.sh
