//! `monitoring`: the measurement is wrong, not the service.
//!
//! Clear when a second, independent measurement shows the symptom too: another source, or another
//! metric of another namespace, with a change in the bad direction within half an hour. Never found:
//! where another source measures the same thing and saw nothing, one of them is wrong, and nobody can
//! tell which. Unknown with one source only.

use super::{
    Reason, View,
    evidence::{self, Behaviour},
};
use crate::case::{Signal, same_thing};
use model::analysis::Verdict;

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let missing = || Verdict::Unknown {
        missing: "only one source shows the symptom: add a second, such as a probe from outside"
            .to_owned(),
    };
    let Some(first) = view.impact.and_then(|i| view.case.signal(&i.series)) else {
        return missing();
    };
    let second = evidence::felt(view).into_iter().find(|s| {
        let (a, b) = (&s.meta, &first.meta);
        // The same metric of another site comes through the same pipe.
        a.source != b.source || (a.namespace != b.namespace && a.name != b.name)
    });
    match second {
        Some(signal) => Verdict::Clear {
            reason: format!(
                "{} ({} {}) shows it too, independently of {}",
                view.case.evidence.label(&signal.meta),
                signal.meta.source,
                signal.meta.namespace,
                view.case.evidence.label(&first.meta)
            ),
            series: vec![first.meta.id.clone(), signal.meta.id.clone()],
            events: vec![],
        },
        None => {
            contradicted(view, first).map_or_else(missing, |missing| Verdict::Unknown { missing })
        }
    }
}

/// A measurement of the same thing by another source that saw nothing, in words.
fn contradicted(view: &View<'_>, first: &Signal) -> Option<String> {
    let words = ["latency", "response", "duration", "probe", "availability"];
    let other = evidence::named(view, &words, &[]).into_iter().find(|s| {
        let twin = s.meta.source != first.meta.source
            && s.meta.resource.is_some()
            && same_thing(&s.meta, &first.meta);
        twin && matches!(evidence::behaviour(view, s), Behaviour::Flat(_))
    })?;
    Some(format!(
        "{} of {} measures the same and stayed as it was, against {} of {}: find out which is right",
        view.case.evidence.label(&other.meta),
        other.meta.source,
        view.case.evidence.label(&first.meta),
        first.meta.source
    ))
}
