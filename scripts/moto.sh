#!/bin/sh
# The AWS API server (moto) of the tests, cfn-lint and python-hcl2: makes a Python environment in .cache/moto (300 MB, about
# a minute; a second run does nothing) and prints the path of its python.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.cache/moto
needs=$root/crates/sources/tests/aws/requirements.txt
# Written last, so that an installation that was broken off is done again.
stamp=$venv/installed

if ! cmp -s "$needs" "$stamp" || ! [ -x "$venv/bin/python" ]; then
    command -v python3 >/dev/null || {
        echo "moto.sh: python3 is missing: install it (Debian: apt-get install python3-venv)" >&2
        exit 1
    }
    mkdir -p "$root/.cache"
    if ! [ -x "$venv/bin/pip" ]; then
        rm -rf "$venv"
        python3 -m venv "$venv" >&2 || {
            echo "moto.sh: no virtual environments: install python3-venv" >&2
            exit 1
        }
    fi
    echo "moto.sh: installing moto into .cache/moto" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$needs" >&2
    cp "$needs" "$stamp"
fi
echo "$venv/bin/python"
