//! Cells of tables: times in the ways people write them, and numbers.

use crate::files::clock::{Written, iso, number};

/// How a column writes its times. The names are those of [`model::bundle::Columns::time_format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// `2020-05-22T03:00:00Z`; also without zone, with strokes, without seconds.
    YearFirst,
    EpochSeconds,
    EpochMillis,
    EpochMicros,
    /// `22/05/2020 03:00`, `22.05.2020 03:00:00`.
    DayFirst,
    /// `5/22/2020 3:00 AM`.
    MonthFirst,
}

impl TimeFormat {
    pub(crate) const ALL: [Self; 6] = [
        Self::YearFirst,
        Self::EpochSeconds,
        Self::EpochMillis,
        Self::EpochMicros,
        Self::DayFirst,
        Self::MonthFirst,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::YearFirst => "y-m-d",
            Self::EpochSeconds => "epoch_s",
            Self::EpochMillis => "epoch_ms",
            Self::EpochMicros => "epoch_us",
            Self::DayFirst => "d/m/y",
            Self::MonthFirst => "m/d/y",
        }
    }

    /// The format of that name; `rfc3339` is a year first too.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if name == "rfc3339" {
            return Some(Self::YearFirst);
        }
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Reads a cell.
    pub(crate) fn read(self, cell: &str) -> Option<Written> {
        let cell = cell.trim();
        match self {
            Self::YearFirst => year_first(cell),
            Self::EpochSeconds => epoch(cell, 1_000.0),
            Self::EpochMillis => epoch(cell, 1.0),
            Self::EpochMicros => epoch(cell, 0.001),
            Self::DayFirst | Self::MonthFirst => {
                let day = parts(cell)?;
                let (d, m) = if self == Self::DayFirst {
                    (day.first, day.second)
                } else {
                    (day.second, day.first)
                };
                Written::local(day.year, m, d, day.ms)
            }
        }
    }
}

/// 1990 to 2100: a number outside is no time.
fn epoch(cell: &str, to_ms: f64) -> Option<Written> {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits > 0 && cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = cell.parse().ok().filter(|_| plain)?;
    let ms = value * to_ms;
    (631_152_000_000.0..4_102_444_800_000.0)
        .contains(&ms)
        .then(|| Written::exact(ms.round() as i64))
}

fn year_first(cell: &str) -> Option<Written> {
    let whole = |text: &str| {
        let (at, rest) = iso(text.as_bytes())?;
        rest.is_empty().then_some(at)
    };
    if let Some(at) = whole(cell) {
        return Some(at);
    }
    let date = cell.get(..10)?;
    match cell.get(10..)? {
        "" => whole(&format!("{date} 00:00:00")),
        rest => {
            // `T03:00` with or without a zone.
            let (clock, zone) = (rest.get(..6)?, rest.get(6..)?);
            whole(&format!("{date}{clock}:00{zone}"))
        }
    }
}

/// A date whose first two numbers are day and month, in one order or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) first: i64,
    pub(crate) second: i64,
    year: i64,
    ms: i64,
    /// Written with dots, which nobody does who begins with the month.
    pub(crate) dotted: bool,
}

pub(crate) fn parts(cell: &str) -> Option<Parts> {
    let cell = cell.trim();
    let (date, clock) = match cell.find([' ', 'T', ',']) {
        Some(at) => (
            cell.get(..at)?,
            cell.get(at + 1..)?.trim_start_matches([' ', ',']),
        ),
        None => (cell, ""),
    };
    let separator = date.chars().find(|c| !c.is_ascii_digit())?;
    if !"/.-".contains(separator) {
        return None;
    }
    let mut numbers = date.split(separator);
    let (a, b, year) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if numbers.next().is_some() || a.len() > 2 || b.len() > 2 || year.len() != 4 {
        return None;
    }
    let read = |text: &str| number(text.as_bytes());
    Some(Parts {
        first: read(a)?,
        second: read(b)?,
        year: read(year)?,
        ms: if clock.is_empty() {
            0
        } else {
            clock_ms(clock)?
        },
        dotted: separator == '.',
    })
}

