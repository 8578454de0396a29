//! What the pages show of sources: how each is doing, what is stored of it, what an incident has of
//! it and what is about to be lost.

use super::{Case, covered};
use model::{
    Evidence, Gap, Incident, IncidentId, Timestamp, Window,
    source::{Follow, Holding, SourceFacts, SourceHealth, SourceStatus, Stamp},
    time::{MINUTE, SECOND, span_text},
};
use std::collections::BTreeMap;

/// A configured source as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceCard {
    /// Name in the configuration.
    pub name: String,
    /// What its kind states of itself.
    pub facts: SourceFacts,
    /// Whether it is followed live.
    pub live: bool,
    /// How it is doing; `None`: nobody has asked it yet.
    pub status: Option<SourceStatus>,
    /// What is stored of it.
    pub holding: Option<Holding>,
    /// Days that its own history is kept.
    pub keep_days: u32,
    /// Most MiB that its own history takes.
    pub keep_mib: Option<u64>,
    /// Whether its metrics can be searched.
    pub searchable: bool,
    /// Whether it can be tried: what others tell by themselves cannot.
    pub testable: bool,
    /// What following it live costs a month at most, US dollars; `None`: nothing is charged.
    pub usd_per_month: Option<f64>,
}

/// Whether a source that is followed is as new as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// Nothing came yet.
    Unknown,
    /// As new as what the source publishes, or it answers and has nothing newer.
    None,
    /// It has not answered well for so long, milliseconds, besides what publishing takes.
    Behind(i64),
}

/// How late a followed source is allowed to be besides what publishing takes: two questions may fail.
const MISSED_POLLS: i64 = 3;
/// The same of one that tells by itself: it is heard of at least as often.
const SILENT: i64 = 5 * MINUTE;

impl SourceCard {
    /// How far it is behind; what publishing takes is no lag. `None`: it is not followed.
    pub fn lag(&self, now: Timestamp) -> Option<Lag> {
        let patience = match self.facts.follow {
            _ if !self.live => return None,
            Follow::Never => return None,
            Follow::Poll { every_s, .. } => MISSED_POLLS * i64::from(every_s) * SECOND,
            Follow::Watch => SILENT,
        };
        let Some(status) = &self.status else {
            return Some(Lag::Unknown);
        };
        let delay = i64::from(self.facts.clock.delay_s) * SECOND;
        let age = |at: Timestamp| now.since(at).max(0);
        // A quiet source has nothing newer, though it was asked just now: what counts is when it last
        // answered.
        let quiet = match status.health {
            SourceHealth::Good | SourceHealth::Partial => status.succeeded_at.map(age),
            SourceHealth::Untried | SourceHealth::Failing | SourceHealth::Stopped => None,
        };
        if self.facts.follow == Follow::Watch && quiet.is_some() {
            return Some(Lag::None);
        }
        let newest = status.newest.map(|at| age(at) - delay);
        let late = [newest, quiet].into_iter().flatten().min();
        let late = late.or(status.succeeded_at.map(age));
        Some(match late {
            None => Lag::Unknown,
            Some(late) if late <= patience => Lag::None,
            Some(late) => Lag::Behind(late),
        })
    }
}

/// A source as the page shows how to configure one.
pub const EXAMPLE: &str = "[[source]]
name = \"prod\"
kind = \"cloudwatch\"
region = \"eu-west-1\"
file_systems = [\"fs-0123456789abcdef0\"]";

/// The page of sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcesView {
    /// Configured sources, in the order of the configuration.
    pub configured: Vec<SourceCard>,
    /// Every kind that can be configured.
    pub kinds: Vec<SourceFacts>,
    /// When this was.
    pub now: Timestamp,
}

/// What the explore page asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExploreAsk {
    /// The window; `None`: the last six hours.
    pub window: Option<Window>,
    /// Words that a series or event must hold, all of them; empty: everything.
    pub words: String,
}

/// A window on the live sources, before anybody declares an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explored {
    /// The evidence of the window with its analysis, as if it were an incident.
    pub case: Case,
    /// Series before the words were applied.
    pub series: usize,
    /// Events before the words were applied.
    pub events: usize,
    /// Names of the sources whose history this is; empty: none is followed.
    pub sources: Vec<String>,
    /// When this was.
    pub now: Timestamp,
}

/// A new incident out of what the configured sources have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIncident {
    /// Title, not empty.
    pub title: String,
    /// First instant of the window.
    pub start: Timestamp,
    /// First instant after the window; `None`: it is still going on, and the sources are asked again
    /// until somebody closes it.
    pub end: Option<Timestamp>,
}

