//! Changes and incidents on recorded answers: CloudTrail, AWS Health, alarm history. The API server
//! of the other tests knows none of them.

use crate::client::{REGION, answering};
use aws_sdk_cloudtrail::operation::lookup_events::{LookupEventsError, LookupEventsOutput};
use aws_sdk_cloudtrail::types::{Event as Entry, Resource};
use aws_sdk_cloudwatch::operation::describe_alarm_history::DescribeAlarmHistoryOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::AlarmHistoryItem;
use aws_sdk_health::operation::describe_event_details::DescribeEventDetailsOutput;
use aws_sdk_health::operation::describe_events::{DescribeEventsError, DescribeEventsOutput};
use aws_sdk_health::types as health_types;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use model::time::{DAY, HOUR, MINUTE};
use model::{Batch, Event, EventKind, Timestamp, Window};
use sources::cloudtrail::{CloudTrail, CloudTrailConfig};
use sources::cloudwatch::alarms::{Alarms, AlarmsConfig};
use sources::health::{Health, HealthConfig};
use sources::source::{Source, SourceError, Unattended};

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

fn window() -> Window {
    Window::new(START, START.plus(HOUR)).expect("forwards")
}

fn at(minute: i64) -> DateTime {
    DateTime::from_millis(START.plus(minute * MINUTE).millis())
}

fn reasons(batch: &Batch) -> String {
    let gaps = batch.provenance.gaps.iter();
    gaps.map(|g| format!("{}: {}\n", g.what, g.reason))
        .collect()
}

fn event<'a>(batch: &'a Batch, id: &str) -> &'a Event {
    let mut events = batch.events.iter();
    events
        .find(|e| e.id == id)
        .unwrap_or_else(|| panic!("{id} of {:?}", batch.events))
}

// ---- CloudTrail ------------------------------------------------------------------------------

fn trail(rules: &[&Rule], sources: &[&str]) -> CloudTrail {
    let config = CloudTrailConfig {
        region: REGION.into(),
        event_sources: sources.iter().map(|s| (*s).to_owned()).collect(),
        ..CloudTrailConfig::default()
    };
    CloudTrail::with_client(
        config,
        answering!(aws_sdk_cloudtrail, rules.iter().copied(), Sequential),
    )
}

fn entry(id: &str, minute: i64, name: &str) -> aws_sdk_cloudtrail::types::builders::EventBuilder {
    Entry::builder()
        .event_id(id)
        .event_name(name)
        .event_time(at(minute))
        .event_source("elasticfilesystem.amazonaws.com")
        .read_only("false")
        .username("alice")
}

fn on(kind: &str, name: &str) -> Resource {
    Resource::builder()
        .resource_type(kind)
        .resource_name(name)
        .build()
}

