#!/usr/bin/env bash
# Makes sure that the tests can start a Prometheus and a VictoriaMetrics of their own
# (crates/sources/tests/prometheus.rs), and promtool (server/tests/alarm_tools.rs): uses what is installed, else installs Debian's where this user
# may, else says what is missing. Prints the paths of prometheus, promtool and victoria-metrics. The
# services of the packages do not matter: each test starts its own server on a free port.
set -euo pipefail
. "$(dirname "$0")/env.sh"

found() {
    local program
    for program in prometheus promtool victoria-metrics; do
        command -v "$program" || return 1
    done
}

if ! found >/dev/null; then
    by_apt prometheus victoria-metrics && found >/dev/null ||
        die "prometheus, promtool or victoria-metrics is not on PATH. Debian 12 and Ubuntu: sudo apt-get install prometheus victoria-metrics; elsewhere: the releases of https://prometheus.io/download and https://github.com/VictoriaMetrics/VictoriaMetrics/releases (victoria-metrics-prod, linked as victoria-metrics)"
fi
found
