//! Where the evidence came from, and what did not come.

use super::{Context, paragraph, section, text};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let evidence = context.input.evidence;
    let mut blocks = vec![extent(context)];
    let mut rows = Vec::new();
    for (i, batch) in evidence.provenance.iter().enumerate() {
        let key = format!("source.{}", i + 1);
        let basis = || Basis::of(batch.series.iter().cloned()).within(batch.window);
        let asked = match batch.asked_at {
            Some(at) => context
                .ledger
                .time(&format!("{key}.asked_at"), at, Basis::default()),
            None => text("unknown"),
        };
        let resolution = match batch.resolution_s {
            Some(s) => {
                let id = format!("{key}.resolution");
                context.ledger.duration(&id, i64::from(s) * 1000, basis())
            }
            None => text("unknown"),
        };
        let series = context
            .ledger
            .count(&format!("{key}.series"), batch.series.len(), basis());
        let events = context
            .ledger
            .count(&format!("{key}.events"), batch.events, basis());
        rows.push(vec![
            vec![Inline::Code(batch.source.clone())],
            vec![Inline::Code(batch.query.clone())],
            vec![asked],
            vec![resolution],
            vec![series],
            vec![events],
        ]);
    }
    if rows.is_empty() {
        blocks.push(paragraph(vec![text(
            "Where the evidence came from is unknown.",
        )]));
    } else {
        let head = [
            "Source",
            "Asked for",
            "Asked at",
            "Resolution",
            "Series",
            "Events",
        ];
        blocks.push(Block::Table {
            head: head.map(str::to_owned).to_vec(),
            rows,
        });
    }
    blocks.extend(gaps(context));
    section("sources", "Data sources", blocks)
}

fn extent(context: &mut Context<'_>) -> Block {
    let evidence = context.input.evidence;
    let window = evidence.window;
    let span = context.window();
    let mut line = vec![text("The window is from ")];
    line.push(
        context
            .ledger
            .time("window.start", window.start, Basis::default()),
    );
    line.push(text(" to "));
    line.push(
        context
            .ledger
            .time("window.end", window.end, Basis::default()),
    );
    line.push(text(". It holds "));
    let series = evidence.series.iter().map(|s| s.meta.id.clone());
    let basis = Basis::of(series).within(span);
    let samples = evidence.series.iter().map(|s| s.samples.len()).sum();
    line.push(
        context
            .ledger
            .count("evidence.series", evidence.series.len(), basis.clone()),
    );
    line.push(text(" series with "));
    line.push(context.ledger.count("evidence.samples", samples, basis));
    line.push(text(" samples, and "));
    let basis = Basis::default().within(span);
    line.push(
        context
            .ledger
            .count("evidence.events", evidence.events.len(), basis),
    );
    line.push(text(" events."));
    paragraph(line)
}

fn gaps(context: &mut Context<'_>) -> Vec<Block> {
    let mut items = Vec::new();
    for (i, batch) in context.input.evidence.provenance.iter().enumerate() {
        for (k, gap) in batch.gaps.iter().enumerate() {
            let id = format!("source.{}.gap.{}", i + 1, k + 1);
            let mut line = vec![Inline::Code(batch.source.clone())];
            if !gap.what.is_empty() {
                line.push(text(", "));
                line.push(Inline::Code(gap.what.clone()));
            }
            if let Some(window) = gap.window {
                line.push(text(", "));
                line.push(context.ledger.time(
                    &format!("{id}.start"),
                    window.start,
                    Basis::default(),
                ));
                line.push(text(" to "));
                line.push(
                    context
                        .ledger
                        .time(&format!("{id}.end"), window.end, Basis::default()),
                );
            }
            line.push(text(": "));
            let basis = Basis::default().within(gap.window);
            line.extend(context.ledger.quote(&id, &gap.reason, &basis));
            items.push(line);
        }
    }
    if items.is_empty() {
        return Vec::new();
    }
    vec![
        paragraph(vec![Inline::Strong("What did not come".to_owned())]),
        Block::List(items),
    ]
}
