//! An alerting rule of Prometheus, as YAML ("Alerting rules", Prometheus documentation). Texts are
//! written as JSON has them, which YAML's double quotes understand.

use super::{Wanted, name, subject};
use model::{
    SeriesMeta,
    analysis::back_test::{Comparison, Periods, Rule},
};

pub(super) fn write(wanted: &Wanted<'_>) -> Result<String, String> {
    let (expression, hold_s) = match wanted.rule {
        Rule::ZombieAge { age_s } => (zombies(*age_s), 0),
        Rule::Threshold {
            comparison,
            threshold,
            periods,
            ..
        } => {
            let value = over_period(selector(wanted)?, wanted, periods.period_s);
            condition(&value, *comparison, *threshold, periods)
        }
        Rule::CreditForecast {
            horizon_s,
            lookback_s,
            periods,
            ..
        } => {
            let now = selector(wanted)?;
            let back = format!("({now} offset {lookback_s}s)");
            // An empty balance falls no more: it counts as zero time to zero.
            let left = format!("({now} * {lookback_s} / ({back} - {now} > 0) or {now} <= 0)");
            condition(&left, Comparison::LessThan, *horizon_s, periods)
        }
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
        format!("        for: \"{hold_s}s\""),
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

/// The series over a period, put together as the back-test does it.
fn over_period(selector: String, wanted: &Wanted<'_>, period_s: u32) -> String {
    let stat = wanted.meta.map(stat_of).unwrap_or_default();
    if stat == "counter" {
        return selector;
    }
    let function = match stat.as_str() {
        "sum" | "samplecount" => "sum_over_time",
        "minimum" => "min_over_time",
        "maximum" => "max_over_time",
        _ => "avg_over_time",
    };
    format!("{function}({selector}[{period_s}s])")
}

fn stat_of(meta: &SeriesMeta) -> String {
    meta.stat.to_ascii_lowercase()
}

/// The condition and how long it must hold: all of N periods by `for`, M of them by counting.
fn condition(
    value: &str,
    comparison: Comparison,
    threshold: f64,
    periods: &Periods,
) -> (String, u32) {
    let (sign, threshold) = (comparison.sign(), number(threshold));
    let (m, n) = (
        periods.breaching.max(1).min(periods.of.max(1)),
        periods.of.max(1),
    );
    let period_s = periods.period_s;
    if m == n {
        let held = period_s.saturating_mul(n - 1);
        return (format!("{value} {sign} {threshold}"), held);
    }
    let span = period_s.saturating_mul(n);
    let breaching = format!("({value} {sign} bool {threshold})");
    (
        format!("sum_over_time({breaching}[{span}s:{period_s}s]) >= {m}"),
        0,
    )
}

/// A number as `PromQL` reads it.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        format!("{value:e}")
    }
}
