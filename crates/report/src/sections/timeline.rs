//! What happened when, in one table of bounded length.

use super::{Context, object_of, paragraph, section, text, title_of};
use crate::ledger::Basis;
use model::analysis::{ChangePoint, Direction, Driver};
use model::report::{Block, Inline, Section};
use model::{
    Event, EventKind, Timestamp,
    time::{MINUTE, SECOND},
};
use std::collections::BTreeSet;

/// Most rows; the least important are counted instead.
const MAX_ROWS: usize = 60;
/// Most change points of one series.
const MAX_CHANGES: usize = 3;

/// A row before it is written: the importance decides who stays, the time who comes first.
struct Row {
    at: Timestamp,
    importance: u8,
    id: String,
    of: Vec<String>,
    what: Vec<Inline>,
    about: Vec<Inline>,
}

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut rows = Vec::new();
    rows.extend(impact(context));
    rows.extend(events(context));
    rows.extend(credits(context));
    rows.extend(notes(context));
    rows.extend(changes(context));
    rows.sort_by(|a, b| (a.importance, a.at, &a.id).cmp(&(b.importance, b.at, &b.id)));
    let rest = rows.split_off(rows.len().min(MAX_ROWS));
    rows.sort_by(|a, b| (a.at, a.importance, &a.id).cmp(&(b.at, b.importance, &b.id)));
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(paragraph(vec![text(
            "Nothing in the evidence has a time inside the window.",
        )]));
    } else {
        let rows = rows
            .into_iter()
            .map(|row| {
                let time = context.ledger.time(&row.id, row.at, Basis::of(row.of));
                vec![vec![time], row.what, row.about]
            })
            .collect();
        let head = ["When", "What", "About"].map(str::to_owned).to_vec();
        blocks.push(Block::Table { head, rows });
    }
    if !rest.is_empty() {
        let basis = Basis::of(rest.iter().flat_map(|r| r.of.iter().cloned()));
        let n = context.ledger.count("timeline.further", rest.len(), basis);
        blocks.push(paragraph(vec![
            text("Of less weight, and not listed: "),
            n,
            text("."),
        ]));
    }
    section("timeline", "Timeline", blocks)
}

fn impact(context: &mut Context<'_>) -> Vec<Row> {
    let said = context.input.evidence.impact;
    let row = |at, id: &str, what: &str| Row {
        at,
        importance: 0,
        id: id.to_owned(),
        of: Vec::new(),
        what: vec![Inline::Strong(what.to_owned())],
        about: Vec::new(),
    };
    let start = said.map(|i| row(i.start, "impact.start", "People begin to feel it"));
    let end = said
        .and_then(|i| i.end)
        .map(|end| row(end, "impact.end", "Users are no longer affected"));
    start.into_iter().chain(end).collect()
}

/// Events of suspects; nodes, alerts and the provider's incidents; then rollouts.
fn events(context: &mut Context<'_>) -> Vec<Row> {
    let analysis = context.input.analysis;
    let first: BTreeSet<&str> = analysis
        .suspects
        .first()
        .iter()
        .flat_map(|s| s.events.iter().map(String::as_str))
        .collect();
    let suspects: BTreeSet<&str> = analysis
        .suspects
        .iter()
        .flat_map(|s| s.events.iter().map(String::as_str))
        .collect();
    let window = context.input.evidence.window;
    let mut rows = Vec::new();
    for event in &context.input.evidence.events {
        let id = event.id.as_str();
        let importance = match event.kind {
            _ if first.contains(id) => 1,
            EventKind::NodeReboot | EventKind::ProviderIncident => 2,
            _ if suspects.contains(id) => 3,
            EventKind::NodeAdded
            | EventKind::NodeRemoved
            | EventKind::NodeNotReady
            | EventKind::Alert
            | EventKind::ConfigChange => 4,
            EventKind::Rollout | EventKind::OomKill => 5,
            _ => continue,
        };
        let suspected = suspects.contains(id);
        rows.extend(beginning(event, importance, suspected));
        let end = event
            .end
            .filter(|end| window.contains(*end) && event.kind.is_interval());
        rows.extend(end.map(|at| Row {
            at,
            importance,
            id: format!("event.{id}.end"),
            of: vec![event.id.clone()],
            what: vec![text("Ended: "), Inline::Text(title_of(event))],
            about: vec![Inline::Code(object_of(event))],
        }));
    }
    rows
}

