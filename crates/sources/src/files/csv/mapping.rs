//! Which column is the time, which are values, and how both are written: as somebody said, or as the
//! content shows where it leaves no doubt.

use super::{
    cells::{TimeFormat, bare, is_grouped, parts},
    table::Column,
};
use crate::files::clock::{Clock, Scale, zone};
use model::{Timestamp, Window, bundle::Columns};

/// Values that become series, unless somebody names more.
pub(super) const MAX_VALUES: usize = 100;

/// A mapping that can be read by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) time: usize,
    pub(crate) format: TimeFormat,
    pub(crate) values: Vec<usize>,
    /// Of each column of values the unit that its cells say, in which they are read.
    pub(crate) units: Vec<Option<&'static str>>,
    /// Columns of numbers that nobody named and that are too many to become series by themselves.
    pub(crate) left_out: Vec<usize>,
    pub(crate) decimal_comma: bool,
}

impl Mapping {
    /// The mapping as somebody would say it, to be asked with.
    pub(super) fn as_said(&self, columns: &[Column], said: Option<&Columns>) -> Columns {
        let name = |i: usize| columns.get(i).map(|c| c.name.clone()).unwrap_or_default();
        Columns {
            time: name(self.time),
            time_format: self.format.name().into(),
            values: self.values.iter().map(|i| name(*i)).collect(),
            decimal_comma: Some(self.decimal_comma),
            ..said.cloned().unwrap_or_default()
        }
    }
}

/// What has to be asked: why, and the best guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) why: String,
    pub(crate) proposal: Columns,
}

impl Doubt {
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "it is an error alone, whose way back is to be small"
    )]
    fn new(why: impl Into<String>, proposal: Columns) -> Box<Self> {
        let why = why.into();
        Box::new(Self { why, proposal })
    }
}

/// The mapping, or the doubt.
pub(crate) fn of(
    columns: &[Column],
    said: Option<&Columns>,
    delimiter: u8,
    window: Window,
) -> Result<Mapping, Box<Doubt>> {
    let said = said.cloned().unwrap_or_default();
    let (time, format) = time_column(columns, &said, delimiter, window)?;
    let comma = said.decimal_comma.map_or_else(
        || comma(columns, time, delimiter),
        |said| Some((said, false)),
    );
    let name = |i: usize| columns.get(i).map(|c| c.name.clone()).unwrap_or_default();
    let guess = |decimal_comma: bool| Columns {
        time: name(time),
        time_format: format.name().into(),
        values: numbers(columns, time, decimal_comma)
            .take(MAX_VALUES)
            .map(name)
            .collect(),
        decimal_comma: Some(decimal_comma),
        ..said.clone()
    };
    let (decimal_comma, doubtful) = comma.unwrap_or((false, false));
    if doubtful {
        let why = "'1,234' can be a thousand and more, or one and a bit: which is it here?";
        return Err(Doubt::new(why, guess(decimal_comma)));
    }
    let mut left_out = Vec::new();
    let values = if said.values.is_empty() {
        let mut found: Vec<usize> = numbers(columns, time, decimal_comma).collect();
        left_out = found.split_off(found.len().min(MAX_VALUES));
        found
    } else {
        let mut found = Vec::new();
        for wanted in &said.values {
            let Some(i) = index(columns, wanted) else {
                let why = format!("there is no column '{wanted}'");
                return Err(Doubt::new(why, guess(decimal_comma)));
            };
            found.push(i);
        }
        found
    };
    if values.is_empty() {
        let why = "no column holds numbers: which are the values?";
        return Err(Doubt::new(why, guess(decimal_comma)));
    }
    let unit = |i: &usize| columns.get(*i).and_then(|c| c.unit(decimal_comma));
    Ok(Mapping {
        time,
        format,
        units: values.iter().map(unit).collect(),
        values,
        left_out,
        decimal_comma,
    })
}

/// A column by its heading, else by its number counted from 1.
fn index(columns: &[Column], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    columns
        .iter()
        .position(|c| c.name == wanted)
        .or_else(|| {
            columns
                .iter()
                .position(|c| c.name.eq_ignore_ascii_case(wanted))
        })
        .or_else(|| {
            let n: usize = wanted.parse().ok()?;
            n.checked_sub(1).filter(|i| *i < columns.len())
        })
}

