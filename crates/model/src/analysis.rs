//! What the analysis says. Serialises to `lineup.analysis/1` of the public format, with a few
//! fields more for pages and reports.

pub mod back_test;
pub mod recurrence;
pub mod recycle;
pub mod what_if;

use crate::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// The `schema` field of an analysis.
pub const ANALYSIS_SCHEMA: &str = "lineup.analysis/1";

/// Everything the analysis found, and what it could not know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Always [`ANALYSIS_SCHEMA`].
    pub schema: String,
    /// Version that made it.
    pub engine: String,
    /// Where series change, by series and time.
    pub changepoints: Vec<ChangePoint>,
    /// Spans in which a series behaves unlike itself.
    pub anomalies: Vec<Anomaly>,
    /// State of each burst-credit balance.
    pub credits: Vec<Credit>,
    /// Pods still there 10 minutes after their deletionTimestamp.
    pub stuck_pods: Vec<StuckPod>,
    /// Causes, most probable first; may be empty.
    pub suspects: Vec<Suspect>,
    /// Which resource deviates first and explains the rest.
    pub resources: Vec<ResourceRank>,
    /// Hypotheses that the data speaks against.
    pub ruled_out: Vec<RuledOut>,
    /// Hypotheses without data to judge them.
    #[serde(default)]
    pub unknown: Vec<UnknownHypothesis>,
    /// Hypotheses that the data speaks for.
    #[serde(default)]
    pub found: Vec<FoundHypothesis>,
    /// The series whose onset the suspects are measured against.
    #[serde(default)]
    pub driver: Option<Driver>,
    /// What people felt, measured.
    #[serde(default)]
    pub impact: Option<MeasuredImpact>,
    /// Known issues of the software in use whose symptoms are there, the surest first.
    #[serde(default)]
    pub known_issues: Vec<KnownIssue>,
    /// Nodes to recycle, the first first.
    #[serde(default)]
    pub nodes_to_recycle: Vec<recycle::NodeToRecycle>,
}

/// The hypothesis that stands for the whole analysis, where it failed.
const OF_ITSELF: &str = "analysis";

impl Analysis {
    /// What is known where the analysis itself failed: nothing, and `why` says so in words. It is no
    /// version's analysis, so that it is made again whenever the evidence is looked at.
    pub fn failed(why: impl Into<String>) -> Self {
        Self {
            schema: ANALYSIS_SCHEMA.to_owned(),
            engine: format!("{} failed", crate::ENGINE),
            unknown: vec![UnknownHypothesis {
                hypothesis: OF_ITSELF.to_owned(),
                missing: why.into(),
            }],
            ..Self::default()
        }
    }

    /// Why there is no analysis, where it failed.
    pub fn fault(&self) -> Option<&str> {
        let mut unknown = self.unknown.iter();
        let own = unknown.find(|u| u.hypothesis == OF_ITSELF)?;
        Some(&own.missing)
    }
}

/// A known issue whose symptoms are in the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownIssue {
    /// Id, e.g. `kubernetes-110818`.
    pub id: String,
    /// What happens, in one line.
    pub title: String,
    /// Where it is reported, `https`.
    pub link: String,
    /// Ids of the events, or series, that show its symptoms.
    pub matched: Vec<String>,
    /// Which symptoms those are, in one sentence.
    pub why: String,
    /// What can be done.
    pub workaround: String,
}

/// Way of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher than before.
    Up,
    /// Lower than before.
    Down,
}

/// What changes at a change point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The level.
    #[default]
    Level,
    /// The slope.
    Slope,
    /// The spread.
    Variance,
    /// The level, for a while.
    Pulse,
}

/// A change point of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    /// Series id; left out by `lineup detect`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// First sample of the new regime.
    pub at: Timestamp,
    /// Way of the change.
    pub direction: Direction,
    /// Level before (median), in the series' unit.
    pub before: f64,
    /// Level after (median), in the series' unit.
    pub after: f64,
    /// Probability that it is real, 0 to 1.
    pub confidence: f64,
    /// What changes.
    #[serde(default)]
    pub kind: ChangeKind,
    /// Half width of the interval around `at`, seconds.
    #[serde(default)]
    pub uncertainty_s: i64,
}

