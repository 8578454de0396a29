//! What was learned against what happened: nothing lost that could be had, nothing twice, nothing
//! invented.

use crate::{
    api::Unseen,
    keeper::Kept,
    life::{Fact, Life},
};
use model::{Event, EventKind, Timestamp, time::HOUR};
use std::collections::{BTreeMap, BTreeSet};

/// Clocks are read to the second, and words are on their way for a moment.
const SLACK: i64 = 3_000;

/// Everything in which the two differ; empty where they agree.
pub(crate) fn differences(life: &Life, kept: &Kept, unseen: &Unseen) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for fact in &life.facts {
        let found = find(fact, &kept.events);
        if found.len() > 1 {
            wrong.push(format!("twice: {} as {:?}", fact.id, ids(&found)));
        }
        match found.first() {
            None if must_be_known(fact, unseen) => wrong.push(format!("lost: {fact:?}")),
            None => {}
            Some(event) => {
                wrong.extend(compare(fact, event, unseen));
                explained.extend(found.iter().map(|e| e.id.as_str()));
            }
        }
    }
    for (id, event) in &kept.events {
        if !explained.contains(id.as_str()) && !is_sum_of_scalings(event, life, unseen) {
            wrong.push(format!("invented: {event:?}"));
        }
    }
    wrong.extend(unsaid_gaps(life, kept, unseen));
    wrong.extend(wrong_hours(life, kept));
    wrong
}

/// Hours of job runs that are written down with another number than ran. That hours are missing in
/// which nobody watched all the time is no fault.
fn wrong_hours(life: &Life, kept: &Kept) -> Vec<String> {
    let jobs = || life.facts.iter().filter(|fact| fact.plural == "jobs");
    let ran = |hour: Timestamp| {
        jobs()
            .filter(|job| job.start.floor_to(HOUR) == hour)
            .count()
    };
    let hours = kept.job_runs.iter();
    let wrong = hours.filter(|(hour, runs)| (**runs - ran(**hour) as f64).abs() > 0.5);
    wrong
        .map(|(hour, runs)| format!("{runs} job runs from {hour} on, {} ran", ran(*hour)))
        .collect()
}

/// Scalings that were not told show as one, with the generation of whatever changed last.
fn is_sum_of_scalings(event: &Event, life: &Life, unseen: &Unseen) -> bool {
    let (Some(earliest), Some(latest)) = event.start_bounds() else {
        return false;
    };
    let untold = |fact: &&Fact| {
        fact.id.starts_with("scale-")
            && (earliest.plus(-SLACK)..=latest.plus(SLACK)).contains(&fact.start)
            && !seen(fact.plural, fact.from, fact.until, unseen)
    };
    event.kind == EventKind::Scale && event.start.is_none() && life.facts.iter().any(|f| untold(&f))
}

fn ids(events: &[&Event]) -> Vec<String> {
    events.iter().map(|e| e.id.clone()).collect()
}

fn find<'a>(fact: &Fact, events: &'a BTreeMap<String, Event>) -> Vec<&'a Event> {
    if fact.prefix {
        return events
            .values()
            .filter(|e| e.id.starts_with(&fact.id))
            .collect();
    }
    let by_end = fact.by_end.as_ref().and_then(|id| events.get(id));
    events.get(&fact.id).into_iter().chain(by_end).collect()
}

/// Whether some version between the two was told: not all of them lie in a span that was not.
fn seen(plural: &str, from: u64, until: Option<u64>, unseen: &Unseen) -> bool {
    let spans = unseen.get(plural).map(Vec::as_slice).unwrap_or_default();
    !spans
        .iter()
        .any(|(p, r)| from > *p && until.is_some_and(|until| until <= *r))
}

fn must_be_known(fact: &Fact, unseen: &Unseen) -> bool {
    let before = fact
        .after
        .is_none_or(|after| seen(fact.plural, after, Some(fact.from), unseen));
    before && seen(fact.plural, fact.from, fact.until, unseen)
}

fn compare(fact: &Fact, event: &Event, unseen: &Unseen) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: &str| wrong.push(format!("{what}: {fact:?} as {event:?}"));
    let near = |a: Timestamp, b: Timestamp| a.since(b).abs() <= SLACK;
    let inside = |truth: Timestamp, from: Option<Timestamp>, to: Option<Timestamp>| {
        from.is_none_or(|from| truth >= from.plus(-SLACK))
            && to.is_none_or(|to| truth <= to.plus(SLACK))
    };
    let (earliest, latest) = event.start_bounds();
    let begins = |truth| match event.start {
        Some(start) => near(start, truth),
        None => inside(truth, earliest, latest),
    };
    let bounded_end = event.attributes.contains_key("end_latest");
    let at_the_edge = fact.end.is_some_and(|end| {
        [Some(fact.start), fact.or_start]
            .into_iter()
            .flatten()
            .any(|start| near(start, end))
    });
    let loose = bounded_end || fact.end.is_none() || at_the_edge;
    if !(begins(fact.start) || loose && fact.or_start.is_some_and(begins)) {
        say("wrong start");
    }
    match (fact.end, event.end) {
        (None, None) => {}
        (Some(truth), Some(_)) if bounded_end => {
            let from = event.attribute_time("end_earliest");
            if !inside(truth, from, event.attribute_time("end_latest")) {
                say("end not within its bounds");
            }
        }
        (Some(truth), Some(end)) if near(end, truth) => {}
        // A later repeat went unseen, or fell into the same second.
        (_, end) if fact.plural == "events" && end <= fact.end => {}
        _ => say("wrong end"),
    }
    let version = fact.attributes.iter().find(|(name, _)| *name == "version");
    let newest = version
        .and_then(|(_, v)| v.parse().ok())
        .unwrap_or(fact.from);
    let known = seen(fact.plural, newest, fact.until, unseen) && must_be_known(fact, unseen);
    for (name, value) in fact
        .attributes
        .iter()
        .filter(|(name, _)| known && *name != "version")
    {
        if event.attribute(name).as_deref() != Some(value) {
            say(&format!("{name} is not {value}"));
        }
    }
    wrong
}

/// Changes that were not told lie in a gap that says so.
fn unsaid_gaps(life: &Life, kept: &Kept, unseen: &Unseen) -> Vec<String> {
    let mut wrong = Vec::new();
    for (plural, spans) in unseen {
        let facts = life.facts.iter().filter(|fact| fact.plural == plural);
        let versions: BTreeSet<u64> = facts
            .flat_map(|f| [Some(f.from), f.until])
            .flatten()
            .collect();
        for (after, before) in spans {
            for version in versions.range(after + 1..*before) {
                let at = life.times[version];
                let mut windows = kept
                    .gaps
                    .iter()
                    .filter(|g| g.what == *plural)
                    .filter_map(|g| g.window);
                if !windows.any(|w| w.widened(SLACK).contains(at)) {
                    wrong.push(format!(
                        "no gap of {plural} says {at} (version {version} of {after}..{before})"
                    ));
                }
            }
        }
    }
    wrong
}
