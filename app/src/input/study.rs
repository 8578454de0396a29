//! Questions to an incident as they stand in an address: what if, and rules to be tested back.

use super::{Fields, LONGEST_NOTE, LONGEST_TITLE, instant, optional};
use crate::{
    ApiError,
    backend::{ActionDraft, BackTestAsk, JudgementDraft, WhatIfAsk},
};
use model::{
    analysis::{
        back_test::{Comparison, MissingData, Periods, Rule},
        what_if::{Part, Scenario, Throughput},
    },
    judgement::Ruling,
};

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;
/// Longest period of a rule, seconds: a day.
const LONGEST_PERIOD_S: u32 = 86_400;
/// Most periods that a rule looks at: a day of minutes.
const MOST_PERIODS: u32 = 1_440;

/// Inputs of a question about a burst balance.
const OF_WHAT_IF: [&str; 11] = [
    "scenario",
    "series",
    "suspect",
    "at",
    "mode",
    "stored_gib",
    "mib_per_s",
    "earned",
    "cap",
    "part",
    "share",
];
/// Inputs of a rule to be tested back.
const OF_BACK_TEST: [&str; 13] = [
    "rule",
    "series",
    "threshold",
    "comparison",
    "age",
    "horizon",
    "lookback",
    "deviations",
    "period",
    "breaching",
    "of",
    "missing",
    "wanted",
];

/// The inputs of an address.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a>(pub &'a [(String, String)]);

impl<'a> Asked<'a> {
    /// An input; empty where it is not there.
    pub fn get(&self, name: &str) -> &'a str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// An input, or what stands there by itself.
    pub fn or(&self, name: &str, default: &'a str) -> &'a str {
        match self.get(name) {
            "" => default,
            given => given,
        }
    }
}

impl Fields {
    fn number(&mut self, asked: Asked<'_>, name: &str, default: &str) -> Option<f64> {
        let text = match asked.get(name) {
            "" => default,
            given => given,
        };
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
        self.read(
            name,
            number.ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                format!("'{shown}' is no number")
            }),
        )
    }

    /// One of the words that an input knows; the first of them where it is empty.
    fn one_of<T: Copy>(&mut self, asked: Asked<'_>, name: &str, known: &[(&str, T)]) -> Option<T> {
        let said = asked.get(name);
        let found = known
            .iter()
            .find(|(word, _)| said.is_empty() || *word == said);
        let found = found.map(|(_, value)| *value);
        self.read(
            name,
            found.ok_or_else(|| {
                let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
                unknown(said, &words.join(", "))
            }),
        )
    }

    fn positive(&mut self, asked: Asked<'_>, name: &str, default: &str) -> Option<f64> {
        let number = self.number(asked, name, default)?;
        self.read(
            name,
            (number > 0.0 && number < 1e18)
                .then_some(number)
                .ok_or_else(|| {
                    let bound = if number > 0.0 {
                        "below 1e18"
                    } else {
                        "above zero"
                    };
                    format!("it must be {bound}")
                }),
        )
    }

    fn whole(&mut self, asked: Asked<'_>, name: &str, default: &str, most: u32) -> Option<u32> {
        let number = self.number(asked, name, default)?;
        let good = number.fract() == 0.0 && number >= 1.0 && number <= f64::from(most);
        self.read(
            name,
            good.then_some(number as u32)
                .ok_or_else(|| format!("it must be a whole number from 1 to {most}")),
        )
    }
}

/// A question about a burst balance out of its address.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn what_if(asked: Asked<'_>) -> Result<WhatIfAsk, ApiError> {
    let mut fields = Fields::default();
    fields.misspelt(asked, &OF_WHAT_IF);
    let scenario = match asked.or("scenario", "without_suspect") {
        "without_suspect" => Some(Scenario::WithoutSuspect),
        "mitigated" => fields
            .read("at", instant(asked.get("at")))
            .map(|at| Scenario::Mitigated { at }),
        "throughput" => throughput(&mut fields, asked).map(Scenario::Throughput),
        "size" => {
            let earned = fields.positive(asked, "earned", "");
            let cap = fields.positive(asked, "cap", "");
            earned
                .zip(cap)
                .map(|(earned_per_s, cap)| Scenario::Size { earned_per_s, cap })
        }
        "less_io" => {
            let parts = [("all", Part::All), ("metadata", Part::Metadata)];
            let part = fields.one_of(asked, "part", &parts);
            let share = fields.number(asked, "share", "");
            let share = share.and_then(|percent| {
                let good = (0.0..=100.0).contains(&percent);
                let share = good.then_some(percent / 100.0);
                fields.read(
                    "share",
                    share.ok_or("it must be from 0 to 100 %".to_owned()),
                )
            });
            part.zip(share)
                .map(|(part, share)| Scenario::LessIo { part, share })
        }
        other => {
            let known = "without_suspect, mitigated, throughput, size, less_io";
            fields.read("scenario", Err(unknown(other, known)))
        }
    };
    if !fields.0.is_empty() {
        return Err(ApiError::Fields(fields.0));
    }
    Ok(WhatIfAsk {
        series: optional(asked.get("series")),
        suspect: optional(asked.get("suspect")),
        scenario,
    })
}

