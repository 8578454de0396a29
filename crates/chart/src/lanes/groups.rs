//! Which series share a lane, and in which order the lanes come.

use super::slug;
use crate::lane::LeftOut;
use model::{Analysis, Evidence, Series};
use std::collections::{BTreeMap, BTreeSet};

/// Most curves in one lane: more cannot be told apart at a glance.
const MAX_CURVES: usize = 4;

/// Series that share a lane.
pub(super) struct Group<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) members: Vec<&'a Series>,
    /// Whether their sizes are compared over orders of magnitude.
    pub(super) by_kind: bool,
    /// Part of the story that stands at the top.
    pub(super) story: bool,
    /// What its members say.
    pub(super) says: Says,
}

/// What the members of a group say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// A hypothesis is ruled out.
    NotThis,
    /// A level moves notably.
    Change,
    /// Nothing of note.
    Nothing,
}

/// Groups in order, and series that no group holds.
pub(super) fn groups<'a>(
    evidence: &'a Evidence,
    analysis: &Analysis,
) -> (Vec<Group<'a>>, Vec<LeftOut>) {
    let mut taken = Taken {
        evidence,
        seen: BTreeSet::new(),
        groups: Vec::new(),
    };
    taken.symptom(analysis);
    taken.credits(analysis);
    taken.file_systems();
    if let Some(series) = analysis
        .driver
        .as_ref()
        .and_then(|d| evidence.series(&d.series))
    {
        let title = evidence.label(&series.meta);
        taken.push(
            format!("series-{}", slug(&series.meta.id)),
            title,
            vec![series],
            false,
            true,
        );
    }
    let more = taken.others(analysis);
    let mut groups = taken.groups;
    for group in &mut groups {
        group.says = if group
            .members
            .iter()
            .any(|m| rules_out(m, analysis).is_some())
        {
            Says::NotThis
        } else if group.members.iter().any(|m| change(m, analysis) >= NOTABLE) {
            Says::Change
        } else {
            Says::Nothing
        };
    }
    (groups, more)
}

/// Groups so far, and the series that they hold.
struct Taken<'a> {
    evidence: &'a Evidence,
    seen: BTreeSet<&'a str>,
    groups: Vec<Group<'a>>,
}

impl<'a> Taken<'a> {
    /// A group of what no earlier group holds; none where nothing is left.
    fn push(
        &mut self,
        id: String,
        title: String,
        members: Vec<&'a Series>,
        by_kind: bool,
        story: bool,
    ) {
        let members: Vec<_> = members
            .into_iter()
            .filter(|m| self.seen.insert(m.meta.id.as_str()))
            .collect();
        if !members.is_empty() {
            self.groups.push(Group {
                id,
                title,
                members,
                by_kind,
                story,
                says: Says::Nothing,
            });
        }
    }

    fn symptom(&mut self, analysis: &Analysis) {
        let measured = analysis.impact.iter().map(|i| &i.series);
        let named: Vec<&Series> = self
            .evidence
            .symptom
            .iter()
            .chain(measured)
            .filter_map(|id| self.evidence.series(id))
            .collect();
        let mut by_unit: BTreeMap<(&str, &str), Vec<&Series>> = BTreeMap::new();
        for series in &named {
            let key = (series.meta.unit.as_str(), series.meta.name.as_str());
            by_unit.entry(key).or_default().push(series);
        }
        // In the order in which the incident names them.
        for series in named {
            let key = (series.meta.unit.as_str(), series.meta.name.as_str());
            for chunk in by_unit.remove(&key).unwrap_or_default().chunks(MAX_CURVES) {
                let title = format!("Symptom: {}", title_of(chunk));
                self.push("symptom".to_owned(), title, chunk.to_vec(), false, true);
            }
        }
    }

    fn credits(&mut self, analysis: &Analysis) {
        let mut balances: Vec<&Series> = analysis
            .credits
            .iter()
            .filter_map(|c| self.evidence.series(&c.series))
            .collect();
        if balances.is_empty() {
            balances.extend(self.evidence.series.iter().find(|s| is_balance(s)));
        }
        for series in balances {
            let title = format!("Burst credit balance{}", self.of_what(series));
            let id = format!("credits-{}", slug(&series.meta.id));
            self.push(id, title, vec![series], false, true);
        }
    }

    /// Throughput and I/O by kind of every file system (AWS/EFS).
    fn file_systems(&mut self) {
        let mut systems: BTreeMap<String, Vec<&'a Series>> = BTreeMap::new();
        for series in &self.evidence.series {
            if IO_METRICS.iter().any(|name| series.meta.is_named(name)) {
                systems.entry(owner(series)).or_default().push(series);
            }
        }
        for (system, series) in systems {
            let pick = |name: &str, stats: &[&str]| pick(&series, name, stats);
            let permitted = pick("PermittedThroughput", &["Average", "Minimum", "Maximum"]);
            let metered = pick("MeteredIOBytes", &["Sum"]).or(pick("TotalIOBytes", &["Sum"]));
            let kinds: Vec<_> = ["MetadataIOBytes", "DataReadIOBytes", "DataWriteIOBytes"]
                .iter()
                .filter_map(|name| pick(name, &["Sum"]))
                .collect();
            let members: Vec<_> = permitted.into_iter().chain(metered).collect();
            let of = members.first().or(kinds.first()).map(|s| self.of_what(s));
            let of = of.unwrap_or_default();
            let id = slug(&system);
            let title = format!("Throughput, permitted and used{of}");
            self.push(format!("throughput-{id}"), title, members, false, true);
            let title = format!("I/O by kind{of}");
            self.push(format!("io-{id}"), title, kinds, true, true);
        }
    }