/// What an incident has of one source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// The source: its name in the configuration, or its kind.
    pub source: String,
    /// From its first sample or event to its last, a point where both are one; `None`: nothing was read.
    pub span: Option<Window>,
    /// Share of the incident's window under its series and events, 0 to 1.
    pub share: f64,
    /// Finest and coarsest resolution got, seconds.
    pub resolution_s: Option<(u32, u32)>,
    /// Number of series.
    pub series: usize,
    /// Number of events.
    pub events: usize,
    /// What did not come.
    pub gaps: Vec<Gap>,
    /// What was asked for and does not exist at the source, each once.
    pub absent: Vec<String>,
    /// What the source still has and is about to lose.
    pub losing: Vec<String>,
}

/// What an incident has of each source, by name. `facts` gives what a kind states of itself.
pub fn coverage(
    incident: &Incident,
    evidence: &Evidence,
    facts: impl Fn(&str) -> Option<SourceFacts>,
    now: Timestamp,
) -> Vec<Coverage> {
    let mut rows: BTreeMap<String, (Coverage, String, Vec<Window>)> = BTreeMap::new();
    let told = evidence.provenance.iter();
    for batch in told.filter(|b| !covered::is_empty_bundle(b)) {
        let name = if batch.name.is_empty() {
            &batch.source
        } else {
            &batch.name
        };
        let (row, kind, spans) = rows.entry(name.clone()).or_default();
        kind.clone_from(&batch.source);
        row.source.clone_from(name);
        spans.extend(covered::spans(batch, evidence));
        row.series += batch.series.len();
        row.events += batch.events;
        row.gaps.extend(batch.gaps.iter().cloned());
        for absent in &batch.absent {
            if !row.absent.contains(absent) {
                row.absent.push(absent.clone());
            }
        }
        if let Some(s) = batch.resolution_s {
            let (low, high) = row.resolution_s.unwrap_or((s, s));
            row.resolution_s = Some((low.min(s), high.max(s)));
        }
    }
    rows.into_values()
        .map(|(row, kind, spans)| Coverage {
            span: covered::hull(&spans),
            share: covered::share(incident.window, spans),
            losing: facts(&kind)
                .map(|facts| losing(&facts, incident.window, now))
                .unwrap_or_default(),
            ..row
        })
        .collect()
}

/// What a source with these facts forgets of the window, and when.
fn losing(facts: &SourceFacts, window: Window, now: Timestamp) -> Vec<String> {
    let mut out = Vec::new();
    for (age_s, period_s) in facts.clock.kept {
        let what = match period_s {
            0 => "events".to_owned(),
            s => format!("{} data", span_text(i64::from(*s) * SECOND)),
        };
        let kept = i64::from(*age_s) * SECOND;
        let (first, last) = (window.start.plus(kept), window.end.plus(kept));
        if last <= now {
            continue;
        }
        let title = facts.title;
        if first > now {
            let left = span_text(first.since(now));
            out.push(format!(
                "{what} of this window begin to leave {title} in {left}"
            ));
        } else {
            let gone = now.plus(-kept).minute();
            out.push(format!(
                "{what} before {gone} are gone from {title}; the rest follows"
            ));
        }
    }
    out
}

/// What a source's instants mean, in words.
pub fn stamp_word(stamp: Stamp) -> &'static str {
    match stamp {
        Stamp::PeriodStart => "start of the period",
        Stamp::PeriodEnd => "end of the period",
        Stamp::Instant => "the instant itself",
    }
}

/// Where a metric search is made, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricAsk {
    /// Name of the source.
    pub source: String,
    /// What the metric's name, namespace or dimensions hold.
    pub text: String,
}

/// A metric that a source has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricRow {
    /// What a pull is given to fetch it; opaque to the page.
    pub choice: String,
    /// Its name.
    pub name: String,
    /// Where it is and what it is about: namespace and dimensions, or labels.
    pub about: String,
}

/// What one metric costs with its usual statistics, US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MetricPrice {
    /// A pull of one day.
    pub usd: f64,
    /// Following it live for a month.
    pub usd_per_month: f64,
}

/// Metrics that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsFound {
    /// Name of the source.
    pub source: String,
    /// What was looked for.
    pub text: String,
    /// What was found, at most as many as a page holds.
    pub rows: Vec<MetricRow>,
    /// Whether there are more.
    pub more: bool,
    /// What one of them costs; `None`: nothing is charged, or nothing was found.
    pub price: Option<MetricPrice>,
}

/// A pull of chosen metrics into a new incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullMetrics {
    /// Name of the source.
    pub source: String,
    /// Title of the new incident.
    pub title: String,
    /// The window.
    pub window: Window,
    /// [`MetricRow::choice`] of each metric.
    pub choices: Vec<String>,
    /// Statistics of each; empty: the source's usual ones.
    pub statistics: Vec<String>,
    /// Whether a cost above the usual was agreed to.
    pub agreed: bool,
}