/// A span in which a series behaves unlike itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anomaly {
    /// Series id; left out by `lineup detect`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// First sample of it.
    pub start: Timestamp,
    /// First sample after it.
    pub end: Timestamp,
    /// 0 to 1.
    pub score: f64,
}

/// State of a burst-credit balance at the window's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditState {
    /// Full, or as full as it ever was.
    Full,
    /// Neither falling nor rising by much.
    Steady,
    /// Falling.
    Draining,
    /// At zero.
    Exhausted,
    /// Rising again.
    Recovering,
    /// Too few data to say.
    #[default]
    Unknown,
}

/// When a falling balance reaches zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Most probable instant.
    pub exhausts_at: Timestamp,
    /// Early end of the 90 % interval.
    pub low: Timestamp,
    /// Late end of the 90 % interval.
    pub high: Timestamp,
}

/// What a burst-credit balance did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Credit {
    /// The balance's series id.
    pub series: String,
    /// When the drain began.
    pub drain_start: Option<Timestamp>,
    /// First minute within 0.1 % of zero.
    pub exhausted_at: Option<Timestamp>,
    /// When it began to rise again.
    pub recovery_start: Option<Timestamp>,
    /// Only when the balance is falling at the window's end and would reach zero.
    pub forecast: Option<Forecast>,
    /// Where it will probably reach zero, but when is too uncertain for a forecast: the middle of
    /// what can happen within two days, and its 90 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Forecast>,
    /// State at the window's end.
    #[serde(default)]
    pub state: CreditState,
    /// Resource that the balance belongs to.
    #[serde(default)]
    pub resource: Option<String>,
    /// Last balance in the window, in the series' unit.
    #[serde(default)]
    pub balance: Option<f64>,
    /// Balance when the drain began.
    #[serde(default)]
    pub balance_before: Option<f64>,
    /// Spans in which the permitted throughput was cut to the baseline.
    #[serde(default)]
    pub throttled: Vec<Window>,
    /// Baseline throughput used, unit per second, where it is known.
    #[serde(default)]
    pub baseline_per_s: Option<f64>,
    /// Net drain while it drained (median), unit per second.
    #[serde(default)]
    pub drain_per_s: Option<f64>,
    /// Share of the balance's change that measured traffic and baseline do not explain, 0 to 1;
    /// `None` without traffic data.
    #[serde(default)]
    pub residual: Option<f64>,
    /// What it means, where the residual is large: a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexplained: Option<String>,
    /// What the bucket's equation makes of what was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theory: Option<Theory>,
    /// Why there is no theory, in words; empty where there is one, and where an older version judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub no_theory: String,
    /// Why there is no forecast or no judgement, in words.
    #[serde(default)]
    pub note: String,
}

/// A balance as the bucket's equation has it: what was earned less what was measured to be spent,
/// between zero and the most that it holds, from the first measured balance on without looking again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Theory {
    /// Corners of the line, in the series' unit; between them it is straight. It is nowhere further
    /// than a thousandth of the largest balance from what the equation says.
    pub line: crate::Samples,
    /// Spans, each from one balance to a later one, in which what spends was not measured. The line
    /// goes on as if as much was spent as before them, and says nothing inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmeasured: Vec<Window>,
    /// How far it is from the measured balance: root of the mean square, as a share of the largest
    /// balance.
    pub error_share: f64,
    /// Where its figures come from, in words.
    pub basis: String,
}

impl Theory {
    /// The balance at an instant; `None` outside the line, and where what spends was not measured.
    pub fn at(&self, at: Timestamp) -> Option<f64> {
        let unknown = |span: &Window| span.start < at && at <= span.end;
        if self.unmeasured.iter().any(unknown) {
            return None;
        }
        let after = self.line.index_at(at);
        let (times, values) = (self.line.times(), self.line.values());
        let (t1, v1) = (*times.get(after)?, *values.get(after)?);
        if t1 == at {
            return Some(v1);
        }
        let before = after.checked_sub(1)?;
        let (t0, v0) = (*times.get(before)?, *values.get(before)?);
        let share = at.since(t0) as f64 / t1.since(t0).max(1) as f64;
        Some(v0 + (v1 - v0) * share)
    }
}

