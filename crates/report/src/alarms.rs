//! Alarm definitions ready to apply: a rule that was tested back, in the words of the tools that can
//! watch for it. One file a format.
//!
//! A definition is only written where it says the same as the rule: a series that did not come from
//! `CloudWatch` has no `CloudWatch` alarm, and so on. Whatever comes from outside (names of metrics,
//! dimensions, labels, titles) is escaped by the rules of the format.

mod cloudformation;
mod cloudwatch;
mod prometheus;
mod terraform;

use model::{Evidence, SeriesMeta, analysis::back_test::Rule};

/// A definition, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is for: `CloudWatch`, `Terraform`…
    pub format: &'static str,
    /// How it is applied, in one line.
    pub how: &'static str,
    /// Name of a file that it may be kept in.
    pub file: &'static str,
    /// The definition, or why the format cannot say what the rule says.
    pub text: Result<String, String>,
}

/// An alarm to be defined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) rule: &'a Rule,
    /// What the series of the rule is; `None`: it has none.
    pub(crate) meta: Option<&'a SeriesMeta>,
    /// What the alarm is called.
    pub(crate) title: &'a str,
}

/// The definitions of a rule, one for each format. `title` becomes the alarm's description.
pub fn definitions(evidence: &Evidence, rule: &Rule, title: &str) -> Vec<Definition> {
    let series = rule.series().map(|id| evidence.series(id).map(|s| &s.meta));
    let define = |make: fn(&Wanted<'_>) -> Result<String, String>| match series {
        Some(None) => Err(format!(
            "the evidence has no series '{}' any more",
            rule.series().unwrap_or_default()
        )),
        Some(meta @ Some(_)) => make(&Wanted { rule, meta, title }),
        None => make(&Wanted {
            rule,
            meta: None,
            title,
        }),
    };
    vec![
        Definition {
            format: "CloudWatch",
            how: "aws cloudwatch put-metric-alarm --cli-input-json file://alarm.json",
            file: "alarm.json",
            text: define(cloudwatch::write),
        },
        Definition {
            format: "CloudFormation",
            how: "aws cloudformation deploy --template-file alarm.template.json --stack-name NAME",
            file: "alarm.template.json",
            text: define(cloudformation::write),
        },
        Definition {
            format: "Terraform",
            how: "terraform apply",
            file: "alarm.tf",
            text: define(terraform::write),
        },
        Definition {
            format: "Prometheus",
            how: "a file of rule_files, checked by: promtool check rules alarm.yml",
            file: "alarm.yml",
            text: define(prometheus::write),
        },
    ]
}

/// A name out of any text: letters and digits of ASCII, one `between` for all else in a row, at most
/// so many characters.
fn name(text: &str, between: char, most: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(between) {
            out.push(between);
        }
    }
    let out: String = out.chars().take(most).collect();
    let out = out.trim_end_matches(between);
    if out.is_empty() {
        "alarm".to_owned()
    } else {
        out.to_owned()
    }
}

/// What an alarm of the rule is called, before it is made a name: the series and what it measures.
fn subject(wanted: &Wanted<'_>) -> String {
    let Some(meta) = wanted.meta else {
        return "pod stuck terminating".to_owned();
    };
    let metric = if meta.name.is_empty() {
        &meta.id
    } else {
        &meta.name
    };
    let what = match wanted.rule {
        Rule::CreditForecast { .. } => " forecast",
        Rule::Anomaly { .. } => " anomaly",
        Rule::Threshold { .. } | Rule::ZombieAge { .. } => "",
    };
    let of = meta.dimensions.values().next().map_or("", String::as_str);
    format!("{metric}{what} {of}")
}

#[cfg(test)]
mod tests;
