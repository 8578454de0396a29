//! `promtool`, as Debian's package `prometheus` brings it.

use model::{Timestamp, time::MINUTE};
use serde_json::{Value, json};
use std::{path::Path, process::Command};

/// One series of a test: its selector, and a value or none for every minute from the beginning.
pub(crate) struct Input {
    pub(crate) series: String,
    pub(crate) values: Vec<Option<f64>>,
}

impl Input {
    /// The samples of a series on the minutes of a test that begins at `zero`.
    pub(crate) fn of(
        series: String,
        zero: Timestamp,
        samples: impl IntoIterator<Item = (Timestamp, f64)>,
    ) -> Self {
        let mut values = Vec::new();
        for (at, value) in samples {
            let minute = usize::try_from(at.since(zero) / MINUTE).expect("after the beginning");
            if values.len() <= minute {
                values.resize(minute + 1, None);
            }
            values[minute] = Some(value);
        }
        Self { series, values }
    }

    fn json(&self) -> Value {
        let texts = self
            .values
            .iter()
            .map(|v| v.map_or_else(|| "_".to_owned(), |v| v.to_string()));
        json!({"series": self.series, "values": texts.collect::<Vec<_>>().join(" ")})
    }
}

/// What an expression has to give at a minute; `None`: nothing.
pub(crate) struct Expected {
    pub(crate) minute: i64,
    pub(crate) expression: String,
    pub(crate) value: Option<i64>,
}

impl Expected {
    /// How many alerts fire at a minute.
    pub(crate) fn firing(minute: i64, count: Option<i64>) -> Self {
        Self {
            minute,
            expression: "sum(ALERTS{alertstate=\"firing\"})".to_owned(),
            value: count,
        }
    }

    /// In how many minutes up to this one they fired, of all alerts together.
    pub(crate) fn fired(minute: i64, minutes: Option<i64>) -> Self {
        Self {
            minute,
            expression: "sum(count_over_time(ALERTS{alertstate=\"firing\"}[100d]))".to_owned(),
            value: minutes,
        }
    }

    fn json(&self) -> Value {
        let samples: Vec<Value> = self
            .value
            .iter()
            .map(|value| json!({"labels": "{}", "value": value}))
            .collect();
        json!({
            "expr": self.expression,
            "eval_time": format!("{}m", self.minute),
            "exp_samples": samples,
        })
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let out = Command::new("promtool")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|e| panic!("promtool is needed: run scripts/prometheus.sh ({e})"));
    if out.status.success() {
        return Ok(());
    }
    let said = [out.stdout, out.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
}

/// `promtool check rules`.
pub(crate) fn check(rules: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("rules.yml"), rules).expect("a file");
    run(folder.path(), &["check", "rules", "rules.yml"])
}

/// `promtool test rules`, with an evaluation every minute.
pub(crate) fn test(rules: &str, inputs: &[Input], expected: &[Expected]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("rules.yml"), rules).expect("a file");
    // JSON is YAML.
    let test = json!({
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": inputs.iter().map(Input::json).collect::<Vec<_>>(),
            "promql_expr_test": expected.iter().map(Expected::json).collect::<Vec<_>>(),
        }],
    });
    std::fs::write(folder.path().join("test.yml"), test.to_string()).expect("a file");
    run(folder.path(), &["test", "rules", "test.yml"])
}
