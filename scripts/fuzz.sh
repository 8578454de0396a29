#!/usr/bin/env bash
# Fuzzes every parser of outside text: 2 minutes each, 10 for zip, bundle and the kubelet's log.
# FUZZ_SECONDS=20 makes it short; arguments are the targets to run. What breaks a parser stays in
# fuzz/artifacts: mend it, and put the input into fuzz/corpus/TARGET, which `make test` replays.
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
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"/\1/p' fuzz/Cargo.toml)
for target in "${targets[@]}"; do
    case $target in
    zip | bundle | kubelet_log) seconds=${FUZZ_SECONDS:-600} ;;
    *) seconds=${FUZZ_SECONDS:-120} ;;
    esac
    say "fuzzing $target for $seconds s"
    # New inputs go to a folder that is thrown away: the corpus is small, and grows by hand.
    found=$(mktemp -d)
    cargo fuzz run --sanitizer none --target "$host" "$target" "$found" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1
    rm -rf "$found"
done
