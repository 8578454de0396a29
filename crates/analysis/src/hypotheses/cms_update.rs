//! `cms_update`: an automatic update of a CMS or a plugin.
//!
//! Data: changes whose title, reason or object names a CMS or an automatic update. Clear when such
//! changes are recorded and none was near the onset; without any record, unknown.

use super::{Reason, View, evidence};
use model::{
    Event, EventKind,
    analysis::Verdict,
    time::{HOUR, MINUTE},
};

const WORDS: [&str; 10] = [
    "cms",
    "wordpress",
    "drupal",
    "typo3",
    "magento",
    "joomla",
    "craft",
    "plugin",
    "auto-update",
    "autoupdate",
];

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let about = |e: &Event| {
        let text = format!(
            "{} {} {}",
            e.title,
            e.object.kind,
            e.attribute("reason").unwrap_or_default()
        )
        .to_ascii_lowercase();
        matches!(e.kind, EventKind::ConfigChange | EventKind::Other(_))
            && WORDS.iter().any(|w| text.contains(w))
    };
    let all = evidence::events(view, about);
    if all.is_empty() {
        return Verdict::Unknown {
            missing: "no record of CMS updates: add the applications' update logs".to_owned(),
        };
    }
    if let Some(id) = evidence::accused(view, &all) {
        return Verdict::Found(Reason {
            text: "an update of the CMS is the first suspect".to_owned(),
            series: vec![],
            events: vec![id],
        });
    }
    let onset = view.driver.map_or(view.onset, |d| d.driver.onset);
    let near = all
        .iter()
        .filter(|e| {
            let within = |t: model::Timestamp| {
                e.at()
                    .is_some_and(|at| at <= t.plus(5 * MINUTE) && t.since(at) <= 6 * HOUR)
            };
            within(onset) || within(view.onset)
        })
        .count();
    if near > 0 {
        return Verdict::Unknown {
            missing: format!(
                "{} within 6 h before it: compare the sites without them",
                model::words::count(near, "update")
            ),
        };
    }
    Verdict::Clear {
        reason: format!(
            "none of the {} recorded updates was within 6 h before {}",
            all.len(),
            onset.minute()
        ),
        series: vec![],
        events: evidence::ids(&all),
    }
}
