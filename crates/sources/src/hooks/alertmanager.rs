//! `POST /hooks/alertmanager`: the webhook of a Prometheus Alertmanager, version 4. Each alert becomes
//! an interval from `startsAt` to `endsAt`; the message that it is resolved has the same fingerprint
//! and start, and so closes the event of the message that it fires, also where that one comes after it.

use super::{HookError, hash, set, syntax};
use crate::resource;
use model::{Batch, Event, EventKind, Extra, Gap, ObjectRef, Timestamp, time::MINUTE};
use serde::Deserialize;
use std::collections::BTreeMap;

type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    version: String,
    #[serde(default)]
    receiver: String,
    #[serde(default)]
    truncated_alerts: u64,
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    status: String,
    #[serde(default)]
    labels: Texts,
    #[serde(default)]
    annotations: Texts,
    starts_at: String,
    #[serde(default)]
    ends_at: String,
    #[serde(default)]
    fingerprint: String,
}

/// Labels that name the object, and its kind.
const OBJECTS: [(&str, &str); 8] = [
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("ingress", "Ingress"),
    ("pod", "Pod"),
    ("node", "Node"),
];

/// The alerts of a body. `sender` is the name of the token that was shown.
pub fn parse(body: &[u8], sender: &str, now: Timestamp) -> Result<Batch, HookError> {
    let message: Message =
        serde_json::from_slice(body).map_err(|e| syntax("an Alertmanager's webhook", &e))?;
    if message.version != "4" {
        let found: String = message.version.chars().take(20).collect();
        let expected = format!("\"4\", the one there is since Alertmanager 0.6, found '{found}'");
        return Err(HookError::malformed("version", expected));
    }
    let alerts = message.alerts.iter().enumerate();
    let events = alerts
        .map(|(i, alert)| {
            let event = event(alert, i, sender)?;
            let times = [event.start, event.end].into_iter().flatten();
            super::plausible(&format!("alerts[{i}]"), times, now)?;
            Ok(event)
        })
        .collect::<Result<Vec<Event>, HookError>>()?;
    let gaps = (message.truncated_alerts > 0).then(|| Gap {
        what: "alerts".into(),
        window: None,
        reason: format!(
            "Alertmanager left out {} alerts of a group at {now}: raise max_alerts of the webhook",
            message.truncated_alerts
        ),
    });
    let receiver: String = message.receiver.chars().take(100).collect();
    let query = format!("POST /hooks/alertmanager as {sender}, receiver {receiver}");
    let gaps = gaps.into_iter().collect();
    Ok(super::batch("alertmanager", &query, events, gaps, now))
}

/// A message that an alert fires and that comes no longer than this after its end was late or came twice:
/// Alertmanager tries a message again for as long as its `group_interval`, five minutes as it comes. One that
/// comes later says that the alert fires again.
const LATE: i64 = 10 * MINUTE;

/// Gives alerts the end that is known of them, so that no order of messages matters: a message that an alert
/// fires may come late or twice, and then the alert is as over as it was. Of two ends the later one counts.
pub fn keep_ends(alerts: &mut [Event], known: &[Event], now: Timestamp) {
    let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
    for alert in known.iter().chain(&*alerts) {
        if let Some(end) = alert.end {
            let last = ends.entry(alert.id.clone()).or_insert(end);
            *last = end.max(*last);
        }
    }
    for alert in alerts {
        let end = ends.get(&alert.id).copied();
        let is_told = alert.end.is_some();
        alert.end = end.filter(|end| is_told || now.since(*end) <= LATE);
    }
}

