//! Which server, how to get in, and what to ask it.

use super::{NAME, presets};
use crate::source::SourceError;
use http::{HeaderName, HeaderValue, Uri};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

/// Queries of one source, those of presets included.
pub const MAX_QUERIES: usize = 200;
/// Longest query, bytes.
const MAX_QUERY_BYTES: usize = 8_192;

/// A server that speaks Prometheus' query API, and what to ask it. Holds no secret: those stay in
/// the files that are named here, and are read anew for each pull, so that they may rotate.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrometheusConfig {
    /// Name of the source, where there is more than one: letters, digits, `-` and `_`, at most 32.
    #[serde(default)]
    pub name: Option<String>,
    /// Address below which `/api/v1` lies, `http://` or `https://`: `http://prometheus:9090`,
    /// `https://mimir.example/prometheus`.
    pub url: String,
    /// File with a token, sent as `Authorization: Bearer`.
    #[serde(default)]
    pub bearer_token_file: Option<PathBuf>,
    /// User and password, instead of a token.
    #[serde(default)]
    pub basic_auth: Option<BasicAuth>,
    /// File with the certificates (PEM) of the authorities that are trusted, instead of this
    /// machine's own.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`, by its method CONNECT; `None`: none,
    /// whatever the environment says.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Further headers, such as `X-Scope-OrgID`, the tenant of Mimir.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Ready-made queries, see [`presets::PRESETS`].
    #[serde(default)]
    pub presets: Vec<String>,
    /// Queries of one's own.
    #[serde(default)]
    pub queries: Vec<QueryChoice>,
    /// Name of the Kubernetes cluster in resource ids, where series have no label `cluster`.
    #[serde(default)]
    pub cluster: String,
    /// How often the server scrapes, seconds: no step is finer, and samples appear as late as this.
    #[serde(default = "default_scrape_interval")]
    pub scrape_interval_s: u32,
    /// For how long the server repeats the last sample of a series that got no further one, seconds;
    /// `None`: as the server is set (300 by default). Less shows shorter gaps, but must be more than
    /// the slowest scrape takes to come again. A Prometheus that does not know it (2.42) ignores it.
    #[serde(default)]
    pub lookback_s: Option<u32>,
}

/// Prometheus' own default of `scrape_interval`.
const fn default_scrape_interval() -> u32 {
    60
}

/// User and password of HTTP's basic authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// User.
    pub username: String,
    /// File with the password.
    pub password_file: PathBuf,
}

/// One query, and what its answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryChoice {
    /// Id, part of the ids of the series: letters, digits, `.`, `-` and `_`, at most 64.
    pub id: String,
    /// What people call it; empty: the metric's name, or the id.
    #[serde(default)]
    pub name: String,
    /// `PromQL`. `$__rate_interval` stands for the span that a `rate()` needs at the step of the call.
    pub query: String,
    /// Unit (`Seconds`, `Bytes`, `Count`…); empty: as the metric's metadata or name say.
    #[serde(default)]
    pub unit: String,
    /// Statistic; empty: `Counter` where the query is nothing but a counter's selector, else none.
    #[serde(default)]
    pub stat: String,
    /// Label that names what the series measures, where it is not clear from the usual ones.
    #[serde(default)]
    pub resource_label: Option<String>,
}

impl fmt::Debug for PrometheusConfig {
    /// Header values may be secrets, and so may a user in an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrometheusConfig")
            .field("name", &self.name)
            .field("url", &self.shown_url())
            .field("bearer_token_file", &self.bearer_token_file)
            .field("basic_auth", &self.basic_auth)
            .field("ca_file", &self.ca_file)
            .field(
                "proxy",
                &self.proxy.as_deref().map(crate::http::without_user),
            )
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("presets", &self.presets)
            .field("queries", &self.queries)
            .field("cluster", &self.cluster)
            .field("scrape_interval_s", &self.scrape_interval_s)
            .field("lookback_s", &self.lookback_s)
            .finish()
    }
}

