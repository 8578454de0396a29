//! `cargo fuzz run alarm_history`; see `entries.rs`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::run("alarm_history", data));
