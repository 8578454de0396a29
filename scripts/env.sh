# Sourced by the scripts beside it: where things are, which toolchain, and how to get what is missing.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
target_dir=${CARGO_TARGET_DIR:-$root/target}

say() { printf '%s\n' "lineup: $*" >&2; }
die() { say "$*"; exit 1; }

# What is free where builds go, GiB.
free_gib() {
    local place=$target_dir
    [ -d "$place" ] || place=$root
    df -Pk "$place" | awk 'NR == 2 { print int($4 / 1048576) }'
}

# by_apt PACKAGE…: installs Debian's packages where this user may, and fails where not.
by_apt() {
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
    say "installing $*"
    local options=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=600)
    export DEBIAN_FRONTEND=noninteractive
    apt-get install "${options[@]}" "$@" >/dev/null 2>&1 && return
    # The lists may be missing or old.
    apt-get update -qq >/dev/null && apt-get install "${options[@]}" "$@" >/dev/null
}

# The toolchain that rust-toolchain.toml names, also where it is installed under another name
# (`stable`) and rustup's servers are out of reach.
if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ]; then
    wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    installed=$(rustup toolchain list | cut -d' ' -f1)
    if ! grep -q "^$wanted-" <<<"$installed"; then
        for name in $installed; do
            if RUSTUP_TOOLCHAIN=$name rustc --version 2>/dev/null | grep -q "^rustc $wanted "; then
                export RUSTUP_TOOLCHAIN=$name
                break
            fi
        done
    fi
fi
command -v cargo >/dev/null || die "cargo is not on PATH; install Rust from https://rustup.rs"
command -v cc >/dev/null || by_apt gcc libc6-dev ||
    die "a C compiler is missing (SQLite is compiled from source); on Debian: apt-get install gcc libc6-dev"

# Builds the program as users get it. To inline them, LLVM brings functions of other crates into each unit, by
# default up to 100 instructions of them; most of that copying is bytes and no speed.
release_binary() {
    cargo rustc --locked --release -p server --bin lineup -- -C llvm-args=-import-instr-limit=10
}

# npm_packages DIR: what DIR/package-lock.json pins, once.
npm_packages() {
    local version
    command -v node >/dev/null && command -v npm >/dev/null || die "Node.js 20 or later, with npm, is missing"
    version=$(node --print 'process.versions.node.split(".")[0]')
    [ "$version" -ge 20 ] || die "Node.js $version is too old; 20 or later is needed"
    if [ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then
        say "installing the Node packages of $1"
        # No package here needs its install script, and no browser is to be downloaded.
        (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
        touch "$1/node_modules/.package-lock.json"
    fi
}
