//! GitHub-flavoured Markdown: numbers written out, charts in words.

use super::{evidence_of, figures_by_id, value_of};
use model::report::{Block, Figure, Inline, Report};
use std::collections::BTreeMap;
use std::fmt::Write;

type Figures<'a> = BTreeMap<&'a str, (usize, &'a Figure)>;

/// The whole report, charts in words.
pub(crate) fn document(report: &Report) -> String {
    written(report, false)
}

/// The whole report with its charts as images beside it ([`image_of`]).
pub(crate) fn with_images(report: &Report) -> String {
    written(report, true)
}

/// Where the images of a chart lie, without their ending.
pub(crate) fn image_of(lane: &str) -> String {
    let name: String = lane
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("charts/{name}")
}

fn written(report: &Report, images: bool) -> String {
    let figures = figures_by_id(report);
    let mut out = format!("# {}\n\n", escape(&report.title));
    let w = report.window;
    let _ = writeln!(out, "{} to {} UTC\n", w.start.minute(), w.end.minute());
    if let Some(notice) = &report.notice {
        let _ = writeln!(out, "> **Note:** {}\n", escape(notice));
    }
    for part in &report.sections {
        let _ = writeln!(out, "## {}\n", escape(&part.title));
        for block in &part.blocks {
            self::block(&mut out, block, &figures, images);
        }
    }
    appendix(&mut out, report);
    out
}

/// Blocks alone, with the figures of a report written out.
pub(crate) fn blocks(blocks: &[Block], report: &Report) -> String {
    let figures = figures_by_id(report);
    let mut out = String::new();
    for block in blocks {
        self::block(&mut out, block, &figures, false);
    }
    out
}

fn block(out: &mut String, block: &Block, figures: &Figures<'_>, images: bool) {
    match block {
        Block::Paragraph(line) => {
            let _ = writeln!(out, "{}\n", inlines(line, figures));
        }
        Block::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", inlines(item, figures));
            }
            out.push('\n');
        }
        Block::Ordered { start, items } => {
            for (n, item) in (*start..).zip(items) {
                let _ = writeln!(out, "{n}. {}", inlines(item, figures));
            }
            out.push('\n');
        }
        Block::Heading { level, text } => {
            let marks = "#".repeat(usize::from((*level).clamp(3, 6)));
            let _ = writeln!(out, "{marks} {}\n", inlines(text, figures));
        }
        Block::Quote(inner) => {
            let mut quoted = String::new();
            for block in inner {
                self::block(&mut quoted, block, figures, images);
            }
            for line in quoted.trim_end().lines() {
                let _ = writeln!(out, "{}", format!("> {line}").trim_end());
            }
            out.push('\n');
        }
        Block::Table { head, rows } => {
            let head: Vec<String> = head.iter().map(|t| escape(t)).collect();
            let _ = writeln!(out, "| {} |", head.join(" | "));
            let _ = writeln!(out, "|{}", " --- |".repeat(head.len()));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|c| inlines(c, figures)).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            out.push('\n');
        }
        Block::Code { label, text } => {
            let fence = "`".repeat(longest_run(text).max(2) + 1);
            let text = text.trim_end_matches('\n');
            let _ = writeln!(out, "{}\n\n{fence}\n{text}\n{fence}\n", escape(label));
        }
        // The image leads to the drawing, which can be enlarged at will.
        Block::Chart { id, summary, .. } if images => {
            let (name, summary) = (image_of(id), escape(summary));
            let _ = writeln!(out, "[![{summary}]({name}.png)]({name}.svg)\n");
        }
        // The paragraph after it says in words what it shows.
        Block::Chart { .. } => {}
    }
}

fn inlines(line: &[Inline], figures: &Figures<'_>) -> String {
    let mut out = String::new();
    for inline in line {
        match inline {
            Inline::Strong(text) => emphasised(&mut out, "**", text),
            Inline::Emphasis(text) => emphasised(&mut out, "*", text),
            Inline::Unresolved(id) => {
                let _ = write!(out, "**\\[{}: not in the evidence\\]**", escape(id));
            }
            Inline::Code(text) => out.push_str(&code(text)),
            Inline::Figure(id) => match figures.get(id.as_str()) {
                Some((_, figure)) => out.push_str(&escape(&figure.text)),
                None => out.push_str("unknown"),
            },
            Inline::Link { text, href } if href.starts_with("https://") && is_plain(href) => {
                let _ = write!(out, "[{}]({href})", escape(text));
            }
            Inline::Text(text) | Inline::Link { text, .. } => out.push_str(&escape(text)),
        }
    }
    out
}

/// Spaces at the edge of an emphasis would undo it.
fn emphasised(out: &mut String, mark: &str, text: &str) {
    let inner = text.trim();
    if inner.is_empty() {
        out.push_str(text);
        return;
    }
    let (before, after) = text.split_at(text.find(inner).unwrap_or(0));
    let after = after.get(inner.len()..).unwrap_or_default();
    let _ = write!(out, "{before}{mark}{}{mark}{after}", escape(inner));
}

pub(crate) fn is_plain(href: &str) -> bool {
    href.chars()
        .all(|c| c.is_ascii_graphic() && !"()<>[]`|\\".contains(c))
}

/// The longest run of backticks in a text.
pub(crate) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A code span: a fence longer than any run of backticks inside; pipes and line breaks would end
/// a table's cell.
pub(crate) fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    if text.contains('|') || text.contains('<') {
        // GitHub takes a pipe inside a cell for its end, code span or not.
        return escape(text);
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text that Markdown takes as it is written: its own characters escaped, markup as entities,
/// one line.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A list or a numbered line at the start of a paragraph is no list.
    if out.starts_with(['-', '+']) {
        out.insert(0, '\\');
    }
    // An address in the text must not become a link that somebody follows unawares.
    out.replace("://", ":&#47;/").replace("www.", "www&#46;")
}

fn appendix(out: &mut String, report: &Report) {
    out.push_str("## Figures\n\nEvery number and time above, with what it was made from.\n\n");
    out.push_str(
        "| Figure | In the text | Value | Unit | Evidence |\n| --- | --- | --- | --- | --- |\n",
    );
    for figure in &report.figures {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&figure.id),
            escape(&figure.text),
            escape(&value_of(figure)),
            escape(&figure.unit),
            escape(&evidence_of(figure, 24))
        );
    }
    let _ = writeln!(out, "\nLineup {}", escape(&report.engine));
}
