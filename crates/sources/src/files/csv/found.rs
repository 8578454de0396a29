//! What a table holds, row by row, and the series that come of it.

use super::{
    cells::{PERCENT, Value, value, value_in},
    mapping::Mapping,
    table::{Column, LOOKED_AT, MAX_COLUMNS},
};
use crate::{
    BundleError,
    bundle::limits::MAX_SAMPLES,
    files::{
        clock::{Clock, Scale, Written},
        passes::instants,
        reading::{Reading, period_s},
    },
};
use model::{Samples, words::count};

/// Values as they come, by column.
pub(super) struct Found {
    /// Columns that are looked at.
    columns: usize,
    times: Vec<Written>,
    values: Vec<Vec<f64>>,
    without_time: Option<(u64, u64)>,
    texts: Option<(u64, u64)>,
    /// Line of the first row with something in a column that is not looked at, and how many have.
    wider: Option<(u64, u64)>,
    /// The last column that holds anything, counted from 1.
    width: usize,
    samples: usize,
}

impl Found {
    pub(super) fn new(mapping: &Mapping, columns: usize) -> Self {
        Self {
            columns,
            times: Vec::new(),
            values: mapping.values.iter().map(|_| Vec::new()).collect(),
            without_time: None,
            texts: None,
            wider: None,
            width: columns,
            samples: 0,
        }
    }

    /// Takes in a row; an error is that the table is too large.
    pub(super) fn row(
        &mut self,
        path: &str,
        line: u64,
        row: &csv::StringRecord,
        mapping: &Mapping,
    ) -> Result<(), BundleError> {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let beyond = row.iter().skip(self.columns);
        let filled = beyond
            .enumerate()
            .filter(|(_, cell)| !cell.trim().is_empty());
        if let Some((last, _)) = filled.last() {
            self.width = self.width.max(self.columns + last + 1);
            self.wider.get_or_insert((line, 0)).1 += 1;
        }
        let Some(at) = row
            .get(mapping.time)
            .and_then(|cell| mapping.format.read(cell))
        else {
            self.without_time.get_or_insert((line, 0)).1 += 1;
            return Ok(());
        };
        self.times.push(at);
        let columns = mapping.values.iter().zip(&mapping.units);
        for ((column, unit), values) in columns.zip(&mut self.values) {
            let cell = row.get(*column).unwrap_or("");
            let value = unit.map_or_else(
                || value(cell, mapping.decimal_comma),
                |unit| value_in(unit, cell, mapping.decimal_comma),
            );
            // A gap is no sample; it holds the place of its row.
            values.push(match value {
                Value::Number(number) => {
                    self.samples += 1;
                    number
                }
                Value::Missing => f64::NAN,
                Value::Text => {
                    self.texts.get_or_insert((line, 0)).1 += 1;
                    f64::NAN
                }
            });
        }
        // Gaps take memory as samples do.
        if self.times.len().saturating_mul(self.values.len() + 1) > MAX_SAMPLES {
            return Err(BundleError::TooLarge {
                file: path.to_owned(),
                line: Some(line),
                limit: format!("{MAX_SAMPLES} cells"),
            });
        }
        Ok(())
    }

    /// Hands over a series for each column of values, and says what is missing from them.
    pub(super) fn tell(
        &self,
        reading: &mut Reading<'_>,
        clock: &Clock,
        columns: &[Column],
        mapping: &Mapping,
        unit: &str,
    ) {
        if self.times.iter().any(|at| at.scale == Scale::Local) {
            reading.ask_zone(clock);
            if !clock.knows(Scale::Local) {
                reading.gap("its times are unknown: their time zone is not known");
            }
        }
        let (instants, passes) = instants(clock, &self.times);
        let heading = |i: usize| columns.get(i).map_or("", |c| c.name.as_str());
        let mut again = 0;
        let read = mapping.values.iter().zip(&mapping.units);
        for ((column, in_cells), values) in read.zip(&self.values) {
            let points: Vec<_> = instants
                .iter()
                .zip(values)
                .filter_map(|(at, value)| Some(((*at)?, *value)))
                .filter(|(_, value)| value.is_finite())
                .collect();
            let all = points.len();
            let samples = Samples::from_unordered(points);
            again += all - samples.len();
            let heading_of = heading(*column);
            let (name, in_heading) = name_and_unit(heading_of);
            let mut meta = reading.meta(heading_of);
            name.clone_into(&mut meta.name);
            let unit = match (*in_cells, unit) {
                // What the cells say was heeded in reading them, whatever stands elsewhere.
                (Some(in_cells), _) if in_cells != PERCENT => in_cells,
                (Some(in_cells), "") if in_heading.is_empty() => in_cells,
                (_, "") => in_heading,
                (_, said) => said,
            };
            unit.clone_into(&mut meta.unit);
            for (key, value) in [("column", heading_of), ("times", heading(mapping.time))] {
                meta.dimensions.insert(key.into(), value.to_owned());
            }
            meta.period_s = period_s(&samples);
            reading.series(meta, samples);
        }
        self.tell_unread(reading);
        passes.tell(reading, clock);
        if again > 0 {
            let values = count(again, "value");
            reading.gap(&format!(
                "{values} at a time that has one already: the last of each counts"
            ));
        }
    }

    /// Says which rows, cells and columns are not read.
    fn tell_unread(&self, reading: &mut Reading<'_>) {
        for (found, one, more) in [
            (
                self.without_time,
                "row has no time that can be read, in line",
                "rows have no time that can be read, the first in line",
            ),
            (
                self.texts,
                "cell holds no number, in line",
                "cells hold no number, the first in line",
            ),
        ] {
            if let Some((line, n)) = found {
                let what = if n == 1 { one } else { more };
                reading.gap(&format!("{n} {what} {line}"));
            }
        }
        if let Some((line, n)) = self.wider {
            let rows = count(usize::try_from(n).unwrap_or(usize::MAX), "row");
            let which = match (self.columns + 1, self.width) {
                (first, last) if first == last => format!("column {first}"),
                (first, last) => format!("columns {first} to {last}"),
            };
            let why = if self.columns == MAX_COLUMNS {
                format!("{MAX_COLUMNS} columns are looked at")
            } else {
                format!("neither the heading nor the first {LOOKED_AT} rows have them")
            };
            reading.gap(&format!(
                "{which} left out of {rows}, from line {line} on, since {why}"
            ));
        }
    }
}

/// `latency (ms)`, `size [Bytes]`: a unit in brackets at the end.
fn name_and_unit(heading: &str) -> (&str, &str) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((name, unit)) = heading
            .strip_suffix(close)
            .and_then(|rest| rest.rsplit_once(open))
            && !name.trim().is_empty()
            && unit.len() <= 20
        {
            return (name.trim_end(), unit.trim());
        }
    }
    (heading, "")
}
