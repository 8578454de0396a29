//! Burst credits: one mechanism for EFS (`BurstCreditBalance`), gp2 and st1 volumes
//! (`BurstBalance`) and T instances (`CPUCreditBalance`).
//!
//! d(balance)/dt = baseline − metered use, between zero and the cap. All that is said here (drain,
//! exhaustion, recovery, forecast, residual) follows from that equation.

mod baseline;
mod drain;
mod forecast;
mod metered;
mod throttle;

pub(crate) use metered::{COMPONENTS, METERED};

use crate::case::{Case, Signal};
use model::analysis::{Credit, CreditState};

/// Credit state of every balance, in order of the series' id.
pub(crate) fn credits(case: &Case<'_>) -> Vec<Credit> {
    balances(case)
        .into_iter()
        .map(|signal| credit(case, signal))
        .collect()
}

/// Whether a series is a burst-credit balance.
pub(crate) fn is_balance(signal: &Signal) -> bool {
    let name = if signal.meta.name.is_empty() {
        &signal.meta.id
    } else {
        &signal.meta.name
    };
    let name = name.to_ascii_lowercase();
    [
        "creditbalance",
        "burstbalance",
        "credit_balance",
        "burst_balance",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// One series a balance: of several statistics the average, which is the balance itself.
fn balances<'c>(case: &'c Case<'_>) -> Vec<&'c Signal> {
    let order = |s: &Signal| match s.meta.stat.to_ascii_lowercase().as_str() {
        "average" | "" => 0,
        "minimum" => 1,
        "maximum" => 2,
        "samplecount" => 9,
        _ => 3,
    };
    let all: Vec<&Signal> = case
        .signals
        .iter()
        .filter(|s| is_balance(s) && order(s) < 9)
        .collect();
    all.iter()
        .filter(|s| {
            let better = |o: &&&Signal| {
                o.meta.is_named(&s.meta.name)
                    && crate::case::same_thing(&o.meta, &s.meta)
                    && (order(o), o.id()) < (order(s), s.id())
            };
            // Two balances that nothing tells apart are kept both.
            !all.iter().any(|o| better(&o) && o.meta.stat != s.meta.stat)
        })
        .copied()
        .collect()
}

/// Why the balance of a file system means nothing: in provisioned and elastic throughput mode no burst
/// limit matters (Amazon EFS user guide, "Throughput modes"). The mode is the field
/// `throughput_mode` of the series' descriptor, as the EFS API says it.
fn no_credits_apply(signal: &Signal) -> Option<String> {
    let mode = signal.meta.extra.get("throughput_mode")?.as_str()?;
    let free = ["elastic", "provisioned"].contains(&mode);
    free.then(|| {
        format!("the file system is in {mode} throughput mode: burst credits do not limit it")
    })
}

fn credit(case: &Case<'_>, signal: &Signal) -> Credit {
    let mut out = Credit {
        series: signal.meta.id.clone(),
        resource: signal.meta.resource.clone(),
        balance: signal.data.values.last().copied(),
        ..Credit::default()
    };
    let Some(curve) = drain::Curve::of(&signal.data, case.settings.credit_zero_share) else {
        "fewer than 5 samples of the balance in the window".clone_into(&mut out.note);
        return out;
    };
    let course = drain::course(&curve);
    if let Some(note) = no_credits_apply(signal) {
        out.note = note;
        return out;
    }
    out.state = course.state;
    out.drain_start = course.drain_start.map(|i| curve.at(i));
    out.balance_before = course
        .drain_start
        .and_then(|i| curve.values.get(i))
        .copied();
    out.exhausted_at = course.exhausted.map(|i| curve.at(i));
    out.recovery_start = course.recovery.map(|i| curve.at(i));
    out.drain_per_s = course.drain_per_s;
    out.throttled = throttle::spans(case, signal);
    let metered = metered::metered(case, &signal.meta);
    let (baseline, from) = baseline::baseline(case, signal, &curve, metered.as_ref());
    out.baseline_per_s = baseline;
    out.residual = metered
        .as_ref()
        .zip(baseline)
        .and_then(|(m, b)| metered::residual(&curve, m, b));
    let mut notes: Vec<String> = from.into_iter().collect();
    if let Some(note) = metered.as_ref().and_then(|m| m.note.clone()) {
        notes.push(note);
    }
    if out.state == CreditState::Draining {
        match forecast::forecast(&curve, &course) {
            Some(f) => out.forecast = Some(f),
            None => notes.push("no forecast: at the present rate it does not reach zero".into()),
        }
    }
    out.note = notes.join("; ");
    out
}
