//! Figures that are written against figures that the evidence gives.

use super::Verdict;
use model::Report;
use model::report::{Figure, Figures};
use std::collections::{BTreeMap, BTreeSet};

/// Compares figures, and the evidence that they rest on.
pub(super) fn compare(written: &Figures, now: &Figures) -> Verdict {
    let mut verdict = Verdict {
        figures: written.figures.len(),
        ..Verdict::default()
    };
    let same_engine = written.engine == now.engine;
    for found in differences(&written.figures, &now.figures) {
        // Another engine may judge, word and name otherwise; what is measured stays.
        if same_engine || (found.of_value && is_measured(&found.id)) {
            verdict.differences.push(found.line);
        } else {
            verdict.remarks.push(format!(
                "{} (written by engine {}; this is {})",
                found.line, written.engine, now.engine
            ));
        }
    }
    // How evidence is put into bytes is the engine's own.
    if same_engine {
        verdict.differences.extend(moved(written, now));
    }
    verdict
}

/// Whether a figure is read or counted off the evidence, so that every engine must find the same. All
/// others follow from the analysis.
fn is_measured(id: &str) -> bool {
    const READ: [&str; 8] = [
        "event.",
        "evidence.",
        "impact.duration",
        "impact.end",
        "impact.start",
        "note.",
        "source.",
        "window.",
    ];
    READ.iter().any(|start| id.starts_with(start)) || id.ends_with(".exhausted_at")
}

/// The figures whose evidence is not what it was when they were written, also where their value
/// stayed.
fn moved(written: &Figures, now: &Figures) -> Vec<String> {
    let changed: BTreeSet<&str> = written
        .evidence
        .iter()
        .filter(|(id, digest)| now.evidence.get(*id) != Some(digest))
        .map(|(id, _)| id.as_str())
        .collect();
    // Evidence that came in later under a name that a figure rests on.
    let added = now.evidence.keys().map(String::as_str);
    let added =
        added.filter(|id| !written.evidence.is_empty() && !written.evidence.contains_key(*id));
    let changed: BTreeSet<&str> = changed.into_iter().chain(added).collect();
    if changed.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for figure in written.figures.iter().chain(&now.figures) {
        let hit = figure
            .evidence
            .iter()
            .find(|id| changed.contains(id.as_str()));
        if let Some(id) = hit
            && named.insert(&figure.id)
        {
            out.push(format!(
                "{}: rests on {id}, which is not what it was when this was written",
                figure.id
            ));
        }
    }
    out
}

/// A figure that is not the same on both sides.
struct Found {
    id: String,
    /// Whether both sides have it, with other values.
    of_value: bool,
    /// What is different, in a line that begins with the id.
    line: String,
}

/// The figures that are not the same on both sides.
fn differences(written: &[Figure], now: &[Figure]) -> Vec<Found> {
    let old: BTreeMap<&str, &Figure> = written.iter().map(|f| (f.id.as_str(), f)).collect();
    let new: BTreeMap<&str, &Figure> = now.iter().map(|f| (f.id.as_str(), f)).collect();
    let mut out = Vec::new();
    let mut add = |id: &str, of_value: bool, line: String| {
        out.push(Found {
            id: id.to_owned(),
            of_value,
            line: format!("{id}: {line}"),
        });
    };
    for figure in written {
        let id = figure.id.as_str();
        match new.get(id) {
            None => add(
                id,
                false,
                "the evidence no longer gives this figure".to_owned(),
            ),
            Some(now) if now.value != figure.value || now.unit != figure.unit => {
                let line = format!(
                    "{} {} is written, the evidence gives {} {}",
                    figure.value, figure.unit, now.value, now.unit
                );
                add(id, true, line);
            }
            // Figures that somebody else wrote may have no wording.
            Some(now) if now.text != figure.text && !figure.text.is_empty() => {
                let line = format!(
                    "\"{}\" is written, the evidence gives \"{}\"",
                    figure.text, now.text
                );
                add(id, false, line);
            }
            Some(now) if now.evidence != figure.evidence || now.span != figure.span => {
                add(
                    id,
                    false,
                    "rests on other evidence than is written".to_owned(),
                );
            }
            Some(_) => {}
        }
    }
    for figure in now.iter().filter(|f| !old.contains_key(f.id.as_str())) {
        let line = format!("the evidence gives {}, nothing is written", figure.value);
        add(&figure.id, false, line);
    }
    if old.len() < written.len() {
        add("figures", false, "one is written twice".to_owned());
    }
    out
}

