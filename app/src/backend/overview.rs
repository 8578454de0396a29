//! The dashboard's data, and how it is made from the cases that are there.

use super::Case;
use model::{Analysis, Incident};
use model::{
    IncidentId, Timestamp, Window,
    analysis::{CreditState, Forecast},
    incident::IncidentState,
};
use std::borrow::Borrow;

/// Where a row of the dashboard came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Origin {
    /// The history of the live sources.
    #[default]
    Live,
    /// An incident.
    Incident {
        /// Its id.
        id: IncidentId,
        /// Its title.
        title: String,
    },
}

/// An incident as listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentRow {
    /// Its id.
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// Its window.
    pub window: Window,
    /// How far it has come.
    pub state: IncidentState,
    /// What must be said about its evidence.
    pub notice: Option<String>,
    /// Title and probability (0 to 1) of the first suspect; `None`: there is none yet.
    pub suspect: Option<(String, f64)>,
}

/// A burst-credit balance at the end of what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditRow {
    /// Where it was seen.
    pub origin: Origin,
    /// What the balance belongs to, e.g. `aws:fs-0123`.
    pub resource: String,
    /// The balance's series id.
    pub series: String,
    /// State at `as_of`.
    pub state: CreditState,
    /// Last balance, in `unit`.
    pub balance: Option<f64>,
    /// Unit of the balance.
    pub unit: String,
    /// When it reaches zero, if it is falling.
    pub forecast: Option<Forecast>,
    /// When it was last at zero, if it ever was.
    pub exhausted_at: Option<Timestamp>,
    /// Why there is no forecast or no judgement, in words.
    pub note: String,
    /// Of when the state is: the window's end or the last sample.
    pub as_of: Timestamp,
}

/// A pod that was still stuck in Terminating when its incident was last looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct ZombieRow {
    /// Where it was seen.
    pub origin: Origin,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// Its node, empty where nobody said.
    pub node: String,
    /// Seconds since its deletionTimestamp; `None`: unknown.
    pub age_s: Option<i64>,
    /// Of when this is.
    pub as_of: Timestamp,
}

/// A rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutRow {
    /// Where it was seen.
    pub origin: Origin,
    /// When it began; `None`: unknown.
    pub at: Option<Timestamp>,
    /// One line for people.
    pub title: String,
    /// Its namespace.
    pub namespace: String,
    /// The workload: `Deployment/shop-web`.
    pub object: String,
}

/// A source, as it last answered.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// Its name: `cloudwatch`, `kubectl-table`…
    pub name: String,
    /// When it was last asked; `None` where a bundle does not say.
    pub last: Option<Timestamp>,
    /// How it is: `complete`, `with gaps`, or a word of the server's own.
    pub state: String,
    /// What did not come, and why.
    pub missing: Vec<String>,
    /// What it last filled.
    pub origin: Origin,
}

/// The dashboard: what is known from everything imported or pulled so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// Incidents, the newest window first.
    pub incidents: Vec<IncidentRow>,
    /// Whether sources are followed live.
    pub live: bool,
    /// Credit balances, one a resource, the worst first.
    pub credits: Vec<CreditRow>,
    /// Pods stuck in Terminating, the oldest first.
    pub zombies: Vec<ZombieRow>,
    /// Rollouts, the newest first.
    pub rollouts: Vec<RolloutRow>,
    /// Sources, by name.
    pub sources: Vec<SourceRow>,
    /// When it was made.
    pub now: Timestamp,
}

/// Rollouts that the dashboard shows.
const LAST_ROLLOUTS: usize = 8;

/// What a source could not give is named up to this many lines; the incident's page has them all.
const NAMED_GAPS: usize = 5;

impl IncidentRow {
    /// The row of an incident, with what its analysis says.
    pub fn of(incident: &Incident, analysis: Option<&Analysis>) -> Self {
        Self {
            id: incident.id.clone(),
            title: incident.title.clone(),
            window: incident.window,
            state: incident.state,
            notice: incident.notice.clone(),
            suspect: analysis
                .and_then(|a| a.suspects.first())
                .map(|s| (s.title.clone(), s.score)),
        }
    }
}

impl Overview {
    /// Makes the dashboard out of all cases and of the window on the live sources, where there is
    /// one. A resource, pod or source that several of them saw is shown as the latest window saw
    /// it; a pod that a later window does not name is gone.
    pub fn of<C: Borrow<Case>>(cases: &[C], live: Option<&Case>, now: Timestamp) -> Self {
        let newest = newest(cases.iter().map(Borrow::borrow).chain(live));
        Self {
            incidents: incidents(&newest),
            live: live.is_some(),
            credits: credits(&newest),
            zombies: zombies(&newest),
            rollouts: rollouts(&newest),
            sources: sources(&newest),
            now,
        }
    }

    /// The incidents of these cases as the dashboard lists them.
    pub fn rows<C: Borrow<Case>>(cases: &[C]) -> Vec<IncidentRow> {
        incidents(&newest(cases.iter().map(Borrow::borrow)))
    }
}

/// The newest window first.
fn newest<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<&'a Case> {
    let mut cases: Vec<&Case> = cases.collect();
    cases.sort_by_key(|c| (std::cmp::Reverse(c.incident.window.end), &c.incident.id));
    cases
}

/// A case without an id is the window on the live sources.
fn reference(case: &Case) -> Origin {
    if case.incident.id.0.is_empty() {
        return Origin::Live;
    }
    Origin::Incident {
        id: case.incident.id.clone(),
        title: case.incident.title.clone(),
    }
}

