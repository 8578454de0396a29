//! Tables of samples: comma, semicolon, tab or bar between the cells, a heading or none, one column
//! of times and any number of values.
//!
//! What the content leaves no doubt about is read at once; what it does, such as `03/04/2020`, is
//! asked with a proposal, and the file waits for the answer.

pub(crate) mod cells;
mod found;
mod mapping;
pub(crate) mod table;

use super::{clock::Clock, reading::Reading};
use crate::BundleError;
use cells::TimeFormat;
use found::Found;
use mapping::{MAX_VALUES, Mapping};
use model::{
    Batch, Window,
    bundle::{Columns, QuestionField, RawFile},
    words::count,
};
use table::{Column, LOOKED_AT};

/// The `source` of what comes from tables.
pub(crate) const SOURCE: &str = "csv";

/// Whether lines are a table with something like times and something like numbers in it.
pub(crate) fn is_table<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> bool {
    let Some(delimiter) = table::delimiter(&lines) else {
        return false;
    };
    let text: String = lines
        .take(50)
        .fold(String::new(), |text, line| text + line + "\n");
    let first: Vec<_> = table::rows("", &text, delimiter)
        .filter_map(|row| Some(row.ok()?.1))
        .collect();
    let (columns, _) = table::columns(&first);
    let timed = |column: &Column| {
        let name = column.name.to_ascii_lowercase();
        name.contains("time")
            || name.contains("date")
            || TimeFormat::ALL.iter().any(|format| column.is_time(*format))
    };
    columns.iter().any(timed)
        && columns
            .iter()
            .any(|c| c.is_number(false) || c.is_number(true))
}

/// Reads a table, or asks how.
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let text = crate::bundle::text(&file.path, &file.content)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let expected = "a table of two columns or more, with ',', ';', '|' or a tab between";
    let delimiter =
        table::delimiter(&lines).ok_or_else(|| BundleError::file(&file.path, expected))?;
    let mut first = Vec::new();
    for row in table::rows(&file.path, text, delimiter).take(LOOKED_AT + 1) {
        first.push(row?.1);
    }
    let (columns, headed) = table::columns(&first);
    let mut reading = Reading::new(file, SOURCE);
    let clock = Clock::of(file);
    let mapping = match mapping::of(&columns, file.columns.as_ref(), delimiter, window) {
        Ok(mapping) => mapping,
        Err(doubt) => {
            let proposal = serde_json::to_string(&doubt.proposal).unwrap_or_default();
            reading.ask(QuestionField::Columns, &doubt.why, proposal);
            reading.gap("kept, not read yet: how its columns are to be read is not known");
            return Ok(reading.finish());
        }
    };
    tell_left_out(&mut reading, &columns, &mapping, file.columns.as_ref());
    tell_strange(&mut reading, &columns, &mapping, file.columns.as_ref());
    let mut found = Found::new(&mapping, columns.len());
    let rows = table::rows(&file.path, text, delimiter).skip(usize::from(headed));
    for row in rows {
        let (line, row) = row?;
        found.row(&file.path, line, &row, &mapping)?;
    }
    let unit = file.columns.as_ref().map_or("", |said| said.unit.as_str());
    found.tell(&mut reading, &clock, &columns, &mapping, unit);
    Ok(reading.finish())
}

/// Names of columns that a message bears.
const NAMED: usize = 20;

/// Says which columns of numbers are not read because they are too many, and asks which are wanted.
fn tell_left_out(
    reading: &mut Reading<'_>,
    columns: &[Column],
    mapping: &Mapping,
    said: Option<&Columns>,
) {
    let Some(last) = mapping.left_out.last() else {
        return;
    };
    let name = |i: &usize| {
        let name = columns.get(*i).map_or("", |c| c.name.as_str());
        let short: String = name.chars().take(60).collect();
        format!("'{short}'")
    };
    let named: Vec<String> = mapping.left_out.iter().take(NAMED).map(name).collect();
    let mut which = named.join(", ");
    let unnamed = mapping.left_out.len().saturating_sub(NAMED);
    if unnamed > 0 {
        which = format!("{which} and {unnamed} more up to {}", name(last));
    }
    let n = count(mapping.left_out.len(), "column");
    reading.gap(&format!(
        "{n} of numbers left out, since {MAX_VALUES} are read unless more are named: {which}"
    ));
    let proposal = mapping.as_said(columns, said);
    reading.ask(
        QuestionField::Columns,
        &format!("the table has more than {MAX_VALUES} columns of numbers; left out: {which}: which are wanted?"),
        serde_json::to_string(&proposal).unwrap_or_default(),
    );
}

