//! A resource of Terraform's provider for AWS (`aws_cloudwatch_metric_alarm`), in HCL.

use super::{Wanted, cloudwatch, name, subject};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The argument of each parameter of `PutMetricAlarm` that is a plain value.
const ARGUMENTS: [(&str, &str); 14] = [
    ("AlarmName", "alarm_name"),
    ("AlarmDescription", "alarm_description"),
    ("ActionsEnabled", "actions_enabled"),
    ("MetricName", "metric_name"),
    ("Namespace", "namespace"),
    ("Statistic", "statistic"),
    ("ExtendedStatistic", "extended_statistic"),
    ("Dimensions", "dimensions"),
    ("Period", "period"),
    ("EvaluationPeriods", "evaluation_periods"),
    ("DatapointsToAlarm", "datapoints_to_alarm"),
    ("Threshold", "threshold"),
    ("ComparisonOperator", "comparison_operator"),
    ("TreatMissingData", "treat_missing_data"),
];

pub(super) fn write(wanted: &Wanted<'_>) -> Result<String, String> {
    let alarm = cloudwatch::parameters(wanted)?;
    let label = name(&subject(wanted), '_', 100).to_ascii_lowercase();
    let mut out = format!("resource \"aws_cloudwatch_metric_alarm\" \"lineup_{label}\" {{\n");
    for (parameter, argument) in ARGUMENTS {
        match alarm.get(parameter) {
            None => {}
            Some(Value::Array(list)) => dimensions(&mut out, argument, list, "  "),
            Some(value) => line(&mut out, "  ", argument, value),
        }
    }
    for query in alarm
        .get("Metrics")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        metric_query(&mut out, query);
    }
    out.push_str("}\n");
    Ok(out)
}

/// A query of metric math.
fn metric_query(out: &mut String, query: &Value) {
    out.push_str("\n  metric_query {\n");
    let mut put = |key: &str, argument: &str| {
        if let Some(value) = query.get(key) {
            line(out, "    ", argument, value);
        }
    };
    put("Id", "id");
    put("Expression", "expression");
    put("Label", "label");
    put("ReturnData", "return_data");
    if let Some(stat) = query.get("MetricStat") {
        let none = Map::new();
        let metric = stat
            .get("Metric")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        out.push_str("\n    metric {\n");
        for (key, argument) in [("Namespace", "namespace"), ("MetricName", "metric_name")] {
            if let Some(value) = metric.get(key) {
                line(out, "      ", argument, value);
            }
        }
        if let Some(Value::Array(list)) = metric.get("Dimensions") {
            dimensions(out, "dimensions", list, "      ");
        }
        for (key, argument) in [("Period", "period"), ("Stat", "stat")] {
            if let Some(value) = stat.get(key) {
                line(out, "      ", argument, value);
            }
        }
        out.push_str("    }\n");
    }
    out.push_str("  }\n");
}

fn line(out: &mut String, indent: &str, argument: &str, value: &Value) {
    let value = match value {
        Value::String(text) => quoted(text),
        other => other.to_string(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{indent}{argument} = {value}");
}

fn dimensions(out: &mut String, argument: &str, list: &[Value], indent: &str) {
    let _ = writeln!(out, "{indent}{argument} = {{");
    for dimension in list {
        let text = |key: &str| {
            dimension
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (name, value) = (quoted(text("Name")), quoted(text("Value")));
        let _ = writeln!(out, "{indent}  {name} = {value}");
    }
    let _ = writeln!(out, "{indent}}}");
}

/// A quoted template without templates in it ("Strings and Templates", Terraform language).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
