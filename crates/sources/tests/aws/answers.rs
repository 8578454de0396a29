//! CloudWatch on recorded answers: what the API server of the other tests cannot be made to say,
//! and profiles of every kind.

use crate::client::{FILE_SYSTEM, REGION, config};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_cloudwatch::error::ErrorMetadata;
use aws_sdk_cloudwatch::operation::get_metric_data::{GetMetricDataError, GetMetricDataOutput};
use aws_sdk_cloudwatch::operation::list_metrics::ListMetricsOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MessageData, Metric, MetricDataResult, StatusCode};
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock};
use model::time::{DAY, MINUTE};
use model::{Timestamp, Window};
use sources::cloudwatch::{CloudWatch, CloudWatchConfig};
use sources::source::{Source, SourceError, Unattended};
use std::path::PathBuf;

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

fn window() -> Window {
    Window::new(START, START.plus(10 * MINUTE)).expect("forwards")
}

fn recorded(rules: &[&Rule]) -> CloudWatch {
    let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    for rule in rules {
        answers = answers.with_rule(rule);
    }
    let conf = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(
            "AKIDEXAMPLE",
            "made-up-secret",
            None,
            None,
            "test",
        ))
        .http_client(create_mock_http_client())
        .interceptor(answers)
        .build();
    CloudWatch::with_client(config("http://127.0.0.1:1"), Client::from_conf(conf))
}

/// `ListMetrics` with one page of these names.
fn listing(names: &'static [&'static str]) -> Rule {
    mock!(Client::list_metrics).then_output(move || {
        let metric = |name: &&str| {
            let id = Dimension::builder()
                .name("FileSystemId")
                .value(FILE_SYSTEM)
                .build();
            Metric::builder()
                .namespace("AWS/EFS")
                .metric_name(*name)
                .dimensions(id)
                .build()
        };
        ListMetricsOutput::builder()
            .set_metrics(Some(names.iter().map(metric).collect()))
            .build()
    })
}

fn result(id: &str, status: StatusCode) -> MetricDataResult {
    MetricDataResult::builder()
        .id(id)
        .timestamps(DateTime::from_millis(START.millis()))
        .values(5.0)
        .status_code(status)
        .build()
}

#[tokio::test]
async fn what_cloudwatch_says_about_an_answer_is_handed_on() {
    let list = listing(&["BurstCreditBalance", "TimeSinceLastSync"]);
    let data = mock!(Client::get_metric_data).then_output(|| {
        let said = |code: &str, value: &str| MessageData::builder().code(code).value(value).build();
        GetMetricDataOutput::builder()
            .metric_data_results(result("q0", StatusCode::Complete))
            .messages(said(
                "MaxMetricsExceeded",
                "only part of the metrics was searched",
            ))
            .build()
    });
    let source = recorded(&[&list, &data]);
    let batch = source
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("a sample");
    assert_eq!(batch.series.len(), 1);
    let reasons: Vec<String> = batch
        .provenance
        .gaps
        .iter()
        .map(|g| format!("{}: {}", g.what, g.reason))
        .collect();
    let all = reasons.join("\n");
    assert!(all.contains("MaxMetricsExceeded only part"), "{all}");
    assert!(
        all.contains("TimeSinceLastSync: listed by CloudWatch, but unknown"),
        "{all}"
    );
    // The mock never speaks of the other queries: that is not silence to be taken for zero.
    assert!(
        all.contains("PermittedThroughput.Minimum: CloudWatch left it out of 3 answers"),
        "{all}"
    );
}

#[tokio::test]
async fn pages_that_never_end_are_an_error() {
    let list = listing(&["BurstCreditBalance"]);
    let data = mock!(Client::get_metric_data).then_output(|| {
        GetMetricDataOutput::builder()
            .metric_data_results(result("q0", StatusCode::PartialData))
            .next_token("again")
            .build()
    });
    let source = recorded(&[&list, &data]);
    let batch = source
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("a sample came");
    let told = batch
        .provenance
        .gaps
        .iter()
        .any(|g| g.reason.contains("the same NextToken came twice"));
    assert!(told, "{:?}", batch.provenance.gaps);
}

#[tokio::test]
async fn a_refused_signature_never_repeats_what_was_signed() {
    let list = listing(&["BurstCreditBalance"]);
    let data = mock!(Client::get_metric_data).then_error(|| {
        let meta = ErrorMetadata::builder()
            .code("SignatureDoesNotMatch")
            .message("The Canonical String should have been 'x-amz-security-token:TOKEN'")
            .build();
        GetMetricDataError::generic(meta)
    });
    let source = recorded(&[&list, &data]);
    let error = source
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect_err("refused");
    assert!(
        matches!(error, SourceError::NoCredentials { .. }),
        "{error}"
    );
    let all = format!("{error} {error:?}");
    assert!(!all.contains("TOKEN"), "{all}");
    assert!(all.contains("clock"), "{all}");
}

