//! The history of CloudWatch alarms: from when to when each was in alarm.
//!
//! An instant is when CloudWatch changed the alarm's state, which is after the samples that made it
//! do so: by the alarm's evaluation periods. CloudWatch keeps the history of an alarm for 30 days.

mod about;

use super::{CloudWatchConfig, SERVICE};
use crate::aws::{
    Askable, Asks as _, Connected, Pages, Service, askable, asks, batch, cancellable, event_id,
    explain,
};
use crate::records::alarm_history;
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{AlarmHistoryItem, AlarmType, HistoryItemType, ScanBy};
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::time::{DAY, MINUTE};
use model::{Batch, Event, EventKind, Extra, Gap, ObjectRef, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name of the source.
pub const NAME: &str = "cloudwatch-alarms";

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Amazon CloudWatch alarms",
    needs: &[
        Need {
            permission: "cloudwatch:DescribeAlarmHistory",
            purpose: "when alarms changed their state",
            optional: false,
        },
        Need {
            permission: "cloudwatch:DescribeAlarms",
            purpose: "which resource an alarm is about",
            optional: true,
        },
    ],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 60,
        skew_s: 0,
        kept: &[(30 * 86_400, 0)],
    },
    follow: Follow::Poll {
        every_s: 60,
        again_s: 30 * 60,
    },
};

const KEPT: i64 = 30 * DAY;
/// How long before a window is looked for the beginning of an alarm that was on already.
const LOOK_BACK: i64 = DAY;
/// Pages of 100 state changes: 10,000 changes are a configuration that nobody reads.
const MAX_PAGES: usize = 100;
const PAGE: i32 = 100;

/// Where the alarms are, and which. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmsConfig {
    /// As [`CloudWatchConfig::region`].
    #[serde(default)]
    pub region: String,
    /// As [`CloudWatchConfig::profile`].
    #[serde(default)]
    pub profile: Option<String>,
    /// As [`CloudWatchConfig::endpoint`].
    #[serde(default)]
    pub endpoint: Option<String>,
    /// As [`CloudWatchConfig::proxy`].
    #[serde(default)]
    pub proxy: Option<String>,
    /// Beginnings of the names of the alarms that count; empty: all.
    #[serde(default)]
    pub prefixes: Vec<String>,
}

impl AlarmsConfig {
    /// Whether it makes sense, before anybody is asked; the region may come from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)
    }
}

impl From<&CloudWatchConfig> for AlarmsConfig {
    /// All alarms where the metrics are.
    fn from(config: &CloudWatchConfig) -> Self {
        Self {
            region: config.region.clone(),
            profile: config.profile.clone(),
            endpoint: config.endpoint.clone(),
            proxy: config.proxy.clone(),
            prefixes: Vec::new(),
        }
    }
}

/// A connection to CloudWatch for its alarms.
pub type Alarms = Connected<AlarmsConfig>;

asks!(
    AlarmsConfig,
    aws_sdk_cloudwatch,
    Service {
        source: NAME,
        ..SERVICE
    }
);

impl Alarms {
    /// All state changes of a span, oldest first, as far as `max_pages` go. What came before a
    /// failure is kept.
    async fn history(
        &self,
        span: Option<Window>,
        max_pages: usize,
        progress: &dyn Progress,
    ) -> Result<History, SourceError> {
        let mut history = History::default();
        let mut pages = Pages::default();
        let mut token: Option<String> = None;
        for number in 0..max_pages {
            let message = format!("{} state changes came", history.changes.len());
            progress.step(number as u32, 0, &message);
            match self.page(span, token.take(), &mut pages, progress).await {
                Ok((changes, next)) => {
                    history.changes.extend(changes);
                    token = next;
                }
                Err(error @ SourceError::Cancelled { .. }) => return Err(error),
                Err(error) if number == 0 => return Err(error),
                Err(error) => {
                    history.stopped = Some(error.to_string());
                    return Ok(history);
                }
            }
            if token.is_none() {
                return Ok(history);
            }
        }
        history.stopped = Some(format!(
            "more than {} state changes: the later ones were not asked; pull a shorter window, or \
             name alarms by their prefixes",
            max_pages * PAGE as usize
        ));
        Ok(history)
    }

    async fn page(
        &self,
        span: Option<Window>,
        token: Option<String>,
        pages: &mut Pages,
        progress: &dyn Progress,
    ) -> Result<(Vec<Change>, Option<String>), SourceError> {
        let context = self.link.context();
        let at = |t: Timestamp| DateTime::from_millis(t.millis());
        let request = self
            .client
            .describe_alarm_history()
            .history_item_type(HistoryItemType::StateUpdate)
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .set_start_date(span.map(|s| at(s.start)))
            .set_end_date(span.map(|s| at(s.end)))
            .scan_by(ScanBy::TimestampAscending)
            .max_records(PAGE)
            .set_next_token(token);
        let answer = cancellable(NAME, progress, request.send())
            .await?
            .map_err(|e| explain(e, "DescribeAlarmHistory", &context))?;
        let next = pages.next(answer.next_token(), "DescribeAlarmHistory", &context)?;
        let items = answer.alarm_history_items().iter();
        Ok((items.filter_map(Change::of).collect(), next))
    }

