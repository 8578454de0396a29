//! `lineup`: explains incidents.

use clap::Parser;
use server::{cli::Cli, commands};
use std::{io::IsTerminal as _, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// What is logged unless `LINEUP_LOG` says otherwise. The AWS library warns of every step of its search
/// for credentials; what came of it stands in the error that a command prints. The drawing library warns of
/// every path without an area.
const SPOKEN: &str = "warn,lineup=info,server=info,aws_config=error,aws_runtime=error,\
     aws_smithy_runtime=error,tiny_skia=error";

#[tokio::main]
async fn main() -> ExitCode {
    // One TLS stack: whatever opens a connection uses ring. Only fails when called twice.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = EnvFilter::try_from_env("LINEUP_LOG").unwrap_or_else(|_| EnvFilter::new(SPOKEN));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    std::panic::set_hook(Box::new(tell_of_panic));
    match Box::pin(commands::run(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Whoever catches a panic says what became of the work; where it happened is said here, once.
fn tell_of_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(place, message, "a fault of Lineup itself");
}

/// One line on standard error.
#[expect(
    clippy::print_stderr,
    reason = "the one place where a command says why it gave up"
)]
fn complain(message: &str) {
    eprintln!("lineup: {}", message.replace('\n', " "));
}
