//! Makes sure that the folder of the browser's files is there to embed, and embeds it again when
//! it has changed (`make site` fills it). Asks the linker for a small release binary.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by the environment"
)]

use std::{env, path::Path, process::Command};

fn main() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/pkg");
    // Without the folder the binary is built without pages' scripts: still complete to read.
    if let Err(error) = std::fs::create_dir_all(&site) {
        println!("cargo::error=cannot make {}: {error}", site.display());
    }
    println!("cargo::rerun-if-changed={}", site.display());
    if is("PROFILE", "release") && links_with_lld() {
        // Functions of equal code once: generic code is full of them.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        if glibc().is_some_and(|version| version >= (2, 36)) {
            // Relocations in a bitmap in place of a table; glibc reads it since 2.36.
            println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// Whether rustc links the target by its own LLD, which knows both options: the default of this
/// target alone since Rust 1.90.
fn links_with_lld() -> bool {
    is("TARGET", "x86_64-unknown-linux-gnu") && is("HOST", "x86_64-unknown-linux-gnu")
}

fn is(variable: &str, value: &str) -> bool {
    env::var(variable).is_ok_and(|v| v == value)
}

/// The version of this machine's C library, where it is glibc.
fn glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
