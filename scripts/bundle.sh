#!/usr/bin/env bash
# Makes everything that the browser loads: target/site/pkg/lineup.{js,wasm,css}.br. Does only what is
# out of date.
set -euo pipefail
. "$(dirname "$0")/env.sh"

scripts/wasm-target.sh
npm_packages bundler
cargo build --locked --target-dir "$target_dir/bundler" --manifest-path bundler/Cargo.toml
cargo build --locked -p frontend --target wasm32-unknown-unknown --profile wasm-release

site=$root/target/site/pkg
staging=$target_dir/bundler/staging
module=$target_dir/wasm32-unknown-unknown/wasm-release/frontend.wasm
bundler=$target_dir/bundler/debug/bundler

out_of_date() {
    local output
    for output in "$staging/lineup.js" "$staging/lineup.wasm"; do
        [ "$output" -nt "$module" ] && [ "$output" -nt "$bundler" ] && [ "$output" -nt scripts/bundle.sh ] || return 0
    done
    return 1
}

if out_of_date; then
    rm -rf "$staging"
    mkdir -p "$staging"
    "$bundler" "$module" "$staging/bound" lineup
    # -Oz leaves fewer bytes, of which brotli makes more.
    # The features are those that rustc turns on for wasm32-unknown-unknown; browsers have had them since 2023.
    bundler/node_modules/.bin/wasm-opt -Os --converge -ocimfs 40 \
        --enable-bulk-memory --enable-multivalue --enable-mutable-globals \
        --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext \
        "$staging/bound/lineup.wasm" -o "$staging/lineup.wasm"
    cp "$staging/bound/lineup.js" "$staging/lineup.js"
fi

node bundler/finish.mjs style/main.css "$staging" "$site"