fn throughput(fields: &mut Fields, asked: Asked<'_>) -> Option<Throughput> {
    match asked.or("mode", "elastic") {
        "bursting" => {
            let gib = fields.positive(asked, "stored_gib", "");
            gib.map(|gib| Throughput::Bursting {
                stored_bytes: gib * GIB,
            })
        }
        "provisioned" => {
            let rate = fields.positive(asked, "mib_per_s", "");
            rate.map(|mib_per_s| Throughput::Provisioned { mib_per_s })
        }
        "elastic" => Some(Throughput::Elastic),
        other => fields.read(
            "mode",
            Err(unknown(other, "elastic, provisioned, bursting")),
        ),
    }
}

/// What is said of a word that is none of those that are known.
fn unknown(word: &str, known: &str) -> String {
    let shown: String = word.chars().take(40).collect();
    format!("'{shown}' is not known: expected one of {known}")
}

/// A rule to be tested back out of its address. Without a series there is none yet; without a
/// threshold the best is wanted.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn back_test(asked: Asked<'_>) -> Result<BackTestAsk, ApiError> {
    let mut fields = Fields::default();
    let false_per_week = fields.number(asked, "wanted", "0").filter(|n| *n >= 0.0);
    if false_per_week.is_none() && fields.0.is_empty() {
        fields.read::<()>("wanted", Err("it must not be below zero".into()));
    }
    fields.misspelt(asked, &OF_BACK_TEST);
    let series = asked.get("series").to_owned();
    let kind = asked.or("rule", "threshold");
    let propose = asked.get(threshold_of(kind)).is_empty();
    let rule = match kind {
        "zombie_age" => {
            let minutes = fields.positive(asked, "age", "10");
            minutes.map(|m| Rule::ZombieAge { age_s: m * 60.0 })
        }
        "threshold" | "credit_forecast" | "anomaly" if series.is_empty() => None,
        "threshold" => {
            let threshold = fields.number(asked, "threshold", "0");
            let comparison = fields.one_of(asked, "comparison", &COMPARISONS);
            threshold
                .zip(comparison)
                .zip(periods(&mut fields, asked))
                .map(|((threshold, comparison), periods)| Rule::Threshold {
                    series,
                    comparison,
                    threshold,
                    periods,
                })
        }
        "credit_forecast" => {
            let horizon = fields.positive(asked, "horizon", "48");
            let lookback = fields.positive(asked, "lookback", "6");
            horizon.zip(lookback).zip(periods(&mut fields, asked)).map(
                |((horizon, lookback), periods)| Rule::CreditForecast {
                    series,
                    horizon_s: horizon * 3_600.0,
                    lookback_s: (lookback * 3_600.0) as i64,
                    periods,
                },
            )
        }
        "anomaly" => {
            let deviations = fields.positive(asked, "deviations", "6");
            let lookback = fields.positive(asked, "lookback", "24");
            deviations
                .zip(lookback)
                .zip(periods(&mut fields, asked))
                .map(|((deviations, lookback), periods)| Rule::Anomaly {
                    series,
                    deviations,
                    lookback_s: (lookback * 3_600.0) as i64,
                    periods,
                })
        }
        other => {
            let known = "threshold, credit_forecast, zombie_age, anomaly";
            fields.read("rule", Err(unknown(other, known)))
        }
    };
    if !fields.0.is_empty() {
        return Err(ApiError::Fields(fields.0));
    }
    Ok(BackTestAsk {
        rule,
        propose,
        false_per_week: false_per_week.unwrap_or(0.0),
    })
}

/// The input that holds what a kind of rule sweeps over.
pub fn threshold_of(kind: &str) -> &'static str {
    match kind {
        "zombie_age" => "age",
        "credit_forecast" => "horizon",
        "anomaly" => "deviations",
        _ => "threshold",
    }
}

/// Comparisons as addresses say them, the usual one first.
const COMPARISONS: [(&str, Comparison); 4] = [
    ("greater_than", Comparison::GreaterThan),
    ("greater_or_equal", Comparison::GreaterOrEqual),
    ("less_than", Comparison::LessThan),
    ("less_or_equal", Comparison::LessOrEqual),
];

/// What missing data count as, in the words of `CloudWatch`, the usual one first.
const MISSING: [(&str, MissingData); 4] = [
    ("missing", MissingData::Missing),
    ("ignore", MissingData::Ignore),
    ("breaching", MissingData::Breaching),
    ("notBreaching", MissingData::NotBreaching),
];

