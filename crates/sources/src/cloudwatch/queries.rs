//! From what is asked to the queries of `GetMetricData` calls. Pure: what is listed is an argument.

use super::config::{Asked, MetricChoice};
use super::discover::Listed;
use super::efs::{self, METRICS, STORAGE_CLASSES};
use super::ids::{self, Dimensions};
use super::plan::{Span, period_of};
use super::presets::{self, Preset, PresetMetric};
use model::Timestamp;
use model::time::DAY;
use std::collections::{BTreeMap, BTreeSet};

/// `ListMetrics` forgets what got no data for two weeks.
const LISTED_FOR: i64 = 14 * DAY;

/// One query of a `GetMetricData` call: what becomes one series, or part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Id inside the call: `q0`.
    pub(super) id: String,
    /// Id of the series that it becomes; two spellings of one metric share it.
    pub(super) series: String,
    /// Namespace.
    pub(super) namespace: String,
    /// Name of the metric, in its spelling in CloudWatch.
    pub(super) name: String,
    /// Dimensions in order of their name.
    pub(super) dimensions: Dimensions,
    /// Statistic.
    pub(super) stat: String,
    /// Period, seconds.
    pub(super) period_s: u32,
    /// Period where the source turns out to publish less often, seconds; 0: it does not.
    pub(super) slow_s: u32,
    /// Unit in CloudWatch's words; empty where it is not known.
    pub(super) unit: String,
    /// Whether Sum is a count of minutes and is divided by the minutes of a period.
    pub(super) per_minute: bool,
    /// What people call what is missing when nothing comes.
    pub(super) what: String,
    /// Why it may be missing though all is well; empty where it should always be there.
    pub(super) may_miss: &'static str,
}

/// Preset, resource and metric.
pub(super) type Member = (String, String, String);

/// What `ListMetrics` shows of what is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Listings {
    /// By file system.
    pub(super) file_systems: BTreeMap<String, Listed>,
    /// Sets of dimensions by preset, resource and metric.
    pub(super) members: BTreeMap<Member, Vec<Dimensions>>,
}

/// The queries for all that is asked.
pub(super) fn queries(
    asked: &Asked<'_>,
    listings: &Listings,
    span: &Span,
    now: Timestamp,
) -> Vec<Query> {
    let mut list = List::default();
    let nothing = Listed::default();
    for id in &asked.file_systems {
        let listed = listings.file_systems.get(id).unwrap_or(&nothing);
        let alone = asked.file_systems.len() == 1;
        of_file_system(&mut list, id, alone, listed, span, now);
    }
    for (preset, resource) in &asked.presets {
        for metric in preset.metrics {
            let own = vec![vec![(preset.dimension.to_owned(), resource.clone())]];
            let key = (
                preset.id.to_owned(),
                resource.clone(),
                metric.name.to_owned(),
            );
            let sets = match listings.members.get(&key) {
                Some(found) => found,
                None if metric.with.is_empty() => &own,
                None => continue,
            };
            for dimensions in sets {
                of_preset(&mut list, preset, metric, dimensions, span);
            }
        }
    }
    for choice in asked.metrics {
        of_choice(&mut list, choice, span);
    }
    list.queries
}

/// The periods that are asked for, before anything is listed, seconds: what a span is aligned to.
pub(super) fn periods(asked: &Asked<'_>) -> Vec<u32> {
    let mut out = Vec::new();
    if !asked.file_systems.is_empty() {
        out.extend(METRICS.iter().map(|m| m.every_s));
    }
    let of_presets = asked.presets.iter().flat_map(|(preset, _)| preset.metrics);
    out.extend(of_presets.map(|m| m.every_s));
    out.extend(asked.metrics.iter().map(every_s));
    out.sort_unstable();
    out.dedup();
    out
}

/// Namespace, name, dimensions and statistic: what makes a query the same as another.
type Asking = (String, String, Dimensions, String);

#[derive(Default)]
struct List {
    queries: Vec<Query>,
    seen: BTreeSet<Asking>,
}

