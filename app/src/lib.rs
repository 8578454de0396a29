//! Pages and components of Lineup, compiled twice: for the server (`ssr`), which renders them, and
//! for the browser (`hydrate`), which brings them to life.
//!
//! What the pages need is stated in [`backend`] as one trait; `server` implements it and puts it
//! into the context of every request as `Arc<dyn Backend>`, with the [`backend::Caller`]. This
//! crate never links a database, an SDK or a Kubernetes client, and reads no clock.
//!
//! A page is one file in `pages/`: one blocking resource that returns a whole view model, so that
//! server and browser render from the same data. Charts are drawn on the server and put into the
//! page as they are; they are never drawn again in the browser.

pub mod api;
pub mod backend;
pub mod error;
pub mod input;
pub mod report;
pub mod timeline;

mod components;
mod pages;
mod router;
mod shell;

pub use error::{ApiError, FieldError};
pub use router::App;
pub use shell::shell;