fn periods(fields: &mut Fields, asked: Asked<'_>) -> Option<Periods> {
    let period_s = fields.whole(asked, "period", "300", LONGEST_PERIOD_S);
    let of = fields.whole(asked, "of", "1", MOST_PERIODS);
    let breaching = fields.whole(asked, "breaching", asked.or("of", "1"), MOST_PERIODS);
    if let (Some(m), Some(n)) = (breaching, of)
        && m > n
    {
        let message = format!("{m} of {n} periods cannot breach");
        fields.read::<()>("breaching", Err(message));
    }
    let missing = fields.one_of(asked, "missing", &MISSING);
    Some(Periods {
        period_s: period_s?,
        breaching: breaching?,
        of: of?,
        missing: missing?,
    })
}

/// The address of a rule: what [`back_test`] reads.
pub fn query_of(rule: &Rule) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let shared = |out: &mut Vec<(&'static str, String)>, series: &str, periods: &Periods| {
        let missing = match periods.missing {
            MissingData::Missing => "missing",
            MissingData::Ignore => "ignore",
            MissingData::Breaching => "breaching",
            MissingData::NotBreaching => "notBreaching",
        };
        out.push(("series", series.to_owned()));
        out.push(("period", periods.period_s.to_string()));
        out.push(("breaching", periods.breaching.to_string()));
        out.push(("of", periods.of.to_string()));
        out.push(("missing", missing.to_owned()));
    };
    match rule {
        Rule::Threshold {
            series,
            comparison,
            threshold,
            periods,
        } => {
            out.push(("rule", "threshold".into()));
            let word = match comparison {
                Comparison::GreaterThan => "greater_than",
                Comparison::GreaterOrEqual => "greater_or_equal",
                Comparison::LessThan => "less_than",
                Comparison::LessOrEqual => "less_or_equal",
            };
            out.push(("comparison", word.into()));
            out.push(("threshold", threshold.to_string()));
            shared(&mut out, series, periods);
        }
        Rule::CreditForecast {
            series,
            horizon_s,
            lookback_s,
            periods,
        } => {
            out.push(("rule", "credit_forecast".into()));
            out.push(("horizon", (horizon_s / 3_600.0).to_string()));
            out.push(("lookback", (*lookback_s as f64 / 3_600.0).to_string()));
            shared(&mut out, series, periods);
        }
        Rule::ZombieAge { age_s } => {
            out.push(("rule", "zombie_age".into()));
            out.push(("age", (age_s / 60.0).to_string()));
        }
        Rule::Anomaly {
            series,
            deviations,
            lookback_s,
            periods,
        } => {
            out.push(("rule", "anomaly".into()));
            out.push(("deviations", deviations.to_string()));
            out.push(("lookback", (*lookback_s as f64 / 3_600.0).to_string()));
            shared(&mut out, series, periods);
        }
    }
    out
}

