//! What happened when, in one table of bounded length.
//!
//! Rows are chosen by what they mean ([`Weight`]), never by how many of a kind there are: what is alike
//! and close in time is one row with its number and its span ([`mod@grouped`]).

mod grouped;

use super::{Context, object_of, paragraph, section, text, title_of};
use crate::ledger::Basis;
use grouped::grouped;
use model::analysis::{ChangePoint, Direction, Driver};
use model::report::{Block, Inline, Section};
use model::{
    Event, EventKind, Timestamp,
    time::{MINUTE, SECOND},
};
use std::collections::BTreeMap;

/// Most rows; those of less weight are counted instead. What people said themselves always stays, and is all
/// there is where it alone fills them.
const MAX_ROWS: usize = 25;
/// Most change points of one series.
const MAX_CHANGES: usize = 3;

/// What a row means to the story, the weightiest first. Of equal weight the earlier stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// What people said: impact and notes. Never left out.
    Said,
    /// The first suspect begins; balances drain, run out and recover; what was felt and what drives it
    /// change.
    Story,
    /// The first suspect ends, nodes reboot, alerts go off, the provider has an incident.
    Turn,
    /// Events of other suspects begin.
    Suspected,
    /// Nodes come, go, or are not ready; configuration changes.
    Around,
    /// Rollouts of others, containers out of memory, ends of anything else.
    Usual,
    /// Change points of other series, and small ones.
    Aside,
}

/// A row before it is written: the weight decides who stays, the time who comes first.
struct Row {
    at: Timestamp,
    weight: Weight,
    id: String,
    of: Vec<String>,
    what: Vec<Inline>,
    about: Vec<Inline>,
    /// Rows of one kind are alike; empty: this one is like no other.
    alike: String,
}

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let mut rows = Vec::new();
    rows.extend(impact(context));
    rows.extend(events(context));
    rows.extend(credits(context));
    rows.extend(notes(context));
    rows.extend(changes(context));
    // A text may refer to the time of any of them, shown or not.
    for row in &rows {
        context
            .ledger
            .time(&row.id, row.at, Basis::of(row.of.iter().cloned()));
    }
    let mut groups = grouped(rows);
    groups.sort_by(|a, b| a.weight_order().cmp(&b.weight_order()));
    let said = groups.iter().filter(|g| g.weight() == Weight::Said).count();
    let rest = groups.split_off(groups.len().min(said.max(MAX_ROWS)));
    groups.sort_by(|a, b| a.time_order().cmp(&b.time_order()));
    let mut blocks = Vec::new();
    if groups.is_empty() {
        blocks.push(paragraph(vec![text(
            "Nothing in the evidence has a time inside the window.",
        )]));
    } else {
        let rows = groups.into_iter().map(|g| g.written(context)).collect();
        let head = ["When", "What", "About"].map(str::to_owned).to_vec();
        blocks.push(Block::Table { head, rows });
    }
    if !rest.is_empty() {
        let n = rest.iter().map(grouped::Group::size).sum();
        let basis = Basis::of(rest.iter().flat_map(grouped::Group::evidence));
        let n = context.ledger.count("timeline.further", n, basis);
        blocks.push(paragraph(vec![
            text("Of less weight, and not listed: "),
            n,
            text(
                ". The incident's timeline has them all: events in its table of events, changes in its charts.",
            ),
        ]));
    }
    section("timeline", "Timeline", blocks)
}

fn impact(context: &mut Context<'_>) -> Vec<Row> {
    let said = context.input.evidence.impact;
    let row = |at, id: &str, what: &str| Row {
        at,
        weight: Weight::Said,
        alike: String::new(),
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

/// Events by what they are, and those of suspects.
fn events(context: &mut Context<'_>) -> Vec<Row> {
    // The rank of the first suspect that an event belongs to.
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, suspect) in context.input.analysis.suspects.iter().enumerate() {
        for id in &suspect.events {
            ranks.entry(id.as_str()).or_insert(n);
        }
    }
    let window = context.input.evidence.window;
    let mut rows = Vec::new();
    for event in &context.input.evidence.events {
        let rank = ranks.get(event.id.as_str()).copied();
        let Some((begins, ends)) = weights(event, rank) else {
            continue;
        };
        let rank = rank.map(|n| n.to_string()).unwrap_or_default();
        let alike = format!("{} {rank}", event.kind.as_str());
        rows.extend(beginning(event, begins, &alike, !rank.is_empty()));
        let end = event
            .end
            .filter(|end| window.contains(*end) && event.kind.is_interval());
        rows.extend(end.map(|at| Row {
            at,
            weight: ends,
            alike: format!("end of {alike}"),
            id: format!("event.{}.end", event.id),
            of: vec![event.id.clone()],
            what: vec![text("Ended: "), Inline::Text(title_of(event))],
            about: vec![Inline::Code(object_of(event))],
        }));
    }
    rows
}

/// What the beginning and the end of an event weigh; `None`: it is never listed.
fn weights(event: &Event, rank: Option<usize>) -> Option<(Weight, Weight)> {
    if rank == Some(0) {
        return Some((Weight::Story, Weight::Turn));
    }
    Some(match event.kind {
        EventKind::NodeReboot => (Weight::Turn, Weight::Usual),
        EventKind::Alert | EventKind::ProviderIncident => (Weight::Turn, Weight::Around),
        _ if rank.is_some() => (Weight::Suspected, Weight::Usual),
        EventKind::NodeAdded
        | EventKind::NodeRemoved
        | EventKind::NodeNotReady
        | EventKind::ConfigChange => (Weight::Around, Weight::Usual),
        EventKind::Rollout | EventKind::OomKill => (Weight::Usual, Weight::Usual),
        _ => return None,
    })
}

fn beginning(event: &Event, weight: Weight, alike: &str, suspected: bool) -> Option<Row> {
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
        weight,
        alike: alike.to_owned(),
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
                weight: Weight::Story,
                alike: key.to_owned(),
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
            weight: Weight::Said,
            alike: String::new(),
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
    let weights: Vec<Weight> = order
        .iter()
        .map(|c| {
            if near(&c.series) {
                Weight::Story
            } else {
                Weight::Aside
            }
        })
        .collect();
    let drives = |series: &str| analysis.driver.as_ref().is_some_and(|d| d.series == series);
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut rows = Vec::new();
    for (change, weight) in order.into_iter().zip(weights) {
        let n = seen.entry(change.series.as_str()).or_default();
        *n += 1;
        let key = format!("change.{}.{n}", change.series);
        let id = change.series.as_str();
        // What is sure but small for its series comes last.
        let weight = if *n > MAX_CHANGES {
            Weight::Aside
        } else {
            weight
        };
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
            weight,
            alike: format!("{} {verb}", drives(id)),
            id: format!("{key}.at"),
            of: vec![change.series.clone()],
            what,
            about: vec![Inline::Code(id.to_owned())],
        });
    }
    rows
}