#[tokio::test]
async fn nonsense_in_the_configuration_is_named_before_anything_is_asked() {
    let good = config("http://127.0.0.1:1");
    let cases = [
        (
            CloudWatchConfig {
                file_system_id: "vol-1".into(),
                ..good.clone()
            },
            "file_system_id is 'vol-1'",
        ),
        (
            CloudWatchConfig {
                file_system_id: "fs-1; rm".into(),
                ..good.clone()
            },
            "file_system_id",
        ),
        (
            CloudWatchConfig {
                region: "eu central".into(),
                ..good.clone()
            },
            "region is 'eu central'",
        ),
        (
            CloudWatchConfig {
                endpoint: Some("ftp://me:pw@x".into()),
                ..good.clone()
            },
            "'ftp://x'",
        ),
    ];
    for (config, words) in cases {
        let rule = listing(&[]);
        let conf = Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .http_client(create_mock_http_client())
            .interceptor(MockResponseInterceptor::new().with_rule(&rule))
            .build();
        let source = CloudWatch::with_client(config, Client::from_conf(conf));
        let error = source.check().await.expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(rule.num_calls(), 0);
    }
    let arn =
        "arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-0123456789abcdef0";
    let config = CloudWatchConfig {
        file_system_id: arn.into(),
        ..good
    };
    let list = listing(&["BurstCreditBalance"]);
    let conf = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(
            "AKIDEXAMPLE",
            "made-up-secret",
            None,
            None,
            "test",
        ))
        .http_client(create_mock_http_client())
        .interceptor(MockResponseInterceptor::new().with_rule(&list))
        .build();
    let said = CloudWatch::with_client(config, Client::from_conf(conf))
        .check()
        .await;
    assert_eq!(
        said.expect("an ARN names one too"),
        format!("1 metric of {FILE_SYSTEM} in {REGION}")
    );
}

/// An AWS configuration file with one profile of each kind that engineers' machines have.
fn profiles(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("config");
    let text = r#"
[profile process]
region = eu-west-1
credential_process = /bin/sh -c "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDEXAMPLE\",\"SecretAccessKey\":\"made-up\"}'"

[profile broken-process]
region = eu-west-1
credential_process = /bin/sh -c "echo TOP-SECRET >&2; exit 3"

[profile sso]
region = eu-west-1
sso_session = work
sso_account_id = 111122223333
sso_role_name = reader

[sso-session work]
sso_region = eu-west-1
sso_start_url = https://lineup-test-without-token.awsapps.com/start
sso_registration_scopes = sso:account:access

[profile login]
region = eu-west-1
login_session = arn:aws:iam::111122223333:user/lineup-test-without-token

[profile no-region]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = made-up
"#;
    std::fs::write(&path, text).expect("a file in the temporary folder");
    path
}

/// Checks with a profile, against a port that nobody listens on.
async fn check(profile: &str, region: &str) -> SourceError {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = CloudWatchConfig {
        region: region.into(),
        profile: Some(profile.into()),
        ..config("http://127.0.0.1:1")
    };
    let source = CloudWatch::connect_with_file(config, &profiles(&folder)).await;
    source.check().await.expect_err("nobody listens there")
}

#[tokio::test]
async fn profiles_of_each_kind_load() {
    // Got credentials, and so got as far as the connection.
    let process = check("process", "").await;
    assert!(
        matches!(process, SourceError::Unreachable { .. }),
        "{process}"
    );
    // Understood, and found that nobody has logged in; not that support was left out of the build.
    for kind in ["sso", "login"] {
        let error = check(kind, "").await;
        assert!(
            matches!(error, SourceError::NoCredentials { .. }),
            "{kind}: {error:?}"
        );
        let text = error.to_string();
        assert!(text.contains(&format!("(profile {kind})")), "{text}");
        assert!(!text.contains("feature"), "{kind}: {text}");
        assert!(
            text.contains("token") || text.contains("login"),
            "{kind}: {text}"
        );
    }
}

#[tokio::test]
async fn bad_profiles_are_named() {
    let missing = check("nobody", "eu-west-1").await.to_string();
    assert!(
        missing.contains("nobody") && missing.contains("no usable credentials"),
        "{missing}"
    );
    let broken = check("broken-process", "").await;
    let text = format!("{broken} {broken:?}");
    assert!(text.contains("exited with code"), "{text}");
    assert!(!text.contains("TOP-SECRET"), "{text}");
}
