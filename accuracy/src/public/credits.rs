//! T instances whose credits run out, or do not.

use super::data;
use crate::Outcome;
use analysis::{Settings, analyse};
use model::{
    Analysis, Evidence, Samples, Series, Timestamp, Window,
    analysis::Forecast,
    time::{HOUR, MINUTE},
};
use serde_json::Value;
use std::path::Path;

/// Forecasts of one kind against the truth.
#[derive(Default)]
struct Tally {
    errors: Vec<f64>,
    inside: usize,
    alarms: usize,
}

impl Tally {
    fn add(&mut self, forecast: &Forecast, truth: Option<Timestamp>) -> String {
        let Some(at) = truth else {
            self.alarms += 1;
            return format!("false alarm {}", forecast.exhausts_at);
        };
        let hours = |t: Timestamp| t.since(at) as f64 / HOUR as f64;
        self.errors.push(hours(forecast.exhausts_at).abs());
        self.inside += usize::from(forecast.low <= at && at <= forecast.high);
        format!(
            "{:+.2} h ({:+.1} to {:+.1})",
            hours(forecast.exhausts_at),
            hours(forecast.low),
            hours(forecast.high)
        )
    }

    fn print(&mut self, name: &str) {
        self.errors.sort_by(f64::total_cmp);
        println!(
            "{name}: median error {:.2} h of {}, {} inside the 90 % interval, {} false alarms",
            self.errors
                .get(self.errors.len() / 2)
                .copied()
                .unwrap_or(f64::NAN),
            self.errors.len(),
            self.inside,
            self.alarms
        );
    }
}

/// Prints the error of the forecasts and of the exhaustion found, in hours.
pub(crate) fn score(folder: &Path) -> Outcome<()> {
    let (mut sure, mut rough, mut missed) = (Tally::default(), Tally::default(), 0);
    let (mut found, mut residuals) = (Vec::new(), Vec::new());
    for (case, label) in data::labels(&folder.join("labels.json"))? {
        let columns = data::columns(&folder.join(format!("{case}.csv")))?;
        let truth = label["exhausted_time"]
            .as_i64()
            .map(Timestamp::from_seconds);
        for row in rows(&label["forecast_from_rows"]) {
            let out = analyse_to(&columns, row);
            let credit = out.credits.into_iter().next().unwrap_or_default();
            let says = match (&credit.forecast, &credit.outlook) {
                (Some(f), _) => sure.add(f, truth),
                (None, Some(f)) => format!("rough: {}", rough.add(f, truth)),
                (None, None) if truth.is_some() => {
                    missed += 1;
                    "nothing".to_owned()
                }
                (None, None) => continue,
            };
            println!("  {case} from row {row}: {says}");
        }
        let whole = analyse_to(&columns, usize::MAX);
        let credit = whole.credits.into_iter().next().unwrap_or_default();
        println!("  {case}: {}", credit.note);
        residuals.extend(credit.residual);
        match (truth, credit.exhausted_at) {
            (Some(truth), Some(at)) => found.push(at.since(truth).abs() / MINUTE),
            (None, None) => {}
            (truth, at) => println!("  {case}: exhausted {truth:?}, found {at:?}"),
        }
    }
    found.sort_unstable();
    println!("credits: exhaustion found, error in minutes {found:?}");
    println!(
        "credits: largest residual of balance and use {:.3}",
        residuals.iter().copied().fold(0.0, f64::max)
    );
    sure.print("credits: forecasts");
    rough.print("credits: rough outlooks");
    println!("credits: {missed} exhaustions without either");
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
