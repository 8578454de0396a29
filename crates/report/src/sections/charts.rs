//! The lanes of the timeline as pictures, with the notes that they number.

use super::{Context, paragraph, section, text};
use crate::ledger::Basis;
use chart::{Lane, Size, compose, svg};
use model::report::{Block, Inline, Section};

/// Width of the pictures on a page and in print, CSS pixels.
const WIDE: u32 = 960;
/// Width of the pictures on a phone, CSS pixels.
const NARROW: u32 = 358;

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let window = context.window()?;
    let input = context.input;
    let composed = compose(input.evidence, input.analysis, input.annotations);
    let mut blocks = Vec::new();
    blocks.extend(notes(context));
    for lane in &composed.lanes {
        blocks.push(paragraph(vec![Inline::Strong(lane.title.clone())]));
        blocks.push(Block::Chart {
            id: lane.id.clone(),
            summary: lane.summary.clone(),
            svg: picture(lane, window),
        });
        let basis = Basis::of(lane.series.iter().chain(&lane.events).cloned()).within(Some(window));
        let id = format!("chart.{}", lane.id);
        // The notes are listed above. What people wrote is theirs: digits in it are no figures.
        if lane.id != "notes" {
            blocks.push(paragraph(context.ledger.quote(&id, &lane.summary, &basis)));
        }
    }
    if !composed.more.is_empty() {
        let basis = Basis::of(composed.more.iter().map(|m| m.series.clone()));
        let n = context
            .ledger
            .count("charts.left_out", composed.more.len(), basis);
        let mut line = vec![text("Series without a chart here: "), n, text(", by name ")];
        let names = composed
            .more
            .iter()
            .take(20)
            .map(|m| Inline::Code(m.label.clone()));
        line.extend(super::listed(names));
        line.push(text(if composed.more.len() > 20 {
            " and further ones."
        } else {
            "."
        }));
        blocks.push(paragraph(line));
    }
    section("charts", "Charts", blocks)
}

/// The same lane twice: a page shows the one that its width can carry.
pub(crate) fn picture(lane: &Lane, window: model::Window) -> String {
    let height = lane.height();
    let wide = svg(
        lane,
        window,
        Size {
            width: WIDE,
            height,
        },
    );
    // Names and labels need more rows there.
    let height = height + 40;
    let narrow = svg(
        lane,
        window,
        Size {
            width: NARROW,
            height,
        },
    );
    format!("<div class=\"report-wide\">{wide}</div><div class=\"report-narrow\">{narrow}</div>")
}

/// The notes by the numbers that the pictures carry.
fn notes(context: &mut Context<'_>) -> Option<Block> {
    let mut notes: Vec<_> = context.input.annotations.iter().collect();
    notes.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    let mut items = Vec::new();
    for (i, note) in notes.into_iter().enumerate() {
        let mut line = vec![Inline::Strong(circled(i + 1)), text(" ")];
        let id = format!("note.{}", note.id);
        line.push(
            context
                .ledger
                .time(&format!("{id}.start"), note.start, Basis::of([&note.id])),
        );
        if let Some(end) = note.end {
            line.push(text(" to "));
            line.push(
                context
                    .ledger
                    .time(&format!("{id}.end"), end, Basis::of([&note.id])),
            );
        }
        line.push(text(": "));
        line.push(Inline::Text(note.text.clone()));
        if !note.author.is_empty() {
            line.push(Inline::Text(format!(" ({})", note.author)));
        }
        items.push(line);
    }
    (!items.is_empty()).then_some(Block::List(items))
}

/// `①`, as in the pictures; from 21 on in brackets.
fn circled(n: usize) -> String {
    u32::try_from(n)
        .ok()
        .filter(|n| (1..=20).contains(n))
        .and_then(|n| char::from_u32(0x245f + n))
        .map_or_else(|| format!("({n})"), |c| c.to_string())
}