fn event(alert: &Alert, index: usize, sender: &str) -> Result<Event, HookError> {
    let field = |name: &str| format!("alerts[{index}].{name}");
    let start = time(&alert.starts_at)
        .map_err(|e| HookError::malformed(field("startsAt"), e))?
        .ok_or_else(|| HookError::malformed(field("startsAt"), "the time at which it began"))?;
    let end = match alert.status.as_str() {
        // A firing alert says when it will be taken for resolved, or the zero time.
        "firing" => None,
        "resolved" => Some(
            time(&alert.ends_at)
                .map_err(|e| HookError::malformed(field("endsAt"), e))?
                .ok_or_else(|| HookError::malformed(field("endsAt"), "the time at which it ended"))?
                .max(start),
        ),
        other => {
            let found: String = other.chars().take(20).collect();
            let expected = format!("firing or resolved, found '{found}'");
            return Err(HookError::malformed(field("status"), expected));
        }
    };
    let label = |name: &str| alert.labels.get(name).map_or("", String::as_str);
    let said = |name: &str| alert.annotations.get(name).map_or("", String::as_str);
    let name = label("alertname");
    let title = [said("summary"), said("message"), said("description"), name];
    let title = title.into_iter().find(|t| !t.is_empty()).unwrap_or("alert");
    let object = OBJECTS
        .iter()
        .find(|(label, _)| alert.labels.contains_key(*label));
    let (kind, object) = object.map_or(("", ""), |(name, kind)| (*kind, label(name)));
    // An alert about a node lives in no namespace, whatever its exporter does.
    let namespace = if kind == "Node" {
        ""
    } else {
        label("namespace")
    };
    let mut attributes = Extra::new();
    for (key, value) in &alert.labels {
        set(&mut attributes, key, value);
    }
    set(&mut attributes, "summary", said("summary"));
    set(&mut attributes, "description", said("description"));
    set(&mut attributes, "runbook_url", said("runbook_url"));
    if object.is_empty() {
        let labels = alert.labels.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let id = resource::of_labels(&labels).unwrap_or_default();
        set(&mut attributes, "resource", &id);
    }
    Ok(Event {
        id: format!("{sender}.alert.{}", identity(alert, start)),
        kind: EventKind::Alert,
        start: Some(start),
        end,
        title: super::title(title),
        cluster: label("cluster").to_owned(),
        namespace: namespace.to_owned(),
        object: ObjectRef {
            kind: kind.to_owned(),
            name: object.to_owned(),
        },
        node: label("node").to_owned(),
        source: "alertmanager".into(),
        attributes,
        extra: Extra::new(),
    })
}

/// The same for the message that it fires and the one that it is resolved.
fn identity(alert: &Alert, start: Timestamp) -> String {
    let start = start.to_string();
    if alert.fingerprint.is_empty() {
        let labels: Vec<&str> = alert
            .labels
            .iter()
            .flat_map(|(k, v)| [k.as_str(), v.as_str()])
            .collect();
        return hash(&[&hash(&labels), &start]);
    }
    hash(&[&alert.fingerprint, &start])
}

