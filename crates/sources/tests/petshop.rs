//! The PetShop converter on a cut of one case (see `petshop/ATTRIBUTION.md`).

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

use model::time::{HOUR, SECOND};
use model::{EdgeKind, EventKind, Timestamp};
use sources::petshop::{ATTRIBUTION, EventChoice, convert};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/petshop")
        .join(name)
}

fn true_only() -> EventChoice {
    EventChoice::TrueOnly(fixture("labels.json"))
}

const FIRST: Timestamp = Timestamp::from_seconds(1_681_346_400);

#[test]
fn a_case_becomes_a_bundle() {
    let bundle = convert(&fixture("c08"), &fixture("graph.csv"), &true_only()).expect("good files");
    let header = &bundle.header;
    assert_eq!(header.title, "PetShop c08: latency of PetSite");
    assert_eq!(header.symptom, ["PetSite.latency.Average"]);
    assert_eq!(header.window.end, FIRST.plus(5 * 300 * SECOND));
    assert_eq!(header.window.start, FIRST.plus(-2 * HOUR));
    assert_eq!(
        header.impact.map(|i| i.start),
        Some(Timestamp::from_seconds(1_681_347_262))
    );

    // Six nodes of three series each, less two columns that are empty throughout the case.
    assert_eq!(bundle.series.len(), 16);
    let symptom = bundle
        .series
        .iter()
        .find(|s| s.meta.id == "PetSite.latency.Average");
    let symptom = symptom.expect("the symptom is a series");
    assert_eq!(symptom.meta.unit, "Seconds");
    assert_eq!(symptom.meta.period_s, Some(300));
    assert_eq!(symptom.meta.resource.as_deref(), Some("PetSite"));
    let values: Vec<f64> = symptom.samples.inside(header.window).1.to_vec();
    assert_eq!(
        values[values.len() - 5..],
        [0.081_582_4, 0.095_463_3, 0.189_431, 0.176_843, 0.087_236]
    );
    // Normal operation ends where the case begins, without hole or overlap.
    assert_eq!(symptom.samples.len(), 24 + 5);
    assert_eq!(symptom.samples.step_ms(), Some(300 * SECOND));
    let steps = symptom
        .samples
        .times()
        .windows(2)
        .all(|w| w[1].since(w[0]) == 300 * SECOND);
    assert!(steps, "{:?}", symptom.samples.times());

    for series in &bundle.series {
        let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        assert!(series.meta.id.chars().all(good), "{}", series.meta.id);
    }
    let ids: std::collections::BTreeSet<&str> =
        bundle.series.iter().map(|s| s.meta.id.as_str()).collect();
    assert_eq!(ids.len(), bundle.series.len());
    assert!(
        ids.contains("payforadoption_AWS_ECS_Container.latency.Average"),
        "{ids:?}"
    );

    assert_eq!(bundle.topology.len(), 5);
    let call = bundle
        .topology
        .iter()
        .find(|e| e.to == "payforadoption_AWS::ECS::Container");
    let call = call.expect("PetSite calls it");
    assert_eq!(
        (call.from.as_str(), &call.kind),
        ("PetSite", &EdgeKind::Calls)
    );
    let resources: std::collections::BTreeSet<_> = bundle
        .series
        .iter()
        .filter_map(|s| s.meta.resource.as_deref())
        .collect();
    assert!(
        resources.contains("payforadoption_AWS::ECS::Container"),
        "edges and series speak of the same"
    );
}

#[test]
fn only_what_happened_reaches_a_page() {
    let bundle = convert(&fixture("c08"), &fixture("graph.csv"), &true_only()).expect("good files");
    let [event] = bundle.events.as_slice() else {
        panic!("one event, not {:?}", bundle.events);
    };
    assert_eq!(event.kind, EventKind::ConfigChange);
    assert_eq!(event.start, Some(Timestamp::from_seconds(1_681_346_850)));
    assert_eq!(
        event.attribute("resource").as_deref(),
        Some("payforadoption_AWS::ECS::Container")
    );
    assert!(
        event
            .attribute("command")
            .is_some_and(|c| c.contains("/petstore/delaymode1"))
    );
    let notice = bundle.header.notice.expect("whose data it is");
    assert!(
        notice.contains(ATTRIBUTION) && notice.contains("CC BY 4.0"),
        "{notice}"
    );
    assert!(notice.contains("moved"), "{notice}");

    let none =
        convert(&fixture("c08"), &fixture("graph.csv"), &EventChoice::None).expect("good files");
    assert!(none.events.is_empty());
    let all =
        convert(&fixture("c08"), &fixture("graph.csv"), &EventChoice::All).expect("good files");
    assert_eq!(all.events.len(), 10);
    let kinds = |kind: EventKind| all.events.iter().filter(|e| e.kind == kind).count();
    assert!(kinds(EventKind::Rollout) > 0 && kinds(EventKind::JobRun) > 0);
    assert!(
        all.events.iter().all(|e| e.attribute("command").is_none()),
        "nothing tells which is true"
    );
}

