//! `lineup verify`: is every figure still what the evidence gives?

use super::{CommandError, print};
use crate::dossier::Dossier;
use model::{
    report::{Figure, Figures},
    words::{count, printable},
};
use sources::bundle::BundleError;
use std::path::Path;

pub(super) fn run(file: &Path) -> Result<(), CommandError> {
    // Reading checks the manifest: a file that was changed is named there.
    let bundle = sources::bundle::read(file).map_err(|e| match e {
        e if contradicts_manifest(&e) => CommandError::Differs(e.to_string()),
        e => CommandError::Bundle(e),
    })?;
    let Some(written) = &bundle.figures else {
        return Err(CommandError::Input(format!(
            "{}: figures.json: expected the figures of the report; this bundle has none to verify",
            file.display()
        )));
    };
    let written: Figures = serde_json::from_value(written.clone())
        .map_err(|e| CommandError::Input(format!("{}: figures.json: {e}", file.display())))?;
    let report = Dossier::of_bundle(&bundle)?.report();
    let recomputed = report::figures(&report);
    let differences = differences(&written.figures, &recomputed.figures);
    if differences.is_empty() {
        // Another engine words a report in its own way.
        if let Some(text) = &bundle.report_md
            && written.engine == recomputed.engine
            && let Some(line) = first_difference(text, &report::markdown(&report))
        {
            return Err(CommandError::Differs(line));
        }
        let n = count(written.figures.len(), "figure");
        return print(&format!("{n} verified\n"));
    }
    print(&(differences.join("\n") + "\n"))?;
    let by = if written.engine == recomputed.engine {
        String::new()
    } else {
        format!(
            " (written by engine {}, recomputed by {})",
            written.engine, recomputed.engine
        )
    };
    let verb = if differences.len() == 1 {
        "differs"
    } else {
        "differ"
    };
    let n = count(differences.len(), "figure");
    Err(CommandError::Differs(format!("{n} {verb}{by}")))
}

/// Whether a file is not what the manifest says, rather than a manifest or a bundle that cannot be
/// read.
fn contradicts_manifest(error: &BundleError) -> bool {
    let BundleError::Malformed { file, expected, .. } = error else {
        return false;
    };
    let about_a_file = expected.starts_with("the file ")
        || expected.contains(" with SHA-256 ")
        || expected.contains(" bytes, found ");
    (file == "manifest.json" && about_a_file) || expected.starts_with("a line in manifest.json")
}

/// The first line of the report that is not what the evidence gives.
fn first_difference(written: &str, now: &str) -> Option<String> {
    if written == now {
        return None;
    }
    let (mut old, mut new) = (written.lines(), now.lines());
    for n in 1.. {
        let (a, b) = (old.next(), new.next());
        if a != b {
            let say = |line: Option<&str>| {
                line.map_or_else(
                    || "the end".to_owned(),
                    |l| {
                        format!(
                            "\"{}\"",
                            printable(&l.chars().take(200).collect::<String>())
                        )
                    },
                )
            };
            return Some(format!(
                "report.md:{n}: the evidence gives {}, found {}",
                say(b),
                say(a)
            ));
        }
        if a.is_none() {
            break;
        }
    }
    Some("report.md: other line ends than the evidence gives".to_owned())
}

/// One line for each figure that is not the same on both sides.
fn differences(written: &[Figure], recomputed: &[Figure]) -> Vec<String> {
    let mut lines = Vec::new();
    for figure in written {
        match recomputed.iter().find(|f| f.id == figure.id) {
            None => lines.push(format!(
                "{}: the evidence no longer gives this figure",
                figure.id
            )),
            Some(now) if now.value != figure.value || now.unit != figure.unit => {
                lines.push(format!(
                    "{}: {} {} is written, the evidence gives {} {}",
                    figure.id, figure.value, figure.unit, now.value, now.unit
                ));
            }
            Some(now) if now.evidence != figure.evidence || now.span != figure.span => {
                lines.push(format!(
                    "{}: rests on other evidence than is written",
                    figure.id
                ));
            }
            Some(_) => {}
        }
    }
    for now in recomputed
        .iter()
        .filter(|f| !written.iter().any(|w| w.id == f.id))
    {
        lines.push(format!(
            "{}: the evidence gives {}, nothing is written",
            now.id, now.value
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_named() {
        let figure = |id: &str, value: i32| Figure {
            id: id.into(),
            value: value.into(),
            unit: "Bytes".into(),
            evidence: vec![],
            span: None,
            text: String::new(),
        };
        let written = [figure("same", 1), figure("changed", 1), figure("gone", 1)];
        let now = [figure("same", 1), figure("changed", 2), figure("new", 3)];
        let lines = differences(&written, &now);
        assert_eq!(lines.len(), 3);
        for (line, id) in lines.iter().zip(["changed", "gone", "new"]) {
            assert!(line.starts_with(&format!("{id}:")), "{line}");
        }
    }
}