/// An instant; the zero time of Go (`0001-01-01T00:00:00Z`) is none.
fn time(text: &str) -> Result<Option<Timestamp>, String> {
    if text.is_empty() || text.starts_with("0001-01-01T") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let found: String = text.chars().take(40).collect();
        format!("a time in RFC 3339, found '{found}'")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn message(status: &str, end: &str) -> Value {
        json!({"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "lineup",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am",
            "alerts": [{"status": status,
                "labels": {"alertname": "SlowProbes", "severity": "page", "cluster": "prod", "namespace": "shop", "pod": "web-1", "node": "n1"},
                "annotations": {"summary": "Probes are slow"},
                "startsAt": "2023-11-14T22:00:00.123456789Z", "endsAt": end,
                "generatorURL": "http://prom/graph", "fingerprint": "a1b2c3"}]})
    }

    fn parsed(message: &Value) -> Result<Batch, HookError> {
        parse(message.to_string().as_bytes(), "am", NOW)
    }

    #[test]
    fn the_resolved_message_closes_the_firing_one() {
        let firing = parsed(&message("firing", "0001-01-01T00:00:00Z")).unwrap();
        let event = &firing.events[0];
        assert_eq!((event.kind.clone(), event.end), (EventKind::Alert, None));
        assert_eq!(
            event.start,
            Some("2023-11-14T22:00:00.123Z".parse().unwrap())
        );
        assert_eq!(event.title, "Probes are slow");
        assert_eq!(event.resource().as_deref(), Some("k8s:prod/shop/Pod/web-1"));
        assert_eq!(event.node, "n1");
        assert_eq!(event.attribute("severity").as_deref(), Some("page"));
        assert!(crate::bundle::is_id(&event.id));
        let resolved = parsed(&message("resolved", "2023-11-14T22:10:00Z")).unwrap();
        assert_eq!(resolved.events[0].id, event.id);
        assert_eq!(
            resolved.events[0].end,
            Some("2023-11-14T22:10:00Z".parse().unwrap())
        );
        // Fired again: another alert.
        let mut again = message("firing", "");
        again["alerts"][0]["startsAt"] = "2023-11-14T23:00:00Z".into();
        assert_ne!(parsed(&again).unwrap().events[0].id, event.id);
    }

    #[test]
    fn a_known_end_stays_whatever_order_the_messages_come_in() {
        let firing = message("firing", "");
        let resolved = message("resolved", "2023-11-14T22:10:00Z");
        let later = message("resolved", "2023-11-14T22:20:00Z");
        let soon: Timestamp = "2023-11-14T22:20:00Z".parse().unwrap();
        let end_at = |messages: &[&Value], now| {
            let mut kept: Vec<Event> = Vec::new();
            for message in messages {
                let mut events = parsed(message).unwrap().events;
                keep_ends(&mut events, &kept, now);
                kept = events;
            }
            kept[0].end.map(|end| end.to_string())
        };
        let end = |messages: &[&Value]| end_at(messages, soon);
        let at = |minute: u32| Some(format!("2023-11-14T22:{minute}:00Z"));
        assert_eq!(end(&[&firing, &firing]), None);
        assert_eq!(end(&[&firing, &resolved, &firing]), at(10));
        assert_eq!(end(&[&resolved, &firing, &firing]), at(10));
        assert_eq!(end(&[&resolved, &later]), at(20));
        assert_eq!(end(&[&later, &firing, &resolved]), at(20));
        // A quarter of an hour after its end it fires again.
        let now = soon.plus(5 * MINUTE);
        assert_eq!(end_at(&[&resolved, &firing], now), None);
        assert_eq!(
            end_at(&[&firing, &resolved, &firing, &resolved], now),
            at(10)
        );
        // Both in one body, and another beginning.
        let mut both = firing.clone();
        let (over, open) = (&resolved["alerts"][0], &firing["alerts"][0]);
        both["alerts"] = json!([over, open, open]);
        both["alerts"][2]["startsAt"] = "2023-11-14T23:00:00Z".into();
        let mut events = parsed(&both).unwrap().events;
        keep_ends(&mut events, &[], soon);
        assert!(events[0].end.is_some() && events[1].end == events[0].end);
        assert_eq!(events[2].end, None);
    }

    #[test]
    fn an_alert_about_something_in_aws_names_it() {
        let mut about = message("firing", "");
        about["alerts"][0]["labels"] =
            json!({"alertname": "Credits", "dimension_FileSystemId": "fs-1"});
        let event = &parsed(&about).unwrap().events[0];
        assert_eq!(event.resource().as_deref(), Some("aws:fs-1"));
        // The pod that is named is what it happened to, whatever else its labels say.
        about["alerts"][0]["labels"] =
            json!({"alertname": "Credits", "pod": "web-1", "file_system_id": "fs-1"});
        let event = &parsed(&about).unwrap().events[0];
        assert_eq!(event.resource().as_deref(), Some("k8s://Pod/web-1"));
    }

    #[test]
    fn what_was_left_out_is_a_gap() {
        let mut cut = message("firing", "");
        cut["truncatedAlerts"] = 12.into();
        let batch = parsed(&cut).unwrap();
        assert!(
            batch.provenance.gaps[0]
                .reason
                .contains("left out 12 alerts")
        );
    }

    #[test]
    fn what_is_no_message_says_why() {
        let with = |path: &str, value: Value| {
            let mut m = message("firing", "");
            *m.pointer_mut(path).unwrap() = value;
            m
        };
        for (bad, words) in [
            (with("/version", "3".into()), "version"),
            (with("/alerts/0/status", "odd".into()), "alerts[0].status"),
            (
                with("/alerts/0/startsAt", "soon".into()),
                "alerts[0].startsAt",
            ),
            (
                with("/alerts/0/startsAt", "0001-01-01T00:00:00Z".into()),
                "alerts[0].startsAt",
            ),
            (message("resolved", ""), "alerts[0].endsAt"),
            (json!({"version": "4"}), "alerts"),
            (json!([]), "Alertmanager"),
        ] {
            let error = parsed(&bad).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
