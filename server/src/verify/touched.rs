//! Which figures a damage touches, where the evidence can no longer be read as a whole.

use super::carrier::{self, Carrier};
use crate::cli::Format;
use model::report::Figures;
use sources::bundle::Salvaged;
use std::{collections::BTreeSet, io::Cursor, path::Path};

/// One line for every figure that cannot be recomputed any more: those that rest on the damaged file
/// where `damage` names it, else all of them. `bytes` are the export or the zipped bundle, `evidence` the
/// bundle beside it or the bundle's folder.
pub fn figures(damage: &str, bytes: &[u8], evidence: Option<&Path>) -> Vec<String> {
    // What stands beside the evidence touches none of it.
    if ["after the end: ", "the archive itself: "]
        .iter()
        .any(|s| damage.contains(s))
    {
        return Vec::new();
    }
    let salvaged = match (evidence, carrier::of(bytes)) {
        (Some(path), _) => Salvaged::of(path),
        (None, Some(Carrier::Bundle)) => Salvaged::of_zip(Cursor::new(bytes)),
        (None, Some(Carrier::Export(format))) => inside(format, bytes),
        (None, None) => Salvaged::default(),
    };
    match &salvaged.figures {
        Some(written) => resting(damage, written, &salvaged.files),
        // The page itself still says which figures there are.
        None => shown(bytes)
            .into_iter()
            .map(|id| format!("{id}: {UNREADABLE}"))
            .collect(),
    }
}

const UNREADABLE: &str = "cannot be recomputed, because its evidence cannot be read";

/// The bundle inside of an export.
fn inside(format: Format, bytes: &[u8]) -> Salvaged {
    match carrier::bundle_in(format, bytes) {
        Ok(Some(zip)) => Salvaged::of_zip(Cursor::new(zip)),
        _ => Salvaged::default(),
    }
}

/// The figures that rest on a file that the damage names; all where it names none that figures rest on.
fn resting(damage: &str, written: &Figures, files: &BTreeSet<String>) -> Vec<String> {
    let series = |id: &str| format!("series/{id}.csv");
    let of_a_series = files
        .iter()
        .any(|file| file.starts_with("series/") && damage.contains(file.as_str()));
    let of_events = ["events.jsonl", "annotations.jsonl"]
        .iter()
        .any(|file| damage.contains(file));
    let is_hit = |id: &String| {
        let file = series(id);
        if of_a_series {
            damage.contains(&file)
        } else {
            // Events and notes have no file of their own.
            !files.contains(&file)
        }
    };
    let figures = written.figures.iter();
    if of_a_series || of_events {
        let hit = figures.filter_map(|f| Some((f, f.evidence.iter().find(|id| is_hit(id))?)));
        hit.map(|(f, id)| format!("{}: rests on {id}, whose file is damaged", f.id))
            .collect()
    } else {
        figures.map(|f| format!("{}: {UNREADABLE}", f.id)).collect()
    }
}

/// Ids of the figures that a page shows, or a report as JSON has, each once.
fn shown(export: &[u8]) -> BTreeSet<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        id: String,
    }
    #[derive(serde::Deserialize)]
    struct Report {
        figures: Vec<Named>,
    }
    if let Ok(report) = serde_json::from_slice::<Report>(export) {
        return report.figures.into_iter().map(|f| f.id).collect();
    }
    let text = String::from_utf8_lossy(export);
    let marks = text.split("data-figure=\"").skip(1);
    let ids = marks.filter_map(|rest| rest.split_once('"'));
    ids.map(|(id, _)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::report::Figure;

    fn written() -> Figures {
        let figure = |id: &str, evidence: &str| -> Figure {
            let json = serde_json::json!({
                "id": id, "value": 1.0, "unit": "Bytes", "evidence": [evidence], "text": "1", "span": null,
            });
            serde_json::from_value(json).unwrap()
        };
        Figures {
            figures: vec![figure("credits.low", "efs.burst"), figure("pods", "pod-1")],
            ..Figures::default()
        }
    }

    #[test]
    fn the_figures_that_rest_on_the_damaged_file_are_named() {
        let files = BTreeSet::from(["series/efs.burst.csv".to_owned(), "events.jsonl".to_owned()]);
        let of = |damage: &str| resting(damage, &written(), &files);
        let series = of("manifest.json:7: expected series/efs.burst.csv with SHA-256 1, found 2");
        assert_eq!(
            series,
            ["credits.low: rests on efs.burst, whose file is damaged"]
        );
        let events = of("events.jsonl: expected a file that unpacks, found damage");
        assert_eq!(events, ["pods: rests on pod-1, whose file is damaged"]);
        assert_eq!(of("incident.json: expected a file that unpacks").len(), 2);
    }

    #[test]
    fn a_page_whose_evidence_is_unreadable_names_what_it_shows() {
        let page = b"<!doctype html><a data-figure=\"a.b\">1</a><a data-figure=\"a.b\">1</a>";
        let found = figures("the evidence inside: damage", page, None);
        assert_eq!(found, [format!("a.b: {UNREADABLE}")]);
    }
}
