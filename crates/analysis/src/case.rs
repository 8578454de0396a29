//! The evidence made ready once: every series prepared, its change points found.

use crate::{Detection, Settings, detectors, series::Prepared};
use model::{Evidence, Series, SeriesMeta, Timestamp, Window, analysis::ChangePoint};

/// One series with everything that was computed about it.
pub(crate) struct Signal {
    /// What it is.
    pub meta: SeriesMeta,
    /// Prepared samples, up to the window's end.
    pub data: Prepared,
    /// Change points and anomalies, each with the series' id.
    pub found: Detection,
}

impl Signal {
    /// The series' id.
    pub(crate) fn id(&self) -> &str {
        &self.meta.id
    }

    /// Change points of at least this confidence, in order of time.
    pub(crate) fn sure(&self, least: f64) -> impl DoubleEndedIterator<Item = &ChangePoint> {
        self.found
            .changepoints
            .iter()
            .filter(move |c| c.confidence >= least)
    }
}

/// Everything that the parts of the analysis look at.
pub(crate) struct Case<'a> {
    /// The evidence as it came.
    pub evidence: &'a Evidence,
    /// Settings.
    pub settings: &'a Settings,
    /// The window, never reversed.
    pub window: Window,
    /// Every series, in order of its id.
    pub signals: Vec<Signal>,
}

impl<'a> Case<'a> {
    /// Prepares the evidence. Nothing after `now` counts: the window ends there at the latest.
    pub(crate) fn of(evidence: &'a Evidence, settings: &'a Settings, now: Timestamp) -> Self {
        let start = evidence.window.start;
        let window = Window {
            start,
            end: evidence.window.end.min(now.max(start)).max(start),
        };
        let mut order: Vec<&Series> = evidence.series.iter().collect();
        order.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        let signals = order
            .into_iter()
            .map(|series| signal(series, settings, window.end))
            .collect();
        Self {
            evidence,
            settings,
            window,
            signals,
        }
    }

    /// Prepares only what measures the same thing as the series `like`, and looks for no changes: for
    /// questions that are asked again and again about one thing.
    pub(crate) fn bare(evidence: &'a Evidence, settings: &'a Settings, like: &str) -> Self {
        let window = evidence.window;
        let meta = evidence.series(like).map(|s| &s.meta);
        let mut beside: Vec<&Series> = evidence
            .series
            .iter()
            .filter(|s| meta.is_some_and(|m| s.meta.id == m.id || same_thing(&s.meta, m)))
            .collect();
        beside.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        let signals = beside
            .into_iter()
            .map(|series| Signal {
                meta: series.meta.clone(),
                data: Prepared::of(series, series.samples.index_at(window.end)),
                found: Detection::default(),
            })
            .collect();
        Self {
            evidence,
            settings,
            window,
            signals,
        }
    }

    /// The series of that id.
    pub(crate) fn signal(&self, id: &str) -> Option<&Signal> {
        self.signals.iter().find(|s| s.id() == id)
    }

    /// Series of one of these names that measure the same thing as `like`.
    pub(crate) fn beside(&self, like: &SeriesMeta, names: &[&str]) -> Vec<&Signal> {
        self.signals
            .iter()
            .filter(|s| names.iter().any(|n| s.meta.is_named(n)) && same_thing(&s.meta, like))
            .collect()
    }
}

fn signal(series: &Series, settings: &Settings, end: Timestamp) -> Signal {
    let cut = series.samples.index_at(end);
    let data = Prepared::of(series, cut);
    let mut found = detectors::run(&data, settings);
    for c in &mut found.changepoints {
        c.series.clone_from(&series.meta.id);
    }
    for a in &mut found.anomalies {
        a.series.clone_from(&series.meta.id);
    }
    Signal {
        meta: series.meta.clone(),
        data,
        found,
    }
}

/// Dimensions that name the thing that is measured.
const IDENTITY: [&str; 8] = [
    "FileSystemId",
    "VolumeId",
    "InstanceId",
    "DBInstanceIdentifier",
    "AutoScalingGroupName",
    "LoadBalancer",
    "FunctionName",
    "instance",
];

/// Whether two series measure the same thing: the same resource, else the same dimensions, else
/// the same namespace where nothing says more.
pub(crate) fn same_thing(a: &SeriesMeta, b: &SeriesMeta) -> bool {
    if let (Some(x), Some(y)) = (&a.resource, &b.resource) {
        return x == y;
    }
    let identity = |m: &SeriesMeta| -> Option<String> {
        IDENTITY.iter().find_map(|d| m.dimensions.get(*d)).cloned()
    };
    match (identity(a), identity(b)) {
        (Some(x), Some(y)) => x == y,
        _ => a.namespace == b.namespace,
    }
}
