//! Where a source asks and as whom, and what its error messages say of it.

use super::failure::Context;
use crate::http::without_user;
use crate::source::SourceError;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::timeout::TimeoutConfig;

/// Region, profile and address, as the configurations of all AWS sources hold them.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Region; empty: the environment's or the profile's.
    pub(crate) region: &'a str,
    /// Profile of the AWS configuration files.
    pub(crate) profile: Option<&'a str>,
    /// Address instead of AWS's own.
    pub(crate) endpoint: Option<&'a str>,
    /// HTTP proxy.
    pub(crate) proxy: Option<&'a str>,
}

/// A field, what stands in it, what was expected.
type Wrong = (&'static str, String, &'static str);

impl Account<'_> {
    /// Whether the addresses make sense, before anybody is asked. The region may come from the
    /// environment.
    pub(crate) fn validate(self, name: &'static str) -> Result<(), SourceError> {
        match self.wrong() {
            Some((field, value, expected)) => Err(invalid(name, field, &value, expected)),
            None => Ok(()),
        }
    }

    fn wrong(self) -> Option<Wrong> {
        let is_address = |e: &&str| e.starts_with("http://") || e.starts_with("https://");
        let is_proxy = |p: &&str| crate::http::proxy(p).is_some();
        let of =
            |field, value: Option<&str>, expected| Some((field, without_user(value?), expected));
        of(
            "endpoint",
            self.endpoint.filter(|e| !is_address(e)),
            "http://… or https://…",
        )
        .or_else(|| {
            of(
                "proxy",
                self.proxy.filter(|p| !is_proxy(p)),
                crate::http::PROXY,
            )
        })
    }
}

/// The names of one AWS service.
#[derive(Clone, Copy, Debug)]
pub struct Service {
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
    /// Which address of the settings is none, without user information, and what was expected.
    wrong: Option<Wrong>,
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
            wrong: account.wrong(),
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
        match &self.wrong {
            Some((field, value, expected)) => Err(invalid(name, field, value, expected)),
            None => Ok(region),
        }
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
