//! How often the analysis is right, on data whose truth is known (`docs/methods.md`, "Accuracy" and
//! "Figures"): `cargo run --release -p accuracy -- generated [--seeds tune|report] [--family F]
//! [--verbose]`, `… -- public DATA [injected|nab|credits|petshop|nezha]`; and how fast detection is:
//! `… -- detect FILE...`, `… -- curve [LARGEST]`.
#![allow(clippy::print_stdout, reason = "a program that prints scores")]

mod curve;
mod detect;
mod generated;
mod public;

use std::{error::Error, path::PathBuf};

/// Anything that can go wrong here ends the program.
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("public") => {
            let data = PathBuf::from(arguments.next().ok_or("expected the data folder")?);
            public::score(&data, arguments.next().as_deref())
        }
        Some("detect") => detect::run(arguments),
        Some("curve") => curve::run(arguments.next().as_deref()),
        Some("generated") => generated::score(&generated::Wanted::of(arguments)?),
        _ => Err(
            "expected `generated`, `public DATA [SET]`, `detect FILE...` or `curve [LARGEST]`"
                .into(),
        ),
    }
}
