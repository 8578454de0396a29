#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome for the browser journeys: CHROMIUM if set, else one that is
# installed, else Debian's, installed where this user may.
set -euo pipefail
. "$(dirname "$0")/env.sh"

candidates=(
    "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable chrome
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    "/Applications/Chromium.app/Contents/MacOS/Chromium"
    "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome
)
for candidate in "${candidates[@]}"; do
    if [ -n "$candidate" ] && command -v "$candidate"; then exit 0; fi
done
by_apt chromium ||
    die "no Chromium or Chrome found for the browser journeys: install one (Debian: apt-get install chromium) or set CHROMIUM to its path"
command -v chromium
