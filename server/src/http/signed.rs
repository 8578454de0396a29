//! What a form was refused for stands in the address of the page that the browser is sent back to. Only
//! what this server wrote there is shown: its redirects carry a signature, and an address without the
//! right one is asked for again without the message. So nobody can put words of their own into the
//! mouth of the application by a link.

use crate::random::{Random as _, SystemRandom};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use ring::hmac::{self, HMAC_SHA256, Key};
use std::sync::Arc;
use store::Store;
use tokio::sync::OnceCell;

/// The message.
const ERROR: &str = "__err";
/// The form that it is about.
const FORM: &str = "__path";
/// The signature of both.
const SIGNATURE: &str = app::SIGNATURE;
/// All that a refused form leaves in an address.
pub(super) const LEFT: [&str; 3] = [ERROR, FORM, SIGNATURE];

/// What the key is for, in the database.
const PURPOSE: &str = "messages in addresses";

/// Signs messages and knows its own again. The key is kept in the database and read when it is first needed:
/// what was told before a restart, or by another process of the same database, is shown all the same.
#[derive(Clone)]
pub(super) struct Signer {
    store: Arc<dyn Store>,
    key: Arc<OnceCell<Key>>,
}

impl Signer {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            key: Arc::default(),
        }
    }

    /// The key; `None`, which is logged, where there is none to be had now.
    async fn key(&self) -> Option<&Key> {
        let key = self.key.get_or_try_init(|| self.kept()).await;
        key.inspect_err(|error| tracing::error!(%error, "no signing key; forms say no reasons"))
            .ok()
    }

    async fn kept(&self) -> Result<Key, String> {
        let mut drawn = [0; 32];
        SystemRandom
            .fill(&mut drawn)
            .map_err(|e| format!("the operating system gives no randomness: {e}"))?;
        let kept = self.store.signing_key(PURPOSE, &drawn).await;
        let kept = kept.map_err(|e| e.to_string())?;
        Ok(Key::new(HMAC_SHA256, &kept))
    }
}

/// Sends away from addresses with messages that are not ours, and signs those that are.
pub(super) async fn guard(State(signer): State<Signer>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let uri = request.uri();
    if reads && let Some(query) = uri.query().filter(|q| q.contains(ERROR)) {
        let pairs = pairs(query);
        let told = pairs.iter().any(|(name, _)| name == ERROR);
        if told && !signer.key().await.is_some_and(|k| is_signed(k, &pairs)) {
            let rest = without(&pairs, &LEFT);
            let path = uri.path();
            // A path with two strokes in front would name another host.
            let path = format!("/{}", path.trim_start_matches(['/', '\\']));
            return Redirect::to(&joined(&path, &rest)).into_response();
        }
    }
    let mut response = next.run(request).await;
    if let Some(place) = led_to(&response) {
        let key = if place.contains(ERROR) {
            signer.key().await
        } else {
            None
        };
        if let Some(signed) = signed(&place, key)
            && let Ok(signed) = HeaderValue::from_str(&signed)
        {
            response.headers_mut().insert(header::LOCATION, signed);
        }
    }
    response
}

/// Where a redirect leads.
fn led_to(response: &Response) -> Option<String> {
    let redirects = response.status().is_redirection();
    let place = redirects.then(|| response.headers().get(header::LOCATION))??;
    Some(place.to_str().ok()?.to_owned())
}

/// The place with the signature of its message; `None` where it has to stay as it is. A message without a
/// key stays unsigned, and so unsaid.
fn signed(place: &str, key: Option<&Key>) -> Option<String> {
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
        let form = value(&pairs, FORM).unwrap_or_default();
        let tag = hmac::sign(key?, text(form, message).as_bytes());
        rest.push((SIGNATURE.to_owned(), model::bundle::hex(tag.as_ref())));
    }
    Some(joined(path, &rest))
}

fn is_signed(key: &Key, pairs: &[(String, String)]) -> bool {
    let Some(message) = value(pairs, ERROR) else {
        return false;
    };
    let once = |name: &str| pairs.iter().filter(|(n, _)| n == name).count() == 1;
    if !LEFT.into_iter().all(once) {
        return false;
    }
    let form = value(pairs, FORM).unwrap_or_default();
    let tag = value(pairs, SIGNATURE).and_then(bytes).unwrap_or_default();
    hmac::verify(key, text(form, message).as_bytes(), &tag).is_ok()
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
        let key = Key::new(HMAC_SHA256, b"ours");
        let place =
            "http://127.0.0.1:3000/incidents?title=a+b&__path=%2Fimport&__err=eyJ9&__sig=00";
        let ours = signed(place, Some(&key)).unwrap();
        let query = pairs(ours.split_once('?').unwrap().1);
        assert!(is_signed(&key, &query), "{ours}");
        assert!(!is_signed(&Key::new(HMAC_SHA256, b"theirs"), &query));
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
        assert!(is_signed(&key, &with("title", "other")));
        assert!(!is_signed(&key, &with(ERROR, "b3RoZXI=")));
        assert!(!is_signed(&key, &with(FORM, "/api/rename")));
        assert!(!is_signed(&key, &with(SIGNATURE, "00")));
        assert!(!is_signed(&key, &with(SIGNATURE, "zz")));
        // The second of two is what somebody else may read.
        let mut twice = query.clone();
        twice.push((ERROR.to_owned(), "b3RoZXI=".to_owned()));
        assert!(!is_signed(&key, &twice));
        // Without a key nothing is signed; what is no message goes on.
        assert_eq!(signed(place, None), None);
        assert_eq!(signed("/?__sig=00", None).as_deref(), Some("/"));
        assert_eq!(signed("/incidents/1", Some(&key)), None);
        assert_eq!(
            signed("/incidents/1?", Some(&key)).as_deref(),
            Some("/incidents/1")
        );
        assert_eq!(signed("/incidents?text=__err", Some(&key)), None);
        assert_eq!(signed("/?__sig=00", Some(&key)).as_deref(), Some("/"));
    }
}