fn time_column(
    columns: &[Column],
    said: &Columns,
    delimiter: u8,
    window: Window,
) -> Result<(usize, TimeFormat), Box<Doubt>> {
    let format = match said.time_format.trim() {
        "" => None,
        name => Some(TimeFormat::of(name).ok_or_else(|| {
            let why = format!("'{name}' is no format of times");
            Doubt::new(why, best_guess(columns, said, delimiter))
        })?),
    };
    let candidates: Vec<usize> = match said.time.trim() {
        "" => (0..columns.len()).collect(),
        wanted => vec![index(columns, wanted).ok_or_else(|| {
            let why = format!("there is no column '{wanted}'");
            Doubt::new(why, best_guess(columns, said, delimiter))
        })?],
    };
    for i in candidates {
        let Some(column) = columns.get(i) else {
            continue;
        };
        if let Some(format) = format {
            if column.is_time(format) {
                return Ok((i, format));
            }
            continue;
        }
        let fitting = TimeFormat::ALL.into_iter().filter(|f| column.is_time(*f));
        let fitting: Vec<TimeFormat> = fitting.collect();
        match fitting.as_slice() {
            [] => {}
            [one] => return Ok((i, *one)),
            [TimeFormat::DayFirst, TimeFormat::MonthFirst] if dotted(column) => {
                return Ok((i, TimeFormat::DayFirst));
            }
            several => {
                let format = likelier(column, several, window);
                let example = column.cells.first().cloned().unwrap_or_default();
                let proposal = Columns {
                    time: column.name.clone(),
                    time_format: format.name().into(),
                    ..said.clone()
                };
                let why = format!("'{example}' can be day and month or month and day");
                return Err(Doubt::new(why, proposal));
            }
        }
    }
    let why = match said.time.trim() {
        "" => {
            "no column holds times that can be read: which is it, and how are they written?".into()
        }
        wanted => format!("the column '{wanted}' does not hold times of that form"),
    };
    Err(Doubt::new(why, best_guess(columns, said, delimiter)))
}

fn dotted(column: &Column) -> bool {
    column
        .cells
        .iter()
        .filter_map(|cell| parts(cell))
        .all(|p| p.dotted)
}

/// Of two readings of one date, the one inside the window.
fn likelier(column: &Column, formats: &[TimeFormat], window: Window) -> TimeFormat {
    let clock = Clock {
        observed_at: None,
        zone: zone("UTC"),
        bad_zone: None,
    };
    let inside = |format: &&TimeFormat| {
        column.cells.iter().any(|cell| {
            let at = format.read(cell).filter(|at| at.scale == Scale::Local);
            let at: Option<Timestamp> = at.and_then(|at| clock.instant(at));
            at.is_some_and(|at| window.contains(at))
        })
    };
    formats
        .iter()
        .find(inside)
        .or(formats.first())
        .copied()
        .unwrap_or(TimeFormat::DayFirst)
}

fn best_guess(columns: &[Column], said: &Columns, delimiter: u8) -> Columns {
    let named = columns.iter().position(|c| {
        let name = c.name.to_ascii_lowercase();
        name.contains("time") || name.contains("date") || name == "ts"
    });
    let time = named.unwrap_or(0);
    let name = |i: usize| columns.get(i).map(|c| c.name.clone()).unwrap_or_default();
    let decimal_comma = comma(columns, time, delimiter).is_some_and(|(comma, _)| comma);
    let values = numbers(columns, time, decimal_comma).take(MAX_VALUES);
    Columns {
        time: name(time),
        values: values.map(name).collect(),
        time_format: String::new(),
        ..said.clone()
    }
}

/// The columns of numbers, all of them.
fn numbers(
    columns: &[Column],
    time: usize,
    decimal_comma: bool,
) -> impl Iterator<Item = usize> + '_ {
    columns
        .iter()
        .enumerate()
        .filter(move |(i, column)| *i != time && column.is_number(decimal_comma))
        .map(|(i, _)| i)
}

/// Whether the comma is a decimal point, and whether that is in doubt; `None` where no number has
/// one. Between commas a number cannot have one unless quoted, so there it groups.
fn comma(columns: &[Column], time: usize, delimiter: u8) -> Option<(bool, bool)> {
    let values = columns.iter().enumerate().filter(|(i, _)| *i != time);
    let with: Vec<&str> = values
        .flat_map(|(_, column)| &column.cells)
        .map(|cell| bare(cell))
        .filter(|cell| {
            cell.contains(',')
                && cell
                    .chars()
                    .all(|c| c.is_ascii_digit() || "+-.,".contains(c))
        })
        .collect();
    if with.is_empty() {
        return None;
    }
    let grouped = with.iter().all(|cell| is_grouped(cell));
    // `1.234,5` and `1,2345` cannot be groups; `1,234,567` and `1,234.5` can be nothing else.
    let surely_grouped = grouped
        && with
            .iter()
            .any(|cell| cell.matches(',').count() > 1 || cell.contains('.'));
    Some((!grouped, grouped && !surely_grouped && delimiter != b','))
}
