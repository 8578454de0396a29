//! The list of all figures, each with its evidence and the way back to where it is said.

use super::{Figures, escape, wrapped};
use crate::render::{evidence_of, value_of};
use model::report::{Figure, Report};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every figure of the report with its evidence, and the way back to where it is said.
pub(super) fn appendix(
    out: &mut String,
    report: &Report,
    charts: &BTreeMap<&str, &str>,
    figures: &Figures<'_>,
) {
    out.push_str(
        "<section class=\"report-section report-appendix\" id=\"figures\" \
         aria-labelledby=\"figures-title\">\n<h2 id=\"figures-title\">Figures</h2>\n\
         <p>Every number and time above, with what it was made from.</p>\n",
    );
    out.push_str(
        "<details><summary>Show all figures</summary>\n<div class=\"report-table\" tabindex=\"0\" \
         role=\"region\" aria-label=\"All figures\"><table>\n<thead><tr><th scope=\"col\">Figure</th>\
         <th scope=\"col\">In the text</th><th scope=\"col\">Value</th><th scope=\"col\">Unit</th>\
         <th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n",
    );
    for (i, figure) in report.figures.iter().enumerate() {
        let _ = write!(out, "<tr id=\"report-figure-{}\"><td>", i + 1);
        wrapped(out, "code", &figure.id);
        out.push_str("</td><td>");
        escape(out, &figure.text);
        ways_back(out, i + 1, figures);
        for cell in [&value_of(figure), &figure.unit] {
            out.push_str("</td><td>");
            escape(out, cell);
        }
        out.push_str("</td><td>");
        if charts.is_empty() {
            escape(out, &evidence_of(figure, NAMED));
        } else {
            linked_evidence(out, figure, charts);
        }
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n<p class=\"report-engine\">Lineup ");
    escape(out, &report.engine);
    out.push_str("</p>\n</section>\n");
}

/// Links to the sections that state a figure, each to its first place there.
fn ways_back(out: &mut String, n: usize, figures: &Figures<'_>) {
    for (i, (section, title)) in figures.said.get(&n).into_iter().flatten().enumerate() {
        out.push_str(if i == 0 {
            " <span class=\"report-back\">said in "
        } else {
            ", "
        });
        let _ = write!(out, "<a href=\"#report-said-{n}-{section}\">");
        escape(out, title);
        out.push_str("</a>");
    }
    if figures.said.contains_key(&n) {
        out.push_str("</span>");
    }
}

/// Most ids of evidence that a line of the appendix names.
const NAMED: usize = 24;

/// The evidence of a figure, each id a link to the chart that shows it.
fn linked_evidence(out: &mut String, figure: &Figure, charts: &BTreeMap<&str, &str>) {
    for (i, id) in figure.evidence.iter().take(NAMED).enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        if let Some(lane) = charts.get(id.as_str()) {
            out.push_str("<a href=\"#report-chart-");
            escape(out, lane);
            out.push_str("\" data-evidence=\"");
            escape(out, id);
            out.push_str("\">");
            escape(out, id);
            out.push_str("</a>");
        } else {
            escape(out, id);
        }
    }
    let more = figure.evidence.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(out, " and {more} more");
    }
    if let Some(span) = figure.span {
        let lead = if figure.evidence.is_empty() { "" } else { "; " };
        let (start, end) = (span.start.minute(), span.end.minute());
        let _ = write!(out, "{lead}{start} to {end} UTC");
    }
}
