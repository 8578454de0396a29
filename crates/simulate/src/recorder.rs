//! Records what is measured: descriptor, rounding, gaps, late rows.

use crate::{exact::round_to, random::Random};
use model::{Gap, Provenance, Samples, Series, SeriesMeta, Timestamp, Window, time::MINUTE};

/// Collects the series of one incident.
pub(crate) struct Recorder {
    seed: u64,
    window: Window,
    series: Vec<Series>,
    gaps: Vec<(String, Gap)>,
}

/// What a series is called and how it is measured.
pub(crate) struct Metric<'a> {
    /// Series id.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// Source.
    pub source: &'a str,
    /// The source's namespace.
    pub namespace: &'a str,
    /// Dimension or label that says what it is about.
    pub dimension: (&'a str, &'a str),
    /// Statistic.
    pub stat: &'a str,
    /// Unit.
    pub unit: &'a str,
    /// What it measures.
    pub resource: Option<String>,
    /// Decimal places that the source gives.
    pub places: u32,
}

impl Recorder {
    /// For the incident of that seed and window.
    pub(crate) fn new(seed: u64, window: Window) -> Self {
        Self {
            seed,
            window,
            series: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Adds a series with a value for every period; some rows get lost, and the last are late.
    pub(crate) fn add(&mut self, metric: Metric<'_>, period_s: u32, values: &[(Timestamp, f64)]) {
        let mut random = Random::new(self.seed, &format!("gaps {}", metric.id));
        let period = i64::from(period_s) * 1000;
        let holes = self.holes(&mut random);
        // CloudWatch publishes a minute or two late; a scrape is there at once.
        let late = if metric.source == "cloudwatch" { 2 } else { 0 } + random.whole(0, 1);
        let end = self.window.end.plus(-late * period.min(MINUTE));
        let mut samples = Samples::default();
        for &(at, value) in values {
            let lost = random.chance(0.0004) || holes.iter().any(|hole| hole.contains(at));
            if !lost && at < end {
                samples.push(at, round_to(value, metric.places));
            }
        }
        for hole in holes {
            let reason = "the source has no rows for this span".to_owned();
            let gap = Gap {
                what: metric.id.to_owned(),
                window: Some(hole),
                reason,
            };
            self.gaps.push((metric.source.to_owned(), gap));
        }
        let (key, value) = metric.dimension;
        let meta = SeriesMeta {
            id: metric.id.to_owned(),
            name: metric.name.to_owned(),
            source: metric.source.to_owned(),
            namespace: metric.namespace.to_owned(),
            dimensions: [(key.to_owned(), value.to_owned())].into(),
            stat: metric.stat.to_owned(),
            unit: metric.unit.to_owned(),
            period_s: Some(period_s),
            resource: metric.resource,
            ..SeriesMeta::default()
        };
        self.series.push(Series { meta, samples });
    }

    /// Outages of the measurement: on every second series one of 4 to 20 minutes.
    fn holes(&self, random: &mut Random) -> Vec<Window> {
        let count = random.whole(0, 1);
        (0..count)
            .filter_map(|_| {
                let last = self.window.millis() / MINUTE - 60;
                let start = self.window.start.plus(random.whole(30, last) * MINUTE);
                Window::new(start, start.plus(random.whole(4, 20) * MINUTE))
            })
            .collect()
    }

    /// The series, in order of their ids, and a provenance entry for each source, which names the
    /// command that makes them again.
    pub(crate) fn finish(mut self, command: &str) -> (Vec<Series>, Vec<Provenance>) {
        self.series.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        let mut sources: Vec<String> = self.series.iter().map(|s| s.meta.source.clone()).collect();
        sources.sort();
        sources.dedup();
        let provenance = sources
            .into_iter()
            .map(|source| Provenance {
                query: format!("{command}: simulated {source} metrics"),
                window: Some(self.window),
                resolution_s: Some(60),
                gaps: self.gaps_of(&source),
                series: self.ids_of(&source),
                source: format!("simulate:{source}"),
                ..Provenance::default()
            })
            .collect();
        (self.series, provenance)
    }

    fn gaps_of(&self, source: &str) -> Vec<Gap> {
        self.gaps
            .iter()
            .filter(|(of, _)| of == source)
            .map(|(_, gap)| gap.clone())
            .collect()
    }

    fn ids_of(&self, source: &str) -> Vec<String> {
        self.series
            .iter()
            .filter(|s| s.meta.source == source)
            .map(|s| s.meta.id.clone())
            .collect()
    }
}
