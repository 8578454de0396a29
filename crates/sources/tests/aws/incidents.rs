//! What AWS says by itself, on recorded answers: AWS Health and the history of alarms. The API server
//! of the other tests knows neither.

use crate::changes::{START, at, reasons, window};
use crate::client::{REGION, answering};
use aws_sdk_cloudwatch::operation::describe_alarm_history::{
    DescribeAlarmHistoryError, DescribeAlarmHistoryOutput,
};
use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsError, DescribeAlarmsOutput};
use aws_sdk_cloudwatch::types::{
    AlarmHistoryItem, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat,
};
use aws_sdk_health::operation::describe_event_details::DescribeEventDetailsOutput;
use aws_sdk_health::operation::describe_events::{DescribeEventsError, DescribeEventsOutput};
use aws_sdk_health::types as health_types;
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::error::ErrorMetadata;
use model::time::{DAY, HOUR, MINUTE};
use model::{Event, EventKind, Timestamp, Window};
use sources::cloudwatch::alarms::{Alarms, AlarmsConfig};
use sources::health::{Health, HealthConfig};
use sources::source::{Source, Unattended};

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
    let about = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
        .match_requests(|r| r.alarm_names() == ["before", "credits low", "early"])
        .then_output(|| {
            let on = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
            let low = MetricAlarm::builder()
                .alarm_name("credits low")
                .metric_name("BurstCreditBalance")
                .namespace("AWS/EFS")
                .dimensions(on("FileSystemId", "fs-1"));
            let math = Metric::builder()
                .metric_name("BurstBalance")
                .namespace("AWS/EBS")
                .dimensions(on("VolumeId", "vol-1"));
            let stat = MetricStat::builder()
                .metric(math.build())
                .period(60)
                .stat("Minimum");
            let early = MetricAlarm::builder().alarm_name("early");
            let expression = MetricDataQuery::builder().id("e1").expression("m1 / 2");
            let metric = MetricDataQuery::builder()
                .id("m1")
                .metric_stat(stat.build());
            DescribeAlarmsOutput::builder()
                .metric_alarms(low.build())
                .metric_alarms(
                    early
                        .metrics(expression.build())
                        .metrics(metric.build())
                        .build(),
                )
                .build()
        });
    let batch = alarms(
        &[&first, &second, &about],
        &["credits", "before", "early", "after"],
    )
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
    let resources: Vec<Option<String>> = batch.events.iter().map(Event::resource).collect();
    assert_eq!(
        (resources[0].as_deref(), resources[2].as_deref()),
        (Some("aws:vol-1"), Some("aws:fs-1"))
    );
    let metric = low.attribute("metric");
    assert_eq!(metric.as_deref(), Some("BurstCreditBalance"));
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
        DescribeAlarmHistoryError::generic(meta)
    });
    let not_allowed = mock!(aws_sdk_cloudwatch::Client::describe_alarms).then_error(|| {
        let meta = ErrorMetadata::builder().code("AccessDenied").build();
        DescribeAlarmsError::generic(meta)
    });
    let batch = alarms(&[&first, &expired, &not_allowed], &[])
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
    let gap = &batch.provenance.gaps[1];
    assert_eq!(gap.what, "what alarms are about");
    assert!(
        gap.reason.contains("cloudwatch:DescribeAlarms"),
        "{}",
        gap.reason
    );
}
