//! `cms_update`: an automatic update of a CMS or a plugin.
//!
//! Data: changes whose title, reason or object names a CMS or an automatic update. Clear when such
//! changes are recorded and none was within six hours before the onset, when the driver had left its
//! level before them, or when sites of other namespaces, which had no update, are hit as well.
//! Without any record, unknown.

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
    let near: Vec<&Event> = all
        .iter()
        .filter(|e| {
            let within = |t: model::Timestamp| {
                e.at()
                    .is_some_and(|at| at <= t.plus(5 * MINUTE) && t.since(at) <= 6 * HOUR)
            };
            within(onset) || within(view.onset)
        })
        .copied()
        .collect();
    if !near.is_empty() {
        return spared(view, &near).unwrap_or_else(|| Verdict::Unknown {
            missing: format!(
                "{} within 6 h before it: compare the sites without them",
                model::words::count(near.len(), "update")
            ),
        });
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

/// Whether updates near the onset are cleared by an earlier driver, or by sites that had none.
fn spared(view: &View<'_>, near: &[&Event]) -> Option<Verdict<Reason>> {
    let count = model::words::count(near.len(), "update");
    if let Some(driver) = evidence::driver_before(view, near) {
        return Some(Verdict::Clear {
            reason: format!(
                "{count} within 6 h before it, but {} had left its level before, at {}",
                driver.driver.series,
                driver.driver.onset.minute()
            ),
            series: vec![driver.driver.series.clone()],
            events: evidence::ids(near),
        });
    }
    // An update whose namespace nobody says may have been everywhere.
    if near.iter().any(|e| e.namespace.is_empty()) {
        return None;
    }
    let felt = evidence::felt(view);
    let other: Vec<String> = felt
        .into_iter()
        .filter(|s| {
            let namespace = evidence::namespace(s);
            !namespace.is_empty() && near.iter().all(|e| e.namespace != namespace)
        })
        .map(|s| s.meta.id.clone())
        .collect();
    (!other.is_empty()).then(|| Verdict::Clear {
        reason: format!(
            "{count} within 6 h before it, but sites without one are hit as well: {}",
            other.join(", ")
        ),
        series: other,
        events: evidence::ids(near),
    })
}
