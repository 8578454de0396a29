//! Five hundred single changes to figures, samples and events of an incident, each with the manifest
//! recomputed: whatever a figure says or rests on cannot change without a figure being named. And
//! without the manifest recomputed not one of them gets as far as that.

use model::{Bundle, Event, EventKind, Samples, Timestamp, report::Figures};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use server::{
    export::Package,
    verify::{self, Recomputed},
};
use std::{collections::BTreeMap, io::Cursor, sync::LazyLock};

/// A part of the story: the six series around the credits, and the events of two days.
static STORY: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = simulate::zombie_pods(1).bundle;
    let keep = [
        "burst_credit_balance",
        "metadata_io_bytes.sum",
        "total_io_bytes.sum",
        "p95",
    ];
    bundle
        .series
        .retain(|s| keep.iter().any(|k| s.meta.id.contains(k)));
    bundle.series.truncate(6);
    let ids: Vec<String> = bundle.series.iter().map(|s| s.meta.id.clone()).collect();
    bundle.header.symptom.retain(|id| ids.contains(id));
    bundle
        .annotations
        .iter_mut()
        .for_each(|note| note.series.clear());
    bundle.files.clear();
    // What goes on every day is no part of it.
    bundle
        .events
        .retain(|e| !matches!(e.kind, EventKind::JobRun | EventKind::Scale));
    // Every tenth minute is enough for the story.
    for series in &mut bundle.series {
        let points = series.samples.iter().step_by(10).collect();
        series.samples = Samples::from_unordered(points);
        series.meta.period_s = Some(600);
    }
    let package = Package::of_bundle(&bundle).unwrap();
    sources::bundle::read_zip(Cursor::new(package.zip)).unwrap()
});

static FIGURES: LazyLock<Figures> =
    LazyLock::new(|| serde_json::from_value(STORY.figures.clone().unwrap()).unwrap());

static NOW: LazyLock<Recomputed> = LazyLock::new(|| Recomputed::of(&STORY).unwrap());

/// The manifest of the unchanged story.
static MANIFEST: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    sources::bundle::write_dir(&STORY, dir.path()).unwrap();
    std::fs::read(dir.path().join("manifest.json")).unwrap()
});

/// The changed bundle as it comes out of its files, whose manifest is recomputed by writing them. With
/// the manifest of the unchanged story the same files are refused.
fn through_files(changed: &Bundle) -> Bundle {
    let dir = tempfile::tempdir().unwrap();
    sources::bundle::write_dir(changed, dir.path()).unwrap();
    let read = sources::bundle::read(dir.path()).unwrap();
    let manifest = dir.path().join("manifest.json");
    assert_ne!(
        std::fs::read(&manifest).unwrap(),
        *MANIFEST,
        "the change is none"
    );
    std::fs::write(&manifest, &*MANIFEST).unwrap();
    let error = sources::bundle::read(dir.path())
        .map(|_| ())
        .unwrap_err()
        .to_string();
    let caught = error.contains("SHA-256") || error.contains("bytes, found");
    assert!(caught, "{error}");
    read
}

/// Differences of a bundle by the id of the figure that they begin with.
fn named(differences: &[String]) -> Vec<&str> {
    differences
        .iter()
        .filter_map(|d| d.split(": ").next())
        .collect()
}

#[test]
fn the_unchanged_story_is_verified() {
    assert_eq!(
        verify::bundle(&STORY).unwrap().differences,
        Vec::<String>::new()
    );
    assert!(FIGURES.figures.len() > 100 && FIGURES.evidence.len() > 20);
}

