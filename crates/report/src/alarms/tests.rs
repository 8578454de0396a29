//! Every definition is read back by a parser of its format, hostile names included.

use super::{Definition, definitions};
use model::{
    Evidence, Series, SeriesMeta,
    analysis::back_test::{Comparison, MissingData, Periods, Rule},
};
use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

const HOSTILE: &str = "a\"b\\c${d}%{e}{{f}}'g: #h\n\u{1b}ü<i>";

fn evidence(source: &str, namespace: &str, dimensions: &[(&str, &str)], stat: &str) -> Evidence {
    let meta = SeriesMeta {
        id: "io".into(),
        name: "MetadataIOBytes".into(),
        source: source.into(),
        namespace: namespace.into(),
        dimensions: dimensions
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
        stat: stat.into(),
        unit: "Bytes".into(),
        ..SeriesMeta::default()
    };
    Evidence {
        series: vec![Series {
            meta,
            ..Series::default()
        }],
        ..Evidence::default()
    }
}

fn efs() -> Evidence {
    evidence(
        "cloudwatch",
        "AWS/EFS",
        &[("FileSystemId", "fs-0123")],
        "Sum",
    )
}

fn threshold(breaching: u32, of: u32) -> Rule {
    Rule::Threshold {
        series: "io".into(),
        comparison: Comparison::GreaterOrEqual,
        threshold: 5e9,
        periods: Periods {
            period_s: 300,
            breaching,
            of,
            missing: MissingData::NotBreaching,
        },
    }
}

fn forecast() -> Rule {
    Rule::CreditForecast {
        series: "io".into(),
        horizon_s: 172_800.0,
        lookback_s: 21_600,
        periods: Periods::default(),
    }
}

fn text(all: &[Definition], format: &str) -> Result<String, String> {
    all.iter()
        .find(|d| d.format == format)
        .unwrap()
        .text
        .clone()
}

fn json_of(all: &[Definition], format: &str) -> Value {
    serde_json::from_str(&text(all, format).unwrap()).unwrap()
}

/// The one rule of a file of Prometheus' rules.
fn rule_of(all: &[Definition]) -> Yaml {
    let docs = YamlLoader::load_from_str(&text(all, "Prometheus").unwrap()).unwrap();
    let group = docs[0]["groups"][0].clone();
    assert_eq!(group["name"].as_str(), Some("lineup"));
    assert!(group["rules"][1].is_badvalue());
    group["rules"][0].clone()
}

#[test]
fn cloudwatch_gets_every_parameter() {
    let alarm = json_of(
        &definitions(&efs(), &threshold(2, 3), "metadata"),
        "CloudWatch",
    );
    assert_eq!(
        alarm,
        json!({
            "AlarmName": "lineup-MetadataIOBytes-fs-0123",
            "AlarmDescription": "metadata",
            "ActionsEnabled": true,
            "MetricName": "MetadataIOBytes",
            "Namespace": "AWS/EFS",
            "Statistic": "Sum",
            "Dimensions": [{"Name": "FileSystemId", "Value": "fs-0123"}],
            "Period": 300,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 5e9,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        })
    );
    let p99 = evidence("cloudwatch", "AWS/ApplicationELB", &[], "p99");
    let alarm = json_of(&definitions(&p99, &threshold(1, 1), ""), "CloudWatch");
    assert_eq!(alarm["ExtendedStatistic"], "p99");
    assert_eq!(alarm.get("Statistic"), None);
}

