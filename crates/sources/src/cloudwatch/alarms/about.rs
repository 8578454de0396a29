//! What alarms are about: the metrics that they watch, as they are set now. Their history does not
//! say.

use super::super::discover::resource_of;
use super::NAME;
use crate::aws::{Context, cancellable, explain};
use crate::source::{Progress, SourceError};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm};
use model::{Event, Gap};
use std::collections::{BTreeMap, BTreeSet};

/// Alarms that one call describes.
const AT_ONCE: usize = 100;

/// What one alarm watches.
#[derive(Debug, PartialEq, Eq)]
struct About {
    metric: Option<String>,
    resource: Option<String>,
}

/// Adds to events of alarms what each is about: `metric`, and the id of the `resource`. Who may not ask
/// gets the events without, and a gap.
pub(super) async fn add(
    events: &mut [Event],
    client: &Client,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Option<Gap>, SourceError> {
    let names: BTreeSet<String> = events.iter().map(|e| e.object.name.clone()).collect();
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let mut all = BTreeMap::new();
    let mut gap = None;
    for names in names.chunks(AT_ONCE) {
        let request = client
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            .alarm_types(AlarmType::MetricAlarm)
            .max_records(100);
        match cancellable(NAME, progress, request.send()).await? {
            Ok(answer) => {
                let alarms = answer.metric_alarms().iter();
                all.extend(alarms.filter_map(|a| Some((a.alarm_name()?.to_owned(), about(a)))));
            }
            Err(error) => {
                let error = explain(error, "DescribeAlarms", context);
                gap = Some(Gap {
                    what: "what alarms are about".into(),
                    window: None,
                    reason: error.to_string(),
                });
                // The next call would fail for the same reason.
                break;
            }
        }
    }
    for event in events {
        let Some(about) = all.get(&event.object.name) else {
            continue;
        };
        for (name, text) in [("metric", &about.metric), ("resource", &about.resource)] {
            if let Some(text) = text {
                let text = text.clone().into();
                event.attributes.insert(name.into(), text);
            }
        }
    }
    Ok(gap)
}

/// The alarm's own metric, else the first one in its metric math that names a resource.
fn about(alarm: &MetricAlarm) -> About {
    let stats = alarm.metrics().iter().filter_map(|q| q.metric_stat());
    let parts = stats.filter_map(|stat| stat.metric());
    let parts = parts.map(|m| (m.metric_name(), m.namespace(), m.dimensions()));
    let own = (alarm.metric_name(), alarm.namespace(), alarm.dimensions());
    let all: Vec<About> = std::iter::once(own)
        .chain(parts)
        .map(|(metric, namespace, dimensions)| About {
            metric: metric.map(str::to_owned),
            resource: resource_of(namespace, dimensions),
        })
        .collect();
    let first = all.iter().position(|a| a.resource.is_some()).unwrap_or(0);
    all.into_iter().nth(first).unwrap_or(About {
        metric: None,
        resource: None,
    })
}