#[tokio::test]
async fn cloudtrail_says_who_changed_what_and_what_failed() {
    let record = r#"{"userIdentity":{"arn":"arn:aws:sts::1:assumed-role/ops/alice"},"awsRegion":"eu-central-1","userAgent":"terraform/1.9"}"#;
    let refused =
        r#"{"errorCode":"AccessDenied","errorMessage":"no","userIdentity":{"arn":"arn:x"}}"#;
    let first = mock!(aws_sdk_cloudtrail::Client::lookup_events).then_output(move || {
        LookupEventsOutput::builder()
            .events(
                entry("e1", 30, "UpdateFileSystem")
                    .resources(on("AWS::KMS::Key", "key-1"))
                    .resources(on("AWS::EFS::FileSystem", "fs-1"))
                    .cloud_trail_event(record)
                    .build(),
            )
            .events(
                entry("e2", 20, "DeleteFileSystem")
                    .cloud_trail_event(refused)
                    .build(),
            )
            .events(entry("e3", 19, "UpdateInstanceInformation").build())
            .next_token("more")
            .build()
    });
    let second = mock!(aws_sdk_cloudtrail::Client::lookup_events)
        .match_requests(|r| r.next_token() == Some("more"))
        .then_output(|| {
            LookupEventsOutput::builder()
                .events(
                    entry("e4", 10, "PutFileSystemPolicy")
                        .cloud_trail_event("{broken")
                        .build(),
                )
                .build()
        });
    let begun = tokio::time::Instant::now();
    let batch = trail(&[&first, &second], &[])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    assert!(
        begun.elapsed().as_millis() >= 500,
        "two lookups a second are allowed"
    );
    let ids: Vec<&str> = batch.events.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids, ["cloudtrail.e4", "cloudtrail.e2", "cloudtrail.e1"]);
    let changed = event(&batch, "cloudtrail.e1");
    assert_eq!(changed.kind, EventKind::ConfigChange);
    assert_eq!(changed.start, Some(START.plus(30 * MINUTE)));
    assert_eq!(changed.title, "UpdateFileSystem on fs-1 by alice");
    assert_eq!(
        (changed.object.kind.as_str(), changed.object.name.as_str()),
        ("AWS::EFS::FileSystem", "fs-1")
    );
    for (key, value) in [
        ("user", "alice"),
        ("user_arn", "arn:aws:sts::1:assumed-role/ops/alice"),
        ("user_agent", "terraform/1.9"),
        ("resource", "aws:fs-1"),
        ("service", "elasticfilesystem.amazonaws.com"),
        ("region", "eu-central-1"),
        ("event", "UpdateFileSystem"),
        ("resources", "key-1, fs-1"),
    ] {
        assert_eq!(changed.attribute(key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(changed.attribute("error"), None);
    let failed = event(&batch, "cloudtrail.e2");
    assert_eq!(failed.attribute("error").as_deref(), Some("AccessDenied"));
    assert!(
        failed.title.ends_with("failed (AccessDenied)"),
        "{}",
        failed.title
    );
    let said = reasons(&batch);
    assert!(
        said.contains("1 of 4 events are what agents write by themselves"),
        "{said}"
    );
    assert!(
        said.contains("cloudtrail.e4: the record of this event is no JSON"),
        "{said}"
    );
}

#[tokio::test]
async fn cloudtrail_keeps_the_pages_before_a_failure() {
    let first = mock!(aws_sdk_cloudtrail::Client::lookup_events).then_output(|| {
        let events = LookupEventsOutput::builder().events(entry("e1", 30, "A").build());
        events.next_token("more").build()
    });
    let expired = mock!(aws_sdk_cloudtrail::Client::lookup_events).then_error(|| {
        LookupEventsError::generic(
            ErrorMetadata::builder()
                .code("ExpiredTokenException")
                .build(),
        )
    });
    let batch = trail(&[&first, &expired], &[])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("the first page is good");
    assert_eq!(batch.events.len(), 1);
    let gap = batch.provenance.gaps.last().expect("the rest is named");
    assert!(gap.reason.contains("log in again"), "{}", gap.reason);
    let missing = Window::new(START, START.plus(30 * MINUTE));
    assert_eq!(
        gap.window, missing,
        "newest first: what is earlier is missing"
    );
}

#[tokio::test]
async fn cloudtrail_pages_that_never_end_are_an_error() {
    let again = mock!(aws_sdk_cloudtrail::Client::lookup_events)
        .sequence()
        .output(|| {
            let events = LookupEventsOutput::builder().events(entry("e1", 30, "A").build());
            events.next_token("again").build()
        })
        .repeatedly()
        .build();
    let batch = trail(&[&again], &[])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("a page came");
    assert!(
        reasons(&batch).contains("the same NextToken came twice"),
        "{}",
        reasons(&batch)
    );
}

#[tokio::test]
async fn cloudtrail_of_some_services_leaves_out_what_only_reads() {
    let of_efs = mock!(aws_sdk_cloudtrail::Client::lookup_events)
        .match_requests(|r| {
            r.lookup_attributes()[0].attribute_value() == "elasticfilesystem.amazonaws.com"
        })
        .then_output(|| {
            LookupEventsOutput::builder()
                .events(
                    entry("e1", 5, "DescribeFileSystems")
                        .read_only("true")
                        .build(),
                )
                .events(entry("e2", 6, "UpdateFileSystem").build())
                .build()
        });
    let batch = trail(&[&of_efs], &["elasticfilesystem.amazonaws.com"])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    assert_eq!(batch.events.len(), 1);
    let bad = trail(&[], &["efs"])
        .check()
        .await
        .expect_err("no service")
        .to_string();
    assert!(bad.contains("event_sources is 'efs'"), "{bad}");
    let old = Window::new(START, START.plus(HOUR)).expect("forwards");
    let gone = trail(&[], &[])
        .pull(old, START.plus(91 * DAY), &Unattended)
        .await;
    assert!(
        matches!(gone, Err(SourceError::NotFound { .. })),
        "{gone:?}"
    );
}

// ---- AWS Health ------------------------------------------------------------------------------

fn health(rules: &[&Rule]) -> Health {
    let config = HealthConfig {
        regions: vec![REGION.into()],
        ..HealthConfig::default()
    };
    Health::with_client(
        config,
        answering!(aws_sdk_health, rules.iter().copied(), MatchAny),
    )
}

fn posted(id: &str, from: i64, to: Option<i64>) -> health_types::Event {
    health_types::Event::builder()
        .arn(format!(
            "arn:aws:health:eu-central-1::event/EFS/AWS_EFS_OPERATIONAL_ISSUE/{id}"
        ))
        .service("EFS")
        .region(REGION)
        .event_type_code("AWS_EFS_OPERATIONAL_ISSUE")
        .event_type_category(health_types::EventTypeCategory::Issue)
        .status_code(health_types::EventStatusCode::Open)
        .start_time(at(from))
        .set_end_time(to.map(at))
        .build()
}

#[tokio::test]
async fn incidents_of_aws_come_with_what_aws_writes() {
    let list = mock!(aws_sdk_health::Client::describe_events)
        .match_requests(|r| {
            let filter = r.filter().expect("a filter");
            filter.regions() == [REGION, "global"] && filter.event_type_categories().len() == 2
        })
        .then_output(|| {
            DescribeEventsOutput::builder()
                .events(posted("now", -30, None))
                .events(posted("over", -90, Some(-60)))
                .build()
        });
    let details = mock!(aws_sdk_health::Client::describe_event_details)
        .match_requests(|r| r.event_arns().len() == 1)
        .then_output(|| {
            let text = health_types::EventDescription::builder()
                .latest_description("We are looking into it.");
            let details = health_types::EventDetails::builder()
                .event(posted("now", -30, None))
                .event_description(text.build());
            DescribeEventDetailsOutput::builder()
                .successful_set(details.build())
                .build()
        });
    let batch = health(&[&list, &details])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    assert_eq!(
        batch.events.len(),
        1,
        "what was over before is none of this window"
    );
    let incident = &batch.events[0];
    assert_eq!(
        incident.id.split('-').next(),
        Some("health.EFS_AWS_EFS_OPERATIONAL_ISSUE_now")
    );
    assert_eq!(incident.kind, EventKind::ProviderIncident);
    assert_eq!(
        (incident.start, incident.end),
        (Some(START.plus(-30 * MINUTE)), None)
    );
    for (key, value) in [
        ("provider", "aws"),
        ("service", "EFS"),
        ("region", REGION),
        ("status", "open"),
        ("description", "We are looking into it."),
    ] {
        assert_eq!(incident.attribute(key).as_deref(), Some(value), "{key}");
    }
    assert!(batch.provenance.gaps.is_empty(), "{}", reasons(&batch));
}

#[tokio::test]
async fn an_account_without_the_plan_gets_a_gap_and_no_error() {
    let refused = || {
        mock!(aws_sdk_health::Client::describe_events).then_error(|| {
            let meta = ErrorMetadata::builder()
                .code("SubscriptionRequiredException")
                .message("plan");
            DescribeEventsError::generic(meta.build())
        })
    };
    let batch = health(&[&refused()])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("nothing is wrong");
    assert!(batch.events.is_empty());
    assert!(
        reasons(&batch).contains("support plan has no Health API"),
        "{}",
        reasons(&batch)
    );
    let said = health(&[&refused()])
        .check()
        .await
        .expect("nothing is wrong");
    assert!(said.contains("support plan has no Health API"), "{said}");
}

// ---- Alarms ----------------------------------------------------------------------------------

fn alarms(rules: &[&Rule], prefixes: &[&str]) -> Alarms {
    let config = AlarmsConfig {
        region: REGION.into(),
        prefixes: prefixes.iter().map(|p| (*p).to_owned()).collect(),
        ..AlarmsConfig::default()
    };
    Alarms::with_client(
        config,
        answering!(aws_sdk_cloudwatch, rules.iter().copied(), Sequential),
    )
}

fn change(alarm: &str, minute: i64, from: &str, to: &str) -> AlarmHistoryItem {
    let data = serde_json::json!({"version": "1.0", "oldState": {"stateValue": from},
        "newState": {"stateValue": to, "stateReason": "1 datapoint was below", "stateReasonData": {"threshold": 5.0}}});
    AlarmHistoryItem::builder()
        .alarm_name(alarm)
        .timestamp(at(minute))
        .history_summary(format!("Alarm updated from {from} to {to}"))
        .history_data(data.to_string())
        .build()
}

#[tokio::test]
async fn alarms_last_from_alarm_to_ok() {
    let first = mock!(aws_sdk_cloudwatch::Client::describe_alarm_history)
        .match_requests(|r| r.alarm_types().len() == 2)
        .then_output(|| {
            DescribeAlarmHistoryOutput::builder()
                .alarm_history_items(change("early", -2_000, "OK", "ALARM"))
                .alarm_history_items(change("before", 2, "ALARM", "OK"))
                .alarm_history_items(change("credits low", 10, "OK", "ALARM"))
                .alarm_history_items(change("credits low", 12, "ALARM", "ALARM"))
                .alarm_history_items(change("other", 15, "OK", "ALARM"))
                .next_token("more")
                .build()
        });
    let second = mock!(aws_sdk_cloudwatch::Client::describe_alarm_history)
        .match_requests(|r| r.next_token() == Some("more"))
        .then_output(|| {
            let summary_only = AlarmHistoryItem::builder()
                .alarm_name("credits low")
                .timestamp(at(20))
                .history_summary("Alarm updated from ALARM to INSUFFICIENT_DATA");
            DescribeAlarmHistoryOutput::builder()
                .alarm_history_items(summary_only.build())
                .alarm_history_items(change("after", 300, "OK", "ALARM"))
                .build()
        });
    let batch = alarms(&[&first, &second], &["credits", "before", "early", "after"])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    let spans: Vec<(&str, Option<i64>, Option<i64>)> = batch
        .events
        .iter()
        .map(|e| {
            let minute = |t: Timestamp| t.since(START) / MINUTE;
            (
                e.object.name.as_str(),
                e.start.map(minute),
                e.end.map(minute),
            )
        })
        .collect();
    assert_eq!(
        spans,
        [
            ("early", Some(-2_000), None),
            ("before", None, Some(2)),
            ("credits low", Some(10), Some(20)),
        ]
    );
    let before = &batch.events[1];
    assert!(
        before.attribute_time("start_latest").is_some(),
        "its beginning is bounded"
    );
    let low = &batch.events[2];
    assert_eq!(low.kind, EventKind::Alert);
    assert_eq!(low.attribute("threshold").as_deref(), Some("5.0"));
    assert_eq!(
        low.attribute("ended_as").as_deref(),
        Some("INSUFFICIENT_DATA")
    );
    assert!(low.id.starts_with("alarm.from.credits_low."), "{}", low.id);
    assert!(batch.provenance.gaps.is_empty(), "{}", reasons(&batch));
}

#[tokio::test]
async fn alarms_keep_the_pages_before_a_failure() {
    let first = mock!(aws_sdk_cloudwatch::Client::describe_alarm_history).then_output(|| {
        DescribeAlarmHistoryOutput::builder()
            .alarm_history_items(change("a", 10, "OK", "ALARM"))
            .next_token("more")
            .build()
    });
    let expired = mock!(aws_sdk_cloudwatch::Client::describe_alarm_history).then_error(|| {
        let meta = ErrorMetadata::builder().code("ExpiredToken").build();
        aws_sdk_cloudwatch::operation::describe_alarm_history::DescribeAlarmHistoryError::generic(
            meta,
        )
    });
    let batch = alarms(&[&first, &expired], &[])
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("the first page is good");
    assert_eq!(batch.events.len(), 1);
    let gap = &batch.provenance.gaps[0];
    assert!(gap.reason.contains("log in again"), "{}", gap.reason);
    assert_eq!(
        gap.window,
        Window::new(START.plus(10 * MINUTE), START.plus(HOUR))
    );
}