#[test]
fn every_changed_figure_is_named() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for n in 0..200 {
        let mut figures = FIGURES.clone();
        let at = random.random_range(0..figures.figures.len());
        let figure = &mut figures.figures[at];
        let id = figure.id.clone();
        match n % 5 {
            0 => figure.text.push('1'),
            1 => figure.unit.push('s'),
            2 => figure.evidence.push("another".into()),
            3 => figure.id.push_str(".other"),
            _ => {
                figure.value = match figure.value.as_f64() {
                    Some(value) => (value * 1.01 + 1.0).into(),
                    None => "2020-05-20T00:00:01Z".into(),
                }
            }
        }
        let mut changed = STORY.clone();
        changed.figures = Some(serde_json::to_value(&figures).unwrap());
        let verdict = verify::bundle_with(&through_files(&changed), &NOW).unwrap();
        assert!(
            named(&verdict.differences).contains(&id.as_str()),
            "{n}: {id}: {verdict:?}"
        );
    }
}

/// Figures that rest on a series or an event.
fn resting_on(id: &str) -> Vec<&'static str> {
    let on = FIGURES
        .figures
        .iter()
        .filter(|f| f.evidence.iter().any(|e| e == id));
    on.map(|f| f.id.as_str()).collect()
}

/// The change makes a figure named that rests on what was changed.
fn names_a_figure_on(id: &str, changed: &Bundle, what: &str) {
    let verdict = verify::bundle(&through_files(changed)).unwrap();
    let named = named(&verdict.differences);
    let on = resting_on(id);
    assert!(!on.is_empty(), "{id}");
    assert!(
        on.iter().any(|figure| named.contains(figure)),
        "{what} of {id}: {named:?}"
    );
}

fn samples_from(seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for n in 0..50 {
        let mut changed = STORY.clone();
        let rests: Vec<usize> = (0..changed.series.len())
            .filter(|i| FIGURES.evidence.contains_key(&changed.series[*i].meta.id))
            .collect();
        let series = &mut changed.series[rests[random.random_range(0..rests.len())]];
        let mut points: Vec<(Timestamp, f64)> = series.samples.iter().collect();
        let at = random.random_range(0..points.len());
        let what = ["the least change", "a spike", "a gap", "another time"][n % 4];
        match n % 4 {
            0 => points[at].1 = f64::from_bits(points[at].1.to_bits() ^ 1),
            1 => points[at].1 = points[at].1 * 10.0 + 1.0,
            2 => drop(points.remove(at)),
            _ => points[at].0 = points[at].0.plus(1_000),
        }
        series.samples = Samples::from_unordered(points);
        let id = series.meta.id.clone();
        names_a_figure_on(&id, &changed, what);
    }
}

#[test]
fn every_changed_sample_makes_a_figure_named_1() {
    samples_from(11);
}

#[test]
fn every_changed_sample_makes_a_figure_named_2() {
    samples_from(12);
}

#[test]
fn every_changed_sample_makes_a_figure_named_3() {
    samples_from(13);
}

fn events_from(seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let places: BTreeMap<usize, &Event> = STORY
        .events
        .iter()
        .enumerate()
        .filter(|(_, e)| FIGURES.evidence.contains_key(&e.id))
        .collect();
    let places: Vec<usize> = places.into_keys().collect();
    assert!(places.len() > 10);
    for n in 0..50 {
        let mut changed = STORY.clone();
        let at = places[random.random_range(0..places.len())];
        let id = changed.events[at].id.clone();
        let event = &mut changed.events[at];
        let what = [
            "the title",
            "the node",
            "an attribute",
            "the start",
            "the whole",
        ][n % 5];
        match n % 5 {
            0 => event.title.push('x'),
            1 => event.node.push('x'),
            2 => drop(event.attributes.insert("user".into(), "mallory".into())),
            3 => {
                event.start = Some(
                    event
                        .start
                        .map_or(STORY.header.window.start, |at| at.plus(-60_000)),
                );
            }
            _ => drop(changed.events.remove(at)),
        }
        names_a_figure_on(&id, &changed, what);
    }
}

#[test]
fn every_changed_event_makes_a_figure_named_1() {
    events_from(21);
}

#[test]
fn every_changed_event_makes_a_figure_named_2() {
    events_from(22);
}

#[test]
fn every_changed_event_makes_a_figure_named_3() {
    events_from(23);
}
