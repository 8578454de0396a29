//! The HTTP client of the sources that have no client library: HTTP/1.1, rustls with ring, a limit on
//! everything. It follows no redirect and knows no proxy but one that was configured, so that nothing is
//! asked but the address that was configured. No error and no debug output holds a header or a body.

use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{
    Client,
    connect::{HttpConnector, proxy::Tunnel},
};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How far a call may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for a whole answer, head and body, from the moment of asking.
    pub answer: Duration,
    /// Largest body of an answer, bytes as they come.
    pub body_bytes: usize,
}

impl Default for Limits {
    /// A Prometheus gives up on a query after two minutes (`--query.timeout`); whoever waits longer
    /// for an answer than one waits for one that hardly ever comes.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_mins(1),
            body_bytes: 64 << 20,
        }
    }
}

/// Whose certificates are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust<'a> {
    /// Nobody's: for addresses that begin with `http://`.
    Nobody,
    /// Those of the authorities that this machine knows.
    System,
    /// Those of the authorities in this PEM file, and of no other (as Prometheus' own `ca_file`).
    File(&'a Path),
}

/// An answer, whole.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        write!(f, "Answer({}, {bytes} bytes)", self.status)
    }
}

impl Answer {
    /// A header as text, where it is there once and is text.
    pub fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Seconds that `Retry-After` asks to wait, where it says seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(http::header::RETRY_AFTER)?;
        text.trim().parse().ok().map(Duration::from_secs)
    }
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The file with certificates cannot be used.
    #[error("{}: expected certificates in PEM, found {reason}", path.display())]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The machine has no certificates of authorities.
    #[error("this machine's certificates of authorities cannot be read: {reason}")]
    NoRoots {
        /// What the system said.
        reason: String,
    },
    /// No connection, or no handshake.
    #[error("no connection: {detail}")]
    Unreachable {
        /// What the connection said.
        detail: String,
    },
    /// Not all of the answer came in time.
    #[error("no whole answer within {} s", limit.as_secs_f64())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The answer is larger than this program takes in.
    #[error("an answer of more than {limit} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit: usize,
    },
    /// The connection broke while the answer came.
    #[error("the answer broke off: {detail}")]
    Broken {
        /// What the connection said.
        detail: String,
    },
}

/// A client; its connections are kept and used again.
#[derive(Clone)]
pub struct HttpClient {
    client: Way,
    limits: Limits,
}

type By<C> = Client<HttpsConnector<C>, Full<Cursor<Vec<u8>>>>;

/// How the address is reached.
#[derive(Clone)]
enum Way {
    Direct(By<HttpConnector>),
    /// Through a proxy, by its method CONNECT, also where the address begins with `http://`.
    Through(By<Tunnel<HttpConnector>>),
}

/// What [`proxy`] expects.
pub(crate) const PROXY: &str = "http://HOST:PORT, without user, password or path";

/// The address of a proxy; `None`: it is none. The connection to the proxy is plain; what goes through
/// it is as safe as the address that is asked.
pub fn proxy(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let good = uri.scheme_str() == Some("http")
        && authority.port().is_some()
        && !authority.as_str().contains('@')
        && matches!(uri.path(), "" | "/")
        && uri.query().is_none();
    good.then_some(uri)
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpClient({:?})", self.limits)
    }
}

impl HttpClient {
    /// A client for `http` and `https`.
    pub fn new(trust: Trust<'_>, limits: Limits) -> Result<Self, HttpError> {
        Self::through(trust, None, limits)
    }

    /// The same by way of a proxy, where there is one.
    pub fn through(
        trust: Trust<'_>,
        proxy: Option<Uri>,
        limits: Limits,
    ) -> Result<Self, HttpError> {
        let tls = tls(trust)?;
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http();
        Ok(match proxy {
            None => Self::assemble(builder, limits),
            Some(proxy) => {
                let tunnel = Tunnel::new(proxy, connector(limits));
                let client = client(builder.enable_http1().wrap_connector(tunnel));
                Self {
                    client: Way::Through(client),
                    limits,
                }
            }
        })
    }

    /// A client that refuses whatever is not `https`.
    pub fn https_only(limits: Limits) -> Result<Self, HttpError> {
        let tls = tls(Trust::System)?;
        Ok(Self::assemble(
            HttpsConnectorBuilder::new()
                .with_tls_config(tls)
                .https_only(),
            limits,
        ))
    }

