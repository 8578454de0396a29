//! The SDK's clients, built by hand: one TLS stack (rustls with ring), credentials by the SDK's
//! default chain, a pinned behaviour, retries.

use super::account::Account;
use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatch::config::{BehaviorVersion, Region, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig};
use std::path::Path;
use std::time::Duration;

/// Attempts of one call. The SDK's default of three gives up after a second or two, while
/// CloudWatch's throttling (50 `GetMetricData` calls a second, shared by a whole account) lasts
/// longer than that.
const MAX_ATTEMPTS: u32 = 8;
/// First wait after a throttled attempt; it doubles each time, and a random part of it is waited
/// (the SDK's standard mode).
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest wait between two attempts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(15);
/// Longest wait for one answer: a full page of samples takes a second or two.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Behaviour of the SDK, pinned: an update of the library must not change retries or timeouts.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// What the clients of one account are made of.
pub struct Connection {
    pub(crate) shared: SdkConfig,
    /// Region that the clients have.
    pub(crate) region: Option<String>,
    /// Address for the one service alone: an endpoint for everything would send the log-in there
    /// too.
    pub(crate) endpoint: Option<String>,
}

impl Connection {
    /// Reads what there is of profiles and environment. Calls nobody: credentials are looked up
    /// when the first request is signed.
    pub(crate) async fn open(account: Account<'_>, files: Option<EnvConfigFiles>) -> Self {
        let http = http_client(proxy(account));
        let base = ProviderConfig::without_region()
            .with_behavior_version(Some(behavior()))
            .with_http_client(http.clone());
        let region = region(account, files.clone()).await;
        let mut loader = aws_config::defaults(behavior())
            .http_client(http.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .region(region.clone());
        if let Some(profile) = account.profile {
            // A named profile means that identity: the environment's keys, which the default
            // chain would look at first, must not win over it.
            let mut credentials = ProfileFileCredentialsProvider::builder()
                .configure(&base.with_region(region.clone()))
                .profile_name(profile);
            if let Some(files) = files.clone() {
                credentials = credentials.profile_files(files);
            }
            let credentials = credentials.build();
            loader = loader
                .profile_name(profile)
                .credentials_provider(credentials);
        }
        if let Some(files) = files {
            loader = loader.profile_files(files);
        }
        Self {
            shared: loader.load().await,
            region: region.map(|r| r.as_ref().to_owned()),
            endpoint: account.endpoint.map(str::to_owned),
        }
    }
}

/// Where instances, tasks and pods get their credentials: on the machine itself, which no proxy
/// reaches.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
const METADATA: &str = "169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

/// The proxy of the configuration. That of the environment does not count: nothing is sent where
/// nobody configured it. One that is none is refused before anything is sent, see `Link::region`.
fn proxy(account: Account<'_>) -> ProxyConfig {
    let proxy = account.proxy.and_then(crate::http::proxy);
    let proxy = proxy.and_then(|uri| ProxyConfig::all(uri).ok());
    proxy.map_or_else(ProxyConfig::disabled, |proxy| proxy.no_proxy(METADATA))
}

/// The region of the configuration, else of the environment, else of the profile. The metadata
/// service of EC2 is not asked: that is a call to the network which nobody configured.
async fn region(account: Account<'_>, files: Option<EnvConfigFiles>) -> Option<Region> {
    if !account.region.is_empty() {
        return Some(Region::new(account.region.to_owned()));
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = account.profile {
        profile = profile.profile_name(name);
    }
    if let Some(files) = files {
        profile = profile.profile_files(files);
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .region()
        .await
}

/// AWS configuration and credentials in this one file.
pub(crate) fn profile_file(path: &Path) -> EnvConfigFiles {
    EnvConfigFiles::builder()
        .with_file(EnvConfigFileKind::Config, path)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
}

/// HTTPS by rustls with ring. The library's own default would bring another TLS stack.
fn http_client(proxy: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(proxy.clone())
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}
