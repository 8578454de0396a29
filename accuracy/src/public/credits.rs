//! T instances whose credits run out, or do not.

use super::data;
use crate::Outcome;
use analysis::{Settings, analyse};
use model::{
    Analysis, Evidence, Samples, Series, Timestamp, Window,
    time::{HOUR, MINUTE},
};
use serde_json::Value;
use std::path::Path;

/// Prints the error of the forecasts and of the exhaustion found, in hours.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let (mut errors, mut inside, mut alarms, mut missed) = (Vec::new(), 0, 0, 0);
    for (case, label) in data::labels(&folder.join("labels.json"))? {
        let columns = data::columns(&folder.join(format!("{case}.csv")))?;
        let truth = label["exhausted_time"]
            .as_i64()
            .map(Timestamp::from_seconds);
        for row in rows(&label["forecast_from_rows"]) {
            let out = analyse_to(&columns, row);
            let forecast = out.credits.first().and_then(|c| c.forecast.clone());
            match (truth, forecast) {
                (Some(at), Some(f)) => {
                    let error = f.exhausts_at.since(at) as f64 / HOUR as f64;
                    errors.push(error.abs());
                    inside += usize::from(f.low <= at && at <= f.high);
                    println!("  {case} from row {row}: {error:+.2} h");
                }
                (Some(_), None) => {
                    missed += 1;
                    println!("  {case} from row {row}: no forecast");
                }
                (None, Some(f)) => {
                    alarms += 1;
                    println!("  {case} from row {row}: false alarm {}", f.exhausts_at);
                }
                (None, None) => {}
            }
        }
        let found = analyse_to(&columns, usize::MAX);
        let at = found.credits.first().and_then(|c| c.exhausted_at);
        println!("  {case}: exhausted {truth:?}, found {at:?}");
    }
    errors.sort_by(f64::total_cmp);
    println!(
        "credits: median error {:.2} h of {} forecasts ({inside} inside the interval), {missed} \
         missing, {alarms} false alarms",
        errors.get(errors.len() / 2).copied().unwrap_or(f64::NAN),
        errors.len()
    );
    Ok(())
}

fn rows(value: &Value) -> Vec<usize> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_u64).map(|r| r as usize).collect()
}

fn analyse_to(columns: &[Series], row: usize) -> Analysis {
    let series: Vec<Series> = columns
        .iter()
        .map(|s| {
            let mut part = s.clone();
            part.samples = Samples::from_unordered(s.samples.iter().take(row).collect());
            part.meta.name = match s.meta.id.as_str() {
                "cpu_credit_balance" => "CPUCreditBalance".into(),
                _ => "CPUUtilization".into(),
            };
            part
        })
        .collect();
    let (first, last) = series
        .first()
        .and_then(|s| s.samples.span())
        .unwrap_or_default();
    let evidence = Evidence {
        window: Window {
            start: first,
            end: last.plus(5 * MINUTE),
        },
        series,
        ..Evidence::default()
    };
    analyse(&evidence, &Settings::default(), evidence.window.end)
}
