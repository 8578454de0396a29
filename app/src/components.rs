//! Parts that several pages are made of, on the server and in the browser.

mod field;
mod frame;
mod loaded;
mod refused;

pub(crate) use field::Field;
pub(crate) use frame::{footer_and_brand, frame};
#[cfg(feature = "ssr")]
pub(crate) use loaded::done;
pub(crate) use loaded::{fault, html, loaded, page_data, set_status};
#[cfg(feature = "ssr")]
pub(crate) use refused::fault_of;
pub(crate) use refused::refused;
#[cfg(feature = "ssr")]
pub use refused::{ACCEPT, SIGN_IN};
pub use refused::{ADD_FILES, IMPORT, SIGNATURE};