/// `3:00`, `03:00:00.5`, `3:00 PM`.
fn clock_ms(text: &str) -> Option<i64> {
    let upper = text.trim().to_ascii_uppercase();
    let (clock, half) = match upper.strip_suffix("AM") {
        Some(clock) => (clock.trim_end().to_owned(), Some(0)),
        None => match upper.strip_suffix("PM") {
            Some(clock) => (clock.trim_end().to_owned(), Some(12)),
            None => (upper, None),
        },
    };
    let mut numbers = clock.split(':');
    let (hours, minutes) = (numbers.next()?, numbers.next()?);
    let seconds = numbers.next().unwrap_or("0");
    let read = |text: &str| number(text.as_bytes()).filter(|_| text.len() <= 2);
    let mut hours = read(hours)?;
    if let Some(half) = half {
        if !(1..=12).contains(&hours) {
            return None;
        }
        hours = hours % 12 + half;
    }
    let minutes = read(minutes)?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let seconds = read(whole)?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let good = numbers.next().is_none() && hours < 24 && minutes < 60 && seconds < 61;
    good.then(|| {
        ((hours * 60 + minutes) * 60 + seconds.min(59)) * 1_000 + (fraction * 1_000.0) as i64
    })
}

/// What a cell of values says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    /// Nothing: a gap.
    Missing,
    /// Something that is no number.
    Text,
}

/// Reads a number; with `decimal_comma` the comma is the point.
pub(crate) fn value(cell: &str, decimal_comma: bool) -> Value {
    let cell = cell.trim();
    let cell = cell.strip_suffix('%').map_or(cell, str::trim_end);
    let lower = cell.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "" | "-" | "null" | "none" | "nan" | "n/a" | "na" | "undefined"
    ) {
        return Value::Missing;
    }
    let wanted = |c: char| c.is_ascii_digit() || "+-.eE,' \u{a0}\u{202f}".contains(c);
    if !cell.chars().all(wanted) {
        return Value::Text;
    }
    let mut text: String = cell
        .chars()
        .filter(|c| !matches!(c, ' ' | '\'' | '\u{a0}' | '\u{202f}'))
        .collect();
    if decimal_comma {
        text = text.replace('.', "").replace(',', ".");
    } else if is_grouped(&text) {
        text = text.replace(',', "");
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::Number(number),
        _ => Value::Text,
    }
}

/// Units that stand behind numbers, as Grafana and people write them: what a number is multiplied and
/// divided by to be in the last one. Large `B` are of a thousand, as in Grafana's SI units, `KB` too.
const UNITS: [(&str, f64, f64, &str); 27] = [
    ("ns", 1.0, 1e9, SECONDS),
    ("\u{b5}s", 1.0, 1e6, SECONDS),
    ("\u{3bc}s", 1.0, 1e6, SECONDS),
    ("us", 1.0, 1e6, SECONDS),
    ("ms", 1.0, 1e3, SECONDS),
    ("s", 1.0, 1.0, SECONDS),
    ("sec", 1.0, 1.0, SECONDS),
    ("min", 60.0, 1.0, SECONDS),
    ("mins", 60.0, 1.0, SECONDS),
    ("h", 3_600.0, 1.0, SECONDS),
    ("hour", 3_600.0, 1.0, SECONDS),
    ("hours", 3_600.0, 1.0, SECONDS),
    ("day", 86_400.0, 1.0, SECONDS),
    ("days", 86_400.0, 1.0, SECONDS),
    ("B", 1.0, 1.0, BYTES),
    ("bytes", 1.0, 1.0, BYTES),
    ("kB", 1e3, 1.0, BYTES),
    ("KB", 1e3, 1.0, BYTES),
    ("MB", 1e6, 1.0, BYTES),
    ("GB", 1e9, 1.0, BYTES),
    ("TB", 1e12, 1.0, BYTES),
    ("kiB", 1_024.0, 1.0, BYTES),
    ("KiB", 1_024.0, 1.0, BYTES),
    ("MiB", 1_048_576.0, 1.0, BYTES),
    ("GiB", 1_073_741_824.0, 1.0, BYTES),
    ("TiB", 1_099_511_627_776.0, 1.0, BYTES),
    ("%", 1.0, 1.0, PERCENT),
];
const SECONDS: &str = "Seconds";
const BYTES: &str = "Bytes";
pub(crate) const PERCENT: &str = "Percent";

/// `12.3 ms`: the number, and what stands behind its last digit.
pub(crate) fn split_unit(cell: &str) -> (&str, &str) {
    let cell = cell.trim();
    let end = cell
        .rfind(|c: char| c.is_ascii_digit())
        .map_or(0, |i| i + 1);
    let (number, unit) = cell.split_at(end);
    (number, unit.trim_start())
}

/// The number alone, where a unit that is known stands behind it.
pub(crate) fn bare(cell: &str) -> &str {
    let (number, unit) = split_unit(cell);
    let is_known = UNITS.iter().any(|(name, ..)| *name == unit);
    if is_known { number } else { cell.trim() }
}

/// `12.3 ms` as 0.0123 and seconds: a number with a unit that is known.
pub(crate) fn measured(cell: &str, decimal_comma: bool) -> Option<(f64, &'static str)> {
    let (number, unit) = split_unit(cell);
    let (_, times, by, base) = UNITS.into_iter().find(|(name, ..)| *name == unit)?;
    match value(number, decimal_comma) {
        Value::Number(number) => Some((number * times / by, base)),
        _ => None,
    }
}

