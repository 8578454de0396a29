//! Where the evidence came from, how much of the window it covers, and what did not come.

use super::{Context, paragraph, section, text};
use crate::ledger::{Basis, number};
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let evidence = context.input.evidence;
    let mut blocks = vec![extent(context)];
    blocks.extend(coverage(context));
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
    section("sources", "Evidence and coverage", blocks)
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

/// How much of the window the series have samples for, by the period that each says it has.
fn coverage(context: &mut Context<'_>) -> Option<Block> {
    let window = context.window()?;
    let mut known: Vec<(&str, f64)> = Vec::new();
    for series in &context.input.evidence.series {
        let Some(period_s) = series.meta.period_s.filter(|s| *s > 0) else {
            continue;
        };
        let expected = window.millis() as f64 / (f64::from(period_s) * 1000.0);
        let (times, _) = series.samples.inside(window);
        // The last period may still be open.
        let share = times.len() as f64 / (expected.floor() - 1.0).max(1.0);
        known.push((series.meta.id.as_str(), share.min(1.0)));
    }
    let whole: Vec<&str> = known.iter().filter(|k| k.1 >= 1.0).map(|k| k.0).collect();
    let least = known.iter().min_by(|a, b| a.1.total_cmp(&b.1)).copied()?;
    let all = Basis::of(known.iter().map(|k| k.0)).within(Some(window));
    let mut line = vec![text("Series that say how often they are measured: ")];
    line.push(context.ledger.count("coverage.known", known.len(), all));
    line.push(text(". Of these cover the whole window: "));
    let basis = Basis::of(whole.iter().copied()).within(Some(window));
    line.push(context.ledger.count("coverage.whole", whole.len(), basis));
    if least.1 < 1.0 {
        line.push(text(". The one with the most missing, "));
        line.push(context.series_name(least.0));
        line.push(text(", covers "));
        let basis = Basis::of([least.0]).within(Some(window));
        // Rounded down: what is not whole is never said to be.
        let shown = format!("{:.1} %", (least.1 * 1000.0).floor() / 10.0);
        let share = number(least.1);
        let ledger = &mut context.ledger;
        line.push(ledger.state("coverage.least", share, "Ratio", shown, basis));
    }
    line.push(text("."));
    Some(paragraph(line))
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