fn beginning(event: &Event, importance: u8, suspected: bool) -> Option<Row> {
    let mut what = Vec::new();
    if suspected {
        what.push(Inline::Strong("Suspect: ".to_owned()));
    }
    what.push(Inline::Text(title_of(event)));
    let at = event.at()?;
    if event.start.is_none() {
        what.push(text(" (began at this time or before)"));
    }
    let mut about = vec![Inline::Code(object_of(event))];
    if !event.node.is_empty() && event.node != object_of(event) {
        about.extend([text(" on "), Inline::Code(event.node.clone())]);
    }
    Some(Row {
        at,
        importance,
        id: format!("event.{}.start", event.id),
        of: vec![event.id.clone()],
        what,
        about,
    })
}

fn credits(context: &mut Context<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for credit in &context.input.analysis.credits {
        let id = &credit.series;
        for (what, key, at) in [
            (
                "Burst credits begin to drain",
                "drain_start",
                credit.drain_start,
            ),
            (
                "Burst credits are exhausted",
                "exhausted_at",
                credit.exhausted_at,
            ),
            (
                "Burst credits rise again",
                "recovery_start",
                credit.recovery_start,
            ),
        ] {
            rows.extend(at.map(|at| Row {
                at,
                importance: 0,
                id: format!("credits.{id}.{key}"),
                of: vec![id.clone()],
                what: vec![Inline::Strong(what.to_owned())],
                about: vec![context.series_name(id)],
            }));
        }
    }
    rows
}

fn notes(context: &mut Context<'_>) -> Vec<Row> {
    context
        .input
        .annotations
        .iter()
        .map(|note| Row {
            at: note.start,
            importance: 0,
            id: format!("note.{}.start", note.id),
            of: vec![note.id.clone()],
            what: vec![
                Inline::Strong("Note: ".to_owned()),
                Inline::Text(note.text.clone()),
            ],
            about: vec![Inline::Text(note.author.clone())],
        })
        .collect()
}

/// How far a change point of the driver's series may lie from its onset to be the same rise.
const SAME_RISE: i64 = 5 * MINUTE;

/// Whether a change point is the onset of what drives it all.
fn is_onset(driver: &Driver, change: &ChangePoint) -> bool {
    let near = driver.uncertainty_s.saturating_mul(SECOND).max(SAME_RISE);
    let up = |from: f64, to: f64| to > from;
    driver.series == change.series
        && change.at.since(driver.onset).abs() <= near
        && up(driver.before, driver.after) == up(change.before, change.after)
}

/// Change points: those of the symptom and of what drives it first, then by confidence.
fn changes(context: &mut Context<'_>) -> Vec<Row> {
    let analysis = context.input.analysis;
    let near = |series: &str| {
        context.input.evidence.symptom.iter().any(|s| s == series)
            || analysis.driver.as_ref().is_some_and(|d| d.series == series)
            || analysis.impact.as_ref().is_some_and(|i| i.series == series)
    };
    let mut order: Vec<_> = analysis.changepoints.iter().collect();
    order.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.at.cmp(&b.at)));
    let importance: Vec<u8> = order
        .iter()
        .map(|c| if near(&c.series) { 3 } else { 6 })
        .collect();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    let mut rows = Vec::new();
    for (change, importance) in order.into_iter().zip(importance) {
        let n = seen.entry(change.series.as_str()).or_default();
        *n += 1;
        let key = format!("change.{}.{n}", change.series);
        let id = change.series.as_str();
        // What is sure but small for its series comes last.
        let importance = if *n > MAX_CHANGES { 7 } else { importance };
        let span = context.window();
        let verb = match change.direction {
            Direction::Up => " rises from ",
            Direction::Down => " falls from ",
        };
        // The rise that the summary tells of has the figures of the summary here too.
        let driver = analysis.driver.as_ref().filter(|d| is_onset(d, change));
        let (before, after) = match driver {
            Some(d) => (
                context.value("driver.before", id, d.before, span),
                context.value("driver.after", id, d.after, span),
            ),
            None => (
                context.value(&format!("{key}.before"), id, change.before, span),
                context.value(&format!("{key}.after"), id, change.after, span),
            ),
        };
        let name = context.series_name(id);
        let what = vec![name, text(verb), before, text(" to "), after];
        rows.push(Row {
            at: change.at,
            importance,
            id: format!("{key}.at"),
            of: vec![change.series.clone()],
            what,
            about: vec![Inline::Code(id.to_owned())],
        });
    }
    rows
}
