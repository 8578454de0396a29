//! `lineup`: explains incidents.

use clap::Parser;
use server::{cli::Cli, commands};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    // One TLS stack: whatever opens a connection uses ring. Only fails when called twice.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = EnvFilter::try_from_env("LINEUP_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,lineup=info,server=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match Box::pin(commands::run(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

/// One line on standard error.
#[expect(
    clippy::print_stderr,
    reason = "the one place where a command says why it gave up"
)]
fn complain(message: &str) {
    eprintln!("lineup: {}", message.replace('\n', " "));
}
