//! What each source may do is what it does: the calls of its client, the policy in
//! `docs/permissions/` and what the source states of itself are the same.

use crate::client::{FILE_SYSTEM, REGION, answering, config};
use crate::recorded::Recorder;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudwatch::operation::describe_alarm_history::DescribeAlarmHistoryOutput;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::operation::list_metrics::ListMetricsOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmHistoryItem, Dimension, Metric, MetricDataResult, StatusCode,
};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use aws_sdk_efs::operation::describe_file_systems::DescribeFileSystemsOutput;
use aws_sdk_efs::operation::describe_mount_targets::DescribeMountTargetsOutput;
use aws_sdk_efs::types::{FileSystemDescription, LifeCycleState, PerformanceMode};
use aws_sdk_health::operation::describe_event_details::DescribeEventDetailsOutput;
use aws_sdk_health::operation::describe_events::DescribeEventsOutput;
use aws_smithy_mocks::mock;
use model::time::{DAY, HOUR};
use model::{Timestamp, Window};
use serde_json::Value;
use sources::cloudtrail::{CloudTrail, CloudTrailConfig};
use sources::cloudwatch::alarms::{Alarms, AlarmsConfig};
use sources::cloudwatch::{CloudWatch, PresetChoice, Search};
use sources::efs::{Efs, EfsConfig};
use sources::eks_audit::{EksAudit, EksAuditConfig};
use sources::health::{Health, HealthConfig};
use sources::source::{Source, Unattended};
use std::collections::BTreeSet;
use std::path::Path;

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

