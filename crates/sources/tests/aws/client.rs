//! Clients of the tests: made-up keys, an address on this machine, waits of milliseconds.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use sources::cloudwatch::CloudWatchConfig;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const FILE_SYSTEM: &str = "fs-0123456789abcdef0";

/// A configuration that points at this endpoint.
pub(crate) fn config(endpoint: &str) -> CloudWatchConfig {
    CloudWatchConfig {
        region: REGION.into(),
        profile: Some("test".into()),
        endpoint: Some(endpoint.into()),
        file_system_id: FILE_SYSTEM.into(),
        ..CloudWatchConfig::default()
    }
}

/// An AWS configuration file with the profile `test`.
pub(crate) fn aws_file(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("config");
    let text = "[profile test]\naws_access_key_id = AKIDEXAMPLE\n\
                aws_secret_access_key = made-up-secret\n";
    std::fs::write(&path, text).expect("a file in the temporary folder");
    path
}

/// A client that retries without waiting long.
pub(crate) fn hasty(endpoint: &str) -> Client {
    let http = HttpBuilder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let retries = RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(5));
    Client::from_conf(
        Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .retry_config(retries)
            .region(Region::new(REGION))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new(
                "AKIDEXAMPLE",
                "made-up-secret",
                None,
                None,
                "test",
            ))
            .build(),
    )
}

/// A client of any SDK crate that retries once without waiting. It gives up an attempt after so many
/// seconds; by default late enough for a busy machine.
macro_rules! impatient {
    ($sdk:ident, $endpoint:expr) => {
        $crate::client::impatient!($sdk, $endpoint, 30)
    };
    ($sdk:ident, $endpoint:expr, $seconds:expr) => {{
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https();
        let retries = $sdk::config::retry::RetryConfig::standard()
            .with_max_attempts(2)
            .with_initial_backoff(std::time::Duration::from_millis(1))
            .with_max_backoff(std::time::Duration::from_millis(5));
        let timeouts = $sdk::config::timeout::TimeoutConfig::builder()
            .operation_attempt_timeout(std::time::Duration::from_secs($seconds))
            .build();
        $sdk::Client::from_conf(
            $sdk::config::Builder::new()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .http_client(http)
                .retry_config(retries)
                .timeout_config(timeouts)
                .region($sdk::config::Region::new($crate::client::REGION))
                .endpoint_url($endpoint)
                .credentials_provider($crate::client::made_up())
                .build(),
        )
    }};
}
pub(crate) use impatient;

/// A client of any SDK crate that answers by rules, and writes down what is called.
macro_rules! answering {
    ($sdk:ident, $rules:expr, $mode:ident, $recorder:expr) => {{
        let mut answers = aws_smithy_mocks::MockResponseInterceptor::new()
            .rule_mode(aws_smithy_mocks::RuleMode::$mode);
        for rule in $rules {
            answers = answers.with_rule(rule);
        }
        $sdk::Client::from_conf(
            $sdk::config::Builder::new()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .region($sdk::config::Region::new($crate::client::REGION))
                .credentials_provider($crate::client::made_up())
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .http_client(aws_smithy_mocks::create_mock_http_client())
                .interceptor(answers)
                .interceptor($recorder)
                .build(),
        )
    }};
    ($sdk:ident, $rules:expr, $mode:ident) => {
        $crate::client::answering!($sdk, $rules, $mode, $crate::recorded::Recorder::default())
    };
}
pub(crate) use answering;

pub(crate) fn made_up() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "made-up-secret", None, None, "test")
}