    fn assemble(
        builder: HttpsConnectorBuilder<hyper_rustls::builderstates::WantsProtocols1>,
        limits: Limits,
    ) -> Self {
        let client = client(builder.enable_http1().wrap_connector(connector(limits)));
        Self {
            client: Way::Direct(client),
            limits,
        }
    }

    /// The limits of each call.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends one request, and gives its answer whatever its status. Tries once.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, HttpError> {
        let limit = self.limits.answer;
        tokio::time::timeout(limit, self.attempt(request))
            .await
            .unwrap_or(Err(HttpError::TimedOut { limit }))
    }

    async fn attempt(&self, request: Request<Vec<u8>>) -> Result<Answer, HttpError> {
        let request = request.map(|body| Full::new(Cursor::new(body)));
        let answer = match &self.client {
            Way::Direct(client) => client.request(request).await,
            Way::Through(client) => client.request(with_port(request)).await,
        };
        let response = answer.map_err(|e| {
            let detail = causes(&e);
            if e.is_connect() {
                HttpError::Unreachable { detail }
            } else {
                HttpError::Broken { detail }
            }
        })?;
        let (head, body) = response.into_parts();
        let limit = self.limits.body_bytes;
        let body = Limited::new(body, limit).collect().await.map_err(|e| {
            if e.is::<LengthLimitError>() {
                HttpError::TooLarge { limit }
            } else {
                HttpError::Broken {
                    detail: causes(&*e),
                }
            }
        })?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes().into(),
        })
    }
}

fn connector(limits: Limits) -> HttpConnector {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(limits.connect));
    http
}

fn client<C>(connector: HttpsConnector<C>) -> By<C>
where
    HttpsConnector<C>: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector)
}

/// A tunnel leads to port 443 where the address says none, which is wrong for `http://`.
fn with_port<B>(mut request: Request<B>) -> Request<B> {
    let uri = request.uri();
    let plain = uri.scheme_str() == Some("http") && uri.port().is_none();
    let named = uri.host().filter(|_| plain).and_then(|host| {
        let mut parts = uri.clone().into_parts();
        parts.authority = Some(format!("{host}:80").parse().ok()?);
        Uri::from_parts(parts).ok()
    });
    if let Some(named) = named {
        *request.uri_mut() = named;
    }
    request
}

fn tls(trust: Trust<'_>) -> Result<ClientConfig, HttpError> {
    let roots = match trust {
        Trust::Nobody => RootCertStore::empty(),
        Trust::System => native_roots()?,
        Trust::File(path) => roots_of(path)?,
    };
    // Named, so that no process-wide default is needed.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| HttpError::NoRoots {
            reason: e.to_string(),
        })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The machine's own. Some of them may be unreadable, as on any machine; none at all is an error.
fn native_roots() -> Result<RootCertStore, HttpError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let reason = found.errors.first().map_or_else(
            || "there are none; on Debian: apt-get install ca-certificates".to_owned(),
            ToString::to_string,
        );
        return Err(HttpError::NoRoots { reason });
    }
    Ok(roots)
}

fn roots_of(path: &Path) -> Result<RootCertStore, HttpError> {
    let wrong = |reason: String| HttpError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let text = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
        roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("none".to_owned()));
    }
    Ok(roots)
}

/// An address without `user:password@`: whatever stands before the last `@` goes.
pub(crate) fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        let rest = address.rsplit('@').next();
        return rest.unwrap_or_default().to_owned();
    };
    let rest = rest.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{rest}")
}

/// What an error and its causes say, without repeats, on one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(e) = next {
        let text = e.to_string();
        if !said.iter().any(|s| s.contains(&text)) {
            said.push(text);
        }
        next = e.source();
    }
    let line = said.join(": ");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_plain_address_with_a_port() {
        for good in [
            "http://proxy:3128",
            "http://127.0.0.1:3128/",
            "http://[::1]:1",
        ] {
            assert!(proxy(good).is_some(), "{good}");
        }
        for bad in [
            "proxy:3128",
            "http://proxy",
            "https://proxy:3128",
            "http://user:secret@proxy:3128",
            "http://proxy:3128/path",
            "http://proxy:3128?x",
            "socks5://proxy:1080",
            "",
        ] {
            assert!(proxy(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_port_of_plain_http_is_named_to_a_tunnel() {
        let named = |address: &str| {
            let request = Request::get(address).body(()).expect("an address");
            with_port(request).uri().to_string()
        };
        assert_eq!(named("http://prometheus/api"), "http://prometheus:80/api");
        assert_eq!(named("http://prometheus:9090/"), "http://prometheus:9090/");
        assert_eq!(named("https://mimir/api"), "https://mimir/api");
    }
}