/// Does everything that a source can do, and says which permissions its client needed for it.
async fn used(source: &dyn Source, recorder: &Recorder) -> BTreeSet<String> {
    source.check().await.expect("recorded");
    let window = Window::new(START, START.plus(HOUR)).expect("forwards");
    source
        .pull(window, START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    recorder
        .calls()
        .iter()
        .map(|call| permission(call))
        .collect()
}

/// The permission for a call: services have one name in the SDK and another in policies.
fn permission(call: &str) -> String {
    let (service, name) = call.split_once(':').expect("service and call");
    let prefix = match service {
        "CloudWatch" => "cloudwatch",
        "EFS" => "elasticfilesystem",
        "CloudTrail" => "cloudtrail",
        "Health" => "health",
        "CloudWatch Logs" => "logs",
        other => panic!("a service that nobody configured: {other}"),
    };
    format!("{prefix}:{name}")
}

/// The actions that a policy allows; everything else about it must be as plain as can be.
fn allowed(policy: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions");
    let text = std::fs::read_to_string(path.join(policy)).expect("a policy");
    let policy: Value = serde_json::from_str(&text).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    statements
        .iter()
        .flat_map(|statement| {
            assert_eq!(statement["Effect"], "Allow");
            let actions = statement["Action"].as_array().expect("a list of actions");
            actions.iter().map(|a| a.as_str().expect("text").to_owned())
        })
        .inspect(|action| assert!(!action.contains('*'), "{action}"))
        .collect()
}

fn compare(source: &dyn Source, used: &BTreeSet<String>, policy: &str) {
    let stated: BTreeSet<String> = source
        .facts()
        .needs
        .iter()
        .map(|n| n.permission.to_owned())
        .collect();
    assert_eq!(&stated, used, "{}: stated and used", source.name());
    assert_eq!(&allowed(policy), used, "{policy}: allowed and used");
    let reads = |action: &String| {
        let call = action.split(':').nth(1).unwrap_or_default();
        ["Get", "List", "Describe", "Lookup", "Filter"]
            .iter()
            .any(|verb| call.starts_with(verb))
    };
    assert!(used.iter().all(reads), "{used:?}");
}

#[tokio::test]
async fn cloudwatch_makes_no_other_call() {
    let list = mock!(aws_sdk_cloudwatch::Client::list_metrics).then_output(|| {
        let id = Dimension::builder()
            .name("FileSystemId")
            .value(FILE_SYSTEM)
            .build();
        let metric = Metric::builder()
            .namespace("AWS/EFS")
            .metric_name("BurstCreditBalance")
            .dimensions(id);
        ListMetricsOutput::builder().metrics(metric.build()).build()
    });
    let data = mock!(aws_sdk_cloudwatch::Client::get_metric_data).then_output(|| {
        let result = MetricDataResult::builder()
            .id("q0")
            .timestamps(DateTime::from_millis(START.millis()))
            .values(1.0)
            .status_code(StatusCode::Complete);
        GetMetricDataOutput::builder()
            .metric_data_results(result.build())
            .build()
    });
    let recorder = Recorder::default();
    let client = answering!(
        aws_sdk_cloudwatch,
        [&list, &data],
        MatchAny,
        recorder.clone()
    );
    let mut config = config("http://127.0.0.1:1");
    config.presets.push(PresetChoice {
        preset: "container-insights".into(),
        resource: "shop".into(),
    });
    let source = CloudWatch::with_client(config, client);
    source
        .search(&Search::default(), &Unattended)
        .await
        .expect("recorded");
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-cloudwatch.json");
}

fn alarm_that_rang() -> DescribeAlarmHistoryOutput {
    let item = AlarmHistoryItem::builder()
        .alarm_name("credits")
        .timestamp(DateTime::from_millis(START.plus(HOUR / 2).millis()))
        .history_summary("Alarm updated from OK to ALARM");
    DescribeAlarmHistoryOutput::builder()
        .alarm_history_items(item.build())
        .build()
}

#[tokio::test]
async fn alarms_make_no_other_call() {
    let history =
        mock!(aws_sdk_cloudwatch::Client::describe_alarm_history).then_output(alarm_that_rang);
    let alarms = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
        .then_output(|| DescribeAlarmsOutput::builder().build());
    let recorder = Recorder::default();
    let client = answering!(
        aws_sdk_cloudwatch,
        [&history, &alarms],
        MatchAny,
        recorder.clone()
    );
    let config = AlarmsConfig {
        region: REGION.into(),
        ..AlarmsConfig::default()
    };
    let source = Alarms::with_client(config, client);
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-cloudwatch-alarms.json");
}

#[tokio::test]
async fn efs_makes_no_other_call() {
    let list = mock!(aws_sdk_efs::Client::describe_file_systems).then_output(|| {
        let file_system = FileSystemDescription::builder()
            .owner_id("1")
            .creation_token("www")
            .file_system_id("fs-1")
            .creation_time(DateTime::from_millis(0))
            .life_cycle_state(LifeCycleState::Available)
            .number_of_mount_targets(0)
            .performance_mode(PerformanceMode::GeneralPurpose)
            .set_tags(Some(Vec::new()));
        let file_system = file_system.build().expect("whole");
        DescribeFileSystemsOutput::builder()
            .file_systems(file_system)
            .build()
    });
    let targets = mock!(aws_sdk_efs::Client::describe_mount_targets)
        .then_output(|| DescribeMountTargetsOutput::builder().build());
    let recorder = Recorder::default();
    let client = answering!(aws_sdk_efs, [&list, &targets], MatchAny, recorder.clone());
    let config = EfsConfig {
        region: REGION.into(),
        ..EfsConfig::default()
    };
    let source = Efs::with_client(config, client);
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-efs.json");
}

#[tokio::test]
async fn cloudtrail_makes_no_other_call() {
    let lookup = mock!(aws_sdk_cloudtrail::Client::lookup_events)
        .then_output(|| LookupEventsOutput::builder().build());
    let recorder = Recorder::default();
    let client = answering!(aws_sdk_cloudtrail, [&lookup], MatchAny, recorder.clone());
    let config = CloudTrailConfig {
        region: REGION.into(),
        ..CloudTrailConfig::default()
    };
    let source = CloudTrail::with_client(config, client);
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-cloudtrail.json");
}

#[tokio::test]
async fn health_makes_no_other_call() {
    let list = mock!(aws_sdk_health::Client::describe_events).then_output(|| {
        let event = aws_sdk_health::types::Event::builder()
            .arn("arn:aws:health:eu-central-1::event/EFS/X/Y")
            .start_time(DateTime::from_millis(START.millis()));
        DescribeEventsOutput::builder()
            .events(event.build())
            .build()
    });
    let details = mock!(aws_sdk_health::Client::describe_event_details)
        .then_output(|| DescribeEventDetailsOutput::builder().build());
    let recorder = Recorder::default();
    let client = answering!(
        aws_sdk_health,
        [&list, &details],
        MatchAny,
        recorder.clone()
    );
    let source = Health::with_client(HealthConfig::default(), client);
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-health.json");
}

#[tokio::test]
async fn the_audit_log_takes_no_other_call() {
    let filter = mock!(aws_sdk_cloudwatchlogs::Client::filter_log_events)
        .then_output(|| FilterLogEventsOutput::builder().build());
    let recorder = Recorder::default();
    let client = answering!(
        aws_sdk_cloudwatchlogs,
        [&filter],
        MatchAny,
        recorder.clone()
    );
    let config = EksAuditConfig {
        region: REGION.into(),
        cluster: "shop".into(),
        ..EksAuditConfig::default()
    };
    let source = EksAudit::with_client(config, client);
    let used = used(&source, &recorder).await;
    compare(&source, &used, "aws-eks-audit.json");
}

/// A recorded call that is in no policy is seen: the comparison above can fail.
#[test]
#[should_panic(expected = "stated and used")]
fn a_call_too_many_is_seen() {
    let none: [&aws_smithy_mocks::Rule; 0] = [];
    let source = CloudTrail::with_client(
        CloudTrailConfig::default(),
        answering!(aws_sdk_cloudtrail, none, MatchAny),
    );
    let used = ["cloudtrail:LookupEvents", "cloudtrail:StopLogging"].map(str::to_owned);
    compare(&source, &used.into(), "aws-cloudtrail.json");
}
