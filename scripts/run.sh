#!/usr/bin/env bash
# Builds what users get, one binary with everything inside, and serves the demonstration.
# LISTEN=127.0.0.1:3100 serves elsewhere.
set -euo pipefail
. "$(dirname "$0")/env.sh"

scripts/bundle.sh
release_binary
exec "$target_dir/release/lineup" serve --demo ${LISTEN:+--listen "$LISTEN"}
