//! Annotations of Grafana, as `GET /api/annotations` answers: times in epoch milliseconds.

use super::reading::Reading;
use crate::{BundleError, bundle::limits::MAX_EVENTS, kubernetes::short};
use model::{Batch, Event, EventKind, Timestamp, Window, bundle::RawFile};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// The `source` of what comes from Grafana.
pub(crate) const SOURCE: &str = "grafana";

/// Whether the beginning of a text looks like it.
pub(crate) fn is_head(head: &str) -> bool {
    let has = |name: &str| head.contains(name);
    head.trim_start().starts_with(['[', '{'])
        && has("\"time\"")
        && has("\"text\"")
        && (has("\"tags\"") || has("\"timeEnd\"") || has("\"dashboardId\""))
}

/// The answer as some tools wrap it.
#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow, default)]
    annotations: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Annotation {
    time: Option<i64>,
    #[serde(default)]
    time_end: Option<i64>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    alert_name: Option<String>,
    #[serde(default)]
    new_state: Option<String>,
    #[serde(default)]
    login: Option<String>,
    #[serde(default, rename = "dashboardUID")]
    dashboard: Option<String>,
}

/// Reads the answer; an annotation that cannot be read is counted, the others are kept.
pub(crate) fn read(file: &RawFile, _window: Window) -> Result<Batch, BundleError> {
    let text = crate::bundle::text(&file.path, &file.content)?;
    let wrong = |e: &serde_json::Error| {
        let expected = format!("a JSON list of Grafana's annotations ({e})");
        BundleError::at(&file.path, e.line().max(1) as u64, expected)
    };
    let all: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|e| wrong(&e))?
    } else {
        let wrapped: Wrapped<'_> = serde_json::from_str(text).map_err(|e| wrong(&e))?;
        wrapped.annotations
    };
    if all.len() > MAX_EVENTS {
        return Err(BundleError::TooLarge {
            file: file.path.clone(),
            line: None,
            limit: format!("{MAX_EVENTS} annotations"),
        });
    }
    let mut reading = Reading::new(file, SOURCE);
    let mut lines = crate::kubernetes::Lines::new(text);
    let mut strange = 0;
    for raw in all {
        let line = lines.of(raw.get());
        match serde_json::from_str::<Annotation>(raw.get())
            .ok()
            .and_then(event)
        {
            Some(event) => reading.event(line, event),
            None => strange += 1,
        }
    }
    if strange > 0 {
        reading.gap(&format!(
            "{strange} annotations have no time or cannot be read"
        ));
    }
    Ok(reading.finish())
}

fn event(annotation: Annotation) -> Option<Event> {
    let instant = |ms: i64| {
        let at = Timestamp::from_millis(ms);
        (Timestamp::MIN < at && at <= Timestamp::MAX).then_some(at)
    };
    let start = instant(annotation.time?)?;
    let end = annotation
        .time_end
        .and_then(instant)
        .filter(|end| *end > start);
    let said = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
    let alert = said(&annotation.alert_name).or_else(|| said(&annotation.new_state));
    let tags = annotation.tags.unwrap_or_default();
    let title = said(&annotation.text)
        .or_else(|| said(&annotation.alert_name))
        .unwrap_or_else(|| tags.join(", "));
    let mut event = Event {
        kind: if alert.is_some() {
            EventKind::Alert
        } else {
            EventKind::Other("annotation".into())
        },
        start: Some(start),
        // An alert's annotation stands for a change of state: it is over at once.
        end: end.or(alert.is_some().then_some(start)),
        title: short(&title, 300),
        ..Event::default()
    };
    for (name, value) in [
        ("tags", (!tags.is_empty()).then(|| tags.join(", "))),
        ("alert", said(&annotation.alert_name)),
        ("state", said(&annotation.new_state)),
        ("user", said(&annotation.login)),
        ("dashboard", said(&annotation.dashboard)),
    ] {
        if let Some(value) = value {
            event.attributes.insert(name.into(), Value::from(value));
        }
    }
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_points_and_spans_and_alerts() {
        let text = r#"[
 {"id":1,"time":1590116400000,"timeEnd":1590120000000,"text":"Sites slow","tags":["outage"]},
 {"id":2,"time":1590116460000,"timeEnd":1590116460000,"text":"","alertName":"Latency","newState":"alerting","tags":null},
 {"id":3,"text":"no time"}, 7]"#;
        let file = RawFile {
            path: "files/a.json".into(),
            content: text.into(),
            ..RawFile::default()
        };
        let batch = read(&file, Window::default()).unwrap();
        let ids: Vec<_> = batch.events.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids, ["files/a.json#2", "files/a.json#3"]);
        assert_eq!(batch.events[0].kind.as_str(), "annotation");
        assert_eq!(batch.events[0].title, "Sites slow");
        assert!(batch.events[0].end.is_some());
        assert_eq!(batch.events[1].kind, EventKind::Alert);
        assert_eq!(batch.events[1].title, "Latency");
        assert!(batch.provenance.gaps[0].reason.starts_with("2 annotations"));
    }
}
