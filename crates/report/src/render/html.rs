//! HTML: semantic, escaped, one file that loads nothing.

mod appendix;

use super::{evidence_links, evidence_of, figures_by_id, value_of};
use appendix::appendix;
use model::report::{Block, Figure, Inline, Report, Section};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Styles of [`crate::html_fragment`]: every class begins with `report-`, colours come from the
/// page's custom properties where it has some (`--report-*`), with a set of its own otherwise.
pub const REPORT_CSS: &str = include_str!("../../assets/report.css");

/// Styles of the file alone: the page around the article.
pub(crate) const PAGE_CSS: &str = include_str!("../../assets/page.css");

/// An article in pieces, for a page that puts something between its sections. Put together, inside
/// of one `article` of the class `report`, they are [`crate::html_fragment`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Notice, heading, window and contents.
    pub head: String,
    /// Sections with their ids.
    pub sections: Vec<(String, String)>,
    /// Every figure with its evidence.
    pub figures: String,
}

/// Figures by id, and where they were said so far.
struct Figures<'a> {
    by_id: BTreeMap<&'a str, (usize, &'a Figure)>,
    /// Number and heading of the section that is written; `None`: nothing leads back here.
    section: Option<(usize, &'a str)>,
    /// Sections that state a figure, by the figure's number.
    said: BTreeMap<usize, Vec<(usize, &'a str)>>,
}

impl<'a> Figures<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            by_id: figures_by_id(report),
            section: None,
            said: BTreeMap::new(),
        }
    }

    /// The number of the section where a figure is stated for the first time in it: a goal of its own.
    fn first_said(&mut self, figure: usize) -> Option<usize> {
        let (n, title) = self.section?;
        let said = self.said.entry(figure).or_default();
        if said.iter().any(|(other, _)| *other == n) {
            return None;
        }
        said.push((n, title));
        Some(n)
    }
}

