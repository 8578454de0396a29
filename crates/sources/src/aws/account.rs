//! Where a source asks and as whom, and what its error messages say of it.

use super::failure::Context;
use crate::source::SourceError;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::timeout::TimeoutConfig;

/// Region, profile and address, as the configurations of all AWS sources hold them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    /// Region; empty: the environment's or the profile's.
    pub(crate) region: &'a str,
    /// Profile of the AWS configuration files.
    pub(crate) profile: Option<&'a str>,
    /// Address instead of AWS's own.
    pub(crate) endpoint: Option<&'a str>,
}

/// The names of one AWS service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// Name of the source that asks it.
    pub(crate) source: &'static str,
    /// Prefix of its permissions: `cloudwatch` of `cloudwatch:GetMetricData`.
    pub(crate) prefix: &'static str,
    /// First part of its host name: `monitoring` of `monitoring.eu-central-1.amazonaws.com`.
    pub(crate) host: &'static str,
}

/// What a source knows of its own connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    service: Service,
    profile: Option<String>,
    region: Option<String>,
    /// Address that is asked, without user information.
    shown: String,
    /// Whether the configured address is one that can be asked.
    address_ok: bool,
    attempts: u32,
    seconds: u64,
}

impl Link {
    /// `region`: the one that the client has. Retries and timeouts: the client's.
    pub(crate) fn new(
        service: Service,
        account: Account<'_>,
        region: Option<&str>,
        retries: Option<&RetryConfig>,
        timeouts: Option<&TimeoutConfig>,
    ) -> Self {
        let region = region.filter(|r| !r.is_empty());
        let shown = match account.endpoint {
            Some(endpoint) => without_user(endpoint),
            None => format!(
                "https://{}.{}.amazonaws.com",
                service.host,
                region.unwrap_or("?")
            ),
        };
        Self {
            service,
            profile: account.profile.map(str::to_owned),
            region: region.map(str::to_owned),
            shown,
            address_ok: account
                .endpoint
                .is_none_or(|e| e.starts_with("http://") || e.starts_with("https://")),
            attempts: retries.map_or(1, RetryConfig::max_attempts),
            seconds: timeouts
                .and_then(TimeoutConfig::operation_attempt_timeout)
                .map_or(0, |limit| limit.as_secs()),
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            name: self.service.source,
            prefix: self.service.prefix,
            endpoint: &self.shown,
            profile: self.profile.as_deref(),
            attempts: self.attempts,
            seconds: self.seconds,
        }
    }

    /// The region, where region and address make sense.
    pub(crate) fn region(&self) -> Result<&str, SourceError> {
        let name = self.service.source;
        let region = self
            .region
            .as_deref()
            .ok_or(SourceError::RegionMissing { name })?;
        if !is_word(region, 40) {
            let expected = "a region such as eu-central-1";
            return Err(invalid(name, "region", region, expected));
        }
        if !self.address_ok {
            return Err(invalid(
                name,
                "endpoint",
                &self.shown,
                "http://… or https://…",
            ));
        }
        Ok(region)
    }
}

/// A setting that makes no sense.
pub(crate) fn invalid(
    name: &'static str,
    field: &'static str,
    value: &str,
    expected: &'static str,
) -> SourceError {
    SourceError::Invalid {
        name,
        field,
        value: value.chars().take(100).collect(),
        expected,
    }
}

/// Letters, digits and hyphens alone, at most `max` of them: the ids of most AWS resources.
pub(crate) fn is_word(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// An address without `user:password@`.
fn without_user(endpoint: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or_default();
            let slash = if path.is_empty() { "" } else { "/" };
            format!("{scheme}://{host}{slash}{path}")
        }
        None => endpoint.rsplit('@').next().unwrap_or_default().to_owned(),
    }
}
