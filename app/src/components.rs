//! Parts that several pages are made of. Plain functions where nothing is reactive.

mod field;
mod frame;
mod instant;
mod labels;
mod loaded;
mod table;

pub(crate) use field::Field;
pub(crate) use frame::{footer_and_brand, frame};
pub(crate) use instant::{instant, local_time, span};
pub(crate) use labels::{credit_chip, incident_chip, notice, references};
pub(crate) use loaded::{fault, loaded, set_status};
pub(crate) use table::table;
