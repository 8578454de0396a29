//! Every threshold that makes a difference, and the best for a wanted rate of false alarms.

use super::{levels::Levels, quiet::Quiet};
use model::{analysis::back_test::Sweep, time::DAY};

/// Thresholds tried at most.
const MOST: usize = 240;
/// Leads that differ by less than this share of the longest are alike: a stricter threshold is worth
/// more than a few minutes.
const ALIKE: f64 = 0.02;
/// Significant digits of a threshold: nobody sets one of seven.
const DIGITS: i32 = 3;

/// Tries thresholds between the levels that occur, from the laxest to the strictest.
pub(super) fn sweep(levels: &Levels, quiet: &Quiet, false_per_week: f64) -> Sweep {
    let mut out = Sweep {
        points: candidates(levels)
            .into_iter()
            .map(|threshold| levels.point(threshold, quiet))
            .collect(),
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
        let slack = ((longest as f64 * ALIKE).abs() as i64).max(levels.period_ms / 1000);
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

/// Thresholds as the levels have them, ascending: laxest first.
fn candidates(levels: &Levels) -> Vec<f64> {
    let mut all: Vec<f64> = levels
        .values
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    all.sort_unstable_by(f64::total_cmp);
    let last = all.len().saturating_sub(1);
    let mut out: Vec<f64> = (0..=MOST)
        .filter_map(|k| all.get(last * k / MOST))
        .map(|v| rounded(*v))
        .collect();
    // The ends of the levels are where incidents are: halves and tenths of the largest are tried too.
    if let (Some(low), Some(high)) = (all.first(), all.last()) {
        out.extend((0..20).map(|k| rounded(low + (high - low) * f64::from(k) / 20.0)));
    }
    out.sort_unstable_by(f64::total_cmp);
    out.dedup();
    out
}

/// To three significant digits.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let size = 10_f64.powi(DIGITS - 1 - value.abs().log10().floor() as i32);
    let scaled = (value * size).round() / size;
    if scaled.is_finite() { scaled } else { value }
}
