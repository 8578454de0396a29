#!/usr/bin/env bash
# Makes the Rust target wasm32-unknown-unknown usable by the active toolchain.
#
#   1. nothing to do if a test program for the target already builds;
#   2. `rustup target add` (the normal way, and all that most machines need);
#   3. otherwise builds the target's standard library from the source of the
#      very same Rust release, as packaged by Debian, and puts it into the
#      toolchain's sysroot: afterwards plain `cargo build --target ...` works,
#      exactly as after `rustup target add`.
#
# Environment:
#   WASM_TARGET_SKIP_RUSTUP=1     go straight from 1 to 3
#   WASM_TARGET_RUSTUP_TIMEOUT=N  seconds given to rustup (default 120)
#   RUST_SRC_LIBRARY=DIR          a `library` folder of the matching Rust source
set -euo pipefail

target=wasm32-unknown-unknown
say() { printf 'wasm-target: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

command -v rustc >/dev/null || die "rustc is not on PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A whole link, with std and an allocation: catches a missing std, a std of
# another compiler and a missing linker alike.
usable() {
    cat >"$work/probe.rs" <<'RS'
#[unsafe(no_mangle)]
pub extern "C" fn probe(n: u32) -> usize {
    let mut m = std::collections::BTreeMap::new();
    m.insert(n, format!("{n}"));
    m[&n].len()
}
RS
    rustc --edition 2024 --target "$target" --crate-type cdylib -O \
        -o "$work/probe.wasm" "$work/probe.rs" >"$work/probe.log" 2>&1 && [ -s "$work/probe.wasm" ]
}

if usable; then exit 0; fi

# ---- the normal way ---------------------------------------------------------
if [ "${WASM_TARGET_SKIP_RUSTUP:-0}" != 1 ] && command -v rustup >/dev/null; then
    say "trying rustup target add $target"
    if RUSTUP_MAX_RETRIES=1 timeout "${WASM_TARGET_RUSTUP_TIMEOUT:-120}" \
            rustup target add "$target" >"$work/rustup.log" 2>&1 && usable; then
        say "installed by rustup"; exit 0
    fi
    say "rustup could not: $(tail -n1 "$work/rustup.log")"
fi

# ---- the fallback -----------------------------------------------------------
command -v cargo >/dev/null || die "cargo is not on PATH"
sysroot=$(rustc --print sysroot)
release=$(rustc -vV | sed -n 's/^release: //p')
dest=$sysroot/lib/rustlib/$target
srclink=$sysroot/lib/rustlib/src/rust/library
mkdir -p "$sysroot/lib/rustlib" 2>/dev/null && [ -w "$sysroot/lib/rustlib" ] \
    || die "$sysroot is not writable, so the target cannot be added to it"

is_library() { [ -f "$1/std/Cargo.toml" ] && [ -f "$1/Cargo.lock" ]; }

# Fetches Debian's packaged source of exactly $release; prints its `library`.
# Reads from the mirror that apt already uses; leaves apt's own state alone.
debian_library() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    local uri keyring suites suite name ver apt
    uri=$(apt-get indextargets --format '$(LABEL)|$(ORIGIN)|$(RELEASE)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -F'|' '$1=="Debian" && $2=="Debian" {print $4; exit}')
    if [ -z "$uri" ]; then    # no `apt-get update` yet: read the sources themselves
        uri=$(awk '/^URIs:/ {print $2; exit} $1=="deb" {for (i=2;i<=NF;i++) if ($i ~ /:\/\//) {print $i; exit}}' \
            /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null)
    fi
    [ -n "$uri" ] || return 1
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -f "$keyring" ] || keyring=
    suites=${WASM_TARGET_SUITES:-"trixie-backports trixie forky-backports forky testing sid"}
    for suite in $suites; do
        apt=$work/apt-$suite
        mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
        printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$uri" "$suite" >"$apt/sources.list"
        # Valid-Until: a mirror that is only refreshed now and then is fine
        # here; signature and checksums are still verified.
        local opts=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
            -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1
            -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false
            -o Acquire::Languages=none -o Acquire::Retries=2)
        timeout 300 apt-get "${opts[@]}" update >"$work/apt.log" 2>&1 || continue
        for name in rust-src rust-web-src; do
            ver=$(apt-cache "${opts[@]}" madison "$name" 2>/dev/null | awk -F'|' '{gsub(/ /,"",$2); print $2}' |
                awk -v r="$release" 'index($0, r "+")==1 || index($0, r "-")==1 {print; exit}')
            [ -n "$ver" ] || continue
            say "source: Debian's $name $ver from $suite"
            (cd "$work" && timeout 600 apt-get "${opts[@]}" download "$name=$ver") >"$work/apt.log" 2>&1 || continue
            mkdir -p "$work/deb"
            # only library/: the package also holds the whole compiler
            dpkg-deb --fsys-tarfile "$work/$name"_*.deb |
                tar -x -C "$work/deb" --wildcards "./usr/src/rustc-$release/library/*" || continue
            if is_library "$work/deb/usr/src/rustc-$release/library"; then
                printf '%s\n' "$work/deb/usr/src/rustc-$release/library"; return 0
            fi
        done
    done
    return 1
}

library=
for d in "${RUST_SRC_LIBRARY:-}" "$srclink" "/usr/src/rustc-$release/library"; do
    if [ -n "$d" ] && is_library "$d"; then library=$d; say "source: $d"; break; fi
done
[ -n "$library" ] || library=$(debian_library) \
    || die "no source of Rust $release to be had; see $0 for ways to give one (RUST_SRC_LIBRARY)"

# cargo's build-std looks for the source at one fixed place in the sysroot.
made_link=
if ! is_library "$srclink"; then
    mkdir -p "$(dirname "$srclink")"
    rm -rf "$srclink"
    ln -s "$library" "$srclink"
    made_link=1
fi
cleanup() {
    rm -rf "$work"
    if [ -n "$made_link" ]; then
        rm -f "$srclink"
        rmdir -p --ignore-fail-on-non-empty "$(dirname "$srclink")" 2>/dev/null || true
    fi
}
trap cleanup EXIT

mkdir -p "$work/std/src"
cat >"$work/std/Cargo.toml" <<'TOML'
[package]
name = "std-for-wasm"
version = "0.0.0"
edition = "2021"
[workspace]
[profile.release]
opt-level = "s"
debug = false
TOML
: >"$work/std/src/lib.rs"
say "building the standard library of Rust $release for $target"
# build-std is an unstable option of cargo; it is used here once, for this
# build only. Nothing of it is left in the environment of later builds.
(cd "$work/std" && env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET -u RUSTC_WRAPPER \
    RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/std/target" CARGO_INCREMENTAL=0 \
    RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$srclink=/rustc/library --remap-path-prefix=$library=/rustc/library" \
    cargo build --quiet -Z build-std=std,panic_abort --target "$target" --release) \
    || die "building the standard library failed"

new=$sysroot/lib/rustlib/.$target.new.$$
rm -rf "$new"; mkdir -p "$new/lib"
for f in "$work/std/target/$target"/release/deps/lib*.rlib; do
    case ${f##*/} in libstd_for_wasm-*) ;; *) cp "$f" "$new/lib/" ;; esac
done
rm -rf "$dest"; mv "$new" "$dest"

usable || { cat "$work/probe.log" >&2; die "the built standard library does not work"; }
say "installed in $dest"