#[test]
fn cloudformation_and_terraform_say_the_same() {
    let all = definitions(&efs(), &threshold(2, 3), "metadata");
    let plain = json_of(&all, "CloudWatch");
    let template = json_of(&all, "CloudFormation");
    let resource = &template["Resources"]["AlarmMetadataIOBytesFs0123"];
    assert_eq!(resource["Type"], "AWS::CloudWatch::Alarm");
    assert_eq!(resource["Properties"], plain);

    let body: Value = hcl::from_str(&text(&all, "Terraform").unwrap()).unwrap();
    let alarm = &body["resource"]["aws_cloudwatch_metric_alarm"]["lineup_metadataiobytes_fs_0123"];
    for (argument, parameter) in [
        ("alarm_name", "AlarmName"),
        ("metric_name", "MetricName"),
        ("namespace", "Namespace"),
        ("statistic", "Statistic"),
        ("comparison_operator", "ComparisonOperator"),
        ("treat_missing_data", "TreatMissingData"),
    ] {
        assert_eq!(alarm[argument], plain[parameter], "{argument}");
    }
    assert_eq!(alarm["dimensions"], json!({"FileSystemId": "fs-0123"}));
    assert_eq!(alarm["threshold"].as_f64(), Some(5e9));
    assert_eq!(alarm["datapoints_to_alarm"], 2);
}

#[test]
fn a_forecast_is_metric_math_over_its_look_back() {
    let all = definitions(&efs(), &forecast(), "credits");
    let alarm = json_of(&all, "CloudWatch");
    assert_eq!(alarm["Threshold"].as_f64(), Some(172_800.0));
    assert_eq!(alarm["ComparisonOperator"], "LessThanThreshold");
    assert_eq!(alarm.get("MetricName"), None);
    assert_eq!(alarm["Metrics"][1]["MetricStat"]["Period"], 21_600);
    let returned = alarm["Metrics"].as_array().unwrap();
    let returned = returned.iter().filter(|m| m["ReturnData"] == true);
    assert_eq!(returned.count(), 1);
    let body: Value = hcl::from_str(&text(&all, "Terraform").unwrap()).unwrap();
    let alarms = body["resource"]["aws_cloudwatch_metric_alarm"]
        .as_object()
        .unwrap();
    let alarm = alarms.values().next().unwrap();
    let queries = alarm["metric_query"].as_array().unwrap();
    assert_eq!(queries[1]["metric"]["period"], 21_600);
    assert!(
        queries[0]["expression"]
            .as_str()
            .unwrap()
            .contains("DIFF(balance)")
    );
}

#[test]
fn prometheus_counts_the_periods_that_breach() {
    let probe = evidence(
        "prometheus",
        "probe_duration_seconds",
        &[("instance", "a.example")],
        "",
    );
    let one = "avg_over_time(probe_duration_seconds{instance=\"a.example\"}[299s]) >= 5000000000";
    let rule = rule_of(&definitions(&probe, &threshold(1, 1), "slow"));
    assert_eq!(rule["expr"].as_str(), Some(one));
    assert_eq!(rule["annotations"]["summary"].as_str(), Some("slow"));
    // Whatever holds for so long is for another alarm.
    assert!(rule["for"].is_badvalue());
    let rule = rule_of(&definitions(&probe, &threshold(2, 3), "slow"));
    let ago = |k: u32, offset: &str| {
        let period = one.replace("[299s]", &format!("[299s]{offset}"));
        format!("label_replace({period}, \"lineup_period\", \"{k}\", \"\", \"\")")
    };
    let (first, second, third) = (ago(0, ""), ago(1, " offset 300s"), ago(2, " offset 600s"));
    let expected = format!("count without (lineup_period) ({first} or {second} or {third}) >= 2");
    assert_eq!(rule["expr"].as_str(), Some(expected.as_str()));
    let long = text(&definitions(&probe, &threshold(1, 31), ""), "Prometheus");
    assert!(long.unwrap_err().contains("more than 30 periods"));
    let mut absent = threshold(1, 1);
    if let Rule::Threshold { periods, .. } = &mut absent {
        periods.missing = MissingData::Breaching;
    }
    let absent = text(&definitions(&probe, &absent, ""), "Prometheus");
    assert!(absent.unwrap_err().contains("absent_over_time"));
    let rule = rule_of(&definitions(
        &Evidence::default(),
        &Rule::ZombieAge { age_s: 600.0 },
        "zombies",
    ));
    let expected = "(time() - max by (namespace, pod) (kube_pod_deletion_timestamp)) > 600";
    assert_eq!(rule["expr"].as_str(), Some(expected));
}