    fn counts(&self, name: &str) -> bool {
        let prefixes = &self.config.prefixes;
        prefixes.is_empty() || prefixes.iter().any(|p| name.starts_with(p.as_str()))
    }
}

/// The state changes that came.
#[derive(Default)]
struct History {
    changes: Vec<Change>,
    /// Why the later ones did not come.
    stopped: Option<String>,
}

#[async_trait]
impl Source for Alarms {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        let region = self.link.region()?;
        let changes = self.history(None, 1, &Unattended).await?.changes;
        let more = if changes.len() == PAGE as usize {
            "at least "
        } else {
            ""
        };
        Ok(format!(
            "{more}{} state changes of alarms in {region}",
            changes.len()
        ))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let region = self.link.region()?;
        let Askable {
            window: asked,
            mut gaps,
        } = askable(NAME, window, now, KEPT, MINUTE)?;
        // Before the window, for alarms that were on already; after it up to now, for their end.
        let span = Window {
            start: asked.start.plus(-LOOK_BACK).max(now.plus(-KEPT)),
            end: now,
        };
        let history = self.history(Some(span), MAX_PAGES, progress).await?;
        let mut changes = history.changes;
        let mut known_to = now;
        if let Some(reason) = history.stopped {
            known_to = changes.iter().map(|c| c.at).max().unwrap_or(span.start);
            gaps.push(Gap {
                what: String::new(),
                window: Window::new(known_to.max(window.start), window.end),
                reason,
            });
        }
        changes.retain(|c| self.counts(&c.alarm));
        let mut events = intervals(changes, span.start, known_to);
        events.retain(|e| e.touches(window));
        let context = self.link.context();
        gaps.extend(about::add(&mut events, &self.client, &context, progress).await?);
        let query = format!(
            "aws cloudwatch describe-alarm-history --region {region} --history-item-type \
             StateUpdate --alarm-types MetricAlarm CompositeAlarm --start-date {} --end-date {} \
             --scan-by TimestampAscending",
            span.start, span.end
        );
        Ok(batch(NAME, query, (window, now), gaps, events))
    }
}

/// One change of an alarm's state.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    alarm: String,
    /// Which of a multi-series alarm's contributors; empty: the alarm itself.
    contributor: String,
    at: Timestamp,
    from: String,
    to: String,
    reason: String,
    threshold: Option<f64>,
}

impl Change {
    fn of(item: &AlarmHistoryItem) -> Option<Self> {
        let at = Timestamp::from_millis(item.timestamp()?.to_millis().ok()?);
        let said = item.history_summary().unwrap_or_default();
        let transition = alarm_history::read(item.history_data(), said)?;
        Some(Self {
            alarm: item.alarm_name().unwrap_or_default().to_owned(),
            contributor: item.alarm_contributor_id().unwrap_or_default().to_owned(),
            at,
            from: transition.from,
            to: transition.to,
            threshold: transition.threshold,
            reason: transition.reason,
        })
    }
}

/// The spans in which alarms were in alarm. What was on before `from` began at an unknown time;
/// what is on at `known_to` has no end.
fn intervals(mut changes: Vec<Change>, from: Timestamp, known_to: Timestamp) -> Vec<Event> {
    changes.sort_by_key(|c| c.at);
    let mut events = Vec::new();
    let mut open: BTreeMap<(String, String), Event> = BTreeMap::new();
    for change in changes {
        let key = (change.alarm.clone(), change.contributor.clone());
        let on = open.remove(&key);
        if change.to == "ALARM" {
            // Still on (another reason), or new.
            let event = on.unwrap_or_else(|| begun(&change));
            open.insert(key, event);
        } else if let Some(mut event) = on {
            event.end = Some(change.at);
            event.attributes.insert("ended_as".into(), change.to.into());
            events.push(event);
        } else if change.from == "ALARM" {
            let mut event = begun(&change);
            event.id = id(&change, "until");
            event.start = None;
            event.end = Some(change.at);
            event.attributes = Extra::new();
            let latest = serde_json::json!(from.to_string());
            event.attributes.insert("start_latest".into(), latest);
            event.attributes.insert("ended_as".into(), change.to.into());
            events.push(event);
        }
    }
    for (_, mut event) in open {
        let seen = serde_json::json!(known_to.to_string());
        event.attributes.insert("observed_at".into(), seen);
        events.push(event);
    }
    events
}

fn id(change: &Change, kind: &str) -> String {
    let name = format!(
        "{}.{}{}",
        change.alarm,
        change.contributor,
        change.at.millis()
    );
    event_id("alarm", &format!("{kind}.{name}"))
}

fn begun(change: &Change) -> Event {
    let mut attributes = Extra::new();
    if !change.reason.is_empty() {
        attributes.insert("reason".into(), change.reason.clone().into());
    }
    if let Some(threshold) = change.threshold {
        attributes.insert("threshold".into(), threshold.into());
    }
    if !change.contributor.is_empty() {
        attributes.insert("contributor".into(), change.contributor.clone().into());
    }
    Event {
        id: id(change, "from"),
        kind: EventKind::Alert,
        start: Some(change.at),
        title: format!("Alarm {}", change.alarm),
        object: ObjectRef {
            kind: "CloudWatchAlarm".into(),
            name: change.alarm.clone(),
        },
        source: NAME.into(),
        attributes,
        ..Event::default()
    }
}
