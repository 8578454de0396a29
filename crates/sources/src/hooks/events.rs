//! `POST /hooks/events`: lines of JSON as in a bundle's `events.jsonl` (`docs/bundle.md`), for
//! whatever is no object of Kubernetes: a deployment by a pipeline, a switch of DNS, a migration.

use super::{HookError, hash};
use crate::bundle;
use model::{Batch, Event, Timestamp};

/// Events of one body.
pub const MAX_EVENTS: usize = 10_000;
/// The attribute that a title which was cut goes on in.
const WHOLE_TITLE: &str = "whole_title";

/// The events of a body. `sender` is the name of the token that was shown: it stands in the ids, so
/// that two senders never overwrite each other's events, and one sender may: an event that is sent
/// again with its end takes the place of the one before.
pub fn parse(body: &[u8], sender: &str, now: Timestamp) -> Result<Batch, HookError> {
    let mut events = bundle::read_events(body)?;
    if events.is_empty() {
        return Err(HookError::malformed(
            "the body",
            "at least one line of JSON that is an event, found none",
        ));
    }
    if events.len() > MAX_EVENTS {
        let expected = format!("at most {MAX_EVENTS} events, found {}", events.len());
        return Err(HookError::malformed("the body", expected));
    }
    for event in &mut events {
        let (from, to) = event.start_bounds();
        let times = [from, to, event.end].into_iter().flatten();
        super::plausible(&format!("the event '{}'", event.id), times, now)?;
        let id = format!("{sender}.{}", event.id);
        event.id = if bundle::is_id(&id) {
            id
        } else {
            format!("{sender}.{}", hash(&[&event.id]))
        };
        if event.source.is_empty() {
            sender.clone_into(&mut event.source);
        }
        shorten(event);
        // Something that is told when it happens happened then.
        let bounds = event.start_bounds();
        if bounds == (None, None) {
            super::set(&mut event.attributes, "observed_at", &now.to_string());
        }
    }
    let query = format!("POST /hooks/events as {sender}");
    Ok(super::batch(super::NAME, &query, events, Vec::new(), now))
}

/// Cuts a title that is too long; more of it stays in an attribute.
fn shorten(event: &mut Event) {
    let title = super::title(&event.title);
    if title == event.title {
        return;
    }
    let whole = std::mem::replace(&mut event.title, title);
    if !event.attributes.contains_key(WHOLE_TITLE) {
        super::set(&mut event.attributes, WHOLE_TITLE, &whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EventKind;

    const NOW: Timestamp = Timestamp::from_seconds(1_600_000_000);

    #[test]
    fn lines_become_events_of_their_sender() {
        let body = br#"{"id":"deploy-7","kind":"rollout","start":"2020-09-13T12:00:00Z","title":"shop 7","attributes":{"revision":7}}

{"id":"dns","kind":"config_change","source":"terraform"}"#;
        let batch = parse(body, "ci", NOW).unwrap();
        let [a, b] = &batch.events[..] else { panic!() };
        assert_eq!((a.id.as_str(), a.source.as_str()), ("ci.deploy-7", "ci"));
        assert_eq!(a.kind, EventKind::Rollout);
        assert_eq!((b.id.as_str(), b.source.as_str()), ("ci.dns", "terraform"));
        assert_eq!(b.start_bounds(), (None, Some(NOW)));
        assert_eq!(batch.provenance.events, 2);
    }

    #[test]
    fn one_bad_line_is_named_and_nothing_is_taken() {
        for (body, words) in [
            (&b"{\"id\":\"a\",\"kind\":\"x\"}\n{\"id\":7}"[..], "events.jsonl:2"),
            (b"{\"id\":\"a b\",\"kind\":\"x\"}", "letters"),
            (b"{\"id\":\"a\"}\n\n{\"id\":\"a\"}", "events.jsonl:3"),
            (b"{\"id\":\"a\",\"start\":\"yesterday\"}", "RFC 3339"),
            (b"{\"id\":\"a\",\"start\":\"2020-01-02T00:00:00Z\",\"end\":\"2020-01-01T00:00:00Z\"}", "not before"),
            (b"{\"id\":\"a\",\"start\":\"2099-01-01T00:00:00Z\"}", "'a': expected a time"),
            (b"{\"id\":\"a\",\"start\":\"1970-01-02T00:00:00Z\"}", "'a': expected a time"),
            (b"{\"id\":\"a\",\"start\":\"2020-09-13T12:00:00Z\",\"end\":\"2030-01-01T00:00:00Z\"}", "found 2030"),
            (b"hello", "events.jsonl:1"),
            (b"\xff", "UTF-8"),
            (b" \n ", "at least one line"),
        ] {
            let error = parse(body, "ci", NOW).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_long_title_is_cut_and_more_of_it_is_an_attribute() {
        let told = |title: &str| {
            let line = serde_json::json!({"id": "a", "kind": "x", "title": title});
            let batch = parse(line.to_string().as_bytes(), "ci", NOW).unwrap();
            batch.events[0].clone()
        };
        let fits = "é".repeat(300);
        assert_eq!(told(&fits).title, fits);
        assert_eq!(told(&fits).attribute(WHOLE_TITLE), None);
        let long = "é".repeat(40_000);
        let cut = told(&long);
        assert_eq!(cut.title, format!("{}…", "é".repeat(299)));
        let whole = cut.attribute(WHOLE_TITLE).unwrap();
        assert_eq!(whole.chars().count(), 1_000);
    }

    #[test]
    fn a_long_id_stays_an_id() {
        let line = format!("{{\"id\":\"{}\",\"kind\":\"x\"}}", "a".repeat(128));
        let batch = parse(line.as_bytes(), "ci", NOW).unwrap();
        let again = parse(line.as_bytes(), "ci", NOW).unwrap();
        assert!(bundle::is_id(&batch.events[0].id));
        assert_eq!(batch.events[0].id, again.events[0].id);
    }
}
