//! When a falling balance will reach zero.

use super::drain::{Course, Curve};
use crate::series::robust;
use model::{Timestamp, analysis::Forecast, time::DAY, time::HOUR};

/// Longest time looked ahead: a year's end of a slow drain is no news.
const HORIZON: i64 = 60 * DAY;
/// Normal quantile of a 90 % interval.
const Z90: f64 = 1.645;

/// Walks the balance forward from its last sample at the rates of the present regime, hour by hour
/// of the day where the regime has lasted a day; the interval comes from the spread of the hourly
/// rates, which adds up like a random walk, and from the error of their mean, which adds up in
/// proportion to time. `None` when it does not reach zero within 60 days.
pub(crate) fn forecast(curve: &Curve<'_>, course: &Course) -> Option<Forecast> {
    let last = curve.values.len() - 1;
    let now = curve.at(last);
    let hours = hourly(curve, course.regime, last);
    if hours.is_empty() {
        return None;
    }
    let rates: Vec<f64> = hours.iter().map(|(_, r)| *r).collect();
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let profile = profile(&hours, mean);
    let rests: Vec<f64> = hours
        .iter()
        .map(|(hour, rate)| rate - profile.get(*hour).copied().unwrap_or(mean))
        .collect();
    let spread = robust::centre_and_spread(&rests).map_or(0.0, |(_, s)| s);
    // With few hours the spread is unknown: a tenth of the rate is what the meter's own lag makes.
    let spread = spread.max(0.1 * mean.abs()) * 3600.0;
    let error = spread / (rates.len() as f64).sqrt();
    let zero_at = |z: f64| -> Option<Timestamp> {
        let mut balance = curve.value(last);
        let step = HOUR / 4;
        let mut t = 0;
        while t < HORIZON {
            let hour = now.plus(t).millis().rem_euclid(DAY) / HOUR;
            let rate = profile.get(hour as usize).copied().unwrap_or(mean);
            balance += rate * step as f64 / 1000.0;
            t += step;
            let h = t as f64 / HOUR as f64;
            let margin = z * ((spread * spread * h) + (error * h).powi(2)).sqrt();
            if balance + margin <= curve.zero {
                let over = (curve.zero - balance - margin) / rate.abs().max(1e-300);
                let back = ((over * 1000.0) as i64).clamp(0, step);
                return Some(now.plus(t - if z.abs() < 1e-9 { back } else { 0 }));
            }
        }
        None
    };
    let exhausts_at = zero_at(0.0)?;
    Some(Forecast {
        exhausts_at,
        low: zero_at(-Z90).unwrap_or(now).min(exhausts_at),
        high: zero_at(Z90).unwrap_or(now.plus(HORIZON)).max(exhausts_at),
    })
}

/// Hour of the day and mean net rate of each whole hour of the regime; of a shorter regime its one
/// mean rate.
fn hourly(curve: &Curve<'_>, from: usize, last: usize) -> Vec<(usize, f64)> {
    let mut out = Vec::new();
    let mut i = from;
    while i < last {
        let hour = curve.at(i).millis().div_euclid(HOUR);
        let next = Timestamp::from_millis((hour + 1).saturating_mul(HOUR));
        let j = curve.data.index(next).clamp(i + 1, last);
        if curve.at(j).since(curve.at(i)) * 2 >= HOUR {
            out.push((hour.rem_euclid(24) as usize, curve.mean_rate(i, j)));
        }
        i = j;
    }
    if out.is_empty() && last > from {
        out.push((0, curve.mean_rate(from, last)));
    }
    out
}

/// Mean rate by hour of the day, where the hours cover a day; else the mean everywhere.
fn profile(hours: &[(usize, f64)], mean: f64) -> Vec<f64> {
    let of_hour = |h: usize| -> Vec<f64> {
        hours
            .iter()
            .filter(|(k, _)| *k == h)
            .map(|(_, r)| *r)
            .collect()
    };
    let by_hour: Vec<Vec<f64>> = (0..24).map(of_hour).collect();
    if by_hour.iter().any(Vec::is_empty) {
        return vec![mean; 24];
    }
    by_hour
        .iter()
        .map(|r| r.iter().sum::<f64>() / r.len() as f64)
        .collect()
}
