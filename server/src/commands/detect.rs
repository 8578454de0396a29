//! `lineup detect`: change points and anomalies of one series.

use super::{CommandError, json_text, print};
use analysis::{Detection, Settings};
use model::{Series, SeriesMeta};
use std::{fmt::Write, io::Read, path::Path};

pub(super) fn run(file: &Path, json: bool) -> Result<(), CommandError> {
    let content = read(file)?;
    let name = if file == Path::new("-") {
        "standard input".into()
    } else {
        file.to_string_lossy()
    };
    let samples = sources::bundle::read_samples(&name, &content)?;
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

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    let result = if file == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut content)
            .map(|_| content)
    } else {
        std::fs::read(file)
    };
    result.map_err(|source| CommandError::File {
        path: file.into(),
        source,
    })
}

fn table(detection: &Detection) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} change points", detection.changepoints.len());
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
    let _ = writeln!(out, "{} anomalies", detection.anomalies.len());
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