/// What a report says differently: figures by their ids, everything else by its place.
pub(super) fn of_report(written: &Report, now: &Report) -> Vec<String> {
    let found = differences(&written.figures, &now.figures);
    let mut out: Vec<String> = found.into_iter().map(|found| found.line).collect();
    for (name, same) in [
        ("the title", written.title == now.title),
        ("the window", written.window == now.window),
        ("the notice", written.notice == now.notice),
        ("the engine", written.engine == now.engine),
    ] {
        if !same {
            out.push(format!("{name}: is not what the evidence gives"));
        }
    }
    if written.sections.len() != now.sections.len() {
        out.push("the sections: are not those that the evidence gives".to_owned());
    }
    for (written, now) in written.sections.iter().zip(&now.sections) {
        if written.id != now.id || written.title != now.title {
            out.push(format!(
                "section {}: is not what the evidence gives",
                now.id
            ));
        } else if written.blocks != now.blocks {
            let pairs = written.blocks.iter().zip(&now.blocks);
            let n = pairs.take_while(|(a, b)| a == b).count() + 1;
            out.push(match now.blocks.get(n - 1) {
                Some(model::report::Block::Chart { id, .. }) => {
                    format!("chart {id}: is not what the evidence gives")
                }
                _ => format!(
                    "section {}, block {n}: is not what the evidence gives",
                    now.id
                ),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(id: &str, value: i32) -> Figure {
        Figure {
            id: id.into(),
            value: value.into(),
            unit: "Bytes".into(),
            evidence: vec!["s".into()],
            span: None,
            text: String::new(),
        }
    }

    fn figures(engine: &str, figures: Vec<Figure>, digest: &str) -> Figures {
        Figures {
            engine: engine.into(),
            figures,
            evidence: [("s".to_owned(), digest.to_owned())].into(),
        }
    }

    #[test]
    fn every_kind_of_difference_is_named() {
        let written = [figure("same", 1), figure("changed", 1), figure("gone", 1)];
        let now = [figure("same", 1), figure("changed", 2), figure("new", 3)];
        let lines = differences(&written, &now);
        assert_eq!(lines.len(), 3);
        for (found, id) in lines.iter().zip(["changed", "gone", "new"]) {
            assert!(found.line.starts_with(&format!("{id}:")), "{}", found.line);
        }
    }

    #[test]
    fn another_engine_must_measure_the_same_and_may_judge_otherwise() {
        let written = |n| vec![figure("event.e.start", n), figure("suspect.1.score", n)];
        let old = figures("0.0.9", written(1), "a");
        let verdict = compare(&old, &figures("0.1.0", written(2), "b"));
        assert_eq!(verdict.differences.len(), 1, "{verdict:?}");
        assert!(verdict.differences[0].starts_with("event.e.start:"));
        assert_eq!(verdict.remarks.len(), 1);
        assert!(
            verdict.remarks[0].contains("0.0.9") && verdict.remarks[0].contains("suspect.1.score")
        );
    }

    #[test]
    fn a_figure_is_named_whose_evidence_changed_under_it() {
        let old = figures("0.1.0", vec![figure("f", 1)], "a");
        assert_eq!(compare(&old, &old).differences, Vec::<String>::new());
        let verdict = compare(&old, &figures("0.1.0", vec![figure("f", 1)], "b"));
        assert!(
            verdict.differences[0].starts_with("f: rests on s,"),
            "{verdict:?}"
        );
        // Figures of a bundle that says nothing of its evidence are compared by value.
        let silent = Figures {
            evidence: BTreeMap::new(),
            ..old
        };
        let now = figures("0.1.0", vec![figure("f", 1)], "b");
        assert_eq!(compare(&silent, &now).differences, Vec::<String>::new());
    }
}
