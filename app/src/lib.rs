//! Pages of Lineup, compiled twice: for the server (`ssr`), which renders them, and for the
//! browser (`hydrate`), which brings to life what can be changed in them.
//!
//! What the pages need is stated in [`backend`] as one trait; `server` implements it and puts it
//! into the context of every request as `Arc<dyn Backend>`, with the [`backend::Caller`]. This
//! crate never links a database, an SDK or a Kubernetes client, and reads no clock.
//!
//! A page is one file in `pages/`, with one blocking resource that returns all of it ([`page`]), so
//! that server and browser render from the same data. What can only be read, charts included, is
//! rendered on the server (`render/`) and put into the page as it is.

mod address;
pub mod api;
#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
mod done;
pub mod dress;
pub mod error;
#[cfg(feature = "ssr")]
pub mod input;
pub mod page;
#[cfg(feature = "ssr")]
mod render;
#[cfg(feature = "ssr")]
pub mod timeline;
pub mod view;

#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
mod browser;
mod components;
mod pages;
mod router;
mod shell;

#[cfg(feature = "ssr")]
pub use components::{ACCEPT, SIGN_IN};
pub use components::{ADD_FILES, IMPORT, SIGNATURE};
pub use error::{ApiError, FieldError};
#[cfg(feature = "ssr")]
pub use router::App;
pub use router::Page;
pub use shell::shell;