/// Reads a number of a column whose unit is known. One without a unit there is as good as none, except
/// zero and percent.
pub(crate) fn value_in(base: &str, cell: &str, decimal_comma: bool) -> Value {
    match (measured(cell, decimal_comma), value(cell, decimal_comma)) {
        (Some((number, unit)), _) if unit == base && number.is_finite() => Value::Number(number),
        (None, Value::Number(number)) if base == PERCENT || number == 0.0 => Value::Number(number),
        (None, Value::Missing) => Value::Missing,
        _ => Value::Text,
    }
}

/// `1,234,567.8`: commas that group thousands.
pub(crate) fn is_grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or("");
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next().unwrap_or("");
    let mut rest = groups.peekable();
    (1..=3).contains(&first.len()) && rest.peek().is_some() && rest.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::clock::Scale;

    #[test]
    fn times_are_read_in_their_format() {
        let ms = 1_590_116_400_000;
        for (cell, format, scale) in [
            ("2020-05-22T03:00:00Z", TimeFormat::YearFirst, Scale::Exact),
            (
                "2020-05-22T05:00+02:00",
                TimeFormat::YearFirst,
                Scale::Exact,
            ),
            ("2020/05/22 03:00:00", TimeFormat::YearFirst, Scale::Local),
            ("2020-05-22 03:00", TimeFormat::YearFirst, Scale::Local),
            ("1590116400", TimeFormat::EpochSeconds, Scale::Exact),
            ("1590116400.0", TimeFormat::EpochSeconds, Scale::Exact),
            ("1590116400000", TimeFormat::EpochMillis, Scale::Exact),
            ("1590116400000000", TimeFormat::EpochMicros, Scale::Exact),
            ("22.05.2020 03:00", TimeFormat::DayFirst, Scale::Local),
            ("22/05/2020, 03:00:00", TimeFormat::DayFirst, Scale::Local),
            ("5/22/2020 3:00 AM", TimeFormat::MonthFirst, Scale::Local),
        ] {
            let read = format.read(cell).map(|at| (at.scale, at.ms));
            assert_eq!(read, Some((scale, ms)), "{cell}");
            assert_eq!(TimeFormat::of(format.name()), Some(format));
        }
        for format in TimeFormat::ALL {
            for cell in [
                "",
                "x",
                "99/99/2020 03:00",
                "2020-13-01",
                "12",
                "5/22/2020 13:00 PM",
            ] {
                assert_eq!(format.read(cell), None, "{cell}");
            }
        }
    }

    #[test]
    fn a_number_with_a_unit_is_read_in_the_unit_of_its_column() {
        let number = Value::Number;
        for (base, cell, comma, expected) in [
            (SECONDS, "12.3 ms", false, number(0.0123)),
            (SECONDS, "12,5ms", true, number(0.0125)),
            (SECONDS, "7 \u{b5}s", false, number(0.000_007)),
            (SECONDS, "1.5 min", false, number(90.0)),
            (SECONDS, "0", false, number(0.0)),
            (SECONDS, "5", false, Value::Text),
            (SECONDS, "5 B", false, Value::Text),
            (SECONDS, "", false, Value::Missing),
            (BYTES, "1.5 GiB", false, number(1_610_612_736.0)),
            (BYTES, "2 kB", false, number(2_000.0)),
            (PERCENT, "45%", false, number(45.0)),
            (PERCENT, "45", false, number(45.0)),
        ] {
            assert_eq!(value_in(base, cell, comma), expected, "{cell}");
        }
        for cell in ["ms", "12 req/s", "node-1", "2020-05-22T03:00:00Z", "\u{b5}"] {
            assert_eq!(measured(cell, false), None, "{cell}");
        }
    }

    #[test]
    fn numbers_are_read_with_point_or_comma() {
        for (cell, comma, expected) in [
            ("1.5", false, Value::Number(1.5)),
            ("1,234.5", false, Value::Number(1_234.5)),
            ("1,5", true, Value::Number(1.5)),
            ("1.234,5", true, Value::Number(1_234.5)),
            ("12 %", false, Value::Number(12.0)),
            ("1e6", false, Value::Number(1e6)),
            ("", false, Value::Missing),
            ("NaN", false, Value::Missing),
            ("inf", false, Value::Text),
            ("1e999", false, Value::Text),
            ("1,5", false, Value::Text),
            ("node-a", false, Value::Text),
        ] {
            assert_eq!(value(cell, comma), expected, "{cell}");
        }
    }
}
