//! `provider`: an outage of the provider.
//!
//! Data: `provider_incident` events; they are often posted after their effect began, so that one
//! that starts up to two hours after the onset still counts. Clear only where the provider's
//! status was asked: other incidents of it are in the evidence, or a source of that name.

use super::{Reason, View, evidence};
use model::{EventKind, analysis::Verdict, time::HOUR};

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let all = evidence::events(view, |e| e.kind == EventKind::ProviderIncident);
    let touching: Vec<_> = all
        .iter()
        .filter(|e| {
            e.at().is_none_or(|at| {
                at <= view.onset.plus(2 * HOUR) && e.end.is_none_or(|end| end >= view.onset)
            })
        })
        .copied()
        .collect();
    if let Some(first) = touching.first() {
        return match evidence::accused(view, &touching) {
            Some(_) => Verdict::Found(Reason {
                text: format!("'{}' covers the onset", first.title),
                series: vec![],
                events: evidence::ids(&touching),
            }),
            None => Verdict::Unknown {
                missing: format!(
                    "'{}' covers the onset: find out whether it touched what you use",
                    first.title
                ),
            },
        };
    }
    let asked = view.case.evidence.provenance.iter().any(|p| {
        let source = p.source.to_ascii_lowercase();
        source.contains("health") || source.contains("status") || source.contains("provider")
    });
    if all.is_empty() && !asked {
        return Verdict::Unknown {
            missing: "no record of the provider's status: add its status history for the window"
                .to_owned(),
        };
    }
    Verdict::Clear {
        reason: format!(
            "none of the provider's {} incidents in the evidence covers {}",
            all.len(),
            view.onset.minute()
        ),
        series: vec![],
        events: evidence::ids(&all),
    }
}
