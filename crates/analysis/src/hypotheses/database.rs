//! `database`: the database was slow or full.
//!
//! Data: series of databases (RDS, SQL, queries). Found when one of them rose at the onset.

use super::{Reason, View, evidence};
use model::analysis::Verdict;

const WORDS: [&str; 8] = [
    "database",
    "rds",
    "sql",
    "aurora",
    "postgres",
    "dynamodb",
    "db_",
    "dbconnections",
];
const NOT: [&str; 2] = ["creditbalance", "burstbalance"];

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let mut signals = evidence::named(view, &WORDS, &NOT);
    let symptom = view.impact.map(|i| i.series.as_str());
    signals.retain(|s| Some(s.id()) != symptom);
    evidence::by_series(
        view,
        &signals,
        "the database",
        "no series of a database: add its CPU, connections and latency",
    )
}