/// A decision about a suspect out of its form.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn judgement(suspect: &str, ruling: &str, reason: &str) -> Result<JudgementDraft, ApiError> {
    let mut fields = Fields::default();
    let ruling = match ruling {
        "cause" => Some(Ruling::Cause),
        "dismissed" => Some(Ruling::Dismissed),
        _ => fields.read("ruling", Err("expected cause or dismissed".into())),
    };
    let reason = if ruling == Some(Ruling::Cause) && reason.trim().is_empty() {
        Some(String::new())
    } else {
        fields.text("reason", reason, LONGEST_NOTE, "a reason")
    };
    match (ruling, reason) {
        (Some(ruling), Some(reason)) if fields.0.is_empty() => Ok(JudgementDraft {
            suspect: suspect.to_owned(),
            ruling,
            reason,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// An action item out of its form. `asked` holds the rule as in the address of its back-test.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn action(title: &str, owner: &str, asked: Asked<'_>) -> Result<ActionDraft, ApiError> {
    let rule = back_test(asked)?.rule;
    let mut fields = Fields::default();
    let title = fields.title(title);
    let owner = optional(owner).unwrap_or_default();
    if owner.chars().count() > LONGEST_TITLE {
        let message = format!("at most {LONGEST_TITLE} characters fit");
        fields.read::<()>("owner", Err(message));
    }
    match title {
        Some(title) if fields.0.is_empty() => Ok(ActionDraft {
            title,
            owner,
            alarm: rule,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
        let asked = pairs(&[("treshold", "7"), ("series", "a"), ("owner", "kim")]);
        let error = back_test(Asked(&asked)).unwrap_err();
        let said = error.field("threshold").unwrap();
        assert!(
            said.contains("'treshold'") && said.contains("'threshold'"),
            "{said}"
        );
        let asked = pairs(&[("senario", "size"), ("earned", "1"), ("cap", "2")]);
        let error = what_if(Asked(&asked)).unwrap_err();
        assert!(
            error.field("scenario").unwrap().contains("'senario'"),
            "{error}"
        );
        let all =
            |known: &[&'static str]| pairs(&known.iter().map(|k| (*k, "")).collect::<Vec<_>>());
        assert!(back_test(Asked(&all(&OF_BACK_TEST))).is_ok());
    }

    fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = query.iter();
        pairs
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_rule_survives_its_address() {
        let periods = Periods {
            period_s: 60,
            breaching: 2,
            of: 3,
            missing: MissingData::NotBreaching,
        };
        let series = || "files_t.csv.a&b=c".to_owned();
        for rule in [
            Rule::Threshold {
                series: series(),
                comparison: Comparison::LessOrEqual,
                threshold: -1.5e-9,
                periods,
            },
            Rule::CreditForecast {
                series: series(),
                horizon_s: 172_800.0,
                lookback_s: 21_600,
                periods,
            },
            Rule::ZombieAge { age_s: 660.0 },
            Rule::Anomaly {
                series: series(),
                deviations: 4.5,
                lookback_s: 86_400,
                periods,
            },
        ] {
            let query: Vec<(String, String)> = query_of(&rule)
                .into_iter()
                .map(|(n, v)| (n.to_owned(), v))
                .collect();
            let read = back_test(Asked(&query)).unwrap();
            assert_eq!((read.rule, read.propose), (Some(rule), false));
        }
    }

    #[test]
    fn an_empty_address_asks_for_a_proposal() {
        let read = back_test(Asked(&[])).unwrap();
        assert_eq!((read.rule, read.propose), (None, true));
        let some = pairs(&[("series", "io"), ("wanted", "1")]);
        let read = back_test(Asked(&some)).unwrap();
        assert!(read.propose && matches!(read.rule, Some(Rule::Threshold { .. })));
        assert!((read.false_per_week - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (query, field) in [
            (&[("series", "io"), ("threshold", "many")][..], "threshold"),
            (&[("series", "io"), ("threshold", "NaN")], "threshold"),
            (&[("series", "io"), ("period", "0")], "period"),
            (
                &[("series", "io"), ("breaching", "3"), ("of", "2")],
                "breaching",
            ),
            (&[("series", "io"), ("wanted", "-1")], "wanted"),
            (&[("series", "io"), ("rule", "magic")], "rule"),
            (&[("rule", "zombie_age"), ("age", "-5")], "age"),
            (&[("series", "io"), ("comparison", "about")], "comparison"),
            (&[("series", "io"), ("missing", "maybe")], "missing"),
        ] {
            let error = back_test(Asked(&pairs(query))).unwrap_err();
            assert!(error.field(field).is_some(), "{query:?}: {error}");
        }
        for (query, field) in [
            (&[("scenario", "mitigated")][..], "at"),
            (&[("scenario", "less_io"), ("share", "101")], "share"),
            (&[("scenario", "size"), ("earned", "1")], "cap"),
            (
                &[
                    ("scenario", "throughput"),
                    ("mode", "provisioned"),
                    ("mib_per_s", "0"),
                ],
                "mib_per_s",
            ),
            (&[("scenario", "magic")], "scenario"),
            (&[("scenario", "throughput"), ("mode", "warp")], "mode"),
            (
                &[("scenario", "less_io"), ("part", "half"), ("share", "5")],
                "part",
            ),
        ] {
            let error = what_if(Asked(&pairs(query))).unwrap_err();
            assert!(error.field(field).is_some(), "{query:?}: {error}");
        }
        assert!(
            judgement("e1", "dismissed", " ")
                .unwrap_err()
                .field("reason")
                .is_some()
        );
        assert!(
            judgement("e1", "guilty", "x")
                .unwrap_err()
                .field("ruling")
                .is_some()
        );
        assert_eq!(judgement("e1", "cause", "").unwrap().reason, "");
    }

    #[test]
    fn a_scenario_is_read_in_the_units_of_people() {
        let asked = pairs(&[
            ("scenario", "throughput"),
            ("mode", "bursting"),
            ("stored_gib", "2"),
        ]);
        let scenario = what_if(Asked(&asked)).unwrap().scenario;
        let stored_bytes = 2.0 * GIB;
        assert_eq!(
            scenario,
            Some(Scenario::Throughput(Throughput::Bursting { stored_bytes }))
        );
        let asked = pairs(&[
            ("scenario", "less_io"),
            ("part", "metadata"),
            ("share", "50"),
        ]);
        let scenario = what_if(Asked(&asked)).unwrap().scenario;
        let half = Scenario::LessIo {
            part: Part::Metadata,
            share: 0.5,
        };
        assert_eq!(scenario, Some(half));
    }
}
