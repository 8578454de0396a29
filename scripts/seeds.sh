#!/usr/bin/env bash
# The Kubernetes collector against seeded lives and faults of a cluster over real HTTP: RUNS of them (1,024),
# of which `make test` does a few each time. A run takes about a second of a core.
set -euo pipefail
. "$(dirname "$0")/env.sh"

export LINEUP_HTTP_RUNS=${RUNS:-1024}
say "$LINEUP_HTTP_RUNS runs over HTTP"
cargo test --locked --workspace --test kubernetes -- truth_over_http
