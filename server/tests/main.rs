//! Everything that is tested through the whole server, in one program: linking all of Lineup takes seconds and
//! some hundred megabytes, so each file here is a module and no program of its own (`import_memory.rs` is one,
//! since it measures the process that it runs in).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests too"
)]

mod access;
mod alarm_tools;
mod architecture;
mod cli;
mod collect;
mod commands;
mod demonstration;
mod document;
mod exports;
mod files;
mod hooks;
mod http;
mod jobs;
mod judging;
mod manage;
mod mutations;
mod notify;
mod people;
mod pull;
mod review;
mod shared;
mod sources;
mod support;
mod timeline;
mod zoom;
