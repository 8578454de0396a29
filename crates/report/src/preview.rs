//! A text before it is saved: as it will stand in the report, with the reading aid's remarks marked in
//! it.

use crate::{
    Drafts, render,
    wording::{Remark, remarks},
};
use model::report::{Block, Inline};
use std::fmt::Write;

/// Stands before a phrase that is marked, with the number of its remark, closed by [`NUMBERED`]. All
/// three are private characters, which the parser of texts never lets through.
const BEGIN: char = '\u{e010}';
const NUMBERED: char = '\u{e011}';
const END: char = '\u{e012}';

/// A text as it will stand in the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Trusted HTML of the class `report`'s content.
    pub html: String,
    /// References in it that mean nothing.
    pub unresolved: Vec<String>,
    /// Phrases that may be worth another look, with the reason and what may be said instead.
    pub remarks: Vec<(String, &'static str, &'static str)>,
}

/// Shows a text.
pub fn preview(drafts: &Drafts<'_>, text: &str) -> Preview {
    let text = text.replace([BEGIN, NUMBERED, END], "\u{fffd}");
    let (mut blocks, report) = drafts.preview(&text);
    let mut found = Vec::new();
    mark(&mut blocks, &mut found);
    let html = render::html::blocks(&blocks, &report);
    let mut unresolved = Vec::new();
    crate::document::each_inline(&blocks, &mut |inline| {
        if let Inline::Unresolved(id) = inline {
            unresolved.push(id.clone());
        }
    });
    Preview {
        html: with_marks(&html, &found),
        unresolved,
        remarks: found
            .into_iter()
            .map(|(phrase, remark)| (phrase, remark.reason, remark.suggestion))
            .collect(),
    }
}

type Found = Vec<(String, Remark)>;

fn mark(blocks: &mut [Block], found: &mut Found) {
    for block in blocks {
        match block {
            Block::Paragraph(line) | Block::Heading { text: line, .. } => mark_line(line, found),
            Block::List(items) | Block::Ordered { items, .. } => {
                for line in items {
                    mark_line(line, found);
                }
            }
            Block::Table { rows, .. } => {
                for line in rows.iter_mut().flatten() {
                    mark_line(line, found);
                }
            }
            // What is quoted was said by somebody else, and stays as it was said.
            Block::Quote(_) | Block::Code { .. } | Block::Chart { .. } => {}
        }
    }
}

fn mark_line(line: &mut [Inline], found: &mut Found) {
    for inline in line {
        if let Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) = inline {
            *text = marked(text, found);
        }
    }
}

fn marked(text: &str, found: &mut Found) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for remark in remarks(text) {
        let phrase = text.get(remark.range.clone()).unwrap_or_default();
        out.push_str(text.get(at..remark.range.start).unwrap_or_default());
        let _ = write!(out, "{BEGIN}{}{NUMBERED}{phrase}{END}", found.len());
        at = remark.range.end;
        found.push((phrase.to_owned(), remark));
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Puts elements in the place of the marks.
fn with_marks(html: &str, found: &Found) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        out.push_str(before);
        let Some((number, later)) = after.split_once(NUMBERED) else {
            rest = after;
            continue;
        };
        let remark = number.parse().ok().and_then(|n: usize| found.get(n));
        out.push_str("<span class=\"report-wording\" data-testid=\"wording\" title=\"");
        if let Some((_, remark)) = remark {
            render::html::escape(&mut out, remark.reason);
            out.push(' ');
            render::html::escape(&mut out, remark.suggestion);
        }
        out.push_str("\">");
        rest = later;
    }
    out.push_str(rest);
    out.replace(END, "</span>")
}