#[test]
fn a_bundle_of_a_case_is_written_and_read_back() {
    let bundle = convert(&fixture("c08"), &fixture("graph.csv"), &true_only()).expect("good files");
    let mut zip = std::io::Cursor::new(Vec::new());
    sources::bundle::write_zip(&bundle, &mut zip).expect("it is a good bundle");
    let back = sources::bundle::read_zip(zip).expect("it is a good bundle");
    assert_eq!(back.digest(), bundle.digest());
}

#[test]
fn the_case_that_is_shipped_holds_nothing_made_up() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/demo/petshop.zip");
    let shipped = sources::bundle::read(&path).expect("it was made by the converter");
    let here = convert(&fixture("c08"), &fixture("graph.csv"), &true_only()).expect("good files");
    assert_eq!(shipped.events, here.events, "the true change and no other");
    assert_eq!(shipped.header.symptom, here.header.symptom);
    assert_eq!(
        shipped.header.notice.map(|n| n.contains(ATTRIBUTION)),
        Some(true)
    );
    // The fixture is a cut of the same case.
    for series in &here.series {
        let same = shipped.series.iter().find(|s| s.meta.id == series.meta.id);
        let same = same.unwrap_or_else(|| panic!("{} is shipped", series.meta.id));
        assert_eq!(
            same.samples.inside(here.header.window),
            series.samples.inside(here.header.window)
        );
    }
}

/// The fixture with one file changed.
fn broken(file: &str, change: impl Fn(String) -> String) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = |name: &str| {
        let text = std::fs::read_to_string(fixture(name)).expect("a fixture");
        let text = if name == file { change(text) } else { text };
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    for name in [
        "graph.csv",
        "labels.json",
        "normal.csv",
        "c08/metrics.csv",
        "c08/query.json",
        "c08/events.json",
    ] {
        copy(name);
    }
    let labels = EventChoice::TrueOnly(folder.path().join("labels.json"));
    let error = convert(
        &folder.path().join("c08"),
        &folder.path().join("graph.csv"),
        &labels,
    );
    error.expect_err("it is broken").to_string()
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases: [(&str, &str, &str, &str); 7] = [
        (
            "c08/metrics.csv",
            "0.0815824",
            "slow",
            "metrics.csv:2: expected a number or nothing, not 'slow'",
        ),
        (
            "c08/metrics.csv",
            "1681346700",
            "1681346400",
            "metrics.csv:3: expected times in rising order",
        ),
        (
            "c08/metrics.csv",
            "1681346700,",
            "1681346700,,",
            "metrics.csv:3: expected 19 columns, not 20",
        ),
        (
            "c08/query.json",
            "\"latency\"",
            "\"mood\"",
            "'PetSite|mood|Average', which query.json names",
        ),
        (
            "c08/events.json",
            "\"e7\"",
            "\"e77\"",
            "the event 'e7' that labels.json names",
        ),
        ("labels.json", "\"c08\"", "\"c09\"", "an entry 'c08'"),
        (
            "graph.csv",
            "from,to",
            "from,to,why",
            "graph.csv:2: expected 3 columns, not 2",
        ),
    ];
    for (file, from, to, words) in cases {
        let said = broken(file, |text| text.replacen(from, to, 1));
        assert!(said.contains(words), "{file}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let said =
        convert(&fixture("c99"), &fixture("graph.csv"), &true_only()).expect_err("no such case");
    assert!(said.to_string().contains("c99/query.json"), "{said}");
}
