//! One line of a log: when, where, how bad, and what it says.
//!
//! Read are `journalctl` in its forms short, short-precise, short-iso, short-full and json, syslog
//! (RFC 3164 and 5424), klog, `kubectl logs` with and without `--timestamps`, and containerd's and
//! Docker's files on the node.

use crate::files::clock::{Written, iso, number, time_of_day};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How bad a line says it is; the worst is the greatest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    #[default]
    Info,
    Warning,
    Error,
    Fatal,
}

impl Severity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Of syslog's levels (RFC 5424, 6.2.1): 0 to 2 are fatal, 3 is an error, 4 a warning.
    fn of_priority(priority: i64) -> Self {
        match priority & 7 {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warning,
            _ => Self::Info,
        }
    }
}

/// A line, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// When, as written; the outermost time where there are several.
    pub(super) at: Option<Written>,
    /// The machine that the journal or syslog names.
    pub(super) host: Cow<'a, [u8]>,
    /// The program, without its process id.
    pub(super) program: Cow<'a, [u8]>,
    pub(super) severity: Severity,
    /// klog's `file.go:36`.
    pub(super) site: Cow<'a, [u8]>,
    /// The rest.
    pub(super) message: Cow<'a, [u8]>,
}

/// Whether the line looks like one of a log: it begins with a time or is of the journal.
pub(super) fn is_log(line: &[u8]) -> bool {
    let parsed = parse(line);
    parsed.at.is_some() || (line.starts_with(b"kubelet[") && !parsed.message.is_empty())
}

/// Whether the line begins with klog's head.
pub(super) fn is_klog(line: &[u8]) -> bool {
    klog(line).is_some()
}

/// Takes a line apart. What is not understood stays in the message.
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    if line.first() == Some(&b'{')
        && let Some(found) = json(line)
    {
        return found;
    }
    let mut out = Line::default();
    let rest = priority(line, &mut out);
    let rest = prefix(rest, &mut out);
    body(rest, &mut out);
    out
}

/// `<30>` or `<30>1 ` of syslog on the wire.
fn priority<'a>(line: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let Some(inner) = line.strip_prefix(b"<") else {
        return line;
    };
    let n = inner
        .iter()
        .take(4)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let Some((digits, rest)) = inner.split_at_checked(n) else {
        return line;
    };
    match (number(digits), rest) {
        (Some(priority), [b'>', rest @ ..]) => {
            out.severity = Severity::of_priority(priority);
            rest.strip_prefix(b"1 ").unwrap_or(rest)
        }
        _ => line,
    }
}

/// Time, host and program in front of the message.
fn prefix<'a>(line: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    // `Tue 2020-05-26 14:51:59 UTC host …` of `journalctl -o short-full`.
    let dated = match line {
        [a, b, c, b' ', rest @ ..] if [a, b, c].iter().all(|b| b.is_ascii_alphabetic()) => rest,
        _ => line,
    };
    if let Some((at, rest)) = iso(dated) {
        out.at = Some(at);
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        for stream in [&b"stdout "[..], b"stderr "] {
            if let Some(rest) = rest.strip_prefix(stream) {
                // `F` is a full line, `P` a part of one.
                let rest = rest.strip_prefix(b"F ").or(rest.strip_prefix(b"P "));
                return rest.unwrap_or_default();
            }
        }
        return host_and_program(rest, out);
    }
    if let Some((at, rest)) = month_day(line) {
        out.at = Some(at);
        return host_and_program(rest, out);
    }
    // Without a time in front only `kubelet[3851]: ` is sure to be a program.
    let message = program(line, out);
    if line.len() > message.len() && !line.get(..80).unwrap_or(line).contains(&b'[') {
        out.program = Cow::default();
        return line;
    }
    message
}

/// `May 26 14:51:59[.491441] `, also with the day filled up by a blank.
fn month_day(line: &[u8]) -> Option<(Written, &[u8])> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let (name, rest) = line.split_at_checked(3)?;
    let month = (1..).zip(MONTHS).find(|(_, known)| *known == name)?.0;
    let (day, rest) = match rest {
        [b' ', b' ', d, b' ', rest @ ..] => (number(&[*d])?, rest),
        [b' ', d1, d2, b' ', rest @ ..] => (number(&[*d1, *d2])?, rest),
        [b' ', d, b' ', rest @ ..] => (number(&[*d])?, rest),
        _ => return None,
    };
    let (ms, rest) = time_of_day(rest)?;
    let at = Written::yearless(month, day, ms)?;
    Some((at, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// `host program[pid]: `; without all three nothing is taken.
fn host_and_program<'a>(rest: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let blank = rest.iter().take(256).position(|b| *b == b' ');
    let Some((host, after)) = blank.and_then(|at| rest.split_at_checked(at)) else {
        return rest;
    };
    let after = after.get(1..).unwrap_or_default();
    let is_host = host
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(b));
    // `INFO main: …` is a level and no host.
    let is_host = is_host && !host.iter().all(u8::is_ascii_uppercase);
    let message = program(after, out);
    if !is_host || host.is_empty() || message.len() == after.len() {
        out.program = Cow::default();
        return rest;
    }
    out.host = Cow::Borrowed(host);
    message
}

