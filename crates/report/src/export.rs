//! A report to take away, with its evidence: as one HTML file, Markdown with images, PDF or JSON.
//!
//! Whoever has such a file can recompute every figure in it: `lineup verify` takes the bundle out of
//! it, makes the report anew and compares.

use crate::render::{html, markdown, offline, pdf, pixels, svg_file};
use crate::{Input, PdfError, Printed};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chart::Lane;
use model::Report;
use model::report::Block;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the bundle is called inside of exports.
pub const BUNDLE_FILE: &str = "bundle.zip";
/// What the report is called inside of Markdown with images.
pub const REPORT_FILE: &str = "report.md";

/// A report with what makes it checkable and alive.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The report.
    pub report: &'a Report,
    /// The lanes behind its charts ([`lanes`]). A chart without its lane stays a picture.
    pub lanes: &'a [Lane],
    /// The bundle with the evidence and its manifest, as a zip; empty: the export carries none.
    pub bundle: &'a [u8],
}

/// The lanes behind the charts of a report.
pub fn lanes(input: &Input<'_>) -> Vec<Lane> {
    chart::compose(input.evidence, input.analysis, input.annotations).lanes
}

impl Export<'_> {
    /// One file that loads nothing: charts with a crosshair and zoom where scripts run, readable
    /// and printable where they do not, the evidence in a block that nothing executes.
    pub fn html(&self) -> String {
        offline::document(self)
    }

    /// The report as JSON ([`crate::json`]), with the bundle in base64 as the field `bundle`.
    pub fn json(&self) -> String {
        let mut value = serde_json::to_value(self.report).unwrap_or_default();
        if let (Value::Object(fields), false) = (&mut value, self.bundle.is_empty()) {
            let text = BASE64_STANDARD.encode(self.bundle);
            fields.insert("bundle".to_owned(), Value::String(text));
        }
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Markdown with images: [`REPORT_FILE`], `charts/<lane>.svg` and `.png`, and [`BUNDLE_FILE`].
    pub fn markdown_files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let text = markdown::with_images(self.report);
        files.insert(REPORT_FILE.to_owned(), text.into_bytes());
        let blocks = self.report.sections.iter().flat_map(|s| &s.blocks);
        for block in blocks {
            if let Block::Chart { id, svg, .. } = block {
                let name = markdown::image_of(id);
                if let Some(png) = pixels::png(svg) {
                    files.insert(format!("{name}.png"), png);
                }
                if let Some(svg) = svg_file::standalone(svg) {
                    files.insert(format!("{name}.svg"), svg.into_bytes());
                }
            }
        }
        if !self.bundle.is_empty() {
            files.insert(BUNDLE_FILE.to_owned(), self.bundle.to_vec());
        }
        files
    }

    /// PDF/A-3a and PDF/UA-1: tagged, with bookmarks and links, charts as vectors, the bundle attached.
    ///
    /// # Errors
    /// [`PdfError`] where what would come out is not PDF/A-3a and PDF/UA-1.
    pub fn pdf(&self) -> Result<Printed, PdfError> {
        pdf::print(self)
    }

    /// The bundle as it stands in [`Export::html`] and [`Export::json`].
    pub(crate) fn encoded(&self) -> String {
        BASE64_STANDARD.encode(self.bundle)
    }

    /// The article of the report, its evidence linked to the charts.
    pub(crate) fn article(&self) -> String {
        html::article(self.report, true)
    }
}
