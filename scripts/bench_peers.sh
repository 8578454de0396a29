#!/usr/bin/env bash
# Times detection against the public peers (ruptures, Apache Otava) on the same two kinds of series, in
# one run, and prints a table. `--all` also runs ruptures' Pelt at 20,160 points, which takes minutes.
set -euo pipefail
. "$(dirname "$0")/env.sh"

peers=.cache/peers
if [ ! -x "$peers/bin/python" ]; then
    command -v python3 >/dev/null || by_apt python3 || die "python3 is missing"
    say "installing ruptures and Apache Otava into $peers"
    python3 -m venv "$peers" || { by_apt python3-venv && python3 -m venv "$peers"; } ||
        die "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"
fi
# Pinned, so that two runs compare the same programs.
"$peers/bin/pip" install --quiet --disable-pip-version-check ruptures==1.1.10 apache-otava==0.8.0 ||
    die "ruptures and apache-otava could not be installed from PyPI"
cargo build --locked --release -p accuracy
"$peers/bin/python" scripts/bench_peers.py "$target_dir/release/accuracy" .cache/peers-series "$@"
