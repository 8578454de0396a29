//! Is an export still what its evidence gives? Every figure is recomputed from the frozen evidence that
//! the export carries, and everything that no figure covers (words, charts, styles) is made anew and
//! compared.

pub mod carrier;
pub mod ends;
mod figures;
mod places;
mod printed;
pub mod touched;

use crate::{
    cli::Format,
    dossier::Dossier,
    export::{ExportError, Package},
};
use model::{Bundle, ENGINE, Report, report::Figures, words::printable};
use sources::bundle::BundleError;

/// What came of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Figures that were recomputed.
    pub figures: usize,
    /// What is not what the evidence gives: one line each, which begins with the name of a figure, a
    /// file or a part of the export.
    pub differences: Vec<String>,
    /// What could not be compared, and why: no reason to fail.
    pub remarks: Vec<String>,
}

/// Why there is nothing to verify.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The evidence is no bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The file is none that could be verified, or its evidence is not at hand.
    #[error("{0}")]
    Unusable(String),
    /// The file is an export whose frame or evidence is damaged.
    #[error("{0}")]
    Damaged(String),
    /// The report could not be made anew.
    #[error(transparent)]
    Export(ExportError),
}

impl From<ExportError> for VerifyError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Bundle(e) => Self::Bundle(e),
            other @ ExportError::Pdf(_) => Self::Export(other),
        }
    }
}

/// What the evidence of a bundle gives today.
#[derive(Clone, Debug)]
pub struct Recomputed {
    dossier: Dossier,
    report: Report,
    figures: Figures,
}

impl Recomputed {
    /// Analyses a bundle, whatever figures are written in it.
    ///
    /// # Errors
    /// Where its raw files cannot be read.
    pub fn of(bundle: &Bundle) -> Result<Self, BundleError> {
        let dossier = Dossier::of_bundle(bundle)?;
        let report = dossier.report();
        let figures = report::figures_over(&report, &dossier.evidence, &dossier.annotations);
        Ok(Self {
            dossier,
            report,
            figures,
        })
    }
}

/// Verifies a bundle: its figures, and the words of its report.
///
/// # Errors
/// Where the bundle has no figures, or its raw files cannot be read.
pub fn bundle(bundle: &Bundle) -> Result<Verdict, VerifyError> {
    bundle_with(bundle, &Recomputed::of(bundle)?)
}

/// Verifies a bundle against what its evidence is known to give.
///
/// # Errors
/// Where the bundle has no figures.
pub fn bundle_with(bundle: &Bundle, now: &Recomputed) -> Result<Verdict, VerifyError> {
    let written = figures_of(bundle)?;
    let mut verdict = figures::compare(&written, &now.figures);
    // Another engine words a report in its own way.
    if written.engine == now.figures.engine
        && let Some(text) = &bundle.report_md
    {
        let expected = report::markdown(&now.report);
        if *text != expected {
            let places = places::Markdown::of(&now.report, report::markdown);
            let found = places::differences(text, &expected, &|at| places.name(at));
            let found = found.into_iter().map(|d| format!("report.md:{d}"));
            verdict.differences.extend(found);
        }
    }
    Ok(verdict)
}

/// Verifies an export against the bundle that it carries, or that it was made from.
///
/// # Errors
/// Where the bundle has no figures, or the report cannot be made anew.
pub fn export(format: Format, bytes: &[u8], bundle: &Bundle) -> Result<Verdict, VerifyError> {
    let now = Recomputed::of(bundle)?;
    let mut verdict = bundle_with(bundle, &now)?;
    // What follows the end is compared with nothing, whichever engine wrote it.
    let (bytes, surplus) = bytes.split_at(ends::of(format, bytes));
    if !surplus.is_empty() {
        let line = ends::after_the_end(surplus.len());
        verdict.differences.push(line);
    }
    let written = figures_of(bundle)?;
    if written.engine != ENGINE {
        verdict.remarks.push(format!(
            "words, charts and styles were made by engine {}, and this is {ENGINE}: they are not \
             compared",
            printable(&written.engine)
        ));
        return Ok(verdict);
    }
    let package = Package::of_dossier(&now.dossier, now.report, bundle)?;
    let found = match format {
        Format::Html => text(bytes, &package.export().html(), |now| {
            let report = &package.report;
            Box::new(move |at| places::in_html(now, at, report))
        }),
        Format::Md => {
            let places = places::Markdown::of(&package.report, report::markdown);
            let now = report::markdown(&package.report);
            let found = text(bytes, &now, |_| Box::new(|at| places.name(at)));
            found.into_iter().map(|d| format!("line {d}")).collect()
        }
        Format::Json => json(bytes, &package),
        Format::MdZip => zip(bytes, &package)?,
        Format::Pdf => {
            printed::differences(bytes, &package.export().pdf().map_err(ExportError::Pdf)?)
        }
    };
    for difference in found {
        if !verdict.differences.contains(&difference) {
            verdict.differences.push(difference);
        }
    }
    Ok(verdict)
}

