//! What a form was refused for stands in the address of the page that the browser is sent back to. Only
//! what this server wrote there is shown: its redirects carry a signature, and an address without the
//! right one is asked for again without the message. So nobody can put words of their own into the
//! mouth of the application by a link.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use std::sync::LazyLock;

/// The message.
const ERROR: &str = "__err";
/// The form that it is about.
const FORM: &str = "__path";
/// The signature of both.
const SIGNATURE: &str = app::SIGNATURE;
/// All that a refused form leaves in an address.
pub(super) const LEFT: [&str; 3] = [ERROR, FORM, SIGNATURE];

/// The key of this process. A message in an address from before a restart is not shown any more.
static KEY: LazyLock<Option<ring::hmac::Key>> = LazyLock::new(|| {
    let mut bytes = [0; 32];
    let drawn = crate::random::Random::fill(&crate::random::SystemRandom, &mut bytes);
    if let Err(error) = drawn {
        tracing::error!(%error, "the operating system gives no randomness; forms say no reasons");
        return None;
    }
    Some(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &bytes))
});

/// Sends away from addresses with messages that are not ours, and signs those that are.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let uri = request.uri();
    if reads && let Some(query) = uri.query().filter(|q| q.contains(ERROR)) {
        let pairs = pairs(query);
        let told = pairs.iter().any(|(name, _)| name == ERROR);
        if told && !is_signed(&pairs) {
            let rest = without(&pairs, &LEFT);
            let path = uri.path();
            // A path with two strokes in front would name another host.
            let path = format!("/{}", path.trim_start_matches(['/', '\\']));
            return Redirect::to(&joined(&path, &rest)).into_response();
        }
    }
    let mut response = next.run(request).await;
    if response.status().is_redirection()
        && let Some(place) = response.headers().get(header::LOCATION)
        && let Some(signed) = place.to_str().ok().and_then(signed)
        && let Ok(signed) = HeaderValue::from_str(&signed)
    {
        response.headers_mut().insert(header::LOCATION, signed);
    }
    response
}

/// The place with the signature of its message; `None` where it has to stay as it is.
fn signed(place: &str) -> Option<String> {
    let (path, query) = place.split_once('?')?;
    if query.is_empty() {
        // What the framework leaves of an address from which it took a message.
        return Some(path.to_owned());
    }
    let pairs = pairs(query);
    let mut rest = without(&pairs, &[SIGNATURE]);
    let message = value(&pairs, ERROR);
    if rest.len() == pairs.len() && message.is_none() {
        return None;
    }
    if let Some(message) = message {
        let key = KEY.as_ref()?;
        let form = value(&pairs, FORM).unwrap_or_default();
        let tag = ring::hmac::sign(key, text(form, message).as_bytes());
        rest.push((SIGNATURE.to_owned(), model::bundle::hex(tag.as_ref())));
    }
    Some(joined(path, &rest))
}

fn is_signed(pairs: &[(String, String)]) -> bool {
    let (Some(key), Some(message)) = (KEY.as_ref(), value(pairs, ERROR)) else {
        return false;
    };
    let once = |name: &str| pairs.iter().filter(|(n, _)| n == name).count() == 1;
    if !LEFT.into_iter().all(once) {
        return false;
    }
    let form = value(pairs, FORM).unwrap_or_default();
    let tag = value(pairs, SIGNATURE).and_then(bytes).unwrap_or_default();
    ring::hmac::verify(key, text(form, message).as_bytes(), &tag).is_ok()
}

/// What is signed: two texts that cannot run into each other.
fn text(form: &str, message: &str) -> String {
    format!("{}:{form}{message}", form.len())
}

/// The bytes of hexadecimal digits.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|two| {
            let two = std::str::from_utf8(two).ok().filter(|two| two.len() == 2)?;
            u8::from_str_radix(two, 16).ok()
        })
        .collect()
}

pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_str())
}

pub(super) fn without(pairs: &[(String, String)], names: &[&str]) -> Vec<(String, String)> {
    let kept = pairs
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()));
    kept.cloned().collect()
}

pub(super) fn joined(path: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_here_is_shown() {
        let place =
            "http://127.0.0.1:3000/incidents?title=a+b&__path=%2Fimport&__err=eyJ9&__sig=00";
        let ours = signed(place).unwrap();
        let query = pairs(ours.split_once('?').unwrap().1);
        assert!(is_signed(&query), "{ours}");
        assert_eq!(value(&query, "title"), Some("a b"));
        let with = |name: &str, value: &str| {
            let mut query = query.clone();
            for (n, v) in &mut query {
                if n == name {
                    value.clone_into(v);
                }
            }
            query
        };
        assert!(is_signed(&with("title", "other")));
        assert!(!is_signed(&with(ERROR, "b3RoZXI=")));
        assert!(!is_signed(&with(FORM, "/api/rename")));
        assert!(!is_signed(&with(SIGNATURE, "00")));
        assert!(!is_signed(&with(SIGNATURE, "zz")));
        // The second of two is what somebody else may read.
        let mut twice = query.clone();
        twice.push((ERROR.to_owned(), "b3RoZXI=".to_owned()));
        assert!(!is_signed(&twice));
        assert_eq!(signed("/incidents/1"), None);
        assert_eq!(signed("/incidents/1?").as_deref(), Some("/incidents/1"));
        assert_eq!(signed("/incidents?text=__err"), None);
        assert_eq!(signed("/?__sig=00").as_deref(), Some("/"));
    }
}
