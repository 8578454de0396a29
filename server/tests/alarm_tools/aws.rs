//! What is ready for AWS: put to a server of its API and read back, linted, and parsed.

use super::incident::{above, definition, demonstration, forecast, series, tested};
use model::{Evidence, analysis::back_test::Rule};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const HOSTILE: &str = "it's \"here\" \\ ${a} %{b} {{c}} <d> & ü";

#[allow(
    clippy::disallowed_methods,
    reason = "where a machine keeps its Python is the test's configuration, not the program's"
)]
fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::var_os("LINEUP_MOTO_PYTHON")
        .map_or_else(|| root.join(".cache/moto/bin/python"), PathBuf::from)
}

/// What the tools make of it, see `check.py`.
fn check(what: &Value) -> Value {
    let python = python();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alarm_tools/check.py");
    let missing = format!(
        "{} with moto, cfn-lint and python-hcl2 is needed: run scripts/moto.sh",
        python.display()
    );
    let mut child = Command::new(&python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{missing}: {e}"));
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(what.to_string().as_bytes()).expect("sent");
    drop(stdin);
    let out = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{missing}: {said}");
    serde_json::from_slice(&out.stdout).expect("JSON")
}

/// Rules of every kind that CloudWatch can watch for, on every metric of the demonstration that it has.
fn rules(evidence: &Evidence) -> Vec<Rule> {
    let mut out = vec![
        forecast(&series(evidence, "BurstCreditBalance", "Minimum")),
        above(&series(evidence, "MetadataIOBytes", "Sum"), 5e9, 300, 2, 3),
    ];
    for series in &evidence.series {
        let meta = &series.meta;
        if meta.source == "cloudwatch" && !meta.namespace.is_empty() && meta.stat != "Counter" {
            out.push(above(&meta.id, 1.5e-3, 3_600, 24, 24));
        }
    }
    assert!(out.len() > 8, "{}", out.len());
    out
}

/// The definitions of all rules in a format.
fn all(evidence: &Evidence, format: &str) -> Vec<String> {
    let rules = rules(evidence);
    let texts = rules.iter().enumerate().map(|(n, rule)| {
        let title = if n % 2 == 0 { HOSTILE } else { "Slow sites" };
        definition(evidence, rule, title, format)
    });
    texts.collect()
}

#[test]
fn cloudwatch_takes_every_definition_and_gives_it_back_equal() {
    let (evidence, analysis) = demonstration();
    let texts = all(&evidence, "CloudWatch");
    let alarms: Vec<Value> = texts
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let back = check(&json!({"cloudwatch": alarms}));
    let back = back["cloudwatch"].as_array().unwrap();
    assert_eq!(back.len(), alarms.len());
    for (put, got) in alarms.iter().zip(back) {
        assert_eq!(got, put);
    }
    // It is the alarm that was tested back: the forecast goes off a day and more before anybody felt it, and
    // on no quiet time.
    let credits = tested(&evidence, &analysis, &rules(&evidence)[0]);
    assert!(credits.lead_s.unwrap() > 86_400, "{credits:?}");
    assert_eq!(credits.false_alarms, 0);
    assert!(credits.quiet_s > 86_400);
}

#[test]
fn cfn_lint_has_nothing_to_say() {
    let (evidence, _) = demonstration();
    let mut templates = all(&evidence, "CloudFormation");
    // That it would say something is seen by one that is wrong.
    templates.push(templates[0].replace("LessThanThreshold", "Below"));
    let said = check(&json!({"cloudformation": templates}));
    let said = said["cloudformation"].as_array().unwrap();
    let (wrong, good) = said.split_last().unwrap();
    for (one, template) in good.iter().zip(&templates) {
        assert_eq!(one, &json!([]), "{template}");
    }
    assert!(wrong[0].as_str().unwrap().contains("E3030"), "{wrong}");
}

#[test]
fn terraform_reads_what_cloudwatch_gets() {
    let (evidence, _) = demonstration();
    let texts = all(&evidence, "Terraform");
    let read = check(&json!({"terraform": texts}));
    let alarms = all(&evidence, "CloudWatch");
    for (body, alarm) in read["terraform"].as_array().unwrap().iter().zip(alarms) {
        let alarm: Value = serde_json::from_str(&alarm).unwrap();
        let resource = body["resource"][0]["aws_cloudwatch_metric_alarm"].as_object();
        let resource = resource.unwrap().values().next().unwrap();
        for (argument, parameter) in [
            ("alarm_name", "AlarmName"),
            ("comparison_operator", "ComparisonOperator"),
            ("evaluation_periods", "EvaluationPeriods"),
            ("datapoints_to_alarm", "DatapointsToAlarm"),
            ("threshold", "Threshold"),
            ("treat_missing_data", "TreatMissingData"),
            ("actions_enabled", "ActionsEnabled"),
        ] {
            assert_eq!(resource[argument], alarm[parameter], "{argument}");
        }
        // The parser leaves the escapes of templates as they are written.
        let description = resource["alarm_description"].as_str().unwrap();
        let description = description.replace("$${", "${").replace("%%{", "%{");
        assert_eq!(description, alarm["AlarmDescription"]);
        let Some(metrics) = alarm["Metrics"].as_array() else {
            assert_eq!(resource["metric_name"], alarm["MetricName"]);
            assert_eq!(resource["period"], alarm["Period"]);
            let dimension = &alarm["Dimensions"][0];
            let name = dimension["Name"].as_str().unwrap();
            assert_eq!(resource["dimensions"][name], dimension["Value"]);
            continue;
        };
        for (query, metric) in resource["metric_query"]
            .as_array()
            .unwrap()
            .iter()
            .zip(metrics)
        {
            assert_eq!(query["id"], metric["Id"]);
            assert_eq!(query["return_data"], metric["ReturnData"]);
            if metric.get("Expression").is_some() {
                assert_eq!(query["expression"], metric["Expression"]);
            } else {
                assert_eq!(query["metric"][0]["period"], metric["MetricStat"]["Period"]);
                assert_eq!(query["metric"][0]["stat"], metric["MetricStat"]["Stat"]);
            }
        }
    }
}
