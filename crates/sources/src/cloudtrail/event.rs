//! One CloudTrail event as an event of ours.

use super::NAME;
use crate::aws::event_id;
use crate::records::cloudtrail::{read, shorten};
use crate::resource;
use aws_sdk_cloudtrail::types::{Event as Entry, Resource};
use model::{Event, EventKind, Extra, Gap, ObjectRef, Timestamp};

/// The event, and a gap where its record could not be read; `None` without id or time.
pub(super) fn of(entry: &Entry, region: &str) -> Option<(Event, Option<Gap>)> {
    let at = Timestamp::from_millis(entry.event_time()?.to_millis().ok()?);
    let id = entry.event_id().filter(|id| !id.is_empty())?;
    let record = read(entry.cloud_trail_event().unwrap_or("{}"));
    let gap = record.is_none().then(|| Gap {
        what: format!("cloudtrail.{id}"),
        window: None,
        reason: "the record of this event is no JSON: who did it and whether it failed is not \
                 known"
            .into(),
    });
    let record = record.unwrap_or_default();
    let name = entry.event_name().unwrap_or("a call");
    let mut attributes = Extra::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            attributes.insert(key.into(), value.into());
        }
    };
    let user = entry.username().map(shorten).filter(|u| !u.is_empty());
    let who = user.or_else(|| record.arn.clone()).or(record.other);
    put("user", who.clone());
    put("user_arn", record.arn);
    put("user_agent", record.agent);
    put("event", Some(name.to_owned()));
    put("service", entry.event_source().map(shorten));
    put("region", record.region.or_else(|| Some(region.to_owned())));
    put("error", record.error.clone());
    put("error_message", record.error_message);
    let resources = entry.resources();
    if resources.len() > 1 {
        let names = resources.iter().filter_map(Resource::resource_name);
        put(
            "resources",
            Some(shorten(&names.collect::<Vec<_>>().join(", "))),
        );
    }
    let object = main(resources);
    put("resource", resource::of_name(&object.name));
    let on = if object.name.is_empty() {
        String::new()
    } else {
        format!(" on {}", object.name)
    };
    let by = who.map(|w| format!(" by {w}")).unwrap_or_default();
    let failed = record
        .error
        .map(|e| format!(" failed ({e})"))
        .unwrap_or_default();
    let event = Event {
        id: event_id("cloudtrail", id),
        kind: EventKind::ConfigChange,
        start: Some(at),
        title: format!("{name}{on}{by}{failed}"),
        object,
        source: NAME.into(),
        attributes,
        ..Event::default()
    };
    Some((event, gap))
}

/// What was changed: CloudTrail lists roles and keys that were only used as well, and so these come
/// last.
fn main(resources: &[Resource]) -> ObjectRef {
    let used = |r: &&Resource| {
        let kind = r.resource_type().unwrap_or_default();
        kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::KMS::")
    };
    let first = resources.iter().find(|r| !used(r)).or(resources.first());
    ObjectRef {
        kind: first
            .and_then(Resource::resource_type)
            .map(shorten)
            .unwrap_or_default(),
        name: first
            .and_then(Resource::resource_name)
            .map(shorten)
            .unwrap_or_default(),
    }
}
