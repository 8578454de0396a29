//! The postmortem of an incident: sections made of evidence, analysis and notes, and their
//! renderings. Pure: equal input gives equal bytes.
//!
//! Every number and every time that the report states is a figure with the evidence behind it
//! ([`model::report::Figure`]); what the data do not say is said to be unknown. A new section is
//! one file in `sections/` and one line in its list.

pub mod alarms;
pub mod changes;
mod difference;
mod document;
mod export;
mod frozen;
mod ledger;
mod merge;
mod preview;
pub mod redact;
mod render;
mod sections;
pub mod templates;
pub mod wording;
mod written;

use model::action::TestedAction;
use model::analysis::{back_test::TestedRule, recurrence::Earlier, what_if::Supposed};
use model::report::Figures;
use model::{Analysis, Annotation, Document, Evidence, Judgement, Report};
use std::collections::BTreeMap;

pub use difference::{Change, difference, difference_html};
pub use document::{ChartName, Drafts, Part, TimelineRow};
pub use export::{BUNDLE_FILE, Export, REPORT_FILE, lanes};
pub use merge::{Merged, Written, merge, merge_entries};
pub use preview::{Preview, preview};
pub use render::html::{Parts, REPORT_CSS};
pub use render::pdf::{PdfError, Printed};

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Title of the incident.
    pub title: &'a str,
    /// What must be said about the evidence wherever it is shown.
    pub notice: Option<&'a str>,
    /// What was measured and what happened.
    pub evidence: &'a Evidence,
    /// What the analysis makes of it.
    pub analysis: &'a Analysis,
    /// What people noted.
    pub annotations: &'a [Annotation],
    /// What people decided, and what is known beyond this incident.
    pub said: Said<'a>,
    /// What people wrote into it; `None`: nothing.
    pub document: Option<&'a Document>,
}

/// What people decided and set out to do, and what is known beyond the incident's own evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Decisions about suspects.
    pub judgements: &'a [Judgement],
    /// Action items.
    pub actions: &'a [TestedAction],
    /// Earlier incidents that are like this one; empty where the reader may not know of them.
    pub earlier: &'a [Earlier],
    /// Alarms that could have been set, with what they would have done.
    pub alarms: &'a [TestedRule],
    /// What would have been.
    pub supposed: &'a [Supposed],
}

/// Writes the report: the draft, with what people wrote in its place.
pub fn build(input: &Input<'_>) -> Report {
    Drafts::of(input).report()
}

/// A text as it is kept: line feeds alone end its lines, and nothing stands after the last word.
pub fn normal_text(text: &str) -> String {
    written::normal(text)
}

/// The report as one self-contained HTML file: styles inside, no script, nothing loaded.
pub fn html(report: &Report) -> String {
    render::html::document(report)
}

/// The body of [`html`] for a page that brings the styles ([`REPORT_CSS`] and
/// [`chart::TOKENS_CSS`]) itself: one `article` whose headings begin at level 1.
pub fn html_fragment(report: &Report) -> String {
    render::html::fragment(report)
}

/// The article of [`html_fragment`] in pieces, for a page that puts something between its sections.
pub fn html_parts(report: &Report) -> Parts {
    render::html::parts(report, false)
}

/// The report in GitHub-flavoured Markdown: numbers written out, charts in words.
pub fn markdown(report: &Report) -> String {
    render::markdown::document(report)
}

/// A chart of a report ([`model::report::Block::Chart`]'s `svg`) as an SVG file of its own: on white, in
/// CSS pixels. `None` where it holds no picture.
pub fn chart_svg(markup: &str) -> Option<String> {
    render::svg_file::standalone(markup)
}

/// The same as PNG, at twice its size, without any metadata.
pub fn chart_png(markup: &str) -> Option<Vec<u8>> {
    render::pixels::png(markup)
}

/// The report as JSON, indented, with a line feed at the end.
pub fn json(report: &Report) -> String {
    // A report holds nothing that JSON cannot: maps have text keys, numbers are finite.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// `figures.json` of the report.
pub fn figures(report: &Report) -> Figures {
    Figures {
        engine: report.engine.clone(),
        figures: report.figures.clone(),
        evidence: BTreeMap::new(),
    }
}

/// `figures.json` of the report, with the digests of the evidence that its figures rest on.
pub fn figures_over(report: &Report, evidence: &Evidence, annotations: &[Annotation]) -> Figures {
    Figures {
        evidence: frozen::digests(report, evidence, annotations),
        ..figures(report)
    }
}
