//! `monitoring`: the measurement is wrong, not the service.
//!
//! Clear when a second, independent source shows the symptom too: another source or another
//! namespace with a change in the bad direction at the same time. Unknown with one source only.

use super::{Reason, View, evidence};
use crate::symptom;
use model::{analysis::Verdict, time::HOUR};

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let missing = || Verdict::Unknown {
        missing: "only one source shows the symptom: add a second, such as a probe from outside"
            .to_owned(),
    };
    let Some(first) = view.impact.and_then(|i| view.case.signal(&i.series)) else {
        return missing();
    };
    let felt = evidence::named(
        view,
        &[
            "latency",
            "response",
            "duration",
            "error",
            "5xx",
            "availability",
            "probe",
            "touch",
        ],
        &[],
    );
    let second = felt.into_iter().find(|s| {
        let other = s.meta.source != first.meta.source || s.meta.namespace != first.meta.namespace;
        let bad = symptom::bad_direction(s);
        other
            && s.sure(0.8)
                .any(|c| c.direction == bad && c.at.since(view.onset).saturating_abs() <= HOUR / 2)
    });
    match second {
        Some(signal) => Verdict::Clear {
            reason: format!(
                "{} ({} {}) shows it too, independently of {}",
                signal.meta.label(),
                signal.meta.source,
                signal.meta.namespace,
                first.meta.label()
            ),
            series: vec![first.meta.id.clone(), signal.meta.id.clone()],
            events: vec![],
        },
        None => missing(),
    }
}
