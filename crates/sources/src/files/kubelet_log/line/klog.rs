//! klog's own head, and the levels that other programs write into their messages.

use super::{Line, Severity};
use crate::files::clock::{Written, number, time_of_day};
use std::borrow::Cow;

/// klog's head in front of a message, or a level inside of it.
pub(super) fn body<'a>(message: &'a [u8], out: &mut Line<'a>) {
    if let Some((severity, at, site, rest)) = head(message) {
        out.severity = out.severity.max(severity);
        out.at = out.at.or(Some(at));
        out.site = Cow::Borrowed(site);
        out.message = Cow::Borrowed(rest);
        return;
    }
    out.severity = out.severity.max(said(message));
    out.message = Cow::Borrowed(message);
}

/// `W0526 14:51:59.491441    3851 mount_helper_common.go:36] message`
/// (klog: `Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg`).
pub(super) fn head(text: &[u8]) -> Option<(Severity, Written, &[u8], &[u8])> {
    let [
        level @ (b'I' | b'W' | b'E' | b'F'),
        m1,
        m2,
        d1,
        d2,
        b' ',
        rest @ ..,
    ] = text
    else {
        return None;
    };
    let (month, day) = (number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    let (ms, rest) = time_of_day(rest)?;
    let at = Written::yearless(month, day, ms)?;
    let end = rest.iter().take(200).position(|b| *b == b']')?;
    let head = rest.get(..end)?;
    let site = head.rsplit(|b| *b == b' ').next()?;
    let message = rest.get(end + 1..)?;
    let severity = match level {
        b'I' => Severity::Info,
        b'W' => Severity::Warning,
        b'E' => Severity::Error,
        _ => Severity::Fatal,
    };
    Some((
        severity,
        at,
        site,
        message.strip_prefix(b" ").unwrap_or(message),
    ))
}

/// What a message says of itself near its beginning: `level=warning` (logrus, in containerd and
/// Docker), `Warning:`, `[ERROR]`.
fn said(message: &[u8]) -> Severity {
    let head = message.get(..96).unwrap_or(message);
    let level = memchr::memmem::find(head, b"level=")
        .and_then(|at| head.get(at + 6..))
        .map(|level| level.strip_prefix(b"\"").unwrap_or(level));
    let word = level.unwrap_or_else(|| head.trim_ascii_start());
    let word = word.strip_prefix(b"[").unwrap_or(word);
    let n = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (word, after) = word.split_at_checked(n).unwrap_or_default();
    let marked = level.is_some() || matches!(after.first(), Some(b':' | b']'));
    let is = |names: &[&str]| {
        marked
            && names
                .iter()
                .any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    if is(&["fatal", "panic", "critical", "emerg"]) {
        Severity::Fatal
    } else if is(&["error", "err"]) {
        Severity::Error
    } else if is(&["warning", "warn"]) {
        Severity::Warning
    } else {
        Severity::Info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_where_they_are_said() {
        for (message, severity) in [
            ("level=warning msg=\"x\"", Severity::Warning),
            ("time=\"2020\" level=error msg=\"x\"", Severity::Error),
            ("[ERROR] x", Severity::Error),
            ("Warning: x", Severity::Warning),
            ("error syncing", Severity::Info), // not marked as one
            ("all is well", Severity::Info),
        ] {
            assert_eq!(said(message.as_bytes()), severity, "{message}");
        }
    }
}
