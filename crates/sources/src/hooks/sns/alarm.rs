//! CloudWatch alarms: what a notification says, and how its states become intervals.
//!
//! `OK` does not say when the alarm began, so that is remembered. Messages may come twice and in any
//! order (SNS promises neither).

use crate::hooks::{HookError, batch, hash, set, syntax, title};
use crate::resource;
use model::{Batch, Event, EventKind, Extra, ObjectRef, Timestamp};
use serde::{Deserialize, Serialize};

/// Name under which the state of an alarm is remembered, before the hash of its ARN.
const KEY: &str = "alarm.";
/// What the events and the provenance say of where they come from.
const SOURCE: &str = "cloudwatch-alarm";

/// State of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within the threshold.
    Ok,
    /// Beyond it.
    Alarm,
    /// Nobody knows. Lack of data is never health: an alarm that rang goes on.
    InsufficientData,
}

/// The message of an alarm that changed its state.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    #[serde(rename = "AlarmName")]
    name: String,
    #[serde(rename = "AlarmDescription", default)]
    description: Option<String>,
    #[serde(rename = "AlarmArn")]
    arn: String,
    new_state_value: AlarmState,
    #[serde(default)]
    new_state_reason: String,
    #[serde(default)]
    old_state_value: Option<AlarmState>,
    #[serde(rename = "StateChangeTime", deserialize_with = "time")]
    at: Timestamp,
    #[serde(default)]
    trigger: Trigger,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Trigger {
    metric_name: Option<String>,
    namespace: Option<String>,
    dimensions: Vec<Dimension>,
    /// The metrics of an alarm on metric math, in place of the one above.
    metrics: Vec<Query>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Query {
    /// `None`: an expression over the others.
    metric_stat: Option<MetricStat>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MetricStat {
    metric: Trigger,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Dimension {
    name: String,
    value: String,
}

impl Trigger {
    /// The metric that the alarm is about: its own, else the first one in its metric math that has
    /// dimensions.
    fn metric(&self) -> &Self {
        let parts = self.metrics.iter().filter_map(|q| q.metric_stat.as_ref());
        let mut parts = parts.map(|stat| &stat.metric);
        match parts.find(|metric| !metric.dimensions.is_empty()) {
            Some(part) if self.dimensions.is_empty() => part,
            _ => self,
        }
    }

    /// Resource id of what is measured, where that is known.
    fn resource(&self) -> Option<String> {
        let dimensions = self.dimensions.iter();
        let pairs = dimensions.map(|d| (d.name.as_str(), d.value.as_str()));
        resource::of_dimensions(self.namespace.as_deref().unwrap_or_default(), &pairs)
    }
}

/// `2020-05-22T03:00:00.123+0000`, as CloudWatch writes it.
fn time<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(d)?;
    let rfc3339 = text
        .strip_suffix("+0000")
        .map_or(text.clone(), |local| format!("{local}Z"));
    rfc3339.parse().map_err(serde::de::Error::custom)
}

/// Reads the text of a notification.
pub(super) fn read(text: &str) -> Result<Alarm, HookError> {
    serde_json::from_str(text).map_err(|e| syntax("Message: a CloudWatch alarm", &e))
}

/// What is remembered of an alarm: its newest interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    id: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Alarm {
    /// Under which key its state is remembered.
    pub fn key(&self) -> String {
        format!("{KEY}{}", hash(&[&self.arn]))
    }
}

/// What a message changes: a batch with the event of the interval that it begins, ends or repeats
/// (none where it says nothing new), and what is to be remembered under [`Alarm::key`].
/// `remembered` is what was kept under that key before.
pub fn keep(
    alarm: &Alarm,
    remembered: Option<&str>,
    now: Timestamp,
) -> (Batch, Vec<(String, Option<String>)>) {
    // What cannot be read is as good as nothing: the next message begins anew.
    let known: Option<Known> = remembered.and_then(|text| serde_json::from_str(text).ok());
    let after = next(alarm, known.clone());
    let events: Vec<Event> = after.iter().map(|known| event(alarm, known)).collect();
    let memory = after
        .as_ref()
        .filter(|after| known.as_ref() != Some(after))
        .and_then(|after| serde_json::to_string(after).ok())
        .map(|text| (alarm.key(), Some(text)));
    let query = format!("POST /hooks/sns, alarm {}", alarm.arn);
    (
        batch(SOURCE, &query, events, Vec::new(), now),
        memory.into_iter().collect(),
    )
}

/// The interval after a message; `None`: it says nothing about any.
fn next(alarm: &Alarm, known: Option<Known>) -> Option<Known> {
    let at = alarm.at;
    let new = |start, end| {
        Some(Known {
            id: format!("alarm.{}", hash(&[&alarm.arn, &at.to_string()])),
            start,
            end,
        })
    };
    match (alarm.new_state_value, known) {
        (AlarmState::Alarm, Some(known)) => match known.end {
            // It rings on; an older message that comes late moves the beginning back.
            None => Some(Known {
                start: known.start.map(|start| start.min(at)),
                ..known
            }),
            // The beginning comes after the end that it belongs to.
            Some(end) if at <= end => match known.start {
                None => Some(Known {
                    start: Some(at),
                    ..known
                }),
                Some(_) => None,
            },
            Some(_) => new(Some(at), None),
        },
        (AlarmState::Alarm, None) => new(Some(at), None),
        (AlarmState::Ok, Some(known)) => match (known.start, known.end) {
            (Some(start), None) if at >= start => Some(Known {
                end: Some(at),
                ..known
            }),
            (_, Some(end)) if at == end => Some(known),
            (_, Some(end)) if at > end => rang(alarm).then(|| new(None, Some(at))).flatten(),
            // The end of an interval before the one that is known.
            _ => None,
        },
        (AlarmState::Ok, None) => rang(alarm).then(|| new(None, Some(at))).flatten(),
        (AlarmState::InsufficientData, known) => known.filter(|known| known.end.is_none()),
    }
}

/// Whether it rang until this message, though nobody was told when it began.
fn rang(alarm: &Alarm) -> bool {
    alarm.old_state_value == Some(AlarmState::Alarm)
}

fn event(alarm: &Alarm, known: &Known) -> Event {
    let mut attributes = Extra::new();
    let mut put = |name: &str, text: &str| set(&mut attributes, name, text);
    put("alarm", &alarm.name);
    put("alarm_arn", &alarm.arn);
    put(
        "description",
        alarm.description.as_deref().unwrap_or_default(),
    );
    put("reason", &alarm.new_state_reason);
    let trigger = alarm.trigger.metric();
    put("metric", trigger.metric_name.as_deref().unwrap_or_default());
    put(
        "metric_namespace",
        trigger.namespace.as_deref().unwrap_or_default(),
    );
    for dimension in &trigger.dimensions {
        put(&dimension.name, &dimension.value);
    }
    put(
        "resource",
        trigger.resource().as_deref().unwrap_or_default(),
    );
    if alarm.new_state_value == AlarmState::InsufficientData {
        put("insufficient_data_at", &alarm.at.to_string());
    }
    if let (None, Some(end)) = (known.start, known.end) {
        put("start_latest", &end.to_string());
    }
    let object = trigger.dimensions.first();
    Event {
        id: known.id.clone(),
        kind: EventKind::Alert,
        start: known.start,
        end: known.end,
        title: title(&format!("Alarm {}", alarm.name)),
        object: object.map_or_else(ObjectRef::default, |d| ObjectRef {
            kind: d.name.clone(),
            name: d.value.clone(),
        }),
        source: SOURCE.into(),
        attributes,
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn alarm(state: &str, old: &str, minute: i64) -> Alarm {
        let at = Timestamp::from_seconds(1_600_000_000 + minute * 60).to_string();
        let text = json!({"AlarmName": "credits", "AlarmDescription": null, "AWSAccountId": "123456789012",
            "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:credits",
            "NewStateValue": state, "NewStateReason": "Threshold Crossed", "OldStateValue": old,
            "StateChangeTime": at.replace('Z', ".000+0000"),
            "Trigger": {"MetricName": "BurstCreditBalance", "Namespace": "AWS/EFS",
                "Dimensions": [{"name": "FileSystemId", "value": "fs-1"}]}});
        read(&text.to_string()).unwrap()
    }

    /// What is stored after some messages, by id as the archive does it.
    fn told(messages: &[Alarm]) -> Vec<(Option<i64>, Option<i64>)> {
        let mut memory: Option<String> = None;
        let mut stored = std::collections::BTreeMap::new();
        for message in messages {
            let (batch, kept) = keep(message, memory.as_deref(), Timestamp::MAX);
            for event in batch.events {
                assert!(crate::bundle::is_id(&event.id));
                stored.insert(event.id.clone(), event);
            }
            for (key, value) in kept {
                assert_eq!(key, message.key());
                memory = value;
            }
        }
        let minute = |t: Timestamp| (t.seconds() - 1_600_000_000) / 60;
        let mut spans: Vec<_> = stored
            .values()
            .map(|e| (e.start.map(minute), e.end.map(minute)))
            .collect();
        spans.sort_unstable();
        spans
    }

    #[test]
    fn ok_closes_the_alarm_that_rang() {
        let ring = alarm("ALARM", "OK", 0);
        let ok = alarm("OK", "ALARM", 10);
        assert_eq!(told(std::slice::from_ref(&ring)), [(Some(0), None)]);
        assert_eq!(told(&[ring.clone(), ok.clone()]), [(Some(0), Some(10))]);
        // Twice, and in the wrong order.
        let twice = [
            ring.clone(),
            ring.clone(),
            ok.clone(),
            ok.clone(),
            ring.clone(),
        ];
        assert_eq!(told(&twice), [(Some(0), Some(10))]);
        assert_eq!(told(&[ok.clone(), ring.clone()]), [(Some(0), Some(10))]);
        let again = [ring, ok, alarm("ALARM", "OK", 20)];
        assert_eq!(told(&again), [(Some(0), Some(10)), (Some(20), None)]);
    }

    #[test]
    fn lack_of_data_closes_nothing() {
        let messages = [
            alarm("ALARM", "OK", 0),
            alarm("INSUFFICIENT_DATA", "ALARM", 5),
            alarm("ALARM", "INSUFFICIENT_DATA", 8),
        ];
        assert_eq!(told(&messages), [(Some(0), None)]);
        assert_eq!(told(&[alarm("INSUFFICIENT_DATA", "OK", 0)]), []);
    }

    #[test]
    fn an_end_alone_has_an_unknown_start() {
        assert_eq!(told(&[alarm("OK", "ALARM", 10)]), [(None, Some(10))]);
        assert_eq!(told(&[alarm("OK", "INSUFFICIENT_DATA", 10)]), []);
    }

    #[test]
    fn an_event_says_what_rang() {
        let (batch, _) = keep(&alarm("ALARM", "OK", 0), None, Timestamp::MIN);
        let event = &batch.events[0];
        assert_eq!(
            event.attribute("metric").as_deref(),
            Some("BurstCreditBalance")
        );
        assert_eq!(event.attribute("FileSystemId").as_deref(), Some("fs-1"));
        assert_eq!(event.title, "Alarm credits");
        assert_eq!(event.resource().as_deref(), Some("aws:fs-1"));
    }

    #[test]
    fn an_alarm_on_metric_math_is_about_the_resource_of_its_metrics() {
        let mut ring = alarm("ALARM", "OK", 0);
        ring.trigger = serde_json::from_value(json!({"Metrics": [
            {"Id": "e1", "Expression": "m1 / 2", "ReturnData": true},
            {"Id": "m1", "MetricStat": {"Metric": {"MetricName": "BurstBalance", "Namespace": "AWS/EBS",
                "Dimensions": [{"name": "VolumeId", "value": "vol-1"}]}, "Period": 60, "Stat": "Minimum"}}]}))
        .unwrap();
        let (batch, _) = keep(&ring, None, Timestamp::MIN);
        let event = &batch.events[0];
        assert_eq!(event.resource().as_deref(), Some("aws:vol-1"));
        assert_eq!(event.attribute("metric").as_deref(), Some("BurstBalance"));
        assert_eq!(event.object.name, "vol-1");
        ring.trigger = Trigger::default();
        let (batch, _) = keep(&ring, None, Timestamp::MIN);
        assert_eq!(batch.events[0].resource(), None, "a composite alarm");
    }

    #[test]
    fn what_is_no_alarm_says_so() {
        for text in ["hello", "{}", "{\"AlarmName\":\"x\"}"] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("a CloudWatch alarm"), "{error}");
        }
    }

    proptest! {
        /// Whatever comes twice, the truth comes out, as long as the order of the messages holds.
        #[test]
        fn repeats_change_nothing(repeats in proptest::collection::vec(1_usize..4, 6)) {
            let truth: Vec<Alarm> = (0..6)
                .map(|i| if i % 2 == 0 { alarm("ALARM", "OK", i * 10) } else { alarm("OK", "ALARM", i * 10) })
                .collect();
            let messages: Vec<Alarm> = truth
                .iter()
                .zip(repeats)
                .flat_map(|(m, n)| std::iter::repeat_n(m.clone(), n))
                .collect();
            prop_assert_eq!(told(&messages), vec![(Some(0), Some(10)), (Some(20), Some(30)), (Some(40), Some(50))]);
        }
    }
}
