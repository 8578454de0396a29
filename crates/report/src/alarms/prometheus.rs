//! An alerting rule of Prometheus, as YAML ("Alerting rules", Prometheus documentation). Texts are
//! written as JSON has them, which YAML's double quotes understand.
//!
//! The rule goes off when the same alarm of CloudWatch would: at each evaluation it looks at the periods that end
//! then, M of N, and not for how long a condition has held (`for`), which asks for more. A range is a second
//! shorter than its period, so that Prometheus before 3.0, whose ranges include both their ends, takes no
//! sample too many. A period without samples is none that breaches.

use super::{Wanted, name, subject};
use model::{
    SeriesMeta,
    analysis::back_test::{Comparison, MissingData, Periods, Rule},
};

/// Most periods that are written out in a rule.
const MOST_PERIODS: u32 = 30;
/// The label that tells periods apart inside of the expression; the alert does not have it.
const PERIOD: &str = "lineup_period";

pub(super) fn write(wanted: &Wanted<'_>) -> Result<String, String> {
    let expression = match wanted.rule {
        Rule::ZombieAge { age_s } => zombies(*age_s),
        Rule::Threshold {
            comparison,
            threshold,
            periods,
            ..
        } => {
            let stat = wanted.meta.map(stat_of).unwrap_or_default();
            let value = Value {
                function: function_of(&stat),
                selector: selector(wanted)?,
                period_s: periods.period_s,
            };
            condition(&value, *comparison, *threshold, periods)?
        }
        Rule::CreditForecast {
            horizon_s,
            lookback_s,
            periods,
            ..
        } => forecast(wanted, *horizon_s, &periods.of_forecast(*lookback_s))?,
        Rule::Anomaly { .. } => {
            return Err("Prometheus has no median over time: it cannot say this rule".to_owned());
        }
    };
    let alert = name(&format!("Lineup {}", subject(wanted)), '_', 120);
    let summary: String = wanted.title.chars().filter(|c| !c.is_control()).collect();
    let lines = [
        "groups:".to_owned(),
        "  - name: \"lineup\"".to_owned(),
        "    rules:".to_owned(),
        format!("      - alert: {}", quoted(&alert)),
        format!("        expr: {}", quoted(&expression)),
        "        labels:".to_owned(),
        "          severity: \"warning\"".to_owned(),
        "        annotations:".to_owned(),
        format!("          summary: {}", quoted(&literal(&summary))),
    ];
    Ok(lines.join("\n") + "\n")
}

/// A text that Prometheus' templates leave as it is.
fn literal(text: &str) -> String {
    text.replace("{{", "{ {")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Pods whose deletionTimestamp (which includes the grace period) is that long ago, as
/// kube-state-metrics tells it.
fn zombies(age_s: f64) -> String {
    format!(
        "(time() - max by (namespace, pod) (kube_pod_deletion_timestamp)) > {}",
        number(age_s)
    )
}

/// The selector of exactly the rule's series.
fn selector(wanted: &Wanted<'_>) -> Result<String, String> {
    let meta = wanted.meta.ok_or("the rule has no series")?;
    if meta.source != "prometheus" {
        let source = if meta.source.is_empty() {
            "somewhere else"
        } else {
            &meta.source
        };
        return Err(format!(
            "the series came from {source}, not from Prometheus"
        ));
    }
    let good = |text: &str, more: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || more.contains(c);
        text.starts_with(|c: char| !c.is_ascii_digit())
            && !text.is_empty()
            && text.chars().all(inner)
    };
    if !good(&meta.namespace, ":") {
        return Err(
            "the series came from an expression of Prometheus: put the expression of its query \
             (see where the evidence came from) into a rule by hand"
                .to_owned(),
        );
    }
    let mut matchers = Vec::new();
    for (label, value) in &meta.dimensions {
        if !good(label, "") {
            return Err(format!("'{label}' is no label that a rule can name"));
        }
        matchers.push(format!("{label}={}", string(value)));
    }
    Ok(format!("{}{{{}}}", meta.namespace, matchers.join(",")))
}

/// A string of `PromQL` in double quotes.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A series over a period, put together as the back-test does it.
struct Value {
    function: &'static str,
    selector: String,
    period_s: u32,
}

impl Value {
    /// The datapoint of the period that ended so many periods ago.
    fn ago(&self, periods: u32) -> String {
        let range = self.period_s.saturating_sub(1).max(1);
        let offset = match self.period_s.saturating_mul(periods) {
            0 => String::new(),
            s => format!(" offset {s}s"),
        };
        format!("{}({}[{range}s]{offset})", self.function, self.selector)
    }
}

fn function_of(stat: &str) -> &'static str {
    match stat {
        "sum" | "samplecount" => "sum_over_time",
        "minimum" => "min_over_time",
        "maximum" => "max_over_time",
        _ => "avg_over_time",
    }
}

fn stat_of(meta: &SeriesMeta) -> String {
    meta.stat.to_ascii_lowercase()
}

/// The condition: that of the last period, or how many of the last N breach.
fn condition(
    value: &Value,
    comparison: Comparison,
    threshold: f64,
    periods: &Periods,
) -> Result<String, String> {
    check(periods)?;
    let n = periods.of.max(1);
    if n > MOST_PERIODS {
        return Err(format!(
            "a rule of Prometheus with more than {MOST_PERIODS} periods is too long to read: take \
             fewer and longer ones"
        ));
    }
    let m = periods.breaching.clamp(1, n);
    let (sign, threshold) = (comparison.sign(), number(threshold));
    let breaching = |k: u32| format!("{} {sign} {threshold}", value.ago(k));
    if n == 1 {
        return Ok(breaching(0));
    }
    let each: Vec<String> = (0..n)
        .map(|k| {
            format!(
                "label_replace({}, \"{PERIOD}\", \"{k}\", \"\", \"\")",
                breaching(k)
            )
        })
        .collect();
    let all = each.join(" or ");
    Ok(format!("count without ({PERIOD}) ({all}) >= {m}"))
}

fn check(periods: &Periods) -> Result<(), String> {
    if periods.missing == MissingData::Breaching {
        return Err(
            "a condition of Prometheus cannot take missing data for a breach: watch for the series' \
             absence with absent_over_time, in a rule of its own"
                .to_owned(),
        );
    }
    Ok(())
}

/// Time to zero: the lowest balance of the lookback over what it is below the lowest of the lookback before.
fn forecast(wanted: &Wanted<'_>, horizon_s: f64, periods: &Periods) -> Result<String, String> {
    check(periods)?;
    let lowest = Value {
        function: "min_over_time",
        selector: selector(wanted)?,
        period_s: periods.period_s,
    };
    let (now, before) = (lowest.ago(0), lowest.ago(1));
    let lookback = periods.period_s;
    // An empty balance falls no more: it counts as zero time to zero.
    Ok(format!(
        "({now} * {lookback} / ({before} - {now} > 0) or {now} <= 0) < {}",
        number(horizon_s)
    ))
}

/// A number as `PromQL` reads it.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        format!("{value:e}")
    }
}
