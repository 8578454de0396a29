//! A report in the formats that people read.

pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod offline;
pub(crate) mod pdf;
pub(crate) mod picture;
pub(crate) mod pixels;
pub(crate) mod svg_file;
mod typeface;

use model::report::{Block, Figure, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Which chart of the report shows a series, an event or a note: lane ids by evidence ids. It is what
/// the figures of the charts' own descriptions rest on.
pub(crate) fn evidence_links(report: &Report) -> BTreeMap<&str, &str> {
    let blocks = report.sections.iter().flat_map(|s| &s.blocks);
    let lanes: BTreeSet<&str> = blocks
        .filter_map(|block| match block {
            Block::Chart { id, .. } => Some(id.as_str()),
            _ => None,
        })
        .collect();
    let mut links = BTreeMap::new();
    for figure in &report.figures {
        let Some(lane) = figure
            .id
            .strip_prefix("chart.")
            .and_then(|rest| rest.rsplit_once('.'))
            .and_then(|(lane, _)| lanes.get(lane))
        else {
            continue;
        };
        for id in &figure.evidence {
            links.entry(id.as_str()).or_insert(*lane);
        }
    }
    links
}

/// Figures by id, with their place in the appendix, counted from 1.
pub(crate) fn figures_by_id(report: &Report) -> BTreeMap<&str, (usize, &Figure)> {
    report
        .figures
        .iter()
        .enumerate()
        .map(|(i, f)| (f.id.as_str(), (i + 1, f)))
        .collect()
}

/// The value of a figure as text: numbers as JSON writes them, instants without quotes.
pub(crate) fn value_of(figure: &Figure) -> String {
    match &figure.value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "unknown".to_owned(),
        other => other.to_string(),
    }
}

/// Evidence of a figure in words, at most `most` ids of it.
pub(crate) fn evidence_of(figure: &Figure, most: usize) -> String {
    let n = figure.evidence.len();
    let shown: Vec<&str> = figure
        .evidence
        .iter()
        .take(most)
        .map(String::as_str)
        .collect();
    let mut text = shown.join(", ");
    if n > most {
        text = format!("{text} and {} more", n - most);
    }
    if let Some(span) = figure.span {
        let sep = if text.is_empty() { "" } else { "; " };
        text = format!(
            "{text}{sep}{} to {} UTC",
            span.start.minute(),
            span.end.minute()
        );
    }
    text
}
