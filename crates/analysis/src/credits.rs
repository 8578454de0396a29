//! Burst credits: one mechanism for EFS (`BurstCreditBalance`), gp2 and st1 volumes
//! (`BurstBalance`) and T instances (`CPUCreditBalance`).
//!
//! d(balance)/dt = baseline − metered use, between zero and the cap. All that is said here (drain,
//! exhaustion, recovery, forecast, residual) follows from that equation.

mod baseline;
pub(crate) mod bucket;
pub(crate) mod drain;
pub(crate) mod efs;
mod forecast;
mod instance;
pub(crate) mod metered;
mod normal;
mod rate;
mod shift;
mod theory;
mod throttle;
pub(crate) mod volume;

pub(crate) use metered::{COMPONENTS, METERED};

use crate::case::{Case, Signal};
use forecast::Ahead;
use model::analysis::{Credit, CreditState, Forecast};

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
        "too few samples of the balance in the window".clone_into(&mut out.no_theory);
        return out;
    };
    let course = drain::course(&curve);
    if let Some(note) = no_credits_apply(signal) {
        out.no_theory.clone_from(&note);
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
    let bucket = bucket::bucket(case, signal, &curve, metered.as_ref());
    let mut notes = Vec::new();
    if let Some(bucket) = &bucket {
        out.baseline_per_s = Some(bucket.earned_per_s);
        notes.push(bucket.basis.clone());
        out.residual = match &metered {
            Some(metered) => metered::residual(&curve, metered, bucket.earned_per_s),
            None => bucket.residual(&curve),
        };
    } else {
        let baseline = baseline::baseline(case, signal, &curve, None);
        out.baseline_per_s = baseline.as_ref().map(|b| b.per_s);
        notes.extend(baseline.map(|b| b.basis));
    }
    match theory::theory(&curve, bucket.as_ref(), metered.as_ref()) {
        Ok(theory) => out.theory = Some(theory),
        Err(why) => why.clone_into(&mut out.no_theory),
    }
    notes.extend(metered.as_ref().and_then(|m| m.note.clone()));
    out.unexplained = unexplained(out.residual);
    match out.state {
        CreditState::Exhausted | CreditState::Full | CreditState::Unknown => {}
        state => match forecast::ahead(&curve, &course, bucket.as_ref()) {
            Ahead::Sure(forecast) => out.forecast = Some(forecast),
            Ahead::Rough(rough) => {
                notes.push(rough_words(&rough));
                out.outlook = Some(rough);
            }
            Ahead::Later if state == CreditState::Draining => {
                notes.push("no forecast: it falls, but zero within two days is unlikely".into());
            }
            Ahead::Nothing if state == CreditState::Draining => {
                notes.push("no forecast: at the present rate it does not reach zero".into());
            }
            Ahead::Later | Ahead::Nothing => {}
        },
    }
    out.note = notes.join("; ");
    out
}

/// Share of the movement from which on a residual is a finding. A tenth comes of rounding, of the
/// hourly metering of the size and of late samples; a third is something else.
const LARGE_RESIDUAL: f64 = 0.3;

/// What a large residual says.
fn unexplained(residual: Option<f64>) -> Option<String> {
    let share = residual.filter(|r| *r >= LARGE_RESIDUAL)?;
    Some(format!(
        "what was measured explains only {:.0} % of the balance's movement: the traffic of another \
         resource, traffic that is missing, or another size than the evidence says",
        100.0 * (1.0 - share)
    ))
}

/// What is said instead of a forecast that is too wide.
fn rough_words(rough: &Forecast) -> String {
    format!(
        "no forecast: zero within two days is likely, but the load changes too much to say when \
         (between {} and {})",
        rough.low.minute(),
        rough.high.minute()
    )
}
