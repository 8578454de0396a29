//! Who is asking: nobody but the person at the machine where there are no accounts; else whoever the
//! session's cookie says. And the forms that set that cookie: sign-in, sign-out, an invitation.
//!
//! Denied by default: without a session nothing is answered but what [`OPEN`] and [`OPEN_BELOW`] list.
//! What a session may do the backend decides (`server/src/backend/access.rs`).
//!
//! The cookie holds 256 random bits and nothing else. No script can read it (`HttpOnly`), no other
//! site's form or frame sends it (`SameSite=Lax`, and every change needs the same origin besides, see
//! `security`), and where Lineup is reached by HTTPS it goes over nothing else and no other host of the
//! domain can set it (`Secure`, `__Host-`). `Lax` and not `Strict`, so that a link in a chat leads to the
//! incident and not to the sign-in.

use super::{AppState, problem::Problem};
use crate::config::people::{People as Config, Served};
use app::{
    ACCEPT, ApiError, SIGN_IN,
    backend::{
        Caller,
        people::{Acceptance, NewSession, Refusal, SignIn},
    },
};
use axum::{
    Form, Router,
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use leptos::server_fn::error::{FromServerFnError, ServerFnUrlError};
use serde::Deserialize;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

/// What is answered without a session, beside what lies below [`OPEN_BELOW`].
pub const OPEN: [&str; 8] = [
    "/healthz",
    "/sign-in",
    SIGN_IN,
    ACCEPT,
    "/api/invitation",
    // Machines, which show a token or a signature of their own.
    "/hooks/events",
    "/hooks/alertmanager",
    "/hooks/sns",
];
/// What lies below these: style sheets and the module; share links and invitations, whose tokens open
/// them.
pub const OPEN_BELOW: [&str; 3] = ["/pkg/", "/s/", "/invitations/"];

/// Characters of a session's token: 256 bits in base64 without padding.
const TOKEN_CHARS: usize = 43;

/// How people come in from outside.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// Names that are served.
    pub served: Arc<Served>,
    /// Reverse proxies whose word for an address is believed.
    proxies: Arc<[IpAddr]>,
}

impl Door {
    /// As the configuration has it.
    ///
    /// # Errors
    /// Names the key that makes no sense.
    pub fn of(config: &Config) -> Result<Self, String> {
        Ok(Self {
            served: Arc::new(config.served()?),
            proxies: config.proxies.clone().into(),
        })
    }

    fn cookie(&self) -> &'static str {
        if self.served.is_secure() {
            "__Host-lineup"
        } else {
            "lineup"
        }
    }

    /// The token of the session, where the request has one.
    pub(super) fn token<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let cookies = headers.get_all(header::COOKIE).iter();
        cookies
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie())
            .map(|(_, token)| token)
            .filter(|token| token.len() == TOKEN_CHARS)
    }

    /// `Set-Cookie` of a session that has begun; without one, of a session that is over.
    fn set(&self, begun: Option<&NewSession>) -> HeaderValue {
        let (token, lasts_s) = begun.map_or(("", 0), |s| (s.token.as_str(), s.lasts_s));
        let secure = if self.served.is_secure() {
            "; Secure"
        } else {
            ""
        };
        let name = self.cookie();
        let text =
            format!("{name}={token}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Lax{secure}");
        // Tokens are letters, digits, `-` and `_`.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// The address that a request comes from, as attempts are counted by: of IPv6 the network of 64
    /// bits, which is what one household or one rented machine has.
    fn address(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> String {
        let Some(peer) = peer.map(|p| p.ip().to_canonical()) else {
            return String::new();
        };
        let mut address = peer;
        if self.proxies.contains(&peer) {
            let told = headers.get_all("x-forwarded-for").iter();
            let told: Vec<&str> = told
                .filter_map(|v| v.to_str().ok())
                .flat_map(|v| v.split(','))
                .collect();
            // The last that no proxy of ours is: what stands before it anybody may have written.
            for text in told.iter().rev() {
                let Ok(next) = text.trim().parse::<IpAddr>() else {
                    break;
                };
                address = next.to_canonical();
                if !self.proxies.contains(&address) {
                    break;
                }
            }
        }
        match address {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
            }
        }
    }
}

/// The routes of the forms.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(SIGN_IN, post(sign_in))
        .route("/session/end", post(sign_out))
        .route("/session/end-all", post(sign_out_everywhere))
        .route(ACCEPT, post(accept))
}

