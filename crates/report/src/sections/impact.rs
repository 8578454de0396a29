//! When people felt it, as said and as measured.

use super::{Context, paragraph, section, text};
use crate::ledger::{Basis, number};
use chart::value_text;
use model::Window;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut rows = Vec::new();
    rows.extend(said(context));
    rows.extend(measured(context));
    let mut blocks = Vec::new();
    if !rows.is_empty() {
        blocks.push(Block::Table {
            head: ["What", "From", "To", "Lasted"].map(str::to_owned).to_vec(),
            rows,
        });
    }
    blocks.push(levels(context));
    section("impact", "Impact", blocks)
}

/// `None`: nobody said.
fn said(context: &mut Context<'_>) -> Option<Vec<Vec<Inline>>> {
    let what = vec![text("As people said")];
    let impact = context.input.evidence.impact?;
    let start = context
        .ledger
        .time("impact.start", impact.start, Basis::default());
    let (end, lasted) = match impact.end {
        Some(end) => {
            let span = Window::new(impact.start, end);
            let basis = Basis::default().within(span);
            (
                context.ledger.time("impact.end", end, Basis::default()),
                context
                    .ledger
                    .duration("impact.duration", end.since(impact.start), basis),
            )
        }
        None => (text("still going on"), text("unknown")),
    };
    Some(vec![what, vec![start], vec![end], vec![lasted]])
}

fn measured(context: &mut Context<'_>) -> Option<Vec<Vec<Inline>>> {
    let impact = context.input.analysis.impact.as_ref()?;
    let id = impact.series.as_str();
    let what = vec![text("As measured on "), context.series_name(id)];
    let start = context.time("impact.measured_start", impact.start, id);
    let (end, lasted) = match impact.end {
        Some(end) => {
            let basis = Basis::of([id]).within(Window::new(impact.start, end));
            let lasted = end.since(impact.start);
            (
                context.time("impact.measured_end", end, id),
                context
                    .ledger
                    .duration("impact.measured_duration", lasted, basis),
            )
        }
        None => (text("not inside the window"), text("unknown")),
    };
    Some(vec![what, vec![start], vec![end], vec![lasted]])
}

fn levels(context: &mut Context<'_>) -> Block {
    let Some(impact) = &context.input.analysis.impact else {
        return paragraph(vec![text(
            "How bad it was is unknown: no series shows what people felt.",
        )]);
    };
    let id = impact.series.as_str();
    let span = context.window();
    let mut line = vec![
        text("Normal is "),
        context.value("impact.normal", id, impact.normal, span),
    ];
    line.push(text(", while it lasted it was "));
    line.push(context.value("impact.during", id, impact.during, span));
    line.push(text(" (medians), at worst "));
    line.push(context.value("impact.worst", id, impact.worst, span));
    let times = impact.worst / impact.normal;
    // Less than twice is said well enough by both values.
    if times.is_finite() && times >= 2.0 {
        line.push(text(", "));
        let basis = Basis::of([id]).within(span);
        let figure = context.ledger.state(
            "impact.times",
            number(times),
            "Ratio",
            value_text(times.round(), "Count"),
            basis,
        );
        line.push(figure);
        line.push(text(" times as much as normal"));
    }
    line.push(text("."));
    paragraph(line)
}
