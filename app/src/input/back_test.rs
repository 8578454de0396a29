//! Rules to be tested back as they stand in an address.

use super::{
    Fields,
    asked::{Asked, unknown},
};
use crate::{ApiError, backend::BackTestAsk};
use model::analysis::back_test::{Comparison, MissingData, Periods, Rule};

/// Longest period of a rule, seconds: a day.
const LONGEST_PERIOD_S: u32 = 86_400;
/// Most periods that a rule looks at: a day of minutes.
const MOST_PERIODS: u32 = 1_440;

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

#[cfg(test)]
mod tests {
    use super::{super::asked::pairs, *};

    #[test]
    fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
        let asked = pairs(&[("treshold", "7"), ("series", "a"), ("owner", "kim")]);
        let error = back_test(Asked(&asked)).unwrap_err();
        let said = error.field("threshold").unwrap();
        assert!(
            said.contains("'treshold'") && said.contains("'threshold'"),
            "{said}"
        );
        let all =
            |known: &[&'static str]| pairs(&known.iter().map(|k| (*k, "")).collect::<Vec<_>>());
        assert!(back_test(Asked(&all(&OF_BACK_TEST))).is_ok());
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
    }
}
