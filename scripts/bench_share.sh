#!/usr/bin/env bash
# Measures a published share page (redacted, without a password and a limit) of the demonstration under load,
# client and server on the same machine: at 2,000 requests a second by hey, and as many as there can be by
# wrk, both from Debian; writes the figures to docs/benchmarks.md. Fails where 99 of 100 answers take 50 ms or
# more, or the rate is missed. LINEUP_BINARY takes a release binary that is there already; SECONDS_EACH
# (30) is the length of a run.
set -euo pipefail
. "$(dirname "$0")/env.sh"

rate=2000 connections=50 budget_ms=50 seconds=${SECONDS_EACH:-30}
for tool in hey wrk curl; do
    command -v "$tool" >/dev/null || by_apt "$tool" || die "$tool is missing; on Debian: apt-get install $tool"
done
if [ -z "${LINEUP_BINARY:-}" ]; then
    scripts/bundle.sh
    cargo build --locked --release -p server
    LINEUP_BINARY=$target_dir/release/lineup
fi

folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
: >"$folder/lineup.toml"
port=$(node -e 'const s = require("node:net").createServer();
    s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });')
origin=http://127.0.0.1:$port
LINEUP_CONFIG=$folder/lineup.toml LINEUP_DATABASE=sqlite:$folder/lineup.db \
    "$LINEUP_BINARY" serve --demo --no-collect --listen "127.0.0.1:$port" >/dev/null &
server=$!
for _ in $(seq 600); do
    curl -fs "$origin/healthz" >/dev/null && break
    sleep 0.1
done

# A link, as the page makes it: everything that has a rule is hidden.
incident=$(curl -fs "$origin/incidents" | grep -o 'href="/incidents/[0-9a-f]\{32\}"' | head -n 1 | cut -d/ -f3 | tr -d '"')
page=$origin/incidents/$incident/share
made=$(curl -fs -o /dev/null -w '%{redirect_url}' -H "Origin: $origin" -H 'Sec-Fetch-Site: same-origin' \
    -H 'Accept: text/html' -H "Referer: $page" --data-urlencode "incident=$incident" \
    -d 'lane=&days=7&password=&views=' "$origin/api/make_share")
link=$(curl -fs "$made" | grep -o '/s/[A-Za-z0-9_-]\{43\}' | head -n 1)
[ -n "$link" ] || die "no link was made"
bytes=$(curl -fs -o /dev/null -w '%{size_download}' -H 'Accept-Encoding: br' "$origin$link")

hey -z 3s -c "$connections" -q $((rate / connections)) -H 'Accept-Encoding: br' "$origin$link" >/dev/null
hey -z "${seconds}s" -c "$connections" -q $((rate / connections)) -H 'Accept-Encoding: br' "$origin$link" >"$folder/hey"
wrk -t 1 -c "$connections" -d "${seconds}s" --latency -H 'Accept-Encoding: br' "$origin$link" >"$folder/wrk"
cat "$folder/hey" "$folder/wrk" >&2

per_second=$(awk '/Requests\/sec/ { printf "%.0f", $2 }' "$folder/hey")
p99=$(awk '$1 ~ /^99%+$/ { printf "%.1f", $3 * 1000 }' "$folder/hey")
p50=$(awk '$1 ~ /^50%+$/ { printf "%.1f", $3 * 1000 }' "$folder/hey")
bad=$(awk '/Status code/ { on = 1; next } on && /\[/ && !/\[200\]/ { n += $2 } END { print n + 0 }' "$folder/hey")
most=$(awk '/Requests\/sec/ { printf "%.0f", $2 }' "$folder/wrk")
most_p99=$(awk '$1 == "99%" { print $2 }' "$folder/wrk")
machine="$(nproc) × $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)"
{
    echo "Measured on $(date -u +%F): $machine, client and server together; $connections connections, $bytes bytes of brotli an answer."
    echo
    echo "| load | requests/s | p50 | p99 | not 200 |"
    echo "| --- | ---: | ---: | ---: | ---: |"
    echo "| $rate requests/s, $seconds s (hey) | $per_second | $p50 ms | $p99 ms | $bad |"
    echo "| as many as there can be, $seconds s (wrk) | $most |  | $most_p99 |  |"
} >"$folder/figures"
node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const [file, figures] = process.argv.slice(1);
    const [begin, end] = ["<!-- share figures: written by `make bench-share` -->\n", "<!-- end of share figures -->"];
    const text = readFileSync(file, "utf8");
    const from = text.indexOf(begin), to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${file} has no place for the figures`);
    writeFileSync(file, text.slice(0, from + begin.length) + readFileSync(figures, "utf8") + text.slice(to));
' docs/benchmarks.md "$folder/figures"
cat "$folder/figures"
awk -v r="$per_second" -v p="$p99" -v b="$bad" -v want="$rate" -v most="$budget_ms" \
    'BEGIN { exit !(r >= want * 0.98 && p + 0 > 0 && p < most && b == 0) }' || die "the budget is missed"
