//! `quota`: a limit was reached: burst credits, a share of an I/O limit, a throttle.
//!
//! Data: burst balances, `PercentIOLimit`, series of throttles and limits. Found when credits were
//! at zero or a percentage of a limit reached 95 during the incident; clear when all stayed away.
//! A balance on its way down, or a low one, clears nothing: a limit may be what comes next.

use super::{Reason, View, evidence};
use crate::series::robust;
use model::analysis::{Credit, CreditState, Verdict};

/// Share of a limit from which on it limits.
const AT_LIMIT: f64 = 95.0;
/// Share of the largest balance below which a balance is low.
const LOW: f64 = 0.1;

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    if let Some(reason) = empty(view) {
        return Verdict::Found(reason);
    }
    let percent = evidence::named(view, &["percentiolimit"], &[]);
    let judged = |c: &&Credit| c.state != CreditState::Unknown;
    let mut flat: Vec<String> = view
        .credits
        .iter()
        .filter(judged)
        .map(|c| c.series.clone())
        .collect();
    for signal in percent {
        let part = signal.data.between(view.during.start, view.during.end);
        match robust::quantile_of(&mut part.to_vec(), 0.9) {
            Some(high) if high >= AT_LIMIT => {
                return Verdict::Found(Reason {
                    text: format!(
                        "{} was at {high:.0} % of its limit",
                        view.case.evidence.label(&signal.meta)
                    ),
                    series: vec![signal.meta.id.clone()],
                    events: vec![],
                });
            }
            Some(_) => flat.push(signal.meta.id.clone()),
            None => {}
        }
    }
    let throttles = evidence::named(view, &["throttle", "quota", "ratelimit", "429"], &[]);
    let by_throttles = evidence::by_series(view, &throttles, "the throttle counts", "");
    if !matches!(by_throttles, Verdict::Found(_))
        && let Some(missing) = on_the_way(view)
    {
        return Verdict::Unknown { missing };
    }
    match by_throttles {
        Verdict::Unknown { .. } if flat.is_empty() => Verdict::Unknown {
            missing: "no series of limits: add PercentIOLimit, throttle counts and quota usage"
                .to_owned(),
        },
        Verdict::Found(reason) => Verdict::Found(reason),
        Verdict::Clear { series, .. } => clear(flat.into_iter().chain(series).collect()),
        Verdict::Unknown { .. } => clear(flat),
    }
}

/// The balance that was at zero while it lasted.
pub(super) fn empty(view: &View<'_>) -> Option<Reason> {
    let credit = view.credits.iter().find(|c| {
        c.exhausted_at.is_some_and(|at| {
            at < view.during.end && c.recovery_start.is_none_or(|back| back >= view.onset)
        })
    })?;
    Some(Reason {
        text: format!(
            "the burst credits of {} were at zero from {}",
            view.owner(credit),
            credit.exhausted_at.unwrap_or_default().minute()
        ),
        series: vec![credit.series.clone()],
        events: vec![],
    })
}

/// The balance that is falling or low while it lasted, in words.
pub(super) fn on_the_way(view: &View<'_>) -> Option<String> {
    let falling = view.credits.iter().find_map(|c| {
        let since = c.drain_start.filter(|at| *at < view.during.end)?;
        let still = c.recovery_start.is_none_or(|back| back >= view.onset);
        still.then(|| {
            format!(
                "the credits of {} had been falling since {} but were not at zero: whether the \
                 service already feels it, the permitted throughput would say",
                view.owner(c),
                since.minute()
            )
        })
    });
    let low = || {
        view.credits.iter().find_map(|c| {
            let data = &view.case.signal(&c.series)?.data;
            let most = data.values.iter().copied().fold(0.0, f64::max);
            let during = data.between(view.during.start, view.during.end);
            let least = during.iter().copied().reduce(f64::min)?;
            (least <= LOW * most).then(|| {
                format!(
                    "the credits of {} were down to {:.1} % of the most that was seen, though not at zero",
                    view.owner(c),
                    if most > 0.0 { 100.0 * least / most } else { 0.0 }
                )
            })
        })
    };
    falling.or_else(low)
}

fn clear(series: Vec<String>) -> Verdict<Reason> {
    Verdict::Clear {
        reason: "no balance was at zero and no limit was reached while it lasted".to_owned(),
        series,
        events: vec![],
    }
}
