//! What a share link opens: one page without any script, pictures of its charts, and the page as files.
//! Everything is rendered once and given out of memory; nothing here leads anywhere else.

use super::{AppState, assets::accepts_brotli};
use crate::backend::page_outside;
use app::{
    ApiError,
    backend::{Caller, Entered, FileKind, SharedBytes, Visit, Visited, Wanted},
};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// No scripts and nothing from elsewhere; the only thing that a page loads is its style sheet.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; font-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Name of the cookie that the right password gives.
const COOKIE: &str = "lineup_share";

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// What those call themselves that fetch a link in order to show a preview of it, or to index it.
const FETCHERS: [&str; 12] = [
    "bot/",
    "bot;",
    "bot ",
    "crawler",
    "spider",
    "facebookexternalhit",
    "whatsapp",
    "preview",
    "slackbot",
    "embedly",
    "unfurl",
    "vkshare",
];

/// `GET /s/{token}`.
pub(super) async fn page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    if method == Method::HEAD || is_fetcher(&headers) {
        return neutral();
    }
    let visit = Visit {
        wanted: Wanted::Report,
        pass: pass(&headers),
    };
    match state.backend.visit(&Caller::Share(token), visit).await {
        Ok(Visited::Open(bytes)) => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            outside(given(bytes, html, &headers))
        }
        Ok(Visited::Password) => ask(StatusCode::OK, ""),
        Err(error) => refused(&error),
    }
}

/// What the form of a link that asks for a password sends.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    password: String,
}

/// `POST /s/{token}`: the right password gives a cookie that opens this link for a while.
pub(super) async fn enter(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Form(form): Form<PasswordForm>,
) -> Response {
    let who = Caller::Share(token.clone());
    match state.backend.enter(&who, form.password).await {
        Ok(Entered::Pass { value, seconds }) => {
            let path = format!("/s/{token}");
            let cookie =
                format!("{COOKIE}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax");
            let (Ok(cookie), Ok(place)) =
                (HeaderValue::from_str(&cookie), HeaderValue::from_str(&path))
            else {
                return refused(&ApiError::NotFound);
            };
            let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, place)];
            outside((StatusCode::SEE_OTHER, headers).into_response())
        }
        Ok(Entered::Wrong) => ask(StatusCode::FORBIDDEN, "That is not the password."),
        Ok(Entered::TooMany(seconds)) => {
            let mut answer = ask(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong passwords: wait some minutes, then try again.",
            );
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
        Err(error) => refused(&error),
    }
}

/// `GET /s/{token}/charts/{lane}.svg` and `.png`, to be shown in other pages too: whoever has the
/// address has the picture.
pub(super) async fn picture(
    State(state): State<AppState>,
    Path((token, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let (wanted, kind) = if let Some(lane) = file.strip_suffix(".svg") {
        (Wanted::Svg(lane.to_owned()), "image/svg+xml")
    } else if let Some(lane) = file.strip_suffix(".png") {
        (Wanted::Png(lane.to_owned()), "image/png")
    } else {
        return refused(&ApiError::NotFound);
    };
    let visit = Visit {
        wanted,
        pass: pass(&headers),
    };
    let visited = state.backend.visit(&Caller::Share(token), visit).await;
    match visited {
        Ok(Visited::Open(bytes)) => {
            let mut answer = outside(given(bytes, HeaderValue::from_static(kind), &headers));
            let headers = answer.headers_mut();
            headers.insert(
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("cross-origin"),
            );
            headers.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, max-age=60"),
            );
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; sandbox"),
            );
            answer
        }
        // A picture cannot ask for anything.
        Ok(Visited::Password) => refused(&ApiError::NotFound),
        Err(error) => refused(&error),
    }
}

