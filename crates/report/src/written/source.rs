//! Blocks into the Markdown that people edit: figures and charts as references.

use crate::render::markdown::{code, escape, is_plain};
use model::report::{Block, Inline};
use std::fmt::Write;

/// The Markdown of blocks. Read again it gives the same words and the same figures.
pub(crate) fn source(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        self::block(&mut out, block);
    }
    out.trim_end().to_owned()
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Paragraph(line) => {
            let _ = writeln!(out, "{}\n", at_start(&of_line(line)));
        }
        Block::Heading { level, text } => {
            let marks = "#".repeat(usize::from(level.saturating_sub(2).clamp(1, 4)));
            let _ = writeln!(out, "{marks} {}\n", of_line(text));
        }
        Block::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", at_start(&of_line(item)));
            }
            out.push('\n');
        }
        Block::Ordered { start, items } => {
            for (n, item) in (*start..).zip(items) {
                let _ = writeln!(out, "{n}. {}", at_start(&of_line(item)));
            }
            out.push('\n');
        }
        Block::Quote(inner) => {
            for line in source(inner).lines() {
                let _ = writeln!(out, "{}", format!("> {line}").trim_end());
            }
            out.push('\n');
        }
        Block::Table { head, rows } => {
            let head: Vec<String> = head.iter().map(|t| escaped(t)).collect();
            let _ = writeln!(out, "| {} |", head.join(" | "));
            let _ = writeln!(out, "|{}", " --- |".repeat(head.len()));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|c| of_line(c)).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            out.push('\n');
        }
        Block::Code { label, text } => {
            // A fence of tildes may have backticks in its label.
            let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or(0);
            let fence = "~".repeat(longest.max(2) + 1);
            let label: String = label
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            let end = if text.ends_with('\n') || text.is_empty() {
                ""
            } else {
                "\n"
            };
            let label = escaped(label.trim());
            let _ = writeln!(out, "{fence} {label}\n{text}{end}{fence}\n");
        }
        Block::Chart { id, .. } => {
            let _ = writeln!(out, "{{{{chart:{id}}}}}\n");
        }
    }
}

/// The Markdown of running text.
pub(crate) fn of_line(line: &[Inline]) -> String {
    let mut out = String::new();
    let mut rest = line.iter().peekable();
    while let Some(inline) = rest.next() {
        let spaced = rest.peek().is_none_or(|next| match next {
            Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) => {
                text.starts_with(char::is_whitespace)
            }
            _ => false,
        });
        match inline {
            Inline::Strong(text) => emphasised(&mut out, "**", text, spaced),
            Inline::Emphasis(text) => emphasised(&mut out, "*", text, spaced),
            // Ticks that touch are one fence.
            Inline::Code(text) if out.ends_with('`') => out.push_str(&escaped(text)),
            Inline::Code(text) => out.push_str(&code(text)),
            Inline::Figure(id) | Inline::Unresolved(id) => {
                let _ = write!(out, "{{{{{id}}}}}");
            }
            Inline::Link { text, href } if href.starts_with("https://") && is_plain(href) => {
                let _ = write!(out, "[{}]({href})", escaped(text));
            }
            Inline::Text(text) | Inline::Link { text, .. } => out.push_str(&escaped(text)),
        }
    }
    out
}

/// Words with emphasis. Markdown ends one only after a letter, or before a space; so whatever stands
/// at its edges and is no letter is left outside where nothing else helps.
fn emphasised(out: &mut String, mark: &str, text: &str, spaced: bool) {
    // Marks that touch are one mark.
    if out.ends_with('*') {
        out.push_str(&escaped(text));
        return;
    }
    let is_word = |c: char| c.is_alphanumeric();
    let open = out.ends_with(|c: char| !c.is_whitespace());
    let mut inner = text.trim();
    if open {
        inner = inner.trim_start_matches(|c| !is_word(c));
    }
    let trimmed_after = text.trim_end().len() < text.len();
    if !spaced && !trimmed_after {
        inner = inner.trim_end_matches(|c| !is_word(c));
    }
    let Some(at) = text.find(inner).filter(|_| !inner.is_empty()) else {
        out.push_str(&escaped(text));
        return;
    };
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + inner.len()..).unwrap_or_default();
    out.push_str(&escaped(before));
    let _ = write!(out, "{mark}{}{mark}", escaped(inner));
    out.push_str(&escaped(after));
}

