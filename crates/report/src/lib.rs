//! The postmortem of an incident: sections made of evidence, analysis and notes, and their
//! renderings. Pure: equal input gives equal bytes.
//!
//! Every number and every time that the report states is a figure with the evidence behind it
//! ([`model::report::Figure`]); what the data do not say is said to be unknown. A new section is
//! one file in `sections/` and one line in its list.

pub mod alarms;
mod export;
mod frozen;
mod ledger;
mod render;
mod sections;

use model::action::TestedAction;
use model::analysis::recurrence::Earlier;
use model::report::Figures;
use model::{Analysis, Annotation, Evidence, Judgement, Report};
use std::collections::BTreeMap;

pub use export::{BUNDLE_FILE, Export, REPORT_FILE, lanes};
pub use render::html::REPORT_CSS;
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
}

/// Writes the report.
pub fn build(input: &Input<'_>) -> Report {
    let mut context = sections::Context::new(*input);
    let sections = sections::SECTIONS
        .iter()
        .filter_map(|section| section(&mut context))
        .collect();
    Report {
        title: input.title.to_owned(),
        window: input.evidence.window,
        notice: input.notice.map(str::to_owned),
        engine: if input.analysis.engine.is_empty() {
            model::ENGINE.to_owned()
        } else {
            input.analysis.engine.clone()
        },
        sections,
        figures: context.ledger.into_figures(),
    }
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

/// The report in GitHub-flavoured Markdown: numbers written out, charts in words.
pub fn markdown(report: &Report) -> String {
    render::markdown::document(report)
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