/// An incident that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened(pub IncidentId);

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Provenance, Samples, Series, SeriesMeta,
        source::SourceClock,
        time::{DAY, HOUR},
    };

    const FACTS: SourceFacts = SourceFacts {
        kind: "cloudwatch",
        title: "Amazon CloudWatch",
        needs: &[],
        clock: SourceClock {
            stamp: Stamp::PeriodStart,
            delay_s: 0,
            skew_s: 0,
            kept: &[(15 * 86_400, 60)],
        },
        follow: Follow::Never,
    };

    fn case() -> (Incident, Evidence) {
        let window = Window {
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_007_200),
        };
        let evidence = Evidence {
            window,
            series: vec![Series {
                meta: SeriesMeta {
                    id: "a".into(),
                    period_s: Some(60),
                    ..SeriesMeta::default()
                },
                samples: Samples::from_unordered(
                    (0..60)
                        .map(|i| (window.start.plus(i * MINUTE), 1.0))
                        .collect(),
                ),
            }],
            provenance: vec![Provenance {
                source: "cloudwatch".into(),
                name: "prod".into(),
                window: Some(window),
                resolution_s: Some(60),
                series: vec!["a".into()],
                ..Provenance::default()
            }],
            ..Evidence::default()
        };
        let incident = Incident {
            window,
            ..Incident::default()
        };
        (incident, evidence)
    }

    #[test]
    fn coverage_says_span_share_and_what_is_about_to_go() {
        let (incident, evidence) = case();
        let facts = |kind: &str| (kind == "cloudwatch").then_some(FACTS);
        let at = |now| coverage(&incident, &evidence, facts, now);
        let rows = at(incident.window.end);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].source.as_str(), rows[0].series), ("prod", 1));
        assert!((rows[0].share - 0.5).abs() < 1e-9);
        assert!(
            rows[0].losing[0].contains("1 min data of this window begin to leave"),
            "{:?}",
            rows[0].losing
        );
        let half = incident.window.start.plus(15 * DAY + HOUR);
        assert!(at(half)[0].losing[0].contains("are gone"));
        assert!(at(incident.window.end.plus(16 * DAY))[0].losing.is_empty());
    }

    #[test]
    fn what_publishing_takes_is_no_lag() {
        let now = Timestamp::from_seconds(1_590_000_000);
        let ago = |minutes: i64| Some(now.plus(-minutes * MINUTE));
        let card = |follow, health, newest, succeeded_at| SourceCard {
            name: "prod".into(),
            facts: SourceFacts {
                clock: SourceClock {
                    delay_s: 180,
                    ..FACTS.clock
                },
                follow,
                ..FACTS
            },
            live: true,
            status: Some(SourceStatus {
                health,
                newest,
                succeeded_at,
                ..SourceStatus::default()
            }),
            holding: None,
            keep_days: 30,
            keep_mib: None,
            searchable: false,
            testable: true,
            usd_per_month: None,
        };
        let poll = Follow::Poll {
            every_s: 60,
            again_s: 0,
        };
        let (good, failing) = (SourceHealth::Good, SourceHealth::Failing);
        let lag = |card: SourceCard| card.lag(now);
        // Five minutes old, three of which publishing takes.
        assert_eq!(lag(card(poll, failing, ago(5), ago(5))), Some(Lag::None));
        assert_eq!(
            lag(card(poll, failing, ago(40), ago(38))),
            Some(Lag::Behind(37 * MINUTE))
        );
        // Nothing happened for hours: it was asked a minute ago.
        assert_eq!(lag(card(poll, good, ago(600), ago(1))), Some(Lag::None));
        assert_eq!(
            lag(card(poll, good, ago(600), ago(60))),
            Some(Lag::Behind(HOUR)),
            "nobody has asked it for an hour"
        );
        assert_eq!(lag(card(poll, failing, None, None)), Some(Lag::Unknown));
        assert_eq!(
            lag(card(Follow::Watch, good, ago(600), ago(60))),
            Some(Lag::None),
            "a quiet cluster"
        );
        let idle = SourceCard {
            live: false,
            ..card(poll, good, ago(1), ago(1))
        };
        assert_eq!(lag(idle), None);
        let untried = SourceCard {
            status: None,
            ..card(poll, good, None, None)
        };
        assert_eq!(lag(untried), Some(Lag::Unknown));
    }

    #[test]
    fn a_source_that_gave_no_sample_covers_nothing() {
        let (incident, mut evidence) = case();
        evidence.series.clear();
        let rows = coverage(&incident, &evidence, |_| None, incident.window.end);
        assert_eq!((rows[0].span, rows[0].share), (None, 0.0));
    }
}