/// A pod that was still there 10 minutes after its deletionTimestamp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StuckPod {
    /// Event id.
    pub event: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// Its node, empty where nobody said.
    pub node: String,
    /// Seconds from deletionTimestamp to removal or the window's end; `None`: unknown.
    pub age_s: Option<i64>,
    /// deletionTimestamp, where it is known.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Removal, where it came inside the window.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// A series that a suspect explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// Series id.
    pub series: String,
    /// Onset in that series.
    pub at: Timestamp,
    /// Onset minus the suspect's start, seconds.
    pub lag_s: i64,
}

/// One piece of evidence for (positive weight) or against (negative weight) a suspect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// Kind of evidence: `precedes`, `reversal`, `dose_response`, `topology`, `specificity`…
    pub factor: String,
    /// Log-odds (natural) that it adds.
    pub weight: f64,
    /// One sentence with its number.
    pub text: String,
    /// Series behind it.
    #[serde(default)]
    pub series: Vec<String>,
    /// Events behind it.
    #[serde(default)]
    pub events: Vec<String>,
    /// Span behind it.
    #[serde(default)]
    pub span: Option<Window>,
}

/// A possible cause: one event, or a group of events that are one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// 1 is the most probable.
    pub rank: u32,
    /// Event ids, the one that began it first.
    pub events: Vec<String>,
    /// Probability that it is the cause, 0 to 1.
    pub score: f64,
    /// Series that it explains.
    pub explains: Vec<Explained>,
    /// Why.
    pub evidence: Vec<EvidenceItem>,
    /// One line for people.
    #[serde(default)]
    pub title: String,
    /// When it began.
    #[serde(default)]
    pub start: Option<Timestamp>,
    /// When it ended, where it did.
    #[serde(default)]
    pub end: Option<Timestamp>,
}

impl Suspect {
    /// What it is known by from one analysis to the next: the event that began it.
    pub fn id(&self) -> &str {
        self.events.first().map_or("", String::as_str)
    }
}

/// A resource that deviates first and explains the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceRank {
    /// 1 is the most probable.
    pub rank: u32,
    /// Resource id.
    pub resource: String,
    /// 0 to 1.
    pub score: f64,
    /// Series that show it.
    pub series: Vec<String>,
}

/// A hypothesis that the data speaks against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuledOut {
    /// Hypothesis id: `traffic`, `database`…
    pub hypothesis: String,
    /// Why, with its number.
    pub reason: String,
    /// Series that say so.
    pub series: Vec<String>,
    /// Events that say so.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A hypothesis that nobody can judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnknownHypothesis {
    /// Hypothesis id.
    pub hypothesis: String,
    /// What is missing, and how to get it.
    pub missing: String,
}

/// A hypothesis that the data speaks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundHypothesis {
    /// Hypothesis id.
    pub hypothesis: String,
    /// Why, with its number.
    pub reason: String,
    /// Series that say so.
    pub series: Vec<String>,
    /// Events that say so.
    #[serde(default)]
    pub events: Vec<String>,
}

/// The series whose onset the suspects are measured against: what drives the symptom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// Series id.
    pub series: String,
    /// When it left its normal level.
    pub onset: Timestamp,
    /// Half width of the interval around the onset, seconds.
    pub uncertainty_s: i64,
    /// Level before (median).
    pub before: f64,
    /// Level after (median).
    pub after: f64,
    /// How it leads to the symptom, in one sentence.
    pub mechanism: String,
}

/// What people felt, measured on a symptom series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredImpact {
    /// Series id.
    pub series: String,
    /// When it left normal.
    pub start: Timestamp,
    /// When it was normal again; `None`: not inside the window.
    pub end: Option<Timestamp>,
    /// Normal level (median before), in the series' unit.
    pub normal: f64,
    /// Level while it lasted (median).
    pub during: f64,
    /// Worst value.
    pub worst: f64,
}

/// The three values of every verdict. Lack of data is never health.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<T> {
    /// It is there.
    Found(T),
    /// It is not there, and the data show it.
    Clear {
        /// Why, with its number.
        reason: String,
        /// Series that show it.
        series: Vec<String>,
        /// Events that show it.
        events: Vec<String>,
    },
    /// Nobody can tell.
    Unknown {
        /// What is missing.
        missing: String,
    },
}
