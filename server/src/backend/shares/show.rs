//! What a link shows: the report, redacted, as one page that loads nothing but the style sheet, and its
//! charts as pictures of their own.

use crate::{
    backend::report_of,
    cli::Format,
    export::{ExportError, Package},
};
use app::backend::{Case, FileKind, SharedBytes};
use axum::body::Bytes;
use chart::Lane;
use model::{
    Report, Samples, Timestamp,
    report::Block,
    review::Version,
    share::{RedactionRules, ShareLink},
};
use report::redact::{Material, Named, Redaction};
use std::{collections::BTreeMap, fmt::Write};

/// How hard a page is compressed: once, for many readers.
const QUALITY: i32 = 7;

/// Everything that a link can give.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) page: Bytes,
    pub(super) packed: Option<Bytes>,
    /// Charts by their lanes' ids, as SVG files.
    pub(super) charts: BTreeMap<String, Bytes>,
}

impl Shown {
    pub(super) fn bytes(&self) -> usize {
        let packed = self.packed.as_ref().map_or(0, Bytes::len);
        // A picture as PNG is about as large as its source.
        let charts: usize = self.charts.values().map(|c| 2 * c.len()).sum();
        self.page.len() + packed + charts
    }

    pub(super) fn whole(&self) -> SharedBytes {
        SharedBytes {
            plain: self.page.clone(),
            brotli: self.packed.clone(),
        }
    }
}

/// What people say of an incident, for the names in it.
pub(in crate::backend) fn said_of(case: &Case) -> Vec<serde_json::Value> {
    let actions: Vec<_> = case.actions.iter().map(|action| &action.item).collect();
    // Who wrote is nowhere in a report, but others name them in their texts.
    let authors = case.document.sections.iter().map(|s| &s.author);
    let authors: Vec<_> = authors
        .map(|a| serde_json::json!({ "author": a }))
        .collect();
    vec![serde_json::json!([
        case.judgements,
        actions,
        authors,
        case.annotations
    ])]
}

/// What is shown: the report as it is, or as a version froze it, with what was said until then.
fn seen(case: &Case, frozen: Option<Version>) -> (Report, Vec<serde_json::Value>) {
    let mut said = said_of(case);
    match frozen {
        None => (report_of(case), said),
        Some(version) => {
            said.extend(version.said);
            (version.report, said)
        }
    }
}

/// What replaces names in a report; `None`: nothing is replaced.
fn redaction(
    case: &Case,
    report: &Report,
    said: &[serde_json::Value],
    rules: &RedactionRules,
) -> Option<Redaction> {
    if rules.is_empty() {
        return None;
    }
    let incident = &case.incident;
    let redaction = Redaction::of(
        &Material {
            evidence: &case.evidence,
            annotations: &case.annotations,
            texts: &[
                incident.title.clone(),
                incident.notice.clone().unwrap_or_default(),
            ],
            records: said,
        },
        rules,
    );
    Some(redaction.knowing_report(report))
}

/// The lanes behind the charts of a report. Those of a version are gone: what is drawn in it is all that
/// was approved.
fn lanes_of(case: &Case, is_frozen: bool) -> Vec<Lane> {
    if is_frozen {
        return Vec::new();
    }
    chart::lanes(&case.evidence, &case.analysis, &case.annotations)
}

/// The report of a case as its readers see it, with what is replaced in it. `frozen` is the version
/// that is shown in the place of the current one.
pub(super) fn redacted(
    case: &Case,
    frozen: Option<Version>,
    rules: &RedactionRules,
) -> (Report, Vec<Named>) {
    let is_frozen = frozen.is_some();
    let (report, said) = seen(case, frozen);
    match redaction(case, &report, &said, rules) {
        None => (report, Vec::new()),
        Some(redaction) => (
            redaction.report_with(&report, &lanes_of(case, is_frozen)),
            redaction.names().to_vec(),
        ),
    }
}

/// The report as a file, as its readers see it: without the evidence, in which every name stands.
pub(super) fn file(
    case: &Case,
    frozen: Option<Version>,
    rules: &RedactionRules,
    kind: FileKind,
) -> Result<Vec<u8>, ExportError> {
    let mut lanes = lanes_of(case, frozen.is_some());
    let (mut report, said) = seen(case, frozen);
    if let Some(redaction) = redaction(case, &report, &said, rules) {
        report = redaction.report_with(&report, &lanes);
        lanes = lanes.iter().map(|lane| redaction.lane(lane)).collect();
    }
    let package = Package {
        report,
        lanes,
        zip: Vec::new(),
    };
    package.render(match kind {
        FileKind::Html => Format::Html,
        FileKind::Pdf => Format::Pdf,
        FileKind::MarkdownZip => Format::MdZip,
    })
}

