//! Which texts are statistics: "CloudWatch statistics definitions" in the CloudWatch User Guide
//! (read 2026-11-25).
//!
//! - `SampleCount`, `Sum`, `Average`, `Minimum`, `Maximum`, and `IQM`;
//! - percentiles `p0` to `p100`, and with one bound `tm`, `wm`, `tc`, `ts` (trimmed mean, winsorized
//!   mean, trimmed count and sum) the same way: at most ten decimal places;
//! - with two bounds `TM(a:b)`, `WM(a:b)`, `TC(a:b)`, `TS(a:b)`: both percentages (`TM(10%:90%)`) or
//!   both absolute values (`TM(150:1000)`), one of them may be left out;
//! - `PR(a:b)`: the rank of absolute values.

/// What [`is_valid`] takes, in words.
pub(super) const EXPECTED: &str = "SampleCount, Sum, Average, Minimum, Maximum, IQM, a percentile \
     such as p99 or p99.9, or tm90, wm90, tc90, ts90, TM(10%:90%), PR(:300)";

/// Whether CloudWatch takes it as a statistic.
pub(super) fn is_valid(text: &str) -> bool {
    const PLAIN: [&str; 6] = ["SampleCount", "Sum", "Average", "Minimum", "Maximum", "IQM"];
    if PLAIN.contains(&text) {
        return true;
    }
    if let Some((kind, rest)) = text.split_once('(') {
        let Some((low, high)) = rest.strip_suffix(')').and_then(|r| r.split_once(':')) else {
            return false;
        };
        return match kind {
            "TM" | "WM" | "TC" | "TS" => percent_range(low, high) || value_range(low, high),
            "PR" => value_range(low, high),
            _ => false,
        };
    }
    ["p", "tm", "wm", "tc", "ts"]
        .iter()
        .filter_map(|kind| text.strip_prefix(kind))
        .any(|rest| percentage(rest).is_some())
}

/// `a%:b%`, one of them may be empty.
fn percent_range(low: &str, high: &str) -> bool {
    let bound = |text: &str, default: f64| match text {
        "" => Some(default),
        text => text.strip_suffix('%').and_then(percentage),
    };
    if low.is_empty() && high.is_empty() {
        return false;
    }
    matches!((bound(low, 0.0), bound(high, 100.0)), (Some(a), Some(b)) if a < b)
}

/// `a:b` in the metric's own unit, one of them may be empty.
fn value_range(low: &str, high: &str) -> bool {
    if low.is_empty() && high.is_empty() {
        return false;
    }
    let bound = |text: &str, default: f64| match text {
        "" => Some(default),
        text => number(text),
    };
    let range = (bound(low, f64::NEG_INFINITY), bound(high, f64::INFINITY));
    matches!(range, (Some(a), Some(b)) if a < b)
}

/// A number from 0 to 100 with at most ten decimal places.
fn percentage(text: &str) -> Option<f64> {
    number(text).filter(|p| (0.0..=100.0).contains(p))
}

fn number(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits =
        |t: &str, max: usize| (1..=max).contains(&t.len()) && t.chars().all(|c| c.is_ascii_digit());
    (digits(whole, 15) && digits(part, 10))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_guide_names_is_taken() {
        for good in [
            "SampleCount",
            "Sum",
            "Average",
            "Minimum",
            "Maximum",
            "IQM",
            "p0",
            "p50",
            "p99",
            "p99.9",
            "p99.9999999999",
            "p100",
            "tm90",
            "wm98",
            "tc90",
            "ts90.5",
            "TM(2%:98%)",
            "TM(150:1000)",
            "TM(:90%)",
            "WM(10%:)",
            "TC(0.005:0.030)",
            "TS(80%:)",
            "PR(:300)",
            "PR(100:2000)",
        ] {
            assert!(is_valid(good), "{good}");
        }
    }

    #[test]
    fn what_cloudwatch_would_refuse_is_refused() {
        for bad in [
            "",
            "sum",
            "avg",
            "P99",
            "p",
            "p101",
            "p-1",
            "p99.",
            "p.9",
            "p99.99999999999",
            "p9 9",
            "p1e1",
            "tm",
            "TM90",
            "TM(90%:10%)",
            "TM(10%:90)",
            "TM(:)",
            "TM(10%:90%",
            "PR(10%:90%)",
            "iqm",
            "pNaN",
            "pinf",
            "Sum ",
            "IQM(1:2)",
            "m1 + m2",
            "RATE(m1)",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,20}") {
            let _ = is_valid(&text);
        }

        #[test]
        fn any_percentile_is_taken(whole in 0u8..100, part in 0u32..1_000_000) {
            let text = format!("p{whole}.{part:06}");
            prop_assert!(is_valid(&text), "{}", text);
        }
    }
}