    /// ` of fs-0123` where there is more than one balance or file system.
    fn of_what(&self, series: &Series) -> String {
        let owners: BTreeSet<String> = self
            .evidence
            .series
            .iter()
            .filter(|s| is_balance(s) || IO_METRICS.iter().any(|n| s.meta.is_named(n)))
            .map(owner)
            .collect();
        let name = owner(series);
        if owners.len() > 1 && !name.is_empty() {
            format!(" of {}", name.trim_start_matches("aws:"))
        } else {
            String::new()
        }
    }

    /// Everything else: what changed by the size of its change, then what rules a hypothesis
    /// out, then the rest by name.
    fn others(&mut self, analysis: &Analysis) -> Vec<LeftOut> {
        let mut kinds: BTreeMap<[&str; 3], Vec<&'a Series>> = BTreeMap::new();
        let mut more = Vec::new();
        for series in &self.evidence.series {
            let meta = &series.meta;
            if self.seen.contains(meta.id.as_str()) {
                continue;
            }
            if let Some(reason) = self.shown_otherwise(series) {
                more.push(left_out(self.evidence, series, reason));
                continue;
            }
            let key = [&meta.name, &meta.stat, &meta.unit].map(String::as_str);
            kinds.entry(key).or_default().push(series);
        }
        let mut kinds: Vec<_> = kinds.into_values().collect();
        for members in &mut kinds {
            members.sort_by(|a, b| change(b, analysis).total_cmp(&change(a, analysis)));
        }
        let order = |members: &[&Series]| {
            let speaks = members.iter().filter_map(|m| rules_out(m, analysis)).min();
            let change = members.first().map_or(0.0, |m| change(m, analysis));
            match speaks {
                Some(place) => (1, 0.0, place),
                None if change >= NOTABLE => (0, -change, 0),
                None => (2, -change, 0),
            }
        };
        kinds.sort_by(|a, b| {
            let (a, b) = (order(a), order(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2))
        });
        for members in kinds {
            let (shown, rest) = members.split_at(members.len().min(MAX_CURVES));
            more.extend(
                rest.iter()
                    .map(|s| left_out(self.evidence, s, "like those shown beside it")),
            );
            let id = shown.first().map(|s| slug(&s.meta.id)).unwrap_or_default();
            self.push(
                format!("series-{id}"),
                title_of(shown),
                shown.to_vec(),
                false,
                false,
            );
        }
        more
    }

    /// Why a series needs no lane: what it says is shown already.
    fn shown_otherwise(&self, series: &Series) -> Option<&'static str> {
        let mut shown = self.groups.iter().flat_map(|g| &g.members);
        if shown.clone().any(|m| other_statistic(m, series)) {
            return Some("another statistic of it is shown");
        }
        let whole = series.meta.is_named("TotalIOBytes");
        (whole && shown.any(|m| m.meta.is_named("MetadataIOBytes") && owner(m) == owner(series)))
            .then_some("its parts are shown")
    }
}

/// From this size of change (see [`change`]) on a series counts as one that changed; every daily
/// wave moves some level by less.
pub(super) const NOTABLE: f64 = 0.25;

/// Metrics of AWS/EFS that have a lane of their own kind.
const IO_METRICS: [&str; 6] = [
    "PermittedThroughput",
    "MeteredIOBytes",
    "TotalIOBytes",
    "MetadataIOBytes",
    "DataReadIOBytes",
    "DataWriteIOBytes",
];

fn is_balance(series: &Series) -> bool {
    series.meta.is_named("BurstCreditBalance")
}

/// What a series was measured on.
fn owner(series: &Series) -> String {
    let meta = &series.meta;
    meta.dimensions
        .get("FileSystemId")
        .or(meta.resource.as_ref())
        .cloned()
        .unwrap_or_default()
}

/// The series of that name with the first of the statistics that there is.
fn pick<'a>(series: &[&'a Series], name: &str, stats: &[&str]) -> Option<&'a Series> {
    stats.iter().find_map(|stat| {
        series
            .iter()
            .copied()
            .find(|s| s.meta.is_named(name) && s.meta.stat == *stat)
    })
}

/// Whether both measure the same thing and differ in the statistic alone.
fn other_statistic(a: &Series, b: &Series) -> bool {
    a.meta.namespace == b.meta.namespace
        && a.meta.name.eq_ignore_ascii_case(&b.meta.name)
        && !a.meta.name.is_empty()
        && a.meta.dimensions == b.meta.dimensions
        && a.meta.resource == b.meta.resource
        && a.meta.stat != b.meta.stat
}

fn left_out(evidence: &Evidence, series: &Series, reason: &str) -> LeftOut {
    LeftOut {
        series: series.meta.id.clone(),
        label: evidence.label(&series.meta),
        reason: reason.to_owned(),
    }
}

/// Title of series of one kind: what they are called.
fn title_of(members: &[&Series]) -> String {
    members.first().map(|s| s.meta.label()).unwrap_or_default()
}

/// Place of the first hypothesis that a series rules out.
fn rules_out(series: &Series, analysis: &Analysis) -> Option<usize> {
    analysis
        .ruled_out
        .iter()
        .position(|r| r.series.contains(&series.meta.id))
}

/// How much a series changes: the largest share by which a level moved, weighed by its
/// confidence; 0 without a change point.
fn change(series: &Series, analysis: &Analysis) -> f64 {
    analysis
        .changepoints
        .iter()
        .filter(|c| c.series == series.meta.id)
        .map(|c| {
            let size = c.before.abs().max(c.after.abs()).max(f64::MIN_POSITIVE);
            ((c.after - c.before).abs() / size).max(1e-6) * c.confidence
        })
        .fold(0.0, f64::max)
}
