//! Reports to take away, each with the evidence from which `lineup verify` makes it anew.

use crate::{
    cli::Format,
    dossier::{self, Dossier},
};
use chart::Lane;
use model::{Bundle, Incident, Report, bundle::RawFile};
use report::PdfError;
use sources::bundle::BundleError;
use std::io::Cursor;

/// Why an export could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The evidence is no bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The PDF.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// A report with all that its exports carry.
#[derive(Clone, Debug)]
pub struct Package {
    /// The report.
    pub report: Report,
    /// The lanes behind its charts.
    pub lanes: Vec<Lane>,
    /// The bundle that it was made from, as a zip.
    pub zip: Vec<u8>,
}

impl Package {
    /// Of a bundle, analysed by this engine.
    ///
    /// # Errors
    /// Where the bundle's raw files cannot be read.
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, ExportError> {
        let dossier = Dossier::of_bundle(bundle)?;
        let report = dossier.report();
        Self::of_dossier(&dossier, report, bundle)
    }

    /// Of a bundle that is analysed already.
    ///
    /// # Errors
    /// Where the bundle's raw files cannot be read.
    pub fn of_dossier(
        dossier: &Dossier,
        report: Report,
        bundle: &Bundle,
    ) -> Result<Self, ExportError> {
        let whole = dossier.bundle(bundle.header.clone(), bundle.files.clone(), Some(&report))?;
        Self::new(dossier, report, &whole)
    }

    /// Of an incident of the database.
    ///
    /// # Errors
    /// Where the evidence cannot be written as a bundle.
    pub fn of_incident(
        incident: &Incident,
        dossier: &Dossier,
        files: Vec<RawFile>,
    ) -> Result<Self, ExportError> {
        let report = dossier.report();
        let whole = dossier.bundle(dossier::header_of(incident), files, Some(&report))?;
        Self::new(dossier, report, &whole)
    }

    fn new(dossier: &Dossier, report: Report, bundle: &Bundle) -> Result<Self, ExportError> {
        Ok(Self {
            report,
            lanes: dossier.lanes(),
            zip: zip(bundle)?,
        })
    }

    /// What the report crate makes files of.
    pub fn export(&self) -> report::Export<'_> {
        report::Export {
            report: &self.report,
            lanes: &self.lanes,
            bundle: &self.zip,
        }
    }

    /// The export in a format. Equal packages give equal bytes.
    ///
    /// # Errors
    /// Where it cannot be written in that format.
    pub fn render(&self, format: Format) -> Result<Vec<u8>, ExportError> {
        let export = self.export();
        Ok(match format {
            Format::Html => export.html().into_bytes(),
            Format::Md => report::markdown(&self.report).into_bytes(),
            Format::MdZip => {
                let mut out = Cursor::new(Vec::new());
                sources::bundle::write_files(&export.markdown_files(), &mut out)?;
                out.into_inner()
            }
            Format::Pdf => export.pdf()?.bytes,
            Format::Json => export.json().into_bytes(),
        })
    }
}

/// A bundle as a zip in memory.
///
/// # Errors
/// Where it is more than a bundle may be.
pub fn zip(bundle: &Bundle) -> Result<Vec<u8>, BundleError> {
    let mut out = Cursor::new(Vec::new());
    sources::bundle::write_zip(bundle, &mut out)?;
    Ok(out.into_inner())
}