impl PrometheusConfig {
    /// With everything at its default but the address.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            scrape_interval_s: default_scrape_interval(),
            ..Self::default()
        }
    }

    /// The address without user information, for messages.
    pub(super) fn shown_url(&self) -> String {
        crate::http::without_user(&self.url)
    }

    /// Whether it makes sense, before anybody is asked.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.check_name()?;
        self.base()?;
        self.check_headers()?;
        self.proxy()?;
        if self.bearer_token_file.is_some() && self.basic_auth.is_some() {
            let expected = "either bearer_token_file or basic_auth";
            return Err(invalid("basic_auth", "with bearer_token_file", expected));
        }
        for (field, value, most) in [
            ("scrape_interval_s", self.scrape_interval_s, 3_600),
            ("lookback_s", self.lookback_s.unwrap_or(1), 86_400),
        ] {
            if !(1..=most).contains(&value) {
                let expected = "seconds: 1 to 3600 between scrapes, 1 to 86400 of lookback";
                return Err(invalid(field, &value.to_string(), expected));
            }
        }
        self.check_queries()
    }

    fn check_name(&self) -> Result<(), SourceError> {
        match self.name.as_deref() {
            Some(name) if !is_word(name, 32, "-_") => {
                Err(invalid("name", name, "1 to 32 letters, digits, '-' or '_'"))
            }
            _ => Ok(()),
        }
    }

    /// The address as its parts, and the path below which `/api/v1` lies.
    pub(super) fn base(&self) -> Result<Base, SourceError> {
        let shown = self.shown_url();
        let wrong = |expected| invalid("url", &shown, expected);
        let expected = "http://HOST:PORT or https://…, with a path where the API lies below one";
        let uri: Uri = self.url.parse().map_err(|_| wrong(expected))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong(expected));
        };
        if !matches!(scheme, "http" | "https") || uri.query().is_some() {
            return Err(wrong(expected));
        }
        if authority.as_str().contains('@') {
            let expected = "an address without user and password: name those under basic_auth";
            return Err(wrong(expected));
        }
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v1").unwrap_or(path);
        Ok(Base {
            https: scheme == "https",
            url: format!("{scheme}://{authority}{path}"),
        })
    }

    /// The proxy, where one is configured.
    pub(super) fn proxy(&self) -> Result<Option<Uri>, SourceError> {
        let Some(text) = self.proxy.as_deref() else {
            return Ok(None);
        };
        let uri = crate::http::proxy(text).ok_or_else(|| {
            let shown = crate::http::without_user(text);
            invalid("proxy", &shown, crate::http::PROXY)
        })?;
        Ok(Some(uri))
    }

    fn check_headers(&self) -> Result<(), SourceError> {
        for (name, value) in &self.headers {
            // The value stays unsaid: it may be a secret.
            let good = name.parse::<HeaderName>().is_ok_and(|name| !is_ours(&name))
                && HeaderValue::from_str(value).is_ok();
            if !good {
                let expected = "a header that is not Authorization (name a file instead), Host, \
                                Connection or one of the body, with a value in visible ASCII";
                return Err(invalid("headers", name, expected));
            }
        }
        Ok(())
    }

    fn check_queries(&self) -> Result<(), SourceError> {
        for preset in &self.presets {
            if presets::find(preset).is_none() {
                return Err(invalid("presets", preset, presets::NAMES));
            }
        }
        let mut ids = BTreeSet::new();
        for query in &self.queries {
            if !is_word(&query.id, 64, "-_.") {
                let expected = "1 to 64 letters, digits, '.', '-' or '_'";
                return Err(invalid("queries.id", &query.id, expected));
            }
            if presets::has_query(&query.id) || !ids.insert(&query.id) {
                let expected = "an id of its own, that no preset has either";
                return Err(invalid("queries.id", &query.id, expected));
            }
            if query.query.trim().is_empty() || query.query.len() > MAX_QUERY_BYTES {
                let expected = "PromQL of at most 8192 bytes";
                return Err(invalid("queries.query", &query.query, expected));
            }
        }
        let asked = super::asked::all(self).len();
        if asked == 0 || asked > MAX_QUERIES {
            let expected = "at least one preset or query, and at most 200 queries in all";
            return Err(invalid("queries", &asked.to_string(), expected));
        }
        Ok(())
    }
}

/// The address of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Whether it is spoken to over TLS.
    pub(super) https: bool,
    /// Everything before `/api/v1`.
    pub(super) url: String,
}

/// Headers that the client itself sets.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("content-")
        || matches!(
            name,
            "authorization"
                | "proxy-authorization"
                | "host"
                | "connection"
                | "transfer-encoding"
                | "te"
                | "upgrade"
                | "accept-encoding"
        )
}

fn is_word(text: &str, most: usize, also: &str) -> bool {
    (1..=most).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

pub(super) fn invalid(field: &'static str, value: &str, expected: &'static str) -> SourceError {
    SourceError::Invalid {
        name: NAME,
        field,
        value: value.chars().take(100).collect(),
        expected,
    }
}