/// Text that Markdown takes as it is written, and that is no reference.
fn escaped(text: &str) -> String {
    escape(text).replace('{', "\\{")
}

/// What would begin a list, a rule or an indented block at the start of a line is text.
fn at_start(line: &str) -> String {
    let line = line.trim_start();
    if line.starts_with(['-', '+', '=']) {
        return format!("\\{line}");
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with(['.', ')']) => {
            let number = line.get(..digits).unwrap_or_default();
            format!("{number}\\{rest}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::parse::{Known, parse};
    use proptest::prelude::*;

    struct All;

    impl Known for All {
        fn figure(&self, id: &str) -> Option<String> {
            (!id.starts_with("gone") && !id.starts_with("chart:")).then(|| id.to_owned())
        }

        fn charts(&self, id: &str) -> Option<Vec<Block>> {
            let id = id.strip_prefix("chart:")?;
            Some(vec![Block::Chart {
                id: id.to_owned(),
                summary: String::new(),
                svg: String::new(),
            }])
        }
    }

    fn read(text: &str) -> Vec<Block> {
        parse(text, &All)
    }

    /// The words and references of running text, without its emphasis.
    fn flat(line: &[Inline]) -> String {
        let text: String = line
            .iter()
            .map(|i| match i {
                Inline::Text(t) | Inline::Strong(t) | Inline::Emphasis(t) | Inline::Code(t) => {
                    t.clone()
                }
                Inline::Link { text, href } => format!("{text}<{href}>"),
                Inline::Figure(id) => format!("[figure {id}]"),
                Inline::Unresolved(id) => format!("[unresolved {id}]"),
            })
            .collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn shape(blocks: &[Block]) -> Vec<String> {
        let lines = |name: &str, items: &[Vec<Inline>]| -> Vec<String> {
            items
                .iter()
                .map(|i| format!("{name} {}", flat(i)))
                .collect()
        };
        let of = |block: &Block| match block {
            Block::Paragraph(line) => vec![format!("p {}", flat(line))],
            Block::Heading { text, .. } => vec![format!("h {}", flat(text))],
            Block::List(items) => lines("li", items),
            Block::Ordered { items, .. } => lines("ol", items),
            Block::Quote(inner) => shape(inner).into_iter().map(|l| format!("> {l}")).collect(),
            Block::Table { head, rows } => {
                let mut out = vec![format!("head {}", head.join("|"))];
                out.extend(rows.iter().flat_map(|r| lines("td", r)));
                out
            }
            Block::Code { label, text } => vec![format!("code {label}: {text}")],
            Block::Chart { id, .. } => vec![format!("chart {id}")],
        };
        blocks.iter().flat_map(of).collect()
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z0-9]{1,8}",
            Just("shop-797fbbbc6d/x_y*z".to_owned()),
            Just("{{not.mine}}".to_owned()),
            Just("<b>&amp; `tick` [a](http://b) ![c] |~#".to_owned()),
            Just("- 1. + = > é 🧟 \\".to_owned()),
            Just("3) x".to_owned()),
            Just("(a).".to_owned()),
        ]
    }

    fn inline() -> impl Strategy<Value = Inline> {
        prop_oneof![
            word().prop_map(|w| Inline::Text(format!("{w} "))),
            word().prop_map(Inline::Text),
            word().prop_map(|w| Inline::Strong(format!("{w}: "))),
            word().prop_map(Inline::Strong),
            word().prop_map(Inline::Emphasis),
            "[a-z.]{1,9}".prop_map(Inline::Figure),
            "[a-z]{1,5}".prop_map(|w| Inline::Unresolved(format!("gone.{w}"))),
            "[a-z]{1,5}".prop_map(|w| Inline::Link {
                text: w.clone(),
                href: format!("https://{w}.example/?a=b_c"),
            }),
            "[a-z_*{`]{1,8}".prop_map(|w| Inline::Code(w.replace("{{", "{"))),
        ]
    }

    fn line() -> impl Strategy<Value = Vec<Inline>> {
        proptest::collection::vec(inline(), 1..6)
            .prop_filter("words", |l| flat(l).chars().any(char::is_alphanumeric))
    }

    fn any_block() -> impl Strategy<Value = Block> {
        let list = || proptest::collection::vec(line(), 1..4);
        prop_oneof![
            line().prop_map(Block::Paragraph),
            line().prop_map(|text| Block::Heading { level: 3, text }),
            line().prop_map(|l| Block::Quote(vec![Block::Paragraph(l)])),
            list().prop_map(|rows| Block::Table {
                head: vec!["When".into(), "Wh|at".into()],
                rows: rows.into_iter().map(|l| vec![l.clone(), l]).collect(),
            }),
            Just(Block::Code {
                label: "Alarm `x`: y".into(),
                text: "{\"a\": \"{{b}}\"}\n~~~\n".into(),
            }),
            Just(Block::Chart {
                id: "series-a_b".into(),
                summary: String::new(),
                svg: String::new(),
            }),
            list().prop_map(Block::List),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn a_draft_that_is_edited_and_left_as_it_was_says_the_same(
            blocks in proptest::collection::vec(any_block(), 1..5)
        ) {
            // Two lists in a row are one for Markdown.
            let mut apart: Vec<Block> = Vec::new();
            for block in blocks {
                if matches!((apart.last(), &block), (Some(Block::List(_)), Block::List(_))) {
                    apart.push(Block::Paragraph(vec![Inline::Text("x".into())]));
                }
                apart.push(block);
            }
            let text = source(&apart);
            prop_assert_eq!(shape(&read(&text)), shape(&apart), "{}", text);
        }

        #[test]
        fn whatever_is_typed_is_read_and_no_word_is_lost(text in "([a-z]{2,5}|[ \n>*_`#|\\[\\]()!~<&{}-]){0,60}") {
            let read: String = shape(&read(&text)).join(" ");
            for word in text.split(|c: char| !c.is_ascii_lowercase()).filter(|w| w.len() > 1) {
                prop_assert!(read.contains(word), "{word} in {text:?}: {read:?}");
            }
        }
    }

    #[test]
    fn markdown_of_people_becomes_blocks() {
        let text = "# One\n\nA *b* **c {{x}}** `{{x}}` <script>alert(1)</script>\n\n### Deep\n\n\
                    1. first\n2. second\n   - inner {{gone.y}}\n\n> said\n\n{{chart:lane}} after\n\n\
                    [good](https://a.example) [bad](javascript:alert) ![pic](https://p.example/a.png)\n\n\
                    | a | b |\n| --- | --- |\n| {{x}} | 2 |\n\n```yaml\na: 1\n```\n";
        assert_eq!(
            shape(&read(text)),
            [
                "h One",
                "p A b c [figure x] {{x}} <script>alert(1)</script>",
                "h Deep",
                "ol first",
                "ol second",
                "ol – inner [unresolved gone.y]",
                "> p said",
                "chart lane",
                "p after",
                "p good<https://a.example> bad (javascript:alert) pic (https://p.example/a.png)",
                "head a|b",
                "td [figure x]",
                "td 2",
                "code yaml: a: 1\n",
            ]
        );
        let levels: Vec<u8> = read(text)
            .iter()
            .filter_map(|b| match b {
                Block::Heading { level, .. } => Some(*level),
                _ => None,
            })
            .collect();
        assert_eq!(levels, [3, 4]);
    }

    #[test]
    fn a_text_of_nothing_but_marks_does_not_exhaust_the_stack() {
        for mark in ["> ", "- ", "1. ", "*", "[", "> - "] {
            let _ = read(&mark.repeat(20_000));
        }
    }

    #[test]
    fn a_conflict_shows_both_texts() {
        let text = "<<<<<<< kim\none\n=======\ntwo {{x}}\n>>>>>>> lee\n";
        let shown = shape(&read(text)).join("\n");
        for part in ["kim:", "> p one", "lee:", "> p two [figure x]", "decide"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}
