//! Known issues: reported defects of the software in use whose symptoms are in the evidence.
//!
//! One JSON file an issue in `known_issues/` of this crate, compiled in; the list in
//! [`files`] is all of them. A file says what to look for:
//!
//! - `logs`: alternatives, each a list of words that one message must contain, small and capital
//!   letters alike. Messages are `log_pattern` events (title, `reason`, `template`, `example`),
//!   messages of other events, and the templates of log series.
//! - `reasons`: reasons of events, as Kubernetes writes them.
//! - `when`: circumstances that have to hold all together, and that are enough for it to be named,
//!   after the ones that a message shows.
//! - `kubelet_below`: the version that has the fix. Where nodes say that theirs is newer, it is not
//!   this issue.
//!
//! Circumstances alone never name an issue in a quiet window: every list of them asks for stuck pods.

mod circumstances;
mod files;

use crate::case::Case;
use circumstances::{Circumstance, Circumstances};
use model::{
    EventKind,
    analysis::{KnownIssue, StuckPod},
};
use serde::Deserialize;
use std::{collections::BTreeSet, sync::LazyLock};

/// An issue, as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    id: String,
    title: String,
    links: Vec<String>,
    logs: Vec<Vec<String>>,
    reasons: Vec<String>,
    when: Vec<Circumstance>,
    #[serde(default)]
    kubelet_below: Option<String>,
    workaround: String,
}

/// Every issue whose file can be read; a test reads them all.
static ISSUES: LazyLock<Vec<Issue>> = LazyLock::new(|| {
    files::FILES
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect()
});

/// Ids shown as what an issue matched.
const MOST_MATCHED: usize = 20;

/// A message with the id of the event or series that holds it.
struct Message<'e> {
    id: &'e str,
    /// Lines of the log that it stands for.
    lines: usize,
    text: String,
}

/// The issues whose symptoms are there: those that messages show first.
pub(crate) fn known_issues(case: &Case<'_>, stuck: &[StuckPod]) -> Vec<KnownIssue> {
    let messages = messages(case);
    let around = Circumstances::of(case, stuck);
    let mut found: Vec<(bool, KnownIssue)> = ISSUES
        .iter()
        .filter(|issue| {
            let fixed = issue.kubelet_below.as_deref();
            fixed.is_none_or(|fixed| !around.is_fixed(fixed))
        })
        .filter_map(|issue| {
            let shown = by_message(issue, &messages).or_else(|| by_reason(issue, case));
            let told = shown.is_some();
            Some((told, shown.or_else(|| by_circumstances(issue, &around))?))
        })
        .collect();
    found.sort_by(|(a, x), (b, y)| (!a, &x.id).cmp(&(!b, &y.id)));
    found.into_iter().map(|(_, issue)| issue).collect()
}

/// The version of the kubelet that has the fix of an issue; `None`: none is known.
pub(crate) fn fixed_in(id: &str) -> Option<&'static str> {
    let issue = ISSUES.iter().find(|issue| issue.id == id)?;
    issue.kubelet_below.as_deref()
}

pub(crate) use circumstances::is_older;

impl Issue {
    fn found(&self, matched: Vec<String>, why: String) -> KnownIssue {
        KnownIssue {
            id: self.id.clone(),
            title: self.title.clone(),
            link: self.links.first().cloned().unwrap_or_default(),
            matched,
            why,
            workaround: self.workaround.clone(),
        }
    }
}

/// Every message in the evidence that touches the window.
fn messages<'e>(case: &'e Case<'_>) -> Vec<Message<'e>> {
    let events = case.evidence.events.iter().filter(|e| {
        let speaks = matches!(
            e.kind,
            EventKind::LogPattern | EventKind::Other(_) | EventKind::NodeNotReady
        ) || e.attributes.contains_key("message");
        speaks && e.touches(case.window)
    });
    let of_events = events.map(|e| {
        let attributes = ["reason", "template", "example", "message"];
        let more = attributes.iter().filter_map(|a| e.attribute(a));
        let text = std::iter::once(e.title.clone()).chain(more);
        Message {
            id: &e.id,
            lines: e
                .attribute("count")
                .and_then(|n| n.parse().ok())
                .unwrap_or(1),
            text: text.collect::<Vec<_>>().join("\n").to_lowercase(),
        }
    });
    let counted: BTreeSet<String> = case
        .evidence
        .events
        .iter()
        .filter_map(|e| e.attribute("template"))
        .collect();
    let templates = case.signals.iter().filter_map(|s| {
        let template = s.meta.dimensions.get("template")?;
        let inside = s.data.between(case.window.start, case.window.end);
        inside.iter().any(|v| *v > 0.0).then(|| Message {
            id: s.id(),
            // Its lines are counted by the event of the pattern, where the log gave one.
            lines: usize::from(!counted.contains(template.as_str())),
            text: format!("{}\n{template}", s.meta.name).to_lowercase(),
        })
    });
    of_events.chain(templates).collect()
}

fn by_message(issue: &Issue, messages: &[Message<'_>]) -> Option<KnownIssue> {
    issue.logs.iter().find_map(|words| {
        let told: Vec<&Message<'_>> = messages
            .iter()
            .filter(|m| words.iter().all(|w| m.text.contains(w.as_str())))
            .collect();
        let matched: Vec<String> = told
            .iter()
            .take(MOST_MATCHED)
            .map(|m| m.id.to_owned())
            .collect();
        (!matched.is_empty()).then(|| {
            // One message of a log stands for all of its lines.
            let lines = told.iter().map(|m| m.lines).sum::<usize>();
            let count = model::words::count(lines, "message");
            issue.found(
                matched,
                format!("{count} with \"{}\"", words.join("\" and \"")),
            )
        })
    })
}

fn by_reason(issue: &Issue, case: &Case<'_>) -> Option<KnownIssue> {
    if issue.reasons.is_empty() {
        return None;
    }
    let told = |e: &&model::Event| {
        let reason = e.attribute("reason");
        e.touches(case.window)
            && reason.is_some_and(|r| issue.reasons.iter().any(|x| x.eq_ignore_ascii_case(&r)))
    };
    let matched: Vec<String> = case
        .evidence
        .events
        .iter()
        .filter(told)
        .take(MOST_MATCHED)
        .map(|e| e.id.clone())
        .collect();
    (!matched.is_empty()).then(|| {
        issue.found(
            matched,
            format!("Events of the reason {}", issue.reasons.join(", ")),
        )
    })
}

fn by_circumstances(issue: &Issue, around: &Circumstances) -> Option<KnownIssue> {
    let reasons: Option<Vec<&str>> = issue.when.iter().map(|c| around.holds(*c)).collect();
    let reasons = reasons.filter(|r| !r.is_empty())?;
    let version = issue
        .kubelet_below
        .as_deref()
        .map(|fixed| around.version(fixed))
        .unwrap_or_default();
    let why = format!(
        "The circumstances fit, no message does: {}{version}",
        reasons.join(", ")
    );
    Some(issue.found(around.pods.clone(), why))
}

#[cfg(test)]
mod tests;
