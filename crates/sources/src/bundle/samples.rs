//! `series/<id>.csv`: header `timestamp,value`, one sample a line, empty values are gaps.

use super::{BundleError, limits::MAX_SAMPLES, lines::lines};
use model::{Samples, Timestamp};
use std::fmt::Write as _;

/// What a CSV file gave.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) samples: Samples,
    /// The last line, where it was cut off and left out.
    pub(crate) cut: Option<(u64, String)>,
}

/// Reads a file of samples. The times must rise: two samples at one time, or one before the other,
/// mean that something went wrong on the way here. A last line that breaks off is left out. More
/// samples than the limit are an error.
pub(crate) fn parse(file: &str, text: &str, limit: usize) -> Result<Table, BundleError> {
    let mut rows = lines(file, text).peekable();
    let mut table = Table {
        samples: Samples::default(),
        cut: None,
    };
    let Some(header) = rows.next() else {
        return Ok(table); // an empty file: every sample is missing
    };
    let (number, header) = header?;
    if !is_header(header) {
        let found = shorten(header);
        let expected = format!("the header 'timestamp,value', found '{found}'");
        return Err(BundleError::at(file, number, expected));
    }
    let mut last: Option<(Timestamp, u64)> = None;
    while let Some(row) = rows.next() {
        let (number, row) = row?;
        match sample(row) {
            Ok((at, value)) => {
                if let Some((before, line)) = last.filter(|(before, _)| *before >= at) {
                    let how = if before == at {
                        "the same"
                    } else {
                        "an earlier"
                    };
                    let expected =
                        format!("a time after {before} (line {line}), found {how} one, {at}");
                    return Err(BundleError::at(file, number, expected));
                }
                last = Some((at, number));
                if let Some(value) = value {
                    if table.samples.len() >= limit {
                        return Err(BundleError::TooLarge {
                            file: file.to_owned(),
                            line: Some(number),
                            limit: format!("{MAX_SAMPLES} samples in all series together"),
                        });
                    }
                    table.samples.push(at, value);
                }
            }
            Err(_) if rows.peek().is_none() && breaks_off(row, text) => {
                table.cut = Some((number, shorten(row)));
            }
            Err(expected) => return Err(BundleError::at(file, number, expected)),
        }
    }
    Ok(table)
}

/// Whether a line is the header of a file of samples.
pub(crate) fn is_header(line: &str) -> bool {
    line.split_once(',').is_some_and(|(time, value)| {
        unquoted(time).eq_ignore_ascii_case("timestamp")
            && unquoted(value).eq_ignore_ascii_case("value")
    })
}

fn sample(row: &str) -> Result<(Timestamp, Option<f64>), String> {
    let found = || format!("'timestamp,value', found '{}'", shorten(row));
    let (time, value) = row.split_once(',').ok_or_else(found)?;
    let (time, value) = (unquoted(time), unquoted(value));
    if value.contains(',') {
        return Err(found());
    }
    let at = time.parse::<Timestamp>().map_err(|_| {
        let time = shorten(time);
        format!("a time, RFC 3339 in UTC or epoch seconds, found '{time}'")
    })?;
    if value.is_empty() {
        return Ok((at, None));
    }
    match value.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((at, Some(value))),
        _ => {
            let value = shorten(value);
            Err(format!("a finite number or nothing, found '{value}'"))
        }
    }
}

/// Whether the last row looks cut: it lacks its line end or its comma, and is the beginning of a
/// row. A value such as `NaN` is no beginning of one.
fn breaks_off(row: &str, text: &str) -> bool {
    let (time, value) = row.split_once(',').unwrap_or((row, ""));
    let open = !text.ends_with('\n') || !row.contains(',');
    open && time
        .chars()
        .all(|c| c.is_ascii_digit() || "-+:.TZ\"".contains(c))
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || "-+.eE\"".contains(c))
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(field)
}

pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(60).filter(|c| !c.is_control()).collect()
}

/// Samples as a file; every number reads back as the same number.
pub(crate) fn write(samples: &Samples) -> String {
    let mut out = String::with_capacity(16 + samples.len() * 36);
    out.push_str("timestamp,value\n");
    for (at, value) in samples.iter() {
        // Writing to a String cannot fail. `{:?}` keeps every digit that counts and is short for
        // very large and very small numbers.
        let text = format!("{value:?}");
        let _ = writeln!(out, "{at},{}", text.strip_suffix(".0").unwrap_or(&text));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "timestamp,value\n";

    #[test]
    fn reads_times_gaps_quotes_and_line_ends() {
        let text = "\"timestamp\",\"value\"\r\n2020-05-20T10:00:00Z,1.5\r\n\r\n1589968860,\r\n\"1589968920\",\"-2e3\"\r\n";
        let table = parse("x.csv", text, 99).unwrap();
        let t = Timestamp::from_seconds;
        let got: Vec<_> = table.samples.iter().collect();
        assert_eq!(
            got,
            vec![(t(1_589_968_800), 1.5), (t(1_589_968_920), -2000.0)]
        );
        assert!(table.cut.is_none());
    }

    #[test]
    fn a_last_row_that_breaks_off_is_left_out() {
        for cut in [
            "2020-05-20T10:0",
            "2020-05-20T10:05:00Z",
            "1589969100,1.2e",
            "15899691,-",
        ] {
            let table = parse("x.csv", &format!("{T}1589968800,1\n{cut}"), 99).unwrap();
            assert_eq!(table.samples.len(), 1, "{cut}");
            assert_eq!(table.cut, Some((3, cut.to_owned())));
        }
        // A whole row without a line end counts.
        let table = parse("x.csv", &format!("{T}1589968800,1\n1589968860,2"), 99).unwrap();
        assert_eq!(table.samples.len(), 2);
        assert_eq!(parse("x.csv", "", 99).unwrap().samples.len(), 0);
    }

    #[test]
    fn the_limit_is_kept_while_reading() {
        let text = "timestamp,value\n1,1\n2,\n3,3\n4,4\n";
        assert_eq!(parse("x.csv", text, 3).unwrap().samples.len(), 3);
        let error = parse("x.csv", text, 2).unwrap_err().to_string();
        assert!(
            error.starts_with("x.csv:5: too large: expected at most"),
            "{error}"
        );
    }

    #[test]
    fn anything_else_is_an_error_on_its_line() {
        for (text, line, says) in [
            ("time,value\n", 1, "header"),
            ("1589968800,1\n", 1, "header"),
            ("timestamp,value\n1589968800,NaN", 2, "finite"),
            ("timestamp,value\n1589968800,inf\n", 2, "finite"),
            ("timestamp,value\n1589968800,1e999\n", 2, "finite"),
            ("timestamp,value\n1589968800,1,2\n", 2, "timestamp,value"),
            (
                "timestamp,value\n1589968800\n1589968860,1\n",
                2,
                "timestamp,value",
            ),
            ("timestamp,value\nyesterday,1\n", 2, "a time"),
            (
                "timestamp,value\n1589968800,1\n1589968800,1\n",
                3,
                "the same",
            ),
            (
                "timestamp,value\n1589968800,1\n\n1589968740,1\n",
                4,
                "an earlier",
            ),
            (
                "timestamp,value\n1589968800,\n1589968800,1\n",
                3,
                "the same",
            ),
        ] {
            let error = parse("series/x.csv", text, 99).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("series/x.csv:{line}: expected")),
                "{error}"
            );
            assert!(error.contains(says), "{error}");
        }
    }
}