/// `kubelet[3851]: ` or `kubelet: ` or, of RFC 5424, `kubelet 3851 ID47 - `.
fn program<'a>(rest: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"._-/@()".contains(b);
    let n = rest.iter().take(65).take_while(|b| name(b)).count();
    let Some((word, after)) = rest.split_at_checked(n).filter(|_| (1..=64).contains(&n)) else {
        return rest;
    };
    let message = match after {
        [b':', b' ', message @ ..] => message,
        [b'[', pid @ ..] => {
            let digits = pid
                .iter()
                .take(12)
                .take_while(|b| b.is_ascii_digit())
                .count();
            match pid.split_at_checked(digits) {
                Some((_, [b']', b':', message @ ..])) if digits > 0 => {
                    message.strip_prefix(b" ").unwrap_or(message)
                }
                _ => return rest,
            }
        }
        [b' ', rest5424 @ ..] => match wire(rest5424) {
            Some(message) => message,
            None => return rest,
        },
        _ => return rest,
    };
    // klog's own head and `Warning: ` look like programs too.
    let first = word.first().copied().unwrap_or_default();
    if first.is_ascii_uppercase() && after.first() == Some(&b':') {
        return rest;
    }
    out.program = Cow::Borrowed(word);
    message
}

/// `3851 ID47 - message` of RFC 5424, structured data left out.
fn wire(rest: &[u8]) -> Option<&[u8]> {
    let mut words = rest.splitn(4, |b| *b == b' ');
    let (pid, _, data) = (words.next()?, words.next()?, words.next()?);
    let good = pid == b"-" || number(pid).is_some();
    (good && data == b"-").then(|| words.next().unwrap_or_default())
}

/// klog's head in front of a message, or a level inside of it.
fn body<'a>(message: &'a [u8], out: &mut Line<'a>) {
    if let Some((severity, at, site, rest)) = klog(message) {
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
fn klog(text: &[u8]) -> Option<(Severity, Written, &[u8], &[u8])> {
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

fn json(line: &[u8]) -> Option<Line<'_>> {
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
        body(message.trim_ascii_end(), &mut inner);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::clock::Scale;

    #[test]
    fn every_form_says_time_host_severity_and_message() {
        let message = "Warning: Unmount skipped because path does not exist: /a";
        let klog = format!("W0526 14:51:59.491441    3851 mount_helper_common.go:36] {message}");
        let json = serde_json::json!({
            "__REALTIME_TIMESTAMP": "1590504719491441", "_HOSTNAME": "node-a", "PRIORITY": "6",
            "SYSLOG_IDENTIFIER": "kubelet", "MESSAGE": klog,
        });
        for (line, scale, host) in [
            (klog.clone(), Scale::Yearless, ""),
            (format!("kubelet[3851]: {klog}"), Scale::Yearless, ""),
            (
                format!("May 26 14:51:59 node-a kubelet[3851]: {klog}"),
                Scale::Yearless,
                "node-a",
            ),
            (
                format!("May 26 14:51:59.491441 node-a kubelet[3851]: {klog}"),
                Scale::Yearless,
                "node-a",
            ),
            (
                format!("2020-05-26T14:51:59+0000 node-a kubelet[3851]: {klog}"),
                Scale::Exact,
                "node-a",
            ),
            (
                format!("Tue 2020-05-26 14:51:59 UTC node-a kubelet[3851]: {klog}"),
                Scale::Exact,
                "node-a",
            ),
            (
                format!("2020-05-26T14:51:59.491441234Z stderr F {klog}"),
                Scale::Exact,
                "",
            ),
            (format!("2020-05-26T14:51:59.491Z {klog}"), Scale::Exact, ""),
            (
                format!("<30>1 2020-05-26T14:51:59Z node-a kubelet 3851 ID1 - {klog}"),
                Scale::Exact,
                "node-a",
            ),
            (json.to_string(), Scale::Exact, "node-a"),
        ] {
            let found = parse(line.as_bytes());
            let at = found.at.unwrap_or_else(|| panic!("{line}"));
            assert_eq!(at.scale, scale, "{line}");
            assert_eq!(
                at.minute_key(),
                parse(line.as_bytes()).at.unwrap().minute_key()
            );
            assert_eq!(&*found.host, host.as_bytes(), "{line}");
            assert_eq!(found.severity, Severity::Warning, "{line}");
            assert_eq!(&*found.site, b"mount_helper_common.go:36", "{line}");
            assert_eq!(&*found.message, message.as_bytes(), "{line}");
            assert!(is_log(line.as_bytes()));
        }
    }

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

    #[test]
    fn anything_else_is_message_alone() {
        for line in [
            "",
            "{",
            "W0526",
            "W9999 14:51:59.4 1 a:1] x",
            "goroutine 1 [running]:",
        ] {
            let found = parse(line.as_bytes());
            assert_eq!((found.at, &*found.message), (None, line.as_bytes()));
        }
        // An array of bytes, as journalctl writes what is no text.
        let odd = br#"{"__REALTIME_TIMESTAMP":"1000","MESSAGE":[104,105,255]}"#;
        assert_eq!(&*parse(odd).message, b"hi\xff");
    }
}
