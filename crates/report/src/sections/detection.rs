//! When the data first showed it, when somebody noticed, and how long that took.

use super::{Context, paragraph, section, text, title_of};
use crate::ledger::Basis;
use model::report::{Block, Inline, Section};
use model::{EventKind, Timestamp};

/// Something that could be seen.
struct Sign {
    at: Timestamp,
    /// The figure that says when.
    id: String,
    /// Series or events.
    of: Vec<String>,
    what: Vec<Inline>,
}

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut signs = in_data(context);
    signs.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let first = signs.first().map(|s| (s.at, s.of.clone()));
    let noticed = noticed(context, first.as_ref().map(|f| f.0));
    let mut blocks = vec![gap(context, first, noticed.as_ref())];
    signs.extend(noticed);
    signs.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let rows: Vec<Vec<Vec<Inline>>> = signs
        .into_iter()
        .map(|sign| {
            let at = context.ledger.time(&sign.id, sign.at, Basis::of(sign.of));
            vec![vec![at], sign.what]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Table {
            head: ["When", "What could be seen"].map(str::to_owned).to_vec(),
            rows,
        });
    }
    section("detection", "Detection", blocks)
}

/// What the data show, each with the figure that other sections have for it.
fn in_data(context: &mut Context<'_>) -> Vec<Sign> {
    let analysis = context.input.analysis;
    let mut signs = Vec::new();
    if let Some(driver) = &analysis.driver {
        signs.push(Sign {
            at: driver.onset,
            id: "driver.onset".to_owned(),
            of: vec![driver.series.clone()],
            what: vec![
                context.series_name(&driver.series),
                text(" leaves its normal level"),
            ],
        });
    }
    for credit in &analysis.credits {
        let id = &credit.series;
        signs.extend(credit.drain_start.map(|at| Sign {
            at,
            id: format!("credits.{id}.drain_start"),
            of: vec![id.clone()],
            what: vec![context.series_name(id), text(" begins to drain")],
        }));
    }
    if let Some(impact) = &analysis.impact {
        signs.push(Sign {
            at: impact.start,
            id: "impact.measured_start".to_owned(),
            of: vec![impact.series.clone()],
            what: vec![
                context.series_name(&impact.series),
                text(" shows what people feel"),
            ],
        });
    }
    signs
}

/// The first alert from then on, or people, whichever came first. Alerts of before are about something
/// else.
fn noticed(context: &Context<'_>, first: Option<Timestamp>) -> Option<Sign> {
    let evidence = context.input.evidence;
    let alerts = evidence
        .events
        .iter()
        .filter(|e| e.kind == EventKind::Alert)
        .filter_map(|e| Some((e.at()?, e)))
        .filter(|(at, _)| first.is_some_and(|first| *at >= first));
    let alert = alerts.min_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    let alert = alert.map(|(at, event)| Sign {
        at,
        id: format!("event.{}.start", event.id),
        of: vec![event.id.clone()],
        what: vec![
            Inline::Strong("Alert: ".to_owned()),
            Inline::Text(title_of(event)),
        ],
    });
    let people = evidence.impact.map(|impact| Sign {
        at: impact.start,
        id: "impact.start".to_owned(),
        of: Vec::new(),
        what: vec![Inline::Strong("People begin to feel it".to_owned())],
    });
    alert.into_iter().chain(people).min_by_key(|s| s.at)
}

fn gap(
    context: &mut Context<'_>,
    first: Option<(Timestamp, Vec<String>)>,
    noticed: Option<&Sign>,
) -> Block {
    let mut line = Vec::new();
    match &first {
        Some((at, of)) => {
            line.push(text("The data first showed it at "));
            let basis = Basis::of(of.iter().cloned());
            line.push(context.ledger.time("detection.first", *at, basis));
            line.push(text(". "));
        }
        None => line.push(text("When the data first showed it is unknown. ")),
    }
    let Some(sign) = noticed else {
        line.push(text(
            "When somebody noticed is unknown: nobody said when people began to feel it, and the \
             evidence has no alert.",
        ));
        return paragraph(line);
    };
    line.push(text("It was noticed at "));
    let basis = Basis::of(sign.of.iter().cloned());
    line.push(context.ledger.time("detection.noticed", sign.at, basis));
    line.push(text(if sign.of.is_empty() {
        " at the latest, when people began to feel it. "
    } else {
        ", by an alert. "
    }));
    if let Some((at, of)) = first {
        let ms = sign.at.since(at);
        let of = of.into_iter().chain(sign.of.iter().cloned());
        let gap = context
            .ledger
            .duration("detection.gap", ms.saturating_abs(), Basis::of(of));
        if ms >= 0 {
            line.push(text("Between both lie "));
            line.push(gap);
            line.push(text(": what an earlier alarm would win."));
        } else {
            line.push(text("The data showed it only "));
            line.push(gap);
            line.push(text(
                " later: what people felt first is not among the series.",
            ));
        }
    }
    paragraph(line)
}