/// The whole file.
pub(crate) fn document(report: &Report) -> String {
    let mut out = String::new();
    out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    // Nothing is loaded and nothing runs, whatever stands in a title or a note.
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    let _ = write!(out, "<meta name=\"generator\" content=\"Lineup ");
    escape(&mut out, &report.engine);
    out.push_str("\">\n<title>");
    escape(&mut out, &report.title);
    out.push_str("</title>\n<style>\n");
    for css in [chart::TOKENS_CSS, REPORT_CSS, PAGE_CSS] {
        out.push_str(css);
    }
    out.push_str("</style>\n</head>\n<body>\n<main>\n");
    out.push_str(&fragment(report));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The article, for a page that shows charts and evidence elsewhere.
pub(crate) fn fragment(report: &Report) -> String {
    article(report, false)
}

/// The article; `linked`: charts are goals, and evidence in the appendix leads to them.
pub(crate) fn article(report: &Report, linked: bool) -> String {
    let parts = parts(report, linked);
    let mut out = String::from("<article class=\"report\">\n");
    out.push_str(&parts.head);
    for (_, html) in &parts.sections {
        out.push_str(html);
    }
    out.push_str(&parts.figures);
    out.push_str("</article>\n");
    out
}

/// The article in pieces.
pub(crate) fn parts(report: &Report, linked: bool) -> Parts {
    let mut figures = Figures::of(report);
    let charts = if linked {
        evidence_links(report)
    } else {
        BTreeMap::new()
    };
    figures.section = Some((0, "the head"));
    let head = head(report, &mut figures);
    let mut sections = Vec::with_capacity(report.sections.len());
    for (n, part) in (1..).zip(&report.sections) {
        figures.section = Some((n, &part.title));
        let mut out = String::new();
        section(&mut out, part, &mut figures, linked);
        sections.push((part.id.clone(), out));
    }
    let mut appended = String::new();
    appendix(&mut appended, report, &charts, &figures);
    Parts {
        head,
        sections,
        figures: appended,
    }
}

/// Blocks alone, with the figures of a report to refer to.
pub(crate) fn blocks(blocks: &[Block], report: &Report) -> String {
    let mut figures = Figures::of(report);
    let mut out = String::new();
    for block in blocks {
        self::block(&mut out, block, &mut figures, false);
    }
    out
}

fn head(report: &Report, figures: &mut Figures<'_>) -> String {
    let mut out = String::from("<header class=\"report-head\">\n");
    if let Some(notice) = &report.notice {
        out.push_str("<p class=\"report-notice\" role=\"note\" data-testid=\"notice\">");
        escape(&mut out, notice);
        out.push_str("</p>\n");
    }
    out.push_str("<h1>");
    escape(&mut out, &report.title);
    out.push_str("</h1>\n");
    window(&mut out, figures);
    contents(&mut out, report);
    out.push_str("</header>\n");
    out
}

/// From when to when the report looks, as the figures that a section states.
fn window(out: &mut String, figures: &mut Figures<'_>) {
    out.push_str("<p class=\"report-window\">");
    for (word, id) in [("", "window.start"), (" to ", "window.end")] {
        out.push_str(word);
        match figures.by_id.get(id).copied() {
            Some((n, figure)) => stated(out, n, figure, figures.first_said(n)),
            None => out.push_str("unknown"),
        }
    }
    out.push_str("</p>\n");
}

fn contents(out: &mut String, report: &Report) {
    out.push_str("<nav class=\"report-contents\" aria-label=\"Contents\"><ul>\n");
    for part in &report.sections {
        out.push_str("<li><a href=\"#");
        escape(out, &part.id);
        out.push_str("\">");
        escape(out, &part.title);
        out.push_str("</a></li>\n");
    }
    out.push_str("<li><a href=\"#figures\">Figures</a></li>\n</ul></nav>\n");
}

fn section(out: &mut String, part: &Section, figures: &mut Figures<'_>, linked: bool) {
    out.push_str("<section class=\"report-section\" id=\"");
    escape(out, &part.id);
    out.push_str("\" aria-labelledby=\"");
    escape(out, &part.id);
    out.push_str("-title\">\n<h2 id=\"");
    escape(out, &part.id);
    out.push_str("-title\">");
    escape(out, &part.title);
    out.push_str("</h2>\n");
    for block in &part.blocks {
        self::block(out, block, figures, linked);
    }
    out.push_str("</section>\n");
}

fn block(out: &mut String, block: &Block, figures: &mut Figures<'_>, linked: bool) {
    match block {
        Block::Paragraph(line) => {
            out.push_str("<p>");
            inlines(out, line, figures);
            out.push_str("</p>\n");
        }
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                out.push_str("<li>");
                inlines(out, item, figures);
                out.push_str("</li>\n");
            }
            out.push_str("</ul>\n");
        }
        Block::Ordered { start, items } => {
            let _ = writeln!(out, "<ol start=\"{start}\">");
            for item in items {
                out.push_str("<li>");
                inlines(out, item, figures);
                out.push_str("</li>\n");
            }
            out.push_str("</ol>\n");
        }
        Block::Heading { level, text } => {
            let level = (*level).clamp(3, 6);
            let _ = write!(out, "<h{level}>");
            inlines(out, text, figures);
            let _ = writeln!(out, "</h{level}>");
        }
        Block::Quote(inner) => {
            out.push_str("<blockquote>\n");
            for block in inner {
                self::block(out, block, figures, linked);
            }
            out.push_str("</blockquote>\n");
        }
        Block::Table { head, rows } => table(out, head, rows, figures),
        Block::Code { label, text } => {
            out.push_str("<details class=\"report-code\"><summary>");
            escape(out, label);
            out.push_str("</summary>\n<pre tabindex=\"0\" role=\"region\" aria-label=\"");
            escape(out, label);
            out.push_str("\"><code>");
            escape(out, text);
            out.push_str("</code></pre></details>\n");
        }
        // What it shows stands in words in the picture's description, and below it.
        Block::Chart { id, svg, .. } => {
            out.push_str("<figure class=\"report-chart\" data-lane=\"");
            escape(out, id);
            if linked {
                out.push_str("\" id=\"report-chart-");
                escape(out, id);
            }
            out.push_str("\">");
            out.push_str(svg);
            out.push_str("</figure>\n");
        }
    }
}