/// Who asks, for a handler. A route that is not behind [`enter`] is asked by nobody.
pub(super) struct Who(pub(super) Caller);

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let who = parts.extensions.get::<Caller>().cloned();
        Ok(Self(who.unwrap_or(Caller::Nobody)))
    }
}

/// Says who asks, and lets nobody in without a session but where the door stands open.
pub(super) async fn enter(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let who = match who(&state, request.headers()).await {
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    if who == Caller::Nobody && !is_open(request.uri().path()) {
        return stranger(&request);
    }
    request.extensions_mut().insert(who);
    next.run(request).await
}

async fn who(state: &AppState, headers: &HeaderMap) -> Result<Caller, Problem> {
    if !state.backend.has_accounts() {
        return Ok(Caller::LocalUser);
    }
    match state.door.token(headers) {
        Some(token) => {
            let caller = state.backend.caller(token).await;
            caller.map_err(|e| super::problem::of_api(&e))
        }
        None => Ok(Caller::Nobody),
    }
}

fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || OPEN_BELOW.iter().any(|below| path.starts_with(below))
}

/// Leads people to the sign-in, and tells programs.
fn stranger(request: &Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_person(request.headers()) {
        let place = request.uri().path_and_query().filter(|_| reads);
        let next = place.map_or("/", |place| place.as_str());
        return Redirect::to(&sign_in_page(next)).into_response();
    }
    let detail = "You are not signed in (any more): reload the page and sign in.";
    if request.uri().path().starts_with("/api/") && !reads {
        // What the browser's module reads as the answer of a server function.
        let body = ApiError::Unavailable(detail.to_owned()).ser();
        let kind = [(header::CONTENT_TYPE, "application/json")];
        return (StatusCode::UNAUTHORIZED, kind, body).into_response();
    }
    Problem::new(StatusCode::UNAUTHORIZED, "Who is this?", detail).into_response()
}

/// Whether a browser asked for somebody who looks at it.
fn is_person(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The page that asks to sign in, and leads on to `next`.
fn sign_in_page(next: &str) -> String {
    if next == "/" {
        return "/sign-in".to_owned();
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    format!("/sign-in?{}", query.finish())
}

/// A path of ours; whatever else somebody wrote into the address is the overview.
fn ours(next: &str) -> &str {
    let path = next.starts_with('/') && !next.starts_with("//");
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if path && plain { next } else { "/" }
}

/// Back to the page of a form, which says what is wrong.
fn back(page: &str, form: &str, error: ApiError) -> Response {
    let base = format!("http://localhost{page}");
    match ServerFnUrlError::new(form, error).to_url(&base) {
        Ok(address) => {
            let query = address.query().unwrap_or_default();
            Redirect::to(&format!("{}?{query}", address.path())).into_response()
        }
        Err(_) => Redirect::to(page).into_response(),
    }
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> String {
    let value = headers.get(name).and_then(|v| v.to_str().ok());
    value.unwrap_or("unknown").to_owned()
}

/// Where the answer to a form leads, with the cookie of a session.
fn led(to: &str, cookie: HeaderValue) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The address of who connects, where the server was told.
struct Peer(Option<SocketAddr>);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|ConnectInfo(address)| *address)))
    }
}

async fn sign_in(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let ask = SignIn {
        login: form.login,
        password: form.password,
        from: state.door.address(peer, &headers),
        about: text_of(&headers, header::USER_AGENT),
    };
    let next = ours(&form.next);
    let (status, words, wait_s) = match state.backend.sign_in(ask).await {
        Ok(begun) => return led(next, state.door.set(Some(&begun))),
        Err(Refusal::Wrong) => (
            StatusCode::UNAUTHORIZED,
            "Login and password do not belong together.".to_owned(),
            None,
        ),
        Err(Refusal::TooMany(wait_s)) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "There were too many attempts: try again in {} minutes.",
                wait_s / 60 + 1
            ),
            Some(wait_s),
        ),
        Err(Refusal::Unavailable(words)) => (StatusCode::SERVICE_UNAVAILABLE, words, None),
    };
    if is_person(&headers) {
        return back(&sign_in_page(next), SIGN_IN, ApiError::Invalid(words));
    }
    let mut response = Problem::new(status, "Not signed in", words).into_response();
    if let Some(wait_s) = wait_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    }
    response
}

async fn sign_out(State(state): State<AppState>, Who(who): Who) -> Response {
    ended(&state, state.backend.sign_out(&who).await)
}

