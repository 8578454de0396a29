//! The one place where it all meets: command line, routes, jobs, configuration, and the wiring of
//! the crates below, which do not know each other.

pub mod backend;
pub mod case;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod commands;
pub mod compute;
pub mod config;
pub mod demo;
pub mod dossier;
pub mod export;
pub mod http;
pub mod jobs;
pub mod live;
mod loose;
pub mod notify;
pub mod probe;
pub mod random;
pub mod registry;
pub mod studied;
pub mod verify;
