#!/usr/bin/env bash
# Runs every benchmark and writes its median to docs/benchmarks.md. BENCH_ONLY names those that are run
# (`BENCH_ONLY="report ingest"`), and arguments go to criterion, such as a filter: the figures of the others
# stay then.
set -euo pipefail
. "$(dirname "$0")/env.sh"

scripts/bundle.sh # the server embeds it
benches=$(cargo metadata --locked --no-deps --format-version 1 | node -e '
    const { packages } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    for (const { name, targets } of packages)
        for (const target of targets.filter(({ kind }) => kind.includes("bench")))
            console.log(name, target.name);')
[ -n "$benches" ] || die "there are no benchmarks"
rm -rf "$target_dir/criterion"
keep=
if [ -n "${BENCH_ONLY:-}" ] || [ $# -gt 0 ]; then keep=--keep; fi
while read -r package bench; do
    case " ${BENCH_ONLY:-$bench} " in *" $bench "*) ;; *) continue ;; esac
    cargo bench --locked -p "$package" --bench "$bench" -- --noplot "$@" </dev/null
done <<<"$benches"
node scripts/benchmarks.mjs "$target_dir/criterion" docs/benchmarks.md ${keep:+"$keep"}