async fn sign_out_everywhere(State(state): State<AppState>, Who(who): Who) -> Response {
    ended(&state, state.backend.sign_out_everywhere(&who).await)
}

fn ended(state: &AppState, done: Result<(), ApiError>) -> Response {
    match done {
        Ok(()) => led("/sign-in", state.door.set(None)),
        Err(error) => super::problem::of_api(&error).into_response(),
    }
}

#[derive(Deserialize)]
struct AcceptForm {
    token: String,
    name: String,
    login: String,
    password: String,
    again: String,
}

async fn accept(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(form): Form<AcceptForm>,
) -> Response {
    // A token is part of an address, and nothing else that somebody wrote.
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let good = form.token.len() == TOKEN_CHARS && form.token.chars().all(letter);
    let token = if good { form.token } else { "none".to_owned() };
    let page = format!("/invitations/{token}");
    let by = Acceptance {
        token,
        name: form.name,
        login: form.login,
        password: form.password,
        again: form.again,
        about: text_of(&headers, header::USER_AGENT),
    };
    match state.backend.accept_invitation(by).await {
        Ok(begun) => led("/", state.door.set(Some(&begun))),
        Err(error) if is_person(&headers) => back(&page, ACCEPT, error),
        Err(error) => super::problem::of_api(&error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn door(config: &str) -> Door {
        Door::of(&toml::from_str(config).unwrap()).unwrap()
    }

    #[test]
    fn a_cookie_is_for_this_host_and_no_script() {
        let begun = NewSession {
            token: "t".repeat(43),
            lasts_s: 60,
        };
        let plain = Door::default().set(Some(&begun));
        let token = &begun.token;
        assert_eq!(
            plain,
            format!("lineup={token}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
        );
        let secure = door("on = true\naddress = \"https://lineup.example.org\"");
        assert_eq!(
            secure.set(Some(&begun)),
            format!("__Host-lineup={token}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure")
        );
        let over = secure.set(None);
        assert!(
            over.to_str()
                .unwrap()
                .starts_with("__Host-lineup=; Path=/; Max-Age=0;")
        );
    }

    #[test]
    fn a_token_is_read_from_its_cookie_alone() {
        const TOKEN: &str = "0123456789012345678901234567890123456789012";
        let plain = Door::default();
        let with = headers(&[
            ("cookie", "theme=dark; lineup=short"),
            (
                "cookie",
                "x=y;lineup=0123456789012345678901234567890123456789012",
            ),
        ]);
        assert_eq!(plain.token(&with), None, "the first counts, and is none");
        let with = headers(&[(
            "cookie",
            "a=b; lineup=0123456789012345678901234567890123456789012",
        )]);
        assert_eq!(plain.token(&with), Some(TOKEN));
        let secure = door("on = true\naddress = \"https://lineup.example.org\"");
        assert_eq!(secure.token(&with), None);
        assert_eq!(plain.token(&headers(&[])), None);
    }

    #[test]
    fn only_a_known_proxy_is_believed() {
        let door = door("on = true\nproxies = [\"10.0.0.1\", \"10.0.0.2\"]");
        let from = |text: &str| Some(SocketAddr::new(text.parse().unwrap(), 1));
        let told = headers(&[("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2")]);
        assert_eq!(door.address(from("10.0.0.1"), &told), "203.0.113.9");
        assert_eq!(door.address(from("198.51.100.7"), &told), "198.51.100.7");
        assert_eq!(door.address(from("10.0.0.1"), &headers(&[])), "10.0.0.1");
        let broken = headers(&[("x-forwarded-for", "203.0.113.9, _hidden")]);
        assert_eq!(door.address(from("10.0.0.1"), &broken), "10.0.0.1");
        let v6 = from("2001:db8:1:2:3:4:5:6");
        assert_eq!(door.address(v6, &told), "2001:db8:1:2::");
        assert_eq!(door.address(None, &told), "");
    }

    #[test]
    fn a_sign_in_leads_to_our_own_pages_alone() {
        for good in ["/", "/incidents/4f?from=1&to=2#x", "/a%2F"] {
            assert_eq!(ours(good), good);
        }
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a b",
            "/\r\nset-cookie: a=b",
            "javascript:alert(1)",
        ] {
            assert_eq!(ours(bad), "/", "{bad}");
        }
        assert_eq!(sign_in_page("/"), "/sign-in");
        assert_eq!(sign_in_page("/a?b=c&d"), "/sign-in?next=%2Fa%3Fb%3Dc%26d");
    }
}
