//! Scores the analysis on a folder of labelled public data, whose layout `docs/methods.md` states:
//! `cargo run --release -p analysis --example score -- DATA [injected|nab|credits|petshop]`.
#![allow(clippy::print_stdout, reason = "a program that prints scores")]

mod cases;
mod data;
mod injected;
mod nab;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().ok_or("expected the data folder")?);
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|o| o == name);
    if wanted("injected") {
        injected::score(&data.join("injected"))?;
    }
    if wanted("nab") {
        nab::score(&data.join("nab"))?;
    }
    if wanted("credits") {
        cases::credits(&data.join("credits"))?;
    }
    if wanted("petshop") {
        cases::petshop(&data.join("rca_petshop"))?;
    }
    Ok(())
}