fn table(out: &mut String, head: &[String], rows: &[Vec<Vec<Inline>>], figures: &mut Figures<'_>) {
    // The box may be scrolled by keyboard, too.
    out.push_str("<div class=\"report-table\" tabindex=\"0\" role=\"region\" aria-label=\"");
    escape(out, &head.join(", "));
    out.push_str("\"><table>\n<thead><tr>");
    for title in head {
        out.push_str("<th scope=\"col\">");
        escape(out, title);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (n, cell) in row.iter().enumerate() {
            out.push_str("<td");
            // Narrow screens show it before the cell; the first cell is what the row is about.
            if let Some(title) = head.get(n).filter(|title| n > 0 && !title.is_empty()) {
                out.push_str(" data-label=\"");
                escape(out, title);
                out.push('"');
            }
            out.push('>');
            inlines(out, cell, figures);
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn inlines(out: &mut String, line: &[Inline], figures: &mut Figures<'_>) {
    for inline in line {
        match inline {
            Inline::Text(text) => escape(out, text),
            Inline::Strong(text) => wrapped(out, "strong", text),
            Inline::Emphasis(text) => wrapped(out, "em", text),
            Inline::Unresolved(id) => unresolved(out, id),
            Inline::Code(text) => {
                if !text.is_empty() {
                    wrapped(out, "code", text);
                }
            }
            Inline::Figure(id) => match figures.by_id.get(id.as_str()).copied() {
                Some((n, figure)) => stated(out, n, figure, figures.first_said(n)),
                None => out.push_str("unknown"),
            },
            Inline::Link { text, href } => link(out, text, href),
        }
    }
}

/// What somebody referred to and the evidence does not give (any more), said in words and marked.
fn unresolved(out: &mut String, id: &str) {
    out.push_str("<mark class=\"report-unresolved\" data-unresolved=\"");
    escape(out, id);
    out.push_str("\">");
    escape(out, id);
    out.push_str(": not in the evidence</mark>");
}

fn wrapped(out: &mut String, tag: &str, text: &str) {
    let _ = write!(out, "<{tag}>");
    escape(out, text);
    let _ = write!(out, "</{tag}>");
}

/// A link to a public page; anything but https is text.
fn link(out: &mut String, text: &str, href: &str) {
    if !href.starts_with("https://") {
        escape(out, text);
        return;
    }
    out.push_str("<a rel=\"noopener noreferrer\" href=\"");
    escape(out, href);
    out.push_str("\">");
    escape(out, text);
    out.push_str("</a>");
}

/// A figure as it stands in the text: machine-readable, with its evidence, linked to its line in
/// the appendix. `said`: the section in which the line leads back here.
fn stated(out: &mut String, n: usize, figure: &Figure, said: Option<usize>) {
    let (tag, attribute) = match figure.unit.as_str() {
        "Time" => ("time", "datetime"),
        _ => ("data", "value"),
    };
    out.push_str("<a class=\"report-figure\"");
    if let Some(section) = said {
        let _ = write!(out, " id=\"report-said-{n}-{section}\"");
    }
    let _ = write!(out, " href=\"#report-figure-{n}\"><{tag} {attribute}=\"");
    escape(out, &value_of(figure));
    out.push_str("\" data-figure=\"");
    escape(out, &figure.id);
    out.push('"');
    let evidence = evidence_of(figure, 4);
    if !evidence.is_empty() {
        out.push_str(" title=\"Evidence: ");
        escape(out, &evidence);
        out.push('"');
    }
    out.push('>');
    escape(out, &figure.text);
    let _ = write!(out, "</{tag}></a>");
}

/// Text as it may stand in elements and quoted attributes. Control characters have no place in
/// HTML and are left out.
pub(crate) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
}
