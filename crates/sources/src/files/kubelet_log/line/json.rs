//! Lines that are JSON: `journalctl -o json`, and Docker's files.

use super::{Line, Severity, klog};
use crate::files::clock::{Written, iso, number};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The fields that are read of `journalctl -o json` and of Docker's json-file.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, rename = "MESSAGE")]
    message: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "__REALTIME_TIMESTAMP")]
    realtime: Option<&'a str>,
    #[serde(borrow, default, rename = "PRIORITY")]
    priority: Option<&'a RawValue>,
    #[serde(default, rename = "_HOSTNAME")]
    host: Option<String>,
    #[serde(default, rename = "SYSLOG_IDENTIFIER")]
    program: Option<String>,
    #[serde(borrow, default)]
    log: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a str>,
}

pub(super) fn parse(line: &[u8]) -> Option<Line<'_>> {
    let object: Object<'_> = serde_json::from_slice(line).ok()?;
    let message = text(object.message.or(object.log)?)?;
    let at = match (object.realtime, object.time) {
        (Some(micros), _) => Written::exact(number(micros.as_bytes())? / 1_000),
        (None, Some(time)) => iso(time.as_bytes())?.0,
        (None, None) => return None,
    };
    let priority = object
        .priority
        .and_then(|p| number(p.get().trim_matches('"').as_bytes()));
    // The message has a head of its own, which lives in another buffer: take the parts over.
    let inner = {
        let mut inner = Line::default();
        klog::body(message.trim_ascii_end(), &mut inner);
        Line {
            severity: inner.severity,
            site: Cow::Owned(inner.site.into_owned()),
            message: Cow::Owned(inner.message.into_owned()),
            ..Line::default()
        }
    };
    Some(Line {
        at: Some(at),
        host: Cow::Owned(object.host.unwrap_or_default().into_bytes()),
        program: Cow::Owned(object.program.unwrap_or_default().into_bytes()),
        severity: inner
            .severity
            .max(priority.map_or(Severity::Info, Severity::of_priority)),
        ..inner
    })
}

/// A message: text, or an array of bytes where it is no text (journalctl's way).
fn text(raw: &RawValue) -> Option<Vec<u8>> {
    if raw.get().starts_with('"') {
        return serde_json::from_str::<String>(raw.get())
            .ok()
            .map(String::into_bytes);
    }
    serde_json::from_str::<Vec<u8>>(raw.get()).ok()
}
