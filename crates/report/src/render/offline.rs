//! One HTML file that works from a disk without a network: the article of [`super::html`], and where
//! scripts run, charts that answer.
//!
//! The script is a file of its own (`assets/offline.js`), plain and without dependencies; the policy
//! of the page names its digest, so nothing else can run, whatever stands in a title or a note.

use super::html::{PAGE_CSS, REPORT_CSS, escape};
use crate::export::Export;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chart::{Content, Curve, EventItem, Frame, Lane, Role, Size};
use model::{Timestamp, Window};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What makes the charts answer.
const SCRIPT: &str = include_str!("../../assets/offline.js");
/// Styles of what the script adds.
const OFFLINE_CSS: &str = include_str!("../../assets/offline.css");
/// Columns that curves are thinned to: one for every pixel of a wide screen, and some to zoom into.
const COLUMNS: u32 = 1_600;
/// Widths of the two pictures of a chart, CSS pixels, and how much higher the narrow one is.
const WIDTHS: [(u32, u32); 2] = [(960, 0), (358, 40)];

/// The whole file.
pub(crate) fn document(export: &Export<'_>) -> String {
    let report = export.report;
    let article = export.article();
    let bundle = export.encoded();
    let lanes = lanes_json(export);
    let mut out = String::with_capacity(article.len() + bundle.len() + lanes.len() + 65_536);
    out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    let digest = BASE64_STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    let _ = writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; \
         form-action 'none'\">"
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.push_str("<meta name=\"generator\" content=\"Lineup ");
    escape(&mut out, &report.engine);
    out.push_str("\">\n<title>");
    escape(&mut out, &report.title);
    out.push_str("</title>\n<style>\n");
    for css in [chart::TOKENS_CSS, REPORT_CSS, PAGE_CSS, OFFLINE_CSS] {
        out.push_str(css);
    }
    out.push_str("</style>\n</head>\n<body>\n<main>\n");
    out.push_str(&article);
    out.push_str("</main>\n");
    if !bundle.is_empty() {
        out.push_str("<script type=\"application/zip\" id=\"lineup-bundle\">");
        out.push_str(&bundle);
        out.push_str("</script>\n");
    }
    if !export.lanes.is_empty() {
        out.push_str("<script type=\"application/json\" id=\"lineup-lanes\">");
        out.push_str(&lanes);
        out.push_str("</script>\n<script>");
        out.push_str(SCRIPT);
        out.push_str("</script>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// The lanes for the script. No text in it can end the element that it stands in.
fn lanes_json(export: &Export<'_>) -> String {
    let window = export.report.window;
    let lanes: Vec<Value> = export
        .lanes
        .iter()
        .map(|lane| of_lane(&lane.slice(window, COLUMNS), lane, window))
        .collect();
    let all = json!({
        "start": window.start.millis(),
        "end": window.end.millis(),
        "lanes": lanes,
    });
    all.to_string().replace('<', "\\u003c")
}

/// A lane as its slice shows it. Where its plot lies follows from the whole lane.
fn of_lane(slice: &Lane, whole: &Lane, window: Window) -> Value {
    let frames: Vec<Value> = WIDTHS
        .iter()
        .map(|(width, taller)| {
            let size = Size {
                width: *width,
                height: whole.height() + taller,
            };
            let frame = Frame::new(*width, window);
            let plot = whole.plot(size);
            json!([
                width,
                size.height,
                frame.left,
                plot.top,
                frame.right,
                plot.bottom
            ])
        })
        .collect();
    let mut lane = json!({
        "id": slice.id,
        "title": slice.title,
        "unit": slice.unit,
        "frames": frames,
        "marks": slice.marks.iter().map(|m| json!([m.at.millis(), m.label])).collect::<Vec<_>>(),
        "bands": slice.bands.iter().map(|b| {
            json!([b.span.start.millis(), b.span.end.millis(), b.label])
        }).collect::<Vec<_>>(),
    });
    let Value::Object(fields) = &mut lane else {
        return lane;
    };
    match &slice.content {
        Content::Metric(plot) => {
            let curves: Vec<Value> = plot.curves.iter().map(of_curve).collect();
            fields.insert("curves".to_owned(), Value::Array(curves));
            fields.insert("log".to_owned(), plot.log.into());
            fields.insert("zero".to_owned(), plot.from_zero.into());
        }
        Content::Events { items, .. } => {
            let items: Vec<Value> = items.iter().map(of_event).collect();
            fields.insert("events".to_owned(), Value::Array(items));
        }
    }
    lane
}

/// Instants as steps from the one before, in milliseconds: short, and exact.
fn of_curve(curve: &Curve) -> Value {
    let mut before = 0;
    let times: Vec<i64> = curve
        .points
        .iter()
        .map(|(at, _)| {
            let step = at.millis() - before;
            before = at.millis();
            step
        })
        .collect();
    let values: Vec<f64> = curve.points.iter().map(|(_, value)| *value).collect();
    json!({
        "id": curve.series,
        "label": curve.label,
        "ink": curve.ink,
        "theory": curve.role == Role::Theory,
        "gap": curve.gap_ms,
        "thinned": curve.thinned,
        "gaps": curve.gaps.iter().map(|(a, b)| [a.millis(), b.millis()]).collect::<Vec<_>>(),
        "t": times,
        "v": values,
    })
}

fn of_event(item: &EventItem) -> Value {
    json!({
        "id": item.event,
        "also": item.members,
        "start": item.start.millis(),
        "end": item.end.map(Timestamp::millis),
        "open": item.open,
        "unknown": item.start_unknown,
        "n": item.count,
        "label": item.label,
        "group": item.group,
        "ink": item.ink,
    })
}
