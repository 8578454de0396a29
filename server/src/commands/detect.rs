//! `lineup detect`: change points and anomalies of one series.

use super::{CommandError, json_text, print, regular};
use analysis::{Detection, Settings};
use model::{
    Samples, Series, SeriesMeta, Timestamp, Window,
    bundle::{Columns, RawFile},
    words::{count, printable},
};
use sources::bundle::limits::MAX_FILE_BYTES;
use std::{fmt::Write, io::Read, path::Path};

pub(super) fn run(
    file: &Path,
    column: Option<String>,
    timezone: Option<String>,
    json: bool,
) -> Result<(), CommandError> {
    let content = read(file)?;
    let name = if file == Path::new("-") {
        "standard input".into()
    } else {
        file.to_string_lossy()
    };
    let samples = match sources::bundle::read_samples(&name, &content) {
        Ok(samples) if column.is_none() => samples,
        Err(error) if is_plain(&content) => return Err(error.into()),
        _ => of_table(&name, content, column, timezone)?,
    };
    let series = Series {
        meta: SeriesMeta::default(),
        samples,
    };
    let detection = analysis::detect(&series, &Settings::default());
    if json {
        print(&json_text(&detection)?)
    } else {
        print(&table(&detection))
    }
}

/// Whether a file says that it is the plain form, so that what is wrong with it is wrong with that.
fn is_plain(content: &[u8]) -> bool {
    let first = content.split(|b| *b == b'\n').next().unwrap_or_default();
    first.trim_ascii() == b"timestamp,value"
}

/// One series of any table that the upload reads.
fn of_table(
    name: &str,
    content: Vec<u8>,
    column: Option<String>,
    timezone: Option<String>,
) -> Result<Samples, CommandError> {
    let wrong = |text: String| CommandError::Input(format!("{name}: {}", printable(&text)));
    let file = RawFile {
        path: "files/table.csv".into(),
        timezone,
        columns: column.map(|column| Columns {
            values: vec![column],
            ..Columns::default()
        }),
        content,
        ..RawFile::default()
    };
    let window = Window {
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let batch = sources::files::read_all(&[file], window)?;
    if let Some(question) = batch.provenance.questions.first() {
        let way = "say it with --timezone or --column";
        return Err(wrong(format!("{}; {way}", question.why)));
    }
    for gap in &batch.provenance.gaps {
        // Doubled times, rows without one, cells that are no number.
        tracing::warn!("{name}: {}", printable(&gap.reason));
    }
    let mut series = batch.series.into_iter();
    match (series.next(), series.next()) {
        (Some(one), None) => Ok(one.samples),
        (None, _) => {
            let gaps = batch.provenance.gaps.into_iter().map(|gap| gap.reason);
            let why: Vec<String> = gaps.collect();
            Err(wrong(format!(
                "expected a table with a column of times and one of numbers ({})",
                why.join("; ")
            )))
        }
        (Some(one), Some(two)) => {
            let names = [one, two].into_iter().chain(series).map(|s| s.meta.name);
            let names: Vec<String> = names.collect();
            Err(wrong(format!(
                "there are several series ({}): choose one with --column",
                names.join(", ")
            )))
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    let mut content = Vec::new();
    let read = if file == Path::new("-") {
        bounded(std::io::stdin().lock(), &mut content)
    } else {
        regular(file)?;
        std::fs::File::open(file).and_then(|file| bounded(file, &mut content))
    };
    read.map_err(|source| CommandError::File {
        path: file.into(),
        source,
    })?;
    if content.len() as u64 > MAX_FILE_BYTES {
        return Err(CommandError::Input(format!(
            "{}: too large: expected at most {} MiB",
            file.display(),
            MAX_FILE_BYTES >> 20
        )));
    }
    Ok(content)
}

/// Reads at most a byte more than may be taken in.
fn bounded(from: impl Read, content: &mut Vec<u8>) -> std::io::Result<usize> {
    from.take(MAX_FILE_BYTES + 1).read_to_end(content)
}

fn table(detection: &Detection) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}",
        count(detection.changepoints.len(), "change point")
    );
    for c in &detection.changepoints {
        let _ = writeln!(
            out,
            "  {} UTC  {:?} {:?} from {} to {}  confidence {:.2}",
            c.at.minute(),
            c.kind,
            c.direction,
            c.before,
            c.after,
            c.confidence
        );
    }
    let anomalies = match detection.anomalies.len() {
        1 => "1 anomaly".to_owned(),
        n => format!("{n} anomalies"),
    };
    let _ = writeln!(out, "{anomalies}");
    for a in &detection.anomalies {
        let _ = writeln!(
            out,
            "  {} to {} UTC  score {:.2}",
            a.start.minute(),
            a.end.minute(),
            a.score
        );
    }
    out
}
