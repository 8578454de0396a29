//! The browser's module: it hydrates the pages of `app` that the server has rendered.
//!
//! A crate of its own because a `cdylib` alone gets whole-program optimisation, which `app`, an
//! `rlib`, would not. Anything worth testing belongs in `app`.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the server writes into every page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::Page);
}
