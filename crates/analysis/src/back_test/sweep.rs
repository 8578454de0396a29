//! Every threshold that makes a difference, and the best for a wanted rate of false alarms.

use super::{alarm::Alarm, quiet::Quiet};
use model::{analysis::back_test::Sweep, time::DAY};

/// Leads that differ by less than this share of the longest are alike: a stricter threshold is worth
/// more than a few minutes.
const ALIKE: f64 = 0.02;

/// Tries the thresholds that are worth it.
pub(super) fn sweep(rule: &dyn Alarm, quiet: &Quiet, false_per_week: f64) -> Sweep {
    let mut out = Sweep {
        points: rule.points(&rule.thresholds(), quiet),
        quiet_s: quiet.millis() / 1000,
        ..Sweep::default()
    };
    let allowed = |alarms: u32| {
        let rate = quiet.per_week(alarms);
        rate.map_or(alarms == 0, |rate| rate <= false_per_week)
    };
    let good: Vec<_> = out
        .points
        .iter()
        .filter(|p| allowed(p.false_alarms))
        .filter_map(|p| Some((p.lead_s?, *p)))
        .collect();
    if let Some(longest) = good.iter().map(|(lead, _)| *lead).max() {
        let slack = ((longest as f64 * ALIKE).abs() as i64).max(rule.period_ms() / 1000);
        // The points go from lax to strict: the last one that leads as long is the strictest.
        let mut alike = good
            .iter()
            .rev()
            .filter(|(lead, _)| *lead >= longest - slack);
        out.best = alike.next().map(|(_, point)| *point);
    }
    out.note = note(&out, quiet, false_per_week);
    out
}

fn note(out: &Sweep, quiet: &Quiet, false_per_week: f64) -> Option<String> {
    let days = quiet.millis() as f64 / DAY as f64;
    let wanted = if false_per_week > 0.0 {
        7.0 / false_per_week
    } else {
        7.0
    };
    if quiet.felt.is_none() {
        Some("nobody felt anything in this window: there is no lead to measure".into())
    } else if out.best.is_none() {
        Some("no threshold fires for this incident with so few false alarms".into())
    } else if days < wanted {
        Some(format!(
            "only {days:.1} quiet days in the evidence: a rate of {false_per_week} false alarms a week \
             cannot be told from none"
        ))
    } else {
        None
    }
}
