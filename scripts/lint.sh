#!/usr/bin/env bash
# Format, clippy for the host and for the browser, and links in the documentation comments.
set -euo pipefail
. "$(dirname "$0")/env.sh"

scripts/bundle.sh # the server embeds it
cargo fmt --all --check
cargo fmt --manifest-path bundler/Cargo.toml --check
cargo clippy --locked --workspace --all-targets -- -D warnings
cargo clippy --locked -p frontend --target wasm32-unknown-unknown -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items --quiet
