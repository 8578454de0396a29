//! `certificate_dns`: an expired certificate or a name that did not resolve.
//!
//! Data: series of DNS or TLS (lookup time, failures, handshake errors, days to expiry), and messages
//! of logs that say so. Found when such a series rose at the onset, the days to expiry were at zero,
//! or such messages began within an hour of it; clear when the series stayed where they were.

use super::{Reason, View, evidence};
use model::{Event, EventKind, analysis::Verdict, time::HOUR};

const WORDS: [&str; 8] = [
    "dns",
    "coredns",
    "certificate",
    "tls",
    "ssl",
    "resolver",
    "handshake",
    "x509",
];
/// Names of series that count down to the end of a certificate.
const EXPIRY: [&str; 4] = [
    "daystoexpiry",
    "days_to_expiry",
    "expiry_days",
    "cert_expiry",
];
/// What a log says where a certificate or a name is at fault.
const SAID: [&str; 8] = [
    "certificate has expired",
    "certificate is not yet valid",
    "certificate verify failed",
    "x509:",
    "no such host",
    "servfail",
    "name resolution",
    "could not resolve",
];

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let said = evidence::events(view, |e| {
        let near = e
            .at()
            .is_some_and(|at| at.since(view.onset).saturating_abs() <= HOUR);
        e.kind == EventKind::LogPattern && near && says_so(e)
    });
    if let Some(first) = said.first() {
        return Verdict::Found(Reason {
            text: format!("a log says so from then on: {}", first.title),
            series: vec![],
            events: evidence::ids(&said),
        });
    }
    let expired = evidence::named(view, &EXPIRY, &[]).into_iter().find(|s| {
        let during = s.data.between(view.during.start, view.during.end);
        during.iter().any(|v| *v <= 0.0)
    });
    if let Some(signal) = expired {
        return Verdict::Found(Reason {
            text: format!("{} was at zero", view.case.evidence.label(&signal.meta)),
            series: vec![signal.meta.id.clone()],
            events: vec![],
        });
    }
    let signals = evidence::named(view, &WORDS, &[]);
    evidence::by_series(
        view,
        &signals,
        "name resolution and TLS",
        "no series of DNS or TLS: add CoreDNS metrics or a probe's lookup and handshake times",
    )
}

/// Whether a message names a certificate or a name that is at fault.
fn says_so(event: &Event) -> bool {
    let more = ["reason", "template", "example"];
    let more = more.iter().filter_map(|a| event.attribute(a));
    let all: Vec<String> = std::iter::once(event.title.clone()).chain(more).collect();
    let text = all.join(" ").to_ascii_lowercase();
    SAID.iter().any(|w| text.contains(w))
}
