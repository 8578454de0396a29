//! Where in a text two exports differ, by the name of the figure, chart or section that stands there.

use model::Report;
use model::report::Figure;
use model::words::printable;

/// Most places that are named.
const MOST: usize = 50;

/// One line for each place where a text is not what the evidence gives. `name` names the place of a
/// byte of the text that it gives.
pub(super) fn differences(written: &str, now: &str, name: &dyn Fn(usize) -> String) -> Vec<String> {
    if written == now {
        return Vec::new();
    }
    let mut out: Vec<String> = Vec::new();
    let mut named: Vec<String> = Vec::new();
    let aligned = written.split('\n').count() == now.split('\n').count();
    let mut begin = 0;
    let mut further = 0;
    for (old, new) in written.split('\n').zip(now.split('\n')) {
        if old != new {
            let column = first_difference(old, new);
            let place = name(begin + column);
            if named.len() >= MOST {
                further += 1;
            } else if !named.contains(&place) {
                out.push(format!(
                    "{place}: the evidence gives \"{}\", found \"{}\"",
                    excerpt(new, column),
                    excerpt(old, column)
                ));
                named.push(place);
            }
            if !aligned {
                break;
            }
        }
        begin += new.len() + 1;
    }
    if further > 0 {
        out.push(format!("{further} further lines differ"));
    }
    if out.is_empty() {
        let place = name(written.len().min(now.len()));
        out.push(format!(
            "{place}: other lines follow than the evidence gives"
        ));
    }
    out
}

/// Bytes that two lines have in common at their beginning, up to the beginning of a character.
fn first_difference(a: &str, b: &str) -> usize {
    let pairs = a.bytes().zip(b.bytes());
    let mut at = pairs.take_while(|(a, b)| a == b).count();
    while !b.is_char_boundary(at) || !a.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The part of a line around a column.
fn excerpt(line: &str, column: usize) -> String {
    let mut from = column.saturating_sub(40);
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    let part: String = line
        .get(from..)
        .unwrap_or_default()
        .chars()
        .take(160)
        .collect();
    printable(&part)
}

/// The text before a byte, and from it on.
fn around(text: &str, at: usize) -> (&str, &str) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.split_at(at)
}

/// What begins with `mark` before the byte and has not ended by it.
fn open<'a>(text: &'a str, at: usize, mark: &str, end: &str) -> Option<&'a str> {
    let (before, _) = around(text, at);
    let begin = before.rfind(mark)?;
    let inside = text.get(begin + mark.len()..)?;
    let until = at.saturating_sub(begin + mark.len());
    match inside.find(end) {
        Some(ends) if ends < until => None,
        _ => Some(inside),
    }
}

fn quoted(text: &str) -> &str {
    text.split('"').next().unwrap_or_default()
}

fn line_of(text: &str, at: usize) -> usize {
    around(text, at).0.matches('\n').count() + 1
}

/// The place of a byte in an HTML export.
pub(super) fn in_html(html: &str, at: usize, report: &Report) -> String {
    let inside = |mark: &str, end: &str| open(html, at, mark, end);
    if let Some(figure) = inside("<a class=\"report-figure\"", "</a>")
        .and_then(|rest| rest.split("data-figure=\"").nth(1))
    {
        return format!("figure {}", quoted(figure));
    }
    let row = inside("<tr id=\"report-figure-", "</tr>").and_then(|rest| quoted(rest).parse().ok());
    if let Some(figure) = row.and_then(|n: usize| report.figures.get(n.checked_sub(1)?)) {
        return format!("figure {}", figure.id);
    }
    if let Some(rest) = inside("<figure class=\"report-chart\" data-lane=\"", "</figure>") {
        return format!("chart {}", quoted(rest));
    }
    for (mark, end, what) in [
        ("id=\"lineup-bundle\">", "</script>", "the evidence inside"),
        (
            "id=\"lineup-lanes\">",
            "</script>",
            "the data of the charts",
        ),
        ("<script>", "</script>", "the script"),
        ("<style>", "</style>", "the styles"),
    ] {
        if inside(mark, end).is_some() {
            return what.to_owned();
        }
    }
    let line = line_of(html, at);
    match inside("<section class=\"report-section", "</section>")
        .and_then(|rest| rest.split("id=\"").nth(1))
    {
        Some(id) => format!("section {}, line {line}", quoted(id)),
        None => format!("the head, line {line}"),
    }
}

/// The place of a byte in a JSON export.
pub(super) fn in_json(json: &str, at: usize) -> String {
    if open(json, at, "\n  \"bundle\": \"", "\"").is_some() {
        return "the evidence inside".to_owned();
    }
    format!("line {}", line_of(json, at))
}

/// Places in a report as Markdown.
pub(super) struct Markdown {
    text: String,
    /// Where figures stand: first byte, byte after the last, id.
    figures: Vec<(usize, usize, String)>,
}

/// Marks that no text has: what comes in is free of them.
const MARKS: [char; 3] = ['\u{e000}', '\u{e001}', '\u{e002}'];

