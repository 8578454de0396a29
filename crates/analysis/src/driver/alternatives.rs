//! Other series that may be where it began, each with how probable that is.
//!
//! A pool that is too small, a leak, a slow query are there before people feel them, and much else
//! changes too. Which of the changes is the beginning is not decided here: each is offered, and the
//! suspects decide, because an event right before one of them speaks for that one.

use super::{
    Found, ended, growth,
    upstream::{LOOK_BACK, own},
};
use crate::{
    case::{Case, Signal},
    credits, resources,
    topology::Topology,
};
use model::{
    analysis::{ChangeKind, ChangePoint, Direction, Driver, MeasuredImpact},
    time::{HOUR, MINUTE},
};

/// A beginning with the log of its weight against the symptom's own onset.
pub(crate) struct Alternative {
    /// The driver that it would be.
    pub found: Found,
    /// Log of its weight.
    pub weight: f64,
}

/// Log of the weight of any earlier change: one in five incidents shows elsewhere first.
const EARLIER: f64 = -1.6;
/// What a common end with the symptom adds.
const TOGETHER: f64 = 2.0;
/// What a slow growth adds: it takes its time to be felt.
const GROWS: f64 = 1.0;
/// What a lead of up to half an hour adds.
const JUST_BEFORE: f64 = 1.0;
/// What a fall adds: use, waiting and what is held go up when things go wrong.
const FALLS: f64 = -1.0;
/// What each doubling of the level adds, up to three.
const DOUBLING: f64 = 0.4;
/// Least change, as a share of the level, that counts without a common end.
const LARGE: f64 = 0.25;
/// Alternatives considered.
const MOST: usize = 8;

/// Every beginning that is worth a thought: first the driver that was found.
pub(crate) fn alternatives(
    case: &Case<'_>,
    impact: Option<&MeasuredImpact>,
    topology: &Topology,
    main: Found,
) -> Vec<Alternative> {
    let Some((impact, symptom)) = impact
        .filter(|_| !main.physical)
        .and_then(|i| Some((i, case.signal(&i.series)?)))
    else {
        return vec![Alternative {
            found: main,
            weight: 0.0,
        }];
    };
    let mut out: Vec<Alternative> = case
        .signals
        .iter()
        .filter(|s| s.id() != symptom.id() && !credits::is_balance(s) && !resources::is_load(s))
        .flat_map(|signal| {
            let mut all = of(case, signal, symptom, impact, topology);
            if let Some(slow) = grown(case, signal, symptom, impact, topology) {
                // What grows has no steps: those that were found in it are parts of the growth.
                all.retain(|a| a.found.driver.onset < slow.found.driver.onset);
                all.push(slow);
            }
            all
        })
        .collect();
    out.sort_by(|a, b| {
        let key = |x: &Alternative| (x.found.driver.onset, x.found.driver.series.clone());
        b.weight
            .total_cmp(&a.weight)
            .then_with(|| key(a).cmp(&key(b)))
    });
    out.truncate(MOST);
    let same = |a: &Found, b: &Found| {
        a.driver.series == b.driver.series && a.driver.onset == b.driver.onset
    };
    let itself = own(symptom, impact);
    out.retain(|a| !same(&a.found, &main) && !same(&a.found, &itself));
    let main_is_itself = same(&main, &itself);
    let mut all = vec![Alternative {
        found: main,
        weight: 0.0,
    }];
    if !main_is_itself {
        all.push(Alternative {
            found: itself,
            weight: 0.0,
        });
    }
    all.extend(out);
    all
}

/// The changes of a series that hold until the symptom begins.
fn of(
    case: &Case<'_>,
    signal: &Signal,
    symptom: &Signal,
    impact: &MeasuredImpact,
    topology: &Topology,
) -> Vec<Alternative> {
    let related = topology.related(&symptom.meta, &signal.meta);
    if related == Some(false) {
        return Vec::new();
    }
    let length = impact.end.map_or(HOUR, |end| end.since(impact.start));
    let considered = |c: &&ChangePoint| {
        let lead = impact.start.since(c.at);
        c.kind != ChangeKind::Variance
            && (2 * MINUTE..=LOOK_BACK).contains(&lead)
            && c.at >= case.window.start
    };
    signal
        .sure(0.85)
        .filter(considered)
        .filter_map(|c| {
            let end = ended(signal, c.at, c.before, c.after);
            let holds = end.is_none_or(|end| end > impact.start);
            let together = end.zip(impact.end).is_some_and(|(a, b)| {
                a.since(b).saturating_abs() <= (length / 10).max(10 * MINUTE)
            });
            let size = (c.after - c.before).abs() / c.before.abs().min(c.after.abs()).max(1e-9);
            let linked = related == Some(true) && size >= LARGE;
            if !holds || !(together || linked) {
                return None;
            }
            let mut weight = EARLIER + DOUBLING * (1.0 + size).log2().clamp(0.0, 3.0);
            weight += if together { TOGETHER } else { 0.0 };
            weight += if c.kind == ChangeKind::Slope {
                GROWS
            } else {
                0.0
            };
            weight += if c.direction == Direction::Down {
                FALLS
            } else {
                0.0
            };
            if impact.start.since(c.at) <= HOUR / 2 {
                weight += JUST_BEFORE;
            }
            Some(Alternative {
                found: beginning(signal, c, end, impact, together),
                weight,
            })
        })
        .collect()
}