/// Says which columns are not read because their numbers have a unit that is not known.
fn tell_strange(
    reading: &mut Reading<'_>,
    columns: &[Column],
    mapping: &Mapping,
    said: Option<&Columns>,
) {
    if said.is_some_and(|said| !said.values.is_empty()) {
        return;
    }
    let strange: Vec<String> = columns
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != mapping.time && !mapping.values.contains(i))
        .filter(|(i, _)| !mapping.left_out.contains(i))
        .filter_map(|(_, column)| {
            let cell = column.strange_unit(mapping.decimal_comma)?;
            let short = |text: &str| text.chars().take(60).collect::<String>();
            Some(format!("'{}' ('{}')", short(&column.name), short(cell)))
        })
        .collect();
    if strange.is_empty() {
        return;
    }
    let named: Vec<&str> = strange.iter().take(NAMED).map(String::as_str).collect();
    reading.gap(&format!(
        "{} of numbers not read, since their unit is not known: {}",
        count(strange.len(), "column"),
        named.join(", ")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> RawFile {
        RawFile {
            path: "files/t.csv".into(),
            content: content.into(),
            ..RawFile::default()
        }
    }

    fn batch(file: &RawFile) -> Batch {
        let window = Window {
            start: "2020-03-01T00:00:00Z".parse().unwrap(),
            end: "2020-03-09T00:00:00Z".parse().unwrap(),
        };
        read(file, window).unwrap()
    }

    fn values(batch: &Batch) -> Vec<(&str, &str, Vec<f64>)> {
        let of = |s: &'_ model::Series| s.samples.values().to_vec();
        batch
            .series
            .iter()
            .map(|s| (s.meta.name.as_str(), s.meta.unit.as_str(), of(s)))
            .collect()
    }

    #[test]
    fn a_table_without_doubt_is_read_at_once() {
        let batch = batch(&file(
            "when;host;latency (ms);size\n2020-03-04T10:00:00Z;a;1,5;10\n\
             2020-03-04T10:01:00Z;a;;20\n\n2020-03-04T10:02:00Z;a;2,25;x\nlate;a;1,0;1\n",
        ));
        let expected = vec![
            ("latency", "ms", vec![1.5, 2.25]),
            ("size", "", vec![10.0, 20.0]),
        ];
        assert_eq!(values(&batch), expected);
        assert!(batch.provenance.questions.is_empty());
        let gaps: Vec<_> = batch
            .provenance
            .gaps
            .iter()
            .map(|g| g.reason.as_str())
            .collect();
        assert_eq!(
            gaps,
            [
                "1 row has no time that can be read, in line 6",
                "1 cell holds no number, in line 5"
            ]
        );
    }

    #[test]
    fn an_ambiguous_date_is_asked_and_the_window_proposes() {
        let mut file = file("date,value\n03/04/2020 10:00,1\n03/05/2020 10:00,2\n");
        let asked = batch(&file);
        assert!(asked.series.is_empty());
        let question = &asked.provenance.questions[0];
        assert_eq!(question.field, QuestionField::Columns);
        let proposal: Columns = serde_json::from_str(&question.proposal).unwrap();
        assert_eq!(proposal.time_format, "m/d/y");
        file.columns = Some(proposal);
        let asked = batch(&file);
        assert_eq!(asked.provenance.questions[0].field, QuestionField::Timezone);
        assert!(asked.series.is_empty());
        file.timezone = Some("Europe/Berlin".into());
        let read = batch(&file);
        assert!(read.provenance.questions.is_empty());
        let first = read.series[0].samples.times()[0];
        assert_eq!(first.to_string(), "2020-03-04T09:00:00Z");
    }

    #[test]
    fn doubtful_commas_and_unknown_columns_are_asked() {
        let doubtful = batch(&file("t;v\n1583316000;1,234\n1583316060;2,345\n"));
        assert!(doubtful.provenance.questions[0].why.contains("1,234"));
        let sure = batch(&file("t;v\n1583316000;1,234,000\n1583316060;2,345\n"));
        assert_eq!(values(&sure)[0].2, [1_234_000.0, 2_345.0]);
        let mut other = file("t;v\n1583316000;1\n1583316060;2\n");
        other.columns = Some(Columns {
            time: "t".into(),
            values: vec!["w".into()],
            ..Columns::default()
        });
        let asked = batch(&other);
        assert_eq!(asked.provenance.questions[0].why, "there is no column 'w'");
        other.columns = Some(Columns {
            time: "1".into(),
            values: vec!["2".into()],
            unit: "Seconds".into(),
            ..Columns::default()
        });
        assert_eq!(values(&batch(&other)), [("v", "Seconds", vec![1.0, 2.0])]);
    }

    #[test]
    fn a_table_without_heading_has_numbered_columns() {
        let batch = batch(&file("1583316000\t1\n1583316060\t2\n1583316060\t3\n"));
        assert_eq!(values(&batch), [("column 2", "", vec![1.0, 3.0])]);
        assert!(
            batch.provenance.gaps[0]
                .reason
                .contains("the last of each counts")
        );
    }

    /// A table of `n` columns of numbers beside the time, in two rows.
    fn wide(n: usize) -> String {
        let row = |cell: &dyn Fn(usize) -> String| {
            (1..=n)
                .map(cell)
                .fold(String::new(), |row, cell| row + "," + &cell)
        };
        format!(
            "t{}\n1583316000{}\n1583316060{}\n",
            row(&|i| format!("m{i}")),
            row(&|i| i.to_string()),
            row(&|i| (2 * i).to_string())
        )
    }

    #[test]
    fn columns_beyond_the_hundredth_are_said_and_asked_for() {
        let hundred = batch(&file(&wide(100)));
        assert_eq!(hundred.series.len(), 100);
        assert!(hundred.provenance.gaps.is_empty() && hundred.provenance.questions.is_empty());

        let mut file = file(&wide(130));
        let cut = batch(&file);
        assert_eq!(cut.series.len(), 100);
        let said = &cut.provenance.gaps[0].reason;
        assert!(said.starts_with("30 columns of numbers left out"), "{said}");
        assert!(
            said.contains("'m101', 'm102'") && said.contains("and 10 more up to 'm130'"),
            "{said}"
        );
        let question = &cut.provenance.questions[0];
        assert_eq!(question.field, QuestionField::Columns);
        assert!(question.why.contains("'m101'"), "{}", question.why);
        // The proposal is what was read; whoever names more gets more, and is not asked again.
        let mut columns: Columns = serde_json::from_str(&question.proposal).unwrap();
        assert_eq!(columns.values.len(), 100);
        columns.values = (1..=130).map(|i| format!("m{i}")).collect();
        file.columns = Some(columns);
        let all = batch(&file);
        assert_eq!(all.series.len(), 130);
        assert!(all.provenance.gaps.is_empty() && all.provenance.questions.is_empty());
    }

    #[test]
    fn units_in_cells_are_read_and_unknown_ones_said() {
        let batch = batch(&file(
            "Time,p99,Memory,Busy (%),Rate,host\n\
             1583316000,12.5 ms,1.5 GiB,45%,3.5 req/s,node-1\n\
             1583316060,1.2 s,512 MiB,50%,4 req/s,node-1\n\
             1583316120,7,0 B,5%,4 req/s,node-2\n",
        ));
        let expected = vec![
            ("p99", "Seconds", vec![0.0125, 1.2]),
            ("Memory", "Bytes", vec![1_610_612_736.0, 536_870_912.0, 0.0]),
            ("Busy", "%", vec![45.0, 50.0, 5.0]),
        ];
        assert_eq!(values(&batch), expected);
        let gaps: Vec<_> = batch.provenance.gaps.iter().map(|g| &*g.reason).collect();
        assert_eq!(
            gaps,
            [
                "1 column of numbers not read, since their unit is not known: 'Rate' ('3.5 req/s')",
                "1 cell holds no number, in line 4"
            ]
        );
    }

    #[test]
    fn the_delimiter_that_excel_names_is_no_heading() {
        let text = "sep=;\nwhen;latency (ms)\n2020-03-04T10:00:00Z;1,5\nlate;2\n2020-03-04T10:01:00Z;2,5\n";
        assert!(is_table(text.lines()));
        let batch = batch(&file(text));
        assert_eq!(values(&batch), [("latency", "ms", vec![1.5, 2.5])]);
        let gap = &batch.provenance.gaps[0].reason;
        assert_eq!(gap, "1 row has no time that can be read, in line 4");
    }

    #[test]
    fn columns_that_are_not_looked_at_are_said() {
        let far = batch(&file(&wide(1_010)));
        let gaps: Vec<_> = far.provenance.gaps.iter().map(|g| &*g.reason).collect();
        assert!(gaps[0].contains("'m999'"), "{gaps:?}");
        assert_eq!(
            gaps[1],
            "columns 1001 to 1011 left out of 2 rows, from line 2 on, since 1000 columns are looked at"
        );
        let mut late = "t,a\n".to_owned();
        for i in 0..300 {
            late = format!("{late}{},{i}\n", 1_583_316_000 + 60 * i);
        }
        late.push_str("1583400000,1,2\n");
        let gaps = batch(&file(&late)).provenance.gaps;
        assert_eq!(
            gaps[0].reason,
            "column 3 left out of 1 row, from line 302 on, since neither the heading nor the \
             first 200 rows have them"
        );
    }

    #[test]
    fn prose_is_no_table() {
        let lines = "Dear all,\nthis is, as they say, prose.\nNo table, then.";
        assert!(!is_table(lines.lines()));
        assert!(is_table("time,a\n1583316000,1\n1583316060,2".lines()));
    }
}