fn figures_of(bundle: &Bundle) -> Result<Figures, VerifyError> {
    let Some(written) = &bundle.figures else {
        return Err(VerifyError::Unusable(
            "figures.json: expected the figures of the report; this bundle has none to verify"
                .to_owned(),
        ));
    };
    serde_json::from_value(written.clone())
        .map_err(|e| VerifyError::Unusable(format!("figures.json: {e}")))
}

/// One line where a file is what the evidence gives, and goes on.
fn behind(written: &[u8], now: &[u8]) -> Option<String> {
    let surplus = written.strip_prefix(now)?.len();
    (surplus > 0).then(|| ends::after_the_end(surplus))
}

/// Names the place of a byte in the text that the evidence gives.
type Name<'a> = Box<dyn Fn(usize) -> String + 'a>;

fn text<'a>(bytes: &[u8], now: &'a str, name: impl FnOnce(&'a str) -> Name<'a>) -> Vec<String> {
    if let Some(surplus) = behind(bytes, now.as_bytes()) {
        return vec![surplus];
    }
    match std::str::from_utf8(bytes) {
        Ok(written) => places::differences(written, now, &*name(now)),
        Err(e) => {
            let at = e.valid_up_to().min(now.len());
            vec![format!("{}: expected text in UTF-8", name(now)(at))]
        }
    }
}

/// JSON is compared by what it says first, so that a figure is named, and by its bytes then.
fn json(bytes: &[u8], package: &Package) -> Vec<String> {
    let now = package.export().json();
    if bytes == now.as_bytes() {
        return Vec::new();
    }
    if let Ok(written) = serde_json::from_slice::<model::Report>(bytes) {
        let found = figures::of_report(&written, &package.report);
        if !found.is_empty() {
            return found;
        }
    }
    text(bytes, &now, |now| Box::new(|at| places::in_json(now, at)))
}

fn zip(bytes: &[u8], package: &Package) -> Result<Vec<String>, VerifyError> {
    let now = package.export().markdown_files();
    let written = sources::bundle::read_files(std::io::Cursor::new(bytes), "export")?;
    let mut found = Vec::new();
    for path in now.keys().filter(|path| !written.contains_key(*path)) {
        found.push(format!(
            "{path}: the evidence gives this file, the export has none"
        ));
    }
    for (path, content) in &written {
        match now.get(path) {
            None => found.push(format!("{path}: the evidence gives no such file")),
            Some(expected) if expected == content => {}
            Some(expected) if path == report::REPORT_FILE => {
                let expected = String::from_utf8_lossy(expected);
                let with_images = |report: &model::Report| {
                    let export = report::Export {
                        report,
                        lanes: &[],
                        bundle: &[],
                    };
                    let mut files = export.markdown_files();
                    let text = files.remove(report::REPORT_FILE).unwrap_or_default();
                    String::from_utf8(text).unwrap_or_default()
                };
                let places = places::Markdown::of(&package.report, with_images);
                let differ = text(content, &expected, |_| Box::new(|at| places.name(at)));
                found.extend(differ.into_iter().map(|d| format!("{path}:{d}")));
            }
            Some(_) => found.push(format!("{path}: is not what the evidence gives")),
        }
    }
    if found.is_empty() && bytes != package.render(Format::MdZip)?.as_slice() {
        found.push("the archive itself: other bytes than were written".to_owned());
    }
    Ok(found)
}