/// Growth of a series on what the symptom depends on, or of one that ended with it.
fn grown(
    case: &Case<'_>,
    signal: &Signal,
    symptom: &Signal,
    impact: &MeasuredImpact,
    topology: &Topology,
) -> Option<Alternative> {
    let related = topology.related(&symptom.meta, &signal.meta);
    if related == Some(false) {
        return None;
    }
    let growth = growth::growth(signal, case.window.start, impact.start)?;
    let change = ChangePoint {
        series: String::new(),
        at: growth.at,
        direction: Direction::Up,
        before: growth.before,
        after: growth.after,
        confidence: 0.9,
        kind: ChangeKind::Slope,
        uncertainty_s: growth.uncertainty_s,
    };
    let length = impact.end.map_or(HOUR, |end| end.since(impact.start));
    let end = signal
        .sure(0.5)
        .filter(|c| c.kind != ChangeKind::Variance && c.at > impact.start)
        .find(|c| c.after - growth.before < (growth.after - growth.before) / 3.0)
        .map(|c| c.at);
    let together = end
        .zip(impact.end)
        .is_some_and(|(a, b)| a.since(b).saturating_abs() <= (length / 10).max(10 * MINUTE));
    let linked = related == Some(true);
    if !(together || linked) {
        return None;
    }
    let weight = EARLIER + GROWS + GROWS_UNTIL_FELT + if together { TOGETHER } else { 0.0 };
    Some(Alternative {
        found: beginning(signal, &change, end.filter(|_| together), impact, together),
        weight,
    })
}

/// What it adds that a series grew steadily until the symptom began: little else does that.
const GROWS_UNTIL_FELT: f64 = 1.5;

fn beginning(
    signal: &Signal,
    change: &ChangePoint,
    end: Option<model::Timestamp>,
    impact: &MeasuredImpact,
    together: bool,
) -> Found {
    let why = if together {
        "and came back when the symptom ended"
    } else {
        "on what the symptom depends on"
    };
    Found {
        driver: Driver {
            series: signal.meta.id.clone(),
            onset: change.at,
            uncertainty_s: change.uncertainty_s.max(signal.data.step_ms / 1000),
            before: change.before,
            after: change.after,
            mechanism: format!(
                "{} changed at {} {why}",
                signal.meta.label(),
                change.at.minute()
            ),
        },
        ended: end,
        physical: false,
        share: 1.0,
        follows: vec![(impact.series.clone(), impact.start)],
    }
}

/// Least distance of a second beginning from the first.
const APART: i64 = 8 * MINUTE;
/// Farthest before the first.
const BEFORE: i64 = 2 * HOUR;
/// Least part of the whole excess that a second beginning adds to the symptom.
const ADDS: f64 = 0.25;
/// Second beginnings looked at.
const LATER: usize = 2;

/// Other beginnings of the same trouble, mostly later: the symptom gets worse once more, or something else that it
/// depends on does, which had been well until then. A second cause may be behind it.
pub(crate) fn later(
    case: &Case<'_>,
    impact: Option<&MeasuredImpact>,
    topology: &Topology,
    main: &Found,
) -> Vec<Found> {
    let Some((impact, symptom)) = impact
        .filter(|_| !main.physical)
        .and_then(|i| Some((i, case.signal(&i.series)?)))
    else {
        return Vec::new();
    };
    let first = main.driver.onset;
    let apart = APART.max(main.driver.uncertainty_s * 1000);
    let main_resource = case
        .signal(&main.driver.series)
        .and_then(|s| s.meta.resource.as_ref());
    let until = impact.end.unwrap_or(case.window.end);
    let mut out: Vec<(f64, Found)> = Vec::new();
    for signal in &case.signals {
        let itself = signal.id() == symptom.id();
        let related = itself || topology.related(&symptom.meta, &signal.meta) == Some(true);
        if !related || credits::is_balance(signal) || resources::is_load(signal) {
            continue;
        }
        let size = |c: &ChangePoint| (c.after - c.before) / c.before.abs().max(1e-9);
        let worse = |c: &&ChangePoint| {
            c.kind == ChangeKind::Level && c.direction == Direction::Up && size(c) >= LARGE
        };
        let Some(change) = signal.sure(0.9).filter(worse).find(|c| {
            let felt = c.at.since(impact.start).saturating_abs() <= apart;
            let passed_on = felt && (itself || signal.meta.resource.as_ref() == main_resource);
            let away = c.at.since(first).saturating_abs() > apart;
            let near = first.since(c.at) <= BEFORE && c.at < until;
            away && near && !passed_on
        }) else {
            continue;
        };
        let excess = (impact.during - impact.normal).abs();
        let adds = !itself || (change.after - change.before) >= ADDS * excess;
        let from = first.min(change.at).plus(-HOUR / 2);
        let before = |c: &&ChangePoint| c.at >= from && c.at < change.at;
        let well = itself || !signal.sure(0.75).any(|c| before(&c) && worse(&c));
        if adds && well {
            let end = ended(signal, change.at, change.before, change.after);
            let found = beginning(signal, change, end, impact, false);
            out.push((size(change), found));
        }
    }
    out.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(a.1.driver.series.cmp(&b.1.driver.series))
    });
    let mut kept: Vec<Found> = Vec::new();
    for (_, found) in out {
        let near = |k: &Found| k.driver.onset.since(found.driver.onset).saturating_abs() <= APART;
        if kept.len() < LATER && !kept.iter().any(near) {
            kept.push(found);
        }
    }
    kept
}