#[test]
fn nothing_from_outside_breaks_out_of_its_place() {
    // Control characters in the name of a dimension are no name at all.
    let odd = evidence("cloudwatch", "AWS/EFS", &[("FileSystemId", HOSTILE)], "Sum");
    assert!(text(&definitions(&odd, &threshold(1, 1), ""), "CloudWatch").is_err());
    let value = "a\"b\\c${d}%{e}'g: #hü<i>";
    let odd = evidence("cloudwatch", "AWS/EFS", &[("FileSystemId", value)], "Sum");
    let all = definitions(&odd, &threshold(1, 1), HOSTILE);
    let plain = json_of(&all, "CloudWatch");
    assert_eq!(plain["Dimensions"][0]["Value"], value);
    assert_eq!(
        plain["AlarmDescription"],
        HOSTILE.replace(['\n', '\u{1b}'], "")
    );
    let body: Value = hcl::from_str(&text(&all, "Terraform").unwrap()).unwrap();
    let alarms = body["resource"]["aws_cloudwatch_metric_alarm"]
        .as_object()
        .unwrap();
    let (label, alarm) = alarms.iter().next().unwrap();
    assert!(
        label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
        "{label}"
    );
    // The parser gives templates as they stand: what was written is no template.
    let written = alarm["dimensions"]["FileSystemId"].as_str().unwrap();
    let unescaped = written.replace("$${", "${").replace("%%{", "%{");
    assert_eq!(unescaped, value);
    let template = json_of(&all, "CloudFormation");
    assert!(!template.to_string().contains("{{"));

    let odd = evidence("prometheus", "up", &[("instance", HOSTILE)], "");
    let rule = rule_of(&definitions(&odd, &threshold(1, 1), HOSTILE));
    let expr = rule["expr"].as_str().unwrap();
    let inner = expr.split("instance=\"").nth(1).unwrap();
    let inner = inner.split("\"}").next().unwrap();
    let back = inner
        .replace("\\n", "\n")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\");
    assert_eq!(back, HOSTILE);
    assert!(
        !rule["annotations"]["summary"]
            .as_str()
            .unwrap()
            .contains("{{")
    );
}

#[test]
fn what_a_tool_cannot_say_has_its_reason() {
    let file = evidence("file", "", &[], "Average");
    for format in ["CloudWatch", "CloudFormation", "Terraform", "Prometheus"] {
        let reason = text(&definitions(&file, &threshold(1, 1), ""), format).unwrap_err();
        assert!(reason.contains("came from file"), "{format}: {reason}");
        let gone = text(
            &definitions(&Evidence::default(), &threshold(1, 1), ""),
            format,
        );
        assert!(gone.unwrap_err().contains("no series 'io'"));
        let anomaly = Rule::Anomaly {
            series: "io".into(),
            deviations: 4.0,
            lookback_s: 86_400,
            periods: Periods::default(),
        };
        assert!(text(&definitions(&efs(), &anomaly, ""), format).is_err());
    }
    let zombie = Rule::ZombieAge { age_s: 600.0 };
    assert!(text(&definitions(&efs(), &zombie, ""), "CloudWatch").is_err());
    // 90 seconds are no period, and 500 of five minutes are more than a day.
    let seconds = Rule::Threshold {
        series: "io".into(),
        comparison: Comparison::LessThan,
        threshold: 1.0,
        periods: Periods {
            period_s: 90,
            ..Periods::default()
        },
    };
    assert!(text(&definitions(&efs(), &seconds, ""), "Terraform").is_err());
    assert!(text(&definitions(&efs(), &threshold(1, 500), ""), "CloudWatch").is_err());
    // A query that is an expression cannot be told from its answer.
    let expression = evidence("prometheus", "", &[], "");
    let reason = text(
        &definitions(&expression, &threshold(1, 1), ""),
        "Prometheus",
    );
    assert!(reason.unwrap_err().contains("expression"));
}