/// `GET /s/{token}/report.html`, `.pdf` and `.md.zip`: the report to take away, as the page shows it.
pub(super) async fn file(
    State(state): State<AppState>,
    Path((token, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(kind) = FileKind::ALL.into_iter().find(|kind| kind.name() == name) else {
        return refused(&ApiError::NotFound);
    };
    if is_fetcher(&headers) {
        return neutral();
    }
    let visit = Visit {
        wanted: Wanted::File(kind),
        pass: pass(&headers),
    };
    match state.backend.visit(&Caller::Share(token), visit).await {
        Ok(Visited::Open(bytes)) => {
            let mut answer = outside(given(
                bytes,
                HeaderValue::from_static(kind.media_type()),
                &headers,
            ));
            let disposition = format!("attachment; filename=\"{name}\"");
            if let Ok(disposition) = HeaderValue::from_str(&disposition) {
                let headers = answer.headers_mut();
                headers.insert(header::CONTENT_DISPOSITION, disposition);
                headers.insert(
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static("default-src 'none'; sandbox"),
                );
            }
            answer
        }
        // The page asks for the password.
        Ok(Visited::Password) => refused(&ApiError::NotFound),
        Err(error) => refused(&error),
    }
}

fn given(bytes: SharedBytes, kind: HeaderValue, asked: &HeaderMap) -> Response {
    let packed = bytes.brotli.filter(|_| accepts_brotli(asked));
    let encoded = packed.is_some();
    let mut answer = packed.unwrap_or(bytes.plain).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept-encoding, cookie"),
    );
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    answer
}

/// An answer that no other site learns of and no index holds.
fn outside(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(
        ROBOTS,
        HeaderValue::from_static("noindex, nofollow, noarchive"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    answer
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    outside((status, kind, page_outside(title, body)).into_response())
}

/// What those are given that only look what lies behind a link: the same for every link, also for
/// those that there are not.
fn neutral() -> Response {
    html(
        StatusCode::OK,
        "A shared report",
        "<section class=\"problem\"><h1>A report shared with Lineup</h1>\
         <p>Open the link in a browser to read it.</p></section>\n",
    )
}

/// The form that asks for the password.
fn ask(status: StatusCode, wrong: &str) -> Response {
    let fault = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p class=\"refused\" role=\"alert\">{wrong}</p>")
    };
    let body = format!(
        "<section class=\"panel\" aria-labelledby=\"h-password\">\
         <h1 id=\"h-password\">This report asks for a password</h1>{fault}\
         <form method=\"post\" data-testid=\"share-password\"><div class=\"field\">\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" required \
         autocomplete=\"off\" maxlength=\"200\"></div>\
         <p class=\"actions\"><button type=\"submit\" class=\"button primary\">Open the report\
         </button></p></form></section>\n"
    );
    let mut answer = html(status, "A shared report", &body);
    // `no-referrer` would make browsers send `Origin: null` with the form, which is refused. The page
    // holds nothing, and sends its address to this server alone.
    answer.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    answer
}

/// Unknown, expired, used up and revoked links say the same, so that nobody learns which there were.
fn refused(error: &ApiError) -> Response {
    let (status, title, text) = match error {
        ApiError::Unavailable(text) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not available now",
            text.as_str(),
        ),
        _ => (
            StatusCode::NOT_FOUND,
            "This link does not open anything (any more)",
            "It may be mistyped, its time may be over, it may have been opened as often as it may be, \
             or somebody revoked it. Ask the person who sent it for a new one.",
        ),
    };
    let body = format!(
        "<section class=\"problem\" data-testid=\"share-refused\"><h1>{title}</h1><p>{text}</p></section>\n"
    );
    html(status, title, &body)
}

/// Whether a page is fetched for a preview or an index, or before anybody asked for it: it would show
/// what it should not, and use up views.
fn is_fetcher(headers: &HeaderMap) -> bool {
    let says = |name: &str| {
        let value = headers.get(name).and_then(|v| v.to_str().ok());
        value.unwrap_or_default().to_ascii_lowercase()
    };
    let agent = says("user-agent");
    FETCHERS.iter().any(|f| agent.contains(f))
        || agent.ends_with("bot")
        || ["sec-purpose", "purpose"]
            .iter()
            .any(|name| says(name).contains("prefetch"))
}

fn pass(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetchers_are_known_by_their_names() {
        let agent = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, HeaderValue::from_static(text));
            is_fetcher(&headers)
        };
        for fetcher in [
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "facebookexternalhit/1.1",
            "TelegramBot (like TwitterBot)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
            "WhatsApp/2.23.20.0",
            "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
        ] {
            assert!(agent(fetcher), "{fetcher}");
        }
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
            "curl/8.5.0",
        ] {
            assert!(!agent(browser), "{browser}");
        }
    }

    #[test]
    fn a_pass_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=b; lineup_share=1.ff; c=d"),
        );
        assert_eq!(pass(&headers).as_deref(), Some("1.ff"));
        assert_eq!(pass(&HeaderMap::new()), None);
    }
}
