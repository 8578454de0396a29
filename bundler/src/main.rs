//! `bundler INPUT.wasm OUT_DIR NAME`: writes `OUT_DIR/NAME.js` and `OUT_DIR/NAME.wasm`, the JavaScript
//! module (`--target web`) and the WASM that it loads, from what `cargo build --target
//! wasm32-unknown-unknown` made.
//!
//! It does what `wasm-bindgen --target web` does, through the same library, and names the module as
//! Leptos expects it (`NAME.wasm`, not `NAME_bg.wasm`).

use std::{env, fs, path::Path, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(input), Some(out), Some(name), None) = (
        arguments.next(),
        arguments.next(),
        arguments.next(),
        arguments.next(),
    ) else {
        eprintln!("usage: bundler INPUT.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    match bundle(Path::new(&input), Path::new(&out), &name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundler: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(input: &Path, out: &Path, name: &str) -> Result<(), String> {
    fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name(name)
        .web(true)
        .map_err(|error| format!("{error:#}"))?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(out)
        .map_err(|error| format!("{}: {error:#}", input.display()))?;
    let (from, to) = (
        out.join(format!("{name}_bg.wasm")),
        out.join(format!("{name}.wasm")),
    );
    fs::rename(&from, &to).map_err(|error| format!("{}: {error}", from.display()))
}
