#!/usr/bin/env bash
# Fuzzes every parser of outside text: 2 minutes each, 10 for zip, bundle and the kubelet's log.
# FUZZ_SECONDS=20 makes it short, FUZZ_JOBS=2 runs two at a time; arguments are the targets to run.
# What breaks a parser stays in fuzz/artifacts: mend it, and put the input into fuzz/corpus/TARGET,
# which `make test` replays.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# libFuzzer's coverage needs flags that stable rustc has behind this door.
export RUSTC_BOOTSTRAP=1
if ! cargo fuzz --version >/dev/null 2>&1; then
    say "installing cargo-fuzz"
    cargo install --locked cargo-fuzz
fi
command -v c++ >/dev/null || by_apt g++ || die "a C++ compiler is missing (libFuzzer is compiled from source)"

host=$(rustc -vV | sed -n 's/^host: //p')
built=${CARGO_TARGET_DIR:-$root/fuzz/target}
mapfile -t targets < <(sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"/\1/p' fuzz/Cargo.toml)
if [ $# -gt 0 ]; then targets=("$@"); fi
say "building the fuzz targets"
CARGO_TARGET_DIR=$built cargo fuzz build --sanitizer none --target "$host"

# fuzz_one TARGET: its output goes to a log; one line at the end says how it went.
fuzz_one() {
    local target=$1 seconds=120 found log status=0
    case $target in zip | bundle | kubelet_log) seconds=600 ;; esac
    seconds=${FUZZ_SECONDS:-$seconds}
    log=$built/$target.log
    # New inputs go to a folder that is thrown away: the corpus is small, and grows by hand.
    found=$(mktemp -d)
    mkdir -p "fuzz/artifacts/$target"
    "$built/$host/release/$target" "$found" "fuzz/corpus/$target" \
        -artifact_prefix="fuzz/artifacts/$target/" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 >"$log" 2>&1 || status=$?
    rm -rf "$found"
    if [ $status -ne 0 ]; then
        tail -n 30 "$log" >&2
        say "$target FAILED: the input is in fuzz/artifacts/$target, everything it said in $log"
        return 1
    fi
    stat() { sed -n "s/^stat::$1: *//p" "$log"; }
    say "$target: $seconds s, $(stat number_of_executed_units) executions," \
        "$(stat new_units_added) new inputs, at most $(stat peak_rss_mb) MiB, nothing found"
}
export -f fuzz_one say
export built host

# Each runs to its end, whatever becomes of the others.
printf '%s\0' "${targets[@]}" |
    xargs -0 -n 1 -P "${FUZZ_JOBS:-1}" bash -euo pipefail -c 'fuzz_one "$1"' fuzz_one
