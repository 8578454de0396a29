//! One line of a log: when, where, how bad, and what it says.
//!
//! Read are `journalctl` in its forms short, short-precise, short-iso, short-full and json, syslog
//! (RFC 3164 and 5424), klog, `kubectl logs` with and without `--timestamps`, and containerd's and
//! Docker's files on the node.

mod json;
mod klog;
mod syslog;

use crate::files::clock::Written;
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
    klog::head(line).is_some()
}

/// Takes a line apart. What is not understood stays in the message.
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    if line.first() == Some(&b'{')
        && let Some(found) = json::parse(line)
    {
        return found;
    }
    let mut out = Line::default();
    let rest = syslog::priority(line, &mut out);
    let rest = syslog::prefix(rest, &mut out);
    klog::body(rest, &mut out);
    out
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
