//! Changes in AWS on recorded answers: CloudTrail. The API server of the other tests does not know
//! it.

use crate::client::{REGION, answering};
use aws_sdk_cloudtrail::operation::lookup_events::{LookupEventsError, LookupEventsOutput};
use aws_sdk_cloudtrail::types::{Event as Entry, Resource};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use model::time::{DAY, HOUR, MINUTE};
use model::{Batch, Event, EventKind, Timestamp, Window};
use sources::cloudtrail::{CloudTrail, CloudTrailConfig};
use sources::source::{Source, SourceError, Unattended};

pub(crate) const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

pub(crate) fn window() -> Window {
    Window::new(START, START.plus(HOUR)).expect("forwards")
}

pub(crate) fn at(minute: i64) -> DateTime {
    DateTime::from_millis(START.plus(minute * MINUTE).millis())
}

pub(crate) fn reasons(batch: &Batch) -> String {
    let gaps = batch.provenance.gaps.iter();
    let lines: Vec<String> = gaps.map(|g| format!("{}: {}", g.what, g.reason)).collect();
    lines.join(
        "
",
    )
}

fn event<'a>(batch: &'a Batch, id: &str) -> &'a Event {
    let mut events = batch.events.iter();
    events
        .find(|e| e.id == id)
        .unwrap_or_else(|| panic!("{id} of {:?}", batch.events))
}

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
