//! Pages and components of Lineup, compiled twice: for the server (`ssr`), which renders them, and
//! for the browser (`hydrate`), which brings them to life.
//!
//! What the pages need is stated in [`backend`] as one trait; `server` implements it. This crate
//! never links a database, an SDK or a Kubernetes client, and reads no clock.

pub mod backend;
pub mod error;

pub use error::{ApiError, FieldError};
