//! Where pages end: a heading never stands alone at the foot of one.

use super::{
    compose::lay_out,
    sheet::{FOOT, HEIGHT, Item, Sheet},
};
use crate::{export::Export, render::typeface::Typeface};
use model::report::{Block, Inline, Report, Section};

/// Lines that fill the page above a heading. More than a page has room for, so that the heading comes to
/// every height.
const LINES: usize = 60;
/// Sizes in which nothing but headings is set: of sections, and of what people wrote into one.
const SIZES: [f32; 2] = [13.5, 10.5];

fn line(text: &str) -> Block {
    Block::Paragraph(vec![Inline::Text(text.to_owned())])
}

fn heading(text: &str) -> Block {
    Block::Heading {
        level: 3,
        text: vec![Inline::Text(text.to_owned())],
    }
}

fn chart(height: u32) -> Block {
    Block::Chart {
        id: "lane".to_owned(),
        summary: "a lane".to_owned(),
        svg: format!("<svg viewBox=\"0 0 712 {height}\"></svg>"),
    }
}

fn table() -> Block {
    let cell = |text: &str| vec![Inline::Text(text.to_owned())];
    Block::Table {
        head: vec!["When".to_owned(), "What".to_owned()],
        rows: vec![vec![cell("now"), cell(&"many words ".repeat(60))]],
    }
}

/// The pages of a report with that many lines above a section of those blocks.
fn pages(lines: usize, blocks: &[Block]) -> Vec<Sheet> {
    let above = (0..lines).map(|n| line(&format!("line {n}")));
    let section = |id: &str, title: &str, blocks| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        blocks,
    };
    let report = Report {
        title: "A report".to_owned(),
        sections: vec![
            section("above", "Above", above.collect()),
            section("below", "Below", blocks.to_vec()),
        ],
        ..Report::default()
    };
    let export = Export {
        report: &report,
        lanes: &[],
        bundle: &[],
    };
    lay_out(&export, Typeface::bundled().unwrap()).pages
}

/// What a page ends with.
fn last(page: &Sheet) -> &Item {
    let content = |item: &&Item| !matches!(item, Item::Aside { .. } | Item::Ground(..));
    let items = page.items.iter().map(|(item, _)| item);
    items.rev().find(content).unwrap()
}

/// The text of a heading, and its distance from the top of the page.
fn as_heading(item: &Item) -> Option<(&str, f32)> {
    match item {
        Item::Text { size, text, at, .. } if SIZES.contains(size) => Some((text, at.1)),
        _ => None,
    }
}

/// How far down the section's heading ever stands; and no page may end with one.
fn lowest(blocks: &[Block]) -> f32 {
    let mut lowest: f32 = 0.0;
    for lines in 1..LINES {
        let pages = pages(lines, blocks);
        for (n, page) in pages.iter().enumerate() {
            assert_eq!(
                as_heading(last(page)),
                None,
                "{lines} lines above: page {} ends with a heading",
                n + 1
            );
            let headings = page.items.iter().filter_map(|(item, _)| as_heading(item));
            for (text, y) in headings {
                if text == "Below" {
                    lowest = lowest.max(y);
                }
            }
        }
    }
    lowest
}

#[test]
fn no_page_ends_with_a_heading() {
    let end = HEIGHT - FOOT;
    let code = Block::Code {
        label: "an alarm".to_owned(),
        text: "{}\n".repeat(20),
    };
    let list = Block::List(vec![vec![Inline::Text("an item".to_owned())]]);
    let quote = Block::Quote(vec![line("what somebody said")]);
    let title = Block::Paragraph(vec![Inline::Strong("A lane".to_owned())]);
    // What follows, and how much room it needs with the heading above it.
    let cases: [(&[Block], f32); 9] = [
        (&[line("short")], 80.0),
        (std::slice::from_ref(&list), 80.0),
        (&[quote], 80.0),
        (&[code], 80.0),
        (&[table()], 140.0),
        (&[chart(300)], 300.0),
        (&[title, chart(300)], 320.0),
        (&[heading("Part"), line("Namely:"), list.clone()], 140.0),
        (&[heading(&"a long heading ".repeat(20)), chart(500)], 500.0),
    ];
    for (blocks, room) in cases {
        let lowest = lowest(blocks);
        // It stands as far down as it may: no page is left empty for nothing.
        assert!(
            lowest > end - room,
            "{lowest}: {:.200}",
            format!("{blocks:?}")
        );
    }
}

#[test]
fn what_is_taller_than_a_page_still_ends() {
    let lowest = lowest(&[heading("Part"), chart(5_000)]);
    assert!(lowest < HEIGHT / 2.0, "{lowest}");
}
