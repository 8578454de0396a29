//! Every threshold that makes a difference, and the best for a wanted rate of false alarms.

use super::{alarm::Alarm, quiet::Quiet};
use model::{
    analysis::back_test::{Sweep, SweepPoint},
    time::DAY,
};

/// Leads that differ by less than this share of the longest are alike: room on both sides is worth more
/// than a few minutes.
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
    let lead = |p: &SweepPoint| p.lead_s.filter(|_| allowed(p.false_alarms));
    if let Some(longest) = out.points.iter().filter_map(lead).max() {
        let slack = ((longest as f64 * ALIKE).abs() as i64).max(rule.period_ms() / 1000);
        out.best = roomiest(&out.points, |p| {
            lead(p).is_some_and(|l| l >= longest - slack)
        });
    }
    out.note = note(&out, quiet, false_per_week);
    out
}

/// The threshold in the middle of the widest run of neighbours that are all good: as far as can be from
/// those that cry wolf on one side and from those that miss the incident on the other. One on the edge
/// would fit this incident, and fail the next that is a little milder.
fn roomiest(points: &[SweepPoint], good: impl Fn(&SweepPoint) -> bool) -> Option<SweepPoint> {
    let runs = points.chunk_by(|a, b| good(a) == good(b));
    let ends = |run: &[SweepPoint]| Some((run.first()?.threshold, run.last()?.threshold));
    let width = |run: &[SweepPoint]| ends(run).map_or(0.0, |(lax, strict)| (strict - lax).abs());
    let widest = runs
        .filter(|run| run.first().is_some_and(&good))
        .max_by(|a, b| width(a).total_cmp(&width(b)))?;
    let (lax, strict) = ends(widest)?;
    let middle = f64::midpoint(lax, strict);
    let off = |p: &SweepPoint| (p.threshold - middle).abs();
    widest
        .iter()
        .copied()
        .min_by(|a, b| off(a).total_cmp(&off(b)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn points(thresholds: &[f64]) -> Vec<SweepPoint> {
        let point = |t: &f64| SweepPoint {
            threshold: *t,
            ..SweepPoint::default()
        };
        thresholds.iter().map(point).collect()
    }

    #[test]
    fn the_best_has_room_on_both_sides() {
        let up = points(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0]);
        let best = |good: &[f64]| {
            let found = roomiest(&up, |p| good.contains(&p.threshold));
            found.map(|p| p.threshold)
        };
        assert_eq!(best(&[2.0, 3.0, 4.0, 5.0, 6.0]), Some(4.0));
        // A hole parts runs; the wider one counts, by what lies between its ends.
        assert_eq!(best(&[0.0, 1.0, 3.0, 5.0, 6.0, 7.0, 9.0]), Some(7.0));
        assert_eq!(best(&[9.0]), Some(9.0));
        assert_eq!(best(&[]), None);
        // Where low values are the bad ones, strict is low.
        let down = points(&[9.0, 7.0, 6.0, 5.0, 1.0]);
        let found = roomiest(&down, |p| p.threshold <= 7.0 && p.threshold >= 5.0);
        assert_eq!(found.map(|p| p.threshold), Some(6.0));
    }
}
