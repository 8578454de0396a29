//! `traffic`: more requests than usual, an attack included.
//!
//! Data: request counts (`RequestCount`, `requests`, `rps`…). Found when they rose to one and a
//! half times their level at the onset; clear when they stayed within a quarter of it. A rise that
//! comes after the onset (people reloading a slow page) is not the cause.

use super::{Reason, View, evidence};
use model::analysis::Verdict;

const WORDS: [&str; 9] = [
    "requestcount",
    "requests",
    "request_count",
    "request_rate",
    "rps",
    "hits",
    "pageviews",
    "traffic",
    "newconnection",
];
const NOT: [&str; 7] = ["latency", "error", "duration", "5xx", "4xx", "nfs", "efs"];

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let signals = evidence::named(view, &WORDS, &NOT);
    let verdict = evidence::by_series(
        view,
        &signals,
        "the number of requests",
        "no request counts around the onset: add the load balancer's RequestCount",
    );
    match (verdict, view.driver) {
        // Days before the impact another driver began: a later rise of traffic did not cause that.
        (Verdict::Found(reason), Some(driver)) if driver.physical => Verdict::Unknown {
            missing: format!("{}, but the credits were spent before", reason.text),
        },
        (verdict, _) => verdict,
    }
}
