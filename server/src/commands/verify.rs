//! `lineup verify`: is every figure still what the evidence gives?

use super::{CommandError, print};
use crate::dossier::Dossier;
use model::report::{Figure, Figures};
use std::path::Path;

pub(super) fn run(file: &Path) -> Result<(), CommandError> {
    // Reading checks the manifest: a file that was changed is named there.
    let bundle = sources::bundle::read(file)?;
    let Some(written) = &bundle.figures else {
        return Err(CommandError::Input(format!(
            "{}: figures.json: expected the figures of the report; this bundle has none to verify",
            file.display()
        )));
    };
    let written: Figures = serde_json::from_value(written.clone())
        .map_err(|e| CommandError::Input(format!("{}: figures.json: {e}", file.display())))?;
    let recomputed = report::figures(&Dossier::of_bundle(&bundle)?.report());
    let differences = differences(&written.figures, &recomputed.figures);
    if differences.is_empty() {
        return print(&format!("{} figures verified\n", written.figures.len()));
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
    Err(CommandError::Differs(format!(
        "{} figures differ{by}",
        differences.len()
    )))
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