/// Everything that a link gives, of a case with nothing outside its window. `token` is the link's.
pub(super) fn shown(case: &Case, frozen: Option<Version>, link: &ShareLink, token: &str) -> Shown {
    let (report, _) = redacted(case, frozen, &link.rules);
    let page = document(&report, link.expires_at, token);
    let charts = charts(&report)
        .filter(|(id, ..)| link.lane.as_deref().is_none_or(|only| only == *id))
        .filter_map(|(id, _, svg)| Some((id.to_owned(), Bytes::from(report::chart_svg(svg)?))))
        .collect();
    Shown {
        packed: packed(page.as_bytes()),
        page: Bytes::from(page),
        charts,
    }
}

/// Charts of a report: id, title, picture.
pub(super) fn charts(report: &Report) -> impl Iterator<Item = (&str, &str, &str)> {
    let blocks = report.sections.iter().flat_map(|s| &s.blocks);
    blocks.filter_map(|block| match block {
        Block::Chart { id, svg, .. } => {
            let title = svg
                .split_once("-t\">")
                .and_then(|(_, t)| t.split('<').next());
            Some((id.as_str(), title.unwrap_or(id), svg.as_str()))
        }
        _ => None,
    })
}

/// The bytes compressed by brotli, where that makes them fewer.
fn packed(plain: &[u8]) -> Option<Bytes> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: QUALITY,
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut from = plain;
    brotli::BrotliCompress(&mut from, &mut out, &params).ok()?;
    (out.len() < plain.len()).then(|| Bytes::from(out))
}

/// The case with nothing outside its window: neither samples, nor events, nor notes.
pub(super) fn only_window(mut case: Case) -> Case {
    let window = case.incident.window;
    for series in &mut case.evidence.series {
        let (times, values) = series.samples.inside(window);
        series.samples =
            Samples::from_unordered(times.iter().copied().zip(values.iter().copied()).collect());
    }
    case.evidence.events.retain(|event| event.touches(window));
    case.annotations
        .retain(|note| window.touches(note.start, Some(note.end.unwrap_or(note.start))));
    case
}

/// The page: complete in itself but for the style sheet, without any script.
fn document(report: &Report, expires_at: Option<Timestamp>, token: &str) -> String {
    let mut body = String::from("<p class=\"meta\">Shared read-only");
    if let Some(at) = expires_at {
        let _ = write!(body, " · opens until {} UTC", at.minute());
    }
    body.push_str(" · as a file:");
    for kind in FileKind::ALL {
        let (name, label) = (kind.name(), kind.label());
        // Tokens are letters, digits, `-` and `_`.
        let _ = write!(body, " <a href=\"/s/{token}/{name}\" download>{label}</a>");
    }
    body.push_str("</p>\n<div class=\"panel paper\" data-testid=\"shared-report\">");
    body.push_str(&report::html_fragment(report));
    body.push_str("</div>\n");
    page(&report.title, &body)
}

/// A page that leads nowhere else. What fetches it to show a preview of the link learns nothing.
pub(crate) fn page(title: &str, body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 2_000);
    out.push_str(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow, noarchive\">\n\
         <meta property=\"og:title\" content=\"A report shared with Lineup\">\n\
         <meta property=\"og:description\" content=\"Open the link to read it.\">\n\
         <meta name=\"description\" content=\"A report shared with Lineup.\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"/pkg/lineup.css\">\n<title>",
    );
    escape(&mut out, title);
    out.push_str(
        " · Lineup</title>\n</head>\n<body>\n<header class=\"top\"><span class=\"brand\">\
         <span>Lineup</span></span></header>\n\
         <main id=\"content\" tabindex=\"-1\"><div class=\"page\">\n",
    );
    out.push_str(body);
    let _ = write!(
        out,
        "</div></main>\n<footer class=\"foot\"><p>Lineup {} · all times in UTC</p></footer>\n\
         </body>\n</html>\n",
        model::ENGINE
    );
    out
}

/// Text as it may stand in elements and quoted attributes.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_small_over_the_wire_and_its_title_is_text() {
        let page = page("<b>&\"", &"many words ".repeat(1_000));
        assert!(page.contains("<title>&lt;b&gt;&amp;&quot; · Lineup</title>"));
        let packed = packed(page.as_bytes()).unwrap();
        assert!(packed.len() < 1_500, "{}", packed.len());
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_ref(), &mut back).unwrap();
        assert_eq!(back, page.as_bytes());
    }
}