impl Markdown {
    /// Of a report, by writing it once more with every figure marked.
    pub(super) fn of(report: &Report, write: impl Fn(&Report) -> String) -> Self {
        let text = write(report);
        let mut marked = report.clone();
        let [begin, middle, end] = MARKS;
        let mark = |(n, figure): (usize, &mut Figure)| {
            figure.text = format!("{begin}{n}{middle}{}{end}", figure.text);
        };
        marked.figures.iter_mut().enumerate().for_each(mark);
        let (bare, figures) = unmarked(&write(&marked), report);
        // Where somebody's words hold such marks nothing is named by them.
        let figures = if bare == text { figures } else { Vec::new() };
        Self { text, figures }
    }

    /// The line of a byte, and what stands there.
    pub(super) fn name(&self, at: usize) -> String {
        let line = line_of(&self.text, at);
        let here = self
            .figures
            .iter()
            .find(|(from, to, _)| (*from..*to).contains(&at));
        if let Some((_, _, id)) = here {
            return format!("{line}: figure {id}");
        }
        let (before, after) = around(&self.text, at);
        let begin = before.rfind('\n').map_or(0, |n| n + 1);
        let whole = before.get(begin..).unwrap_or_default().to_owned()
            + after.split('\n').next().unwrap_or_default();
        let section = before.rfind("\n## ").and_then(|n| before.get(n + 4..));
        let section = section.and_then(|s| s.split('\n').next());
        // A row of the appendix begins with the figure's id.
        if let (Some("Figures"), Some(rest)) = (section, whole.strip_prefix("| `"))
            && let Some(id) = rest.split('`').next()
        {
            return format!("{line}: figure {id}");
        }
        match section {
            Some(title) => format!("{line}: section {title}"),
            None => format!("{line}: the head"),
        }
    }
}

/// The text without its marks, and where they were.
fn unmarked(marked: &str, report: &Report) -> (String, Vec<(usize, usize, String)>) {
    let [begin, middle, end] = MARKS;
    let mut text = String::with_capacity(marked.len());
    let mut found = Vec::new();
    let mut rest = marked;
    while let Some((before, inside)) = rest.split_once(begin) {
        text.push_str(before);
        let (Some((n, after)), from) = (inside.split_once(middle), text.len()) else {
            break;
        };
        let Some((stated, after)) = after.split_once(end) else {
            break;
        };
        text.push_str(stated);
        if let Some(figure) = n.parse().ok().and_then(|n: usize| report.figures.get(n)) {
            found.push((from, text.len(), figure.id.clone()));
        }
        rest = after;
    }
    text.push_str(rest);
    (text, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::report::{Block, Inline, Section};

    fn report() -> Report {
        let figure = |id: &str, text: &str| Figure {
            id: id.into(),
            value: 1.into(),
            unit: "Count".into(),
            evidence: vec![],
            span: None,
            text: text.into(),
        };
        let line = vec![
            Inline::Text("From ".into()),
            Inline::Figure("a.b".into()),
            Inline::Text(" to ".into()),
            Inline::Figure("c".into()),
        ];
        Report {
            title: "T".into(),
            sections: vec![Section {
                id: "s".into(),
                title: "Summary".into(),
                blocks: vec![Block::Paragraph(line)],
            }],
            figures: vec![figure("a.b", "10 ms"), figure("c", "334 ms")],
            ..Report::default()
        }
    }

    #[test]
    fn a_changed_figure_in_markdown_is_named_in_text_and_appendix() {
        let report = report();
        let now = report::markdown(&report);
        let places = Markdown::of(&report, report::markdown);
        let written = now.replacen("334 ms", "335 ms", 1);
        let found = differences(&written, &now, &|at| places.name(at));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains(": figure c: the evidence gives"),
            "{found:?}"
        );
        let at = now.rfind("334 ms").unwrap();
        let mut written = now.clone();
        written.replace_range(at..at + 6, "335 ms");
        let found = differences(&written, &now, &|at| places.name(at));
        assert!(found[0].contains(": figure c: "), "{found:?}");
        let written = now.replacen("From", "Form", 1);
        let found = differences(&written, &now, &|at| places.name(at));
        assert!(found[0].contains(": section Summary: "), "{found:?}");
    }

    #[test]
    fn a_changed_byte_of_html_is_named_by_what_stands_there() {
        let report = report();
        let now = report::html(&report);
        let check = |from: &str, to: &str, name: &str| {
            let written = now.replacen(from, to, 1);
            assert_ne!(written, now, "{from}");
            let found = differences(&written, &now, &|at| in_html(&now, at, &report));
            assert!(
                found.iter().any(|f| f.starts_with(name)),
                "{name}: {found:?}"
            );
        };
        check(">334 ms</data>", ">335 ms</data>", "figure c:");
        check("<code>a.b", "<code>a.c", "figure a.b:");
        check("From ", "Form ", "section s, line");
        check("<title>T", "<title>U", "the head, line");
        check("overflow-x", "overflow-y", "the styles:");
    }

    #[test]
    fn more_or_fewer_lines_are_told_once() {
        let name = |_: usize| "x".to_owned();
        assert_eq!(differences("a\nb\n", "a\nb", &name).len(), 1);
        assert_eq!(differences("a\nc\nd\ne", "a\nb\nx", &name).len(), 1);
        assert!(differences("é1", "é2", &name)[0].contains("\"é2\", found \"é1\""));
    }
}
