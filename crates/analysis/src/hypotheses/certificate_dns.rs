//! `certificate_dns`: an expired certificate or a name that did not resolve.
//!
//! Data: series of DNS or TLS (lookup time, failures, handshake errors, days to expiry).

use super::{Reason, View, evidence};
use model::analysis::Verdict;

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

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let signals = evidence::named(view, &WORDS, &[]);
    evidence::by_series(
        view,
        &signals,
        "name resolution and TLS",
        "no series of DNS or TLS: add CoreDNS metrics or a probe's lookup and handshake times",
    )
}
