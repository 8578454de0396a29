//! PDF: PDF/A-3a and PDF/UA-1 by krilla, tagged, with bookmarks and links, charts as vectors, and the evidence as an
//! associated file (why krilla: `docs/pdf.md`).
//!
//! Equal input gives equal bytes: dates in it are the report's own, and its id follows from what it
//! says.

mod compose;
mod fitting;
#[cfg(test)]
mod paging;
mod sheet;
mod typeset;
mod write;

use super::typeface::Typeface;
use crate::export::Export;

/// Why a report could not be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The bundled typeface cannot be read: the program is damaged.
    #[error("the bundled typeface is no font: install Lineup again")]
    Typeface,
    /// What would be written is no PDF/A-3a or no PDF/UA-1.
    #[error("the report cannot be written as PDF/A-3a: {0}")]
    Refused(String),
}

/// A report as PDF, and which part of it stands where.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The file.
    pub bytes: Vec<u8>,
    /// For each page the parts of the report (`figure driver.onset`, `section Summary`, `chart
    /// metadata-io`) by the number of their marked content (MCID) on it.
    pub parts: Vec<Vec<String>>,
}

/// The report of an export, printed.
pub(crate) fn print(export: &Export<'_>) -> Result<Printed, PdfError> {
    let face = Typeface::bundled().ok_or(PdfError::Typeface)?;
    let laid = compose::lay_out(export, face);
    write::write(export, &laid)
}
