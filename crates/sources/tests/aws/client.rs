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
