//! Safe from other web sites, which a browser that has a page of Lineup open may have open as well.
//!
//! - Only a `Host` of this machine, or one that the configuration names, is served, so that a name
//!   that a stranger points at 127.0.0.1 (DNS rebinding) opens nothing.
//! - Whatever changes something needs the same origin by `Origin` or `Sec-Fetch-Site`; but for the
//!   hooks, which machines call, and which need a token or a signature that no other site has.
//! - Every answer carries a strict Content-Security-Policy and the headers that go with it.

use super::problem::Problem;
use crate::config::people::Served;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;

/// For answers that are no pages: nothing may be loaded or run.
const CLOSED_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers that every answer carries, unless it says otherwise itself: what a share link opens tells
/// nobody where it was opened, and its pictures may be shown elsewhere.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // A share link's token is part of the address: no other site may learn it. (`no-referrer` would
    // make browsers send `Origin: null` with our own forms.)
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Browsers that have been here once never come by plain HTTP again, for a year; only where the
/// configuration says that Lineup is reached by HTTPS.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Refuses what does not come from Lineup's own pages, and adds the headers.
pub(super) async fn guard(
    State(served): State<Arc<Served>>,
    request: Request,
    next: Next,
) -> Response {
    let (method, uri) = (request.method(), request.uri());
    let mut response = match refusal(&served, method, uri, request.headers()) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if served.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CLOSED_POLICY));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The policy of a page: its own scripts and styles by nonce, the module from this server,
/// nothing from anywhere else.
pub(super) fn provide_page_policy() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn refusal(served: &Served, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Problem> {
    let host = host(uri, headers);
    let Some(own) = host.and_then(|host| origin_of(served, host)) else {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This address is not served",
            "Open Lineup as http://localhost, http://127.0.0.1 or http://[::1] with its port, or by the \
             address that its configuration names.",
        ));
    };
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let by_machine = super::hooks::PATHS.contains(&uri.path());
    if !reads && !by_machine && !is_same_origin(&own, headers) {
        return Some(Problem::new(
            StatusCode::FORBIDDEN,
            "Refused: this does not come from Lineup's own pages",
            "A change needs the header Origin of this server, or Sec-Fetch-Site: same-origin.",
        ));
    }
    None
}

/// The origin of our own pages where they were asked for by that host; `None` where it is not served.
fn origin_of(served: &Served, host: &str) -> Option<String> {
    let named = served.origin(host);
    named.or_else(|| is_local(host).then(|| format!("http://{host}")))
}

/// The host that the client asked for. HTTP/2 says it in the URI; where both say it they agree.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut named = headers.get_all(header::HOST).iter();
    let header = named.next().and_then(|v| v.to_str().ok());
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    match (header, authority) {
        _ if named.next().is_some() => None,
        (Some(header), Some(authority)) if header != authority => None,
        (header, authority) => header.or(authority),
    }
}

/// Whether a host names this machine, with any port.
fn is_local(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest
            .split_once(']')
            .map_or(("", ""), |(name, port)| (name, port)),
        None => match host.find(':') {
            Some(colon) => host.split_at(colon),
            None => (host, ""),
        },
    };
    let port_is_number = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|p| p.parse::<u16>().is_ok());
    let bracketed = host.starts_with('[');
    port_is_number
        && if bracketed {
            name == "::1"
        } else {
            name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1"
        }
}

/// Whether the browser says that one of our own pages sent this. Both headers are set by the
/// browser and cannot be set by a page's script; each that is there must agree.
fn is_same_origin(own: &str, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let origin_agrees = origin.map(|origin| own.as_bytes().eq_ignore_ascii_case(origin));
    match (site, origin_agrees) {
        (None, None) | (_, Some(false)) => false,
        (Some(site), _) => site == b"same-origin",
        (None, Some(true)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::people::People;

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        for good in [
            "localhost",
            "localhost:3000",
            "LOCALHOST:1",
            "127.0.0.1:3000",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "localhost:x",
            "[::2]",
            "::1",
            "[localhost]",
            "127.0.0.1@evil",
            "0.0.0.0:3000",
            "[::1",
            "localhost:99999",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }

    fn post(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:3000"));
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let served = Served::default();
        refusal(
            &served,
            &Method::POST,
            &Uri::from_static("/import"),
            &headers,
        )
        .is_none()
    }

    #[test]
    fn a_change_needs_our_own_page() {
        assert!(post(&[("origin", "http://127.0.0.1:3000")]));
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(post(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://127.0.0.1:3000")
        ]));
        for bad in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://127.0.0.1:4000")],
            &[("origin", "https://127.0.0.1:3000")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://127.0.0.1:3000"),
            ],
            &[
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://evil.example"),
            ],
        ] {
            assert!(!post(bad), "{bad:?}");
        }
    }

    #[test]
    fn two_hosts_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        let served = Served::default();
        assert!(refusal(&served, &Method::GET, &Uri::from_static("/"), &headers).is_some());
    }

    #[test]
    fn a_configured_name_is_served_by_its_own_origin_alone() {
        let config: People =
            toml::from_str("on = true\naddress = \"https://Lineup.example.org\"").unwrap();
        let served = config.served().unwrap();
        let post = |host: &'static str, origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            let uri = Uri::from_static("/import");
            refusal(&served, &Method::POST, &uri, &headers).is_none()
        };
        assert!(post("lineup.example.org", "https://lineup.example.org"));
        assert!(post("LINEUP.example.org", "https://lineup.example.org"));
        assert!(post("localhost:3000", "http://localhost:3000"));
        assert!(!post("lineup.example.org", "http://lineup.example.org"));
        assert!(!post("lineup.example.org", "https://other.example.org"));
        assert!(!post(
            "lineup.example.org:8443",
            "https://lineup.example.org:8443"
        ));
        assert!(!post("other.example.org", "https://other.example.org"));
    }
}
