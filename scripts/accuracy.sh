#!/usr/bin/env bash
# How often the analysis is right: on the generated incidents of the report seeds (about two minutes),
# and, where DATA names the folder of the public data sets, on those too. Arguments go to the
# generated part, such as `--seeds tune --family slow_leak --verbose`.
set -euo pipefail
. "$(dirname "$0")/env.sh"

cargo build --locked --release --quiet -p accuracy
accuracy=$target_dir/release/accuracy
if [ $# -gt 0 ]; then
    exec "$accuracy" generated "$@"
fi
"$accuracy" generated --seeds report
if [ -n "${DATA:-}" ]; then
    "$accuracy" public "$DATA"
fi
