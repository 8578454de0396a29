//! The parameters of `PutMetricAlarm` as JSON (Amazon `CloudWatch` API reference).

use super::{Wanted, name, subject};
use model::{
    SeriesMeta,
    analysis::back_test::{Comparison, MissingData, Periods, Rule},
};
use serde_json::{Map, Value, json};

/// The statistics that are no extended ones.
const STATISTICS: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
/// Longest time that an alarm looks back over, seconds: a day, or a week where a period has an hour or
/// more.
const LONGEST_S: u32 = 86_400;
/// See [`LONGEST_S`].
const LONGEST_HOURLY_S: u32 = 7 * 86_400;
/// Longest name of an alarm, and longest description, in characters.
const LONGEST_NAME: usize = 255;
/// See [`LONGEST_NAME`].
const LONGEST_DESCRIPTION: usize = 1_024;
/// What the time to zero is where a balance does not fall, seconds.
const NEVER_S: u64 = 1_000_000_000_000;

/// The parameters as JSON.
pub(super) fn write(wanted: &Wanted<'_>) -> Result<String, String> {
    let alarm = Value::Object(parameters(wanted)?);
    Ok(format!("{alarm:#}\n"))
}

/// The parameters by name.
pub(super) fn parameters(wanted: &Wanted<'_>) -> Result<Map<String, Value>, String> {
    let meta = metric_of(wanted)?;
    let (comparison, threshold, periods) = compared(wanted.rule)?;
    check(&periods)?;
    let mut alarm = Map::new();
    let mut put = |key: &str, value: Value| alarm.insert(key.to_owned(), value);
    put(
        "AlarmName",
        Value::from(name(
            &format!("lineup {}", subject(wanted)),
            '-',
            LONGEST_NAME,
        )),
    );
    let description: String = wanted
        .title
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_DESCRIPTION)
        .collect();
    put("AlarmDescription", Value::from(description));
    put("ActionsEnabled", Value::from(true));
    if matches!(wanted.rule, Rule::CreditForecast { .. }) {
        put("Metrics", forecast(meta, periods.period_s));
    } else {
        put("MetricName", Value::from(meta.name.as_str()));
        put("Namespace", Value::from(meta.namespace.as_str()));
        let key = if STATISTICS.contains(&meta.stat.as_str()) {
            "Statistic"
        } else {
            "ExtendedStatistic"
        };
        put(key, Value::from(meta.stat.as_str()));
        put("Dimensions", dimensions(meta));
        put("Period", Value::from(periods.period_s));
    }
    put("EvaluationPeriods", Value::from(periods.of.max(1)));
    put(
        "DatapointsToAlarm",
        Value::from(periods.breaching.clamp(1, periods.of.max(1))),
    );
    put("Threshold", json!(threshold));
    put("ComparisonOperator", Value::from(operator(comparison)));
    put("TreatMissingData", Value::from(missing(periods.missing)));
    Ok(alarm)
}

/// What an alarm compares with what, over which periods.
fn compared(rule: &Rule) -> Result<(Comparison, f64, Periods), String> {
    Ok(match rule {
        Rule::Threshold {
            comparison,
            threshold,
            periods,
            ..
        } => (*comparison, *threshold, *periods),
        Rule::CreditForecast {
            horizon_s,
            lookback_s,
            periods,
            ..
        } => (
            Comparison::LessThan,
            *horizon_s,
            periods.of_forecast(*lookback_s),
        ),
        Rule::Anomaly { .. } => {
            return Err(
                "CloudWatch's anomaly detection learns a band of its own over two weeks: it is not \
                 this rule"
                    .to_owned(),
            );
        }
        Rule::ZombieAge { .. } => return Err(NO_PODS.to_owned()),
    })
}

/// Why there is no metric of stuck pods.
const NO_PODS: &str = "CloudWatch has no metric of the age of pods in Terminating: watch for it in \
                       the cluster";

/// The metric that the rule looks at, where it is one of `CloudWatch`.
fn metric_of<'a>(wanted: &Wanted<'a>) -> Result<&'a SeriesMeta, String> {
    let meta = wanted.meta.ok_or(NO_PODS)?;
    if meta.source != "cloudwatch" || meta.namespace.is_empty() || meta.name.is_empty() {
        let source = if meta.source.is_empty() {
            "somewhere else"
        } else {
            &meta.source
        };
        return Err(format!(
            "the series came from {source}, and no namespace of CloudWatch is known for it"
        ));
    }
    if meta.stat.is_empty() || meta.stat == "Counter" {
        return Err("the series has no statistic of CloudWatch".to_owned());
    }
    // What a dynamic reference of CloudFormation looks like is no name of a metric.
    let odd = |text: &str| text.contains("{{") || text.chars().any(char::is_control);
    let texts = meta.dimensions.iter().flat_map(|(k, v)| [k, v]);
    if texts.chain([&meta.name, &meta.namespace]).any(|t| odd(t)) {
        return Err("the series has a name that CloudWatch does not take".to_owned());
    }
    Ok(meta)
}

/// The limits of an alarm's periods.
fn check(periods: &Periods) -> Result<(), String> {
    let period = periods.period_s;
    if !(matches!(period, 10 | 20 | 30) || period > 0 && period.is_multiple_of(60)) {
        return Err(format!(
            "CloudWatch takes periods of 10, 20, 30 or a multiple of 60 seconds, not {period}"
        ));
    }
    let longest = if period >= 3_600 {
        LONGEST_HOURLY_S
    } else {
        LONGEST_S
    };
    if period.saturating_mul(periods.of.max(1)) > longest {
        return Err(format!(
            "CloudWatch looks back over at most {} days with such periods",
            longest / 86_400
        ));
    }
    Ok(())
}

fn dimensions(meta: &SeriesMeta) -> Value {
    meta.dimensions
        .iter()
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect()
}

/// Time to zero by metric math: the lowest balance of the last period over what it is below the lowest of
/// the one before. The period is the time that the rate is taken over. An empty balance falls no more: it counts
/// as zero time to zero.
fn forecast(meta: &SeriesMeta, period_s: u32) -> Value {
    let expression = format!(
        "IF(balance <= 0, 0, IF(DIFF(balance) < 0, balance * PERIOD(balance) / ABS(DIFF(balance)), {NEVER_S}))"
    );
    json!([
        {"Id": "time_to_zero", "Expression": expression, "Label": "Seconds to zero", "ReturnData": true},
        {"Id": "balance", "ReturnData": false, "MetricStat": {
            "Metric": {"Namespace": meta.namespace, "MetricName": meta.name, "Dimensions": dimensions(meta)},
            "Period": period_s,
            "Stat": "Minimum",
        }},
    ])
}

const fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThan => "GreaterThanThreshold",
        Comparison::GreaterOrEqual => "GreaterThanOrEqualToThreshold",
        Comparison::LessThan => "LessThanThreshold",
        Comparison::LessOrEqual => "LessThanOrEqualToThreshold",
    }
}

const fn missing(missing: MissingData) -> &'static str {
    match missing {
        MissingData::Missing => "missing",
        MissingData::Ignore => "ignore",
        MissingData::Breaching => "breaching",
        MissingData::NotBreaching => "notBreaching",
    }
}
