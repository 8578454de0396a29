//! A report in the formats that people read.

pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod picture;
pub(crate) mod pixels;
pub(crate) mod svg_file;
mod typeface;

use model::report::{Figure, Report};
use std::collections::BTreeMap;

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