impl List {
    /// Adds a query, unless the very same is there; fills in what follows from its metric.
    fn push(&mut self, mut query: Query) {
        query.dimensions.sort();
        let key = (
            query.namespace.clone(),
            query.name.clone(),
            query.dimensions.clone(),
            query.stat.clone(),
        );
        if !self.seen.insert(key) {
            return;
        }
        query.id = format!("q{}", self.queries.len());
        query.series = ids::series(
            &query.namespace,
            &query.name,
            &query.dimensions,
            &query.stat,
        );
        if query.what.is_empty() {
            query.what.clone_from(&query.series);
        }
        self.queries.push(query);
    }
}

/// The queries for a file system: the spellings that CloudWatch lists, and all known ones where
/// it lists none, or where the window began before it forgot.
fn of_file_system(
    list: &mut List,
    file_system: &str,
    alone: bool,
    listed: &Listed,
    span: &Span,
    now: Timestamp,
) {
    let forgotten = now.since(span.window.start) >= LISTED_FOR;
    for metric in METRICS {
        let mut names: Vec<String> = listed.names_of(metric);
        if names.is_empty() || forgotten {
            let known = metric.spellings.iter().map(|s| (*s).to_owned());
            names.extend(known);
        }
        let mut classes: Vec<Option<String>> = vec![None];
        if metric.by_storage_class {
            classes = listed.classes_of(metric).into_iter().map(Some).collect();
            if classes.is_empty() || forgotten {
                classes.extend(STORAGE_CLASSES.iter().map(|c| Some((*c).to_owned())));
            }
        }
        for (class, stat, name) in combinations(&classes, metric.stats, &names) {
            let mut dimensions = vec![(efs::FILE_SYSTEM.to_owned(), file_system.to_owned())];
            dimensions.extend(class.map(|c| (efs::STORAGE_CLASS.to_owned(), c)));
            let what = if alone {
                metric.id_name().to_owned()
            } else {
                format!("efs.{file_system}.{}", metric.id_name())
            };
            list.push(Query {
                namespace: efs::NAMESPACE.into(),
                name,
                dimensions,
                stat: stat.into(),
                period_s: period_of(metric.every_s, span),
                unit: metric.unit.into(),
                per_minute: metric.per_minute && stat == "Sum",
                what,
                may_miss: metric.may_miss,
                ..Query::default()
            });
        }
    }
}

fn combinations(
    classes: &[Option<String>],
    stats: &'static [&'static str],
    names: &[String],
) -> Vec<(Option<String>, &'static str, String)> {
    let mut out = Vec::new();
    for class in classes {
        for stat in stats {
            for name in names {
                out.push((class.clone(), *stat, name.clone()));
            }
        }
    }
    out
}

fn of_preset(
    list: &mut List,
    preset: &Preset,
    metric: &PresetMetric,
    dimensions: &[(String, String)],
    span: &Span,
) {
    for stat in metric.stats {
        list.push(Query {
            namespace: preset.namespace.into(),
            name: metric.name.into(),
            dimensions: dimensions.to_vec(),
            stat: (*stat).into(),
            period_s: period_of(metric.every_s, span),
            slow_s: metric.slow_s,
            unit: metric.unit.into(),
            may_miss: metric.may_miss,
            ..Query::default()
        });
    }
}

/// A metric of the tables keeps what is known of it, however it is asked for.
fn of_choice(list: &mut List, choice: &MetricChoice, span: &Span) {
    let of_efs = (choice.namespace == efs::NAMESPACE)
        .then(|| METRICS.iter().find(|m| m.is(&choice.name)))
        .flatten();
    let known = presets::known(&choice.namespace, &choice.name);
    let unit_of = known.map(|m| m.unit).or(of_efs.map(|m| m.unit));
    for stat in &choice.statistics {
        list.push(Query {
            namespace: choice.namespace.clone(),
            name: choice.name.clone(),
            dimensions: choice.dimensions.clone().into_iter().collect(),
            stat: stat.clone(),
            period_s: period_of(every_s(choice), span),
            slow_s: known.map_or(0, |m| m.slow_s),
            unit: unit_of.unwrap_or_default().into(),
            per_minute: of_efs.is_some_and(|m| m.per_minute) && stat == "Sum",
            may_miss: known
                .map(|m| m.may_miss)
                .or(of_efs.map(|m| m.may_miss))
                .unwrap_or_default(),
            ..Query::default()
        });
    }
}

fn every_s(choice: &MetricChoice) -> u32 {
    let known = presets::known(&choice.namespace, &choice.name);
    choice.period_s.or(known.map(|m| m.every_s)).unwrap_or(60)
}