fn incidents(newest: &[&Case]) -> Vec<IncidentRow> {
    newest
        .iter()
        .filter(|c| !c.incident.id.0.is_empty())
        .map(|c| IncidentRow::of(&c.incident, Some(&c.analysis)))
        .collect()
}

fn credits(newest: &[&Case]) -> Vec<CreditRow> {
    let mut rows: Vec<CreditRow> = Vec::new();
    for case in newest {
        for credit in &case.analysis.credits {
            let series = case.evidence.series(&credit.series);
            let resource = credit
                .resource
                .clone()
                .or_else(|| series.and_then(|s| s.meta.resource.clone()))
                .unwrap_or_else(|| credit.series.clone());
            if rows.iter().any(|r| r.resource == resource) {
                continue;
            }
            rows.push(CreditRow {
                origin: reference(case),
                resource,
                series: credit.series.clone(),
                state: credit.state,
                balance: credit.balance,
                unit: series.map(|s| s.meta.unit.clone()).unwrap_or_default(),
                forecast: credit.forecast.clone(),
                exhausted_at: credit.exhausted_at,
                note: credit.note.clone(),
                as_of: series
                    .and_then(|s| s.samples.span())
                    .map_or(case.incident.window.end, |(_, last)| last),
            });
        }
    }
    rows.sort_by_key(|r| urgency(r.state));
    rows
}

/// Order of the dashboard: what needs somebody first.
fn urgency(state: CreditState) -> u8 {
    match state {
        CreditState::Exhausted => 0,
        CreditState::Draining => 1,
        CreditState::Unknown => 2,
        CreditState::Recovering => 3,
        CreditState::Steady => 4,
        CreditState::Full => 5,
    }
}

/// Pods that nobody saw leave, of the latest window that looked at pods in the cluster of theirs.
fn zombies(newest: &[&Case]) -> Vec<ZombieRow> {
    let mut looked_at: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for case in newest {
        let clusters = clusters_seen(case);
        for pod in case
            .analysis
            .stuck_pods
            .iter()
            .filter(|p| p.until.is_none())
        {
            let event = case.evidence.event(&pod.event);
            let cluster = event.map(|e| e.cluster.clone()).unwrap_or_default();
            if looked_at.contains(&cluster) {
                continue;
            }
            rows.push(ZombieRow {
                origin: reference(case),
                namespace: pod.namespace.clone(),
                pod: pod.pod.clone(),
                node: pod.node.clone(),
                age_s: pod.age_s,
                as_of: event
                    .and_then(|e| e.attribute_time("observed_at"))
                    .unwrap_or(case.incident.window.end),
            });
        }
        looked_at.extend(clusters);
    }
    rows.sort_by_key(|r| std::cmp::Reverse(r.age_s));
    rows
}

/// Clusters of which this case holds pods' ends (what is watched live: events of any kind): it
/// looked at them, so what it does not name is gone.
fn clusters_seen(case: &Case) -> Vec<String> {
    let live = reference(case) == Origin::Live;
    let mut clusters: Vec<String> = case
        .evidence
        .events
        .iter()
        .filter(|e| live || e.kind == model::EventKind::PodTerminating)
        .map(|e| e.cluster.clone())
        .collect();
    clusters.sort();
    clusters.dedup();
    clusters
}

fn rollouts(newest: &[&Case]) -> Vec<RolloutRow> {
    let mut seen: Vec<(Option<Timestamp>, &str, &str)> = Vec::new();
    let mut rows = Vec::new();
    for case in newest {
        for event in &case.evidence.events {
            let key = (
                event.at(),
                event.namespace.as_str(),
                event.object.name.as_str(),
            );
            if event.kind != model::EventKind::Rollout || seen.contains(&key) {
                continue;
            }
            seen.push(key);
            rows.push(RolloutRow {
                origin: reference(case),
                at: event.at(),
                title: event.title.clone(),
                namespace: event.namespace.clone(),
                object: [event.object.kind.as_str(), event.object.name.as_str()]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("/"),
            });
        }
    }
    rows.sort_by_key(|r| std::cmp::Reverse(r.at));
    rows.truncate(LAST_ROLLOUTS);
    rows
}

fn sources(newest: &[&Case]) -> Vec<SourceRow> {
    let mut rows: Vec<SourceRow> = Vec::new();
    for case in newest {
        for batch in &case.evidence.provenance {
            match rows.iter_mut().find(|r| r.name == batch.source) {
                Some(row) if row.origin != reference(case) => {}
                Some(row) => {
                    row.last = row.last.max(batch.asked_at);
                    row.missing.extend(batch.gaps.iter().map(gap_line));
                }
                None => rows.push(SourceRow {
                    name: batch.source.clone(),
                    last: batch.asked_at,
                    state: String::new(),
                    missing: batch.gaps.iter().map(gap_line).collect(),
                    origin: reference(case),
                }),
            }
        }
    }
    for row in &mut rows {
        row.state = if row.missing.is_empty() {
            "complete".into()
        } else {
            "with gaps".into()
        };
        if row.missing.len() > NAMED_GAPS {
            let more = row.missing.len() - NAMED_GAPS;
            row.missing.truncate(NAMED_GAPS);
            row.missing.push(format!("and {more} more"));
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

fn gap_line(gap: &model::Gap) -> String {
    if gap.what.is_empty() {
        gap.reason.clone()
    } else {
        format!("{}: {}", gap.what, gap.reason)
    }
}
