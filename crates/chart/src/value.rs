//! How values are written.

use model::SeriesMeta;

/// A value with its unit for people: bytes in binary prefixes (`410 MiB/s`), seconds in the
/// prefix that suits (`334 ms`), percentages, counts with thousands set apart. Three significant
/// digits. `unit` is a bundle's word; an unknown one is written behind the number.
pub fn value_text(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let (scaled, suffix) = scale(value, unit);
    let number = three_digits(scaled);
    match suffix.as_str() {
        "" => number,
        "%" => format!("{number} %"),
        suffix => format!("{number} {suffix}"),
    }
}

/// Unit in which a series is shown, and the factor that leads there: sums of bytes over a period
/// become bytes a second, so that they compare with throughputs; anything else stays as it is.
pub fn drawn_unit(meta: &SeriesMeta) -> (String, f64) {
    match meta.period_s {
        Some(period) if period > 0 && meta.stat == "Sum" && meta.unit == "Bytes" => {
            (format!("{}/Second", meta.unit), 1.0 / f64::from(period))
        }
        _ => (meta.unit.clone(), 1.0),
    }
}

/// Whether a unit's prefixes go by 1024.
pub(crate) fn is_binary(unit: &str) -> bool {
    matches!(base(unit).0, "Bytes")
}

/// The unit without `/Second`, and whether it had it.
fn base(unit: &str) -> (&str, bool) {
    match unit.strip_suffix("/Second") {
        Some(unit) => (unit, true),
        None => (unit, false),
    }
}

fn scale(value: f64, unit: &str) -> (f64, String) {
    let (unit, rate) = base(unit);
    let per = if rate { "/s" } else { "" };
    match unit {
        "Bytes" => {
            let (v, p) = binary(value);
            (v, format!("{p}{per}"))
        }
        "Bits" => {
            let (v, p) = decimal(value, &["bit", "kbit", "Mbit", "Gbit", "Tbit"]);
            (v, format!("{p}{per}"))
        }
        "Seconds" => seconds(value),
        "Milliseconds" => seconds(value / 1e3),
        "Microseconds" => seconds(value / 1e6),
        "Percent" => (value, "%".to_owned()),
        "Ratio" => (value * 100.0, "%".to_owned()),
        "Count" | "None" | "" => (value, per.to_owned()),
        other => (value, format!("{other}{per}")),
    }
}

fn binary(value: f64) -> (f64, &'static str) {
    const PREFIXES: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    prefixed(value, 1024.0, &PREFIXES)
}

fn decimal<'a>(value: f64, prefixes: &[&'a str]) -> (f64, &'a str) {
    prefixed(value, 1000.0, prefixes)
}

/// The largest prefix at which the number, written with three digits, is at least one and does
/// not reach the next step (1023.9 KiB is 1 MiB).
fn prefixed<'a>(value: f64, step: f64, prefixes: &[&'a str]) -> (f64, &'a str) {
    let mut scaled = value;
    let mut i = 0;
    while scaled.abs() >= step - 0.5 && i + 1 < prefixes.len() {
        scaled /= step;
        i += 1;
    }
    (scaled, prefixes.get(i).copied().unwrap_or_default())
}

fn seconds(value: f64) -> (f64, String) {
    let size = value.abs();
    let (scaled, suffix) = if size == 0.0 || (0.9995..600.0).contains(&size) {
        (value, "s")
    } else if size >= 172_800.0 {
        (value / 86_400.0, "d")
    } else if size >= 7_200.0 {
        (value / 3_600.0, "h")
    } else if size >= 600.0 {
        (value / 60.0, "min")
    } else if size >= 0.000_999_5 {
        (value * 1e3, "ms")
    } else {
        (value * 1e6, "µs")
    };
    (scaled, suffix.to_owned())
}

/// Three significant digits, thousands set apart by a comma, no trailing zeros.
fn three_digits(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-6) {
        return format!("{value:.2e}");
    }
    if size >= 100.0 {
        return thousands(value.round());
    }
    let decimals = if size >= 10.0 {
        1
    } else if size >= 1.0 || size == 0.0 {
        2
    } else {
        2 + (-size.log10().floor()) as usize
    };
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    if value < 0.0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 3 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_write_them() {
        for (value, unit, text) in [
            (2_308_974_418_330.0, "Bytes", "2.1 TiB"),
            (1_048_575.9, "Bytes", "1 MiB"),
            (0.0, "Bytes", "0 B"),
            (52_428.8, "Bytes/Second", "51.2 KiB/s"),
            (0.334, "Seconds", "334 ms"),
            (334.0, "Milliseconds", "334 ms"),
            (0.9999, "Seconds", "1 s"),
            (90_000.0, "Seconds", "25 h"),
            (99.95, "Percent", "100 %"),
            (0.93, "Ratio", "93 %"),
            (1234.4, "Count", "1,234"),
            (1_234_567.0, "Count", "1,234,567"),
            (-0.001, "Count", "-0.001"),
            (12.0, "Count/Second", "12 /s"),
            (3.5, "Sheep", "3.5 Sheep"),
            (f64::NAN, "Bytes", "unknown"),
        ] {
            assert_eq!(value_text(value, unit), text, "{value} {unit}");
        }
    }
}
