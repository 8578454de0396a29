//! What is written reads back as it was, in both forms, and always to the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{
    ActionItem, Annotation, Bundle, Document, Edge, EdgeKind, Event, EventKind, Extra, Gap, Impact,
    Judgement, ObjectRef, Provenance, Samples, Series, SeriesMeta, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, Columns, IncidentHeader, RawFile},
    document::DocumentSection,
};
use proptest::{collection, option, prelude::*};
use serde_json::Value;
use sources::bundle;
use std::{collections::BTreeMap, io::Cursor};

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000).prop_map(Timestamp::from_millis)
}

fn window() -> impl Strategy<Value = Window> {
    (time(), 1_i64..10_000_000_000).prop_map(|(start, ms)| Window {
        start,
        end: start.plus(ms),
    })
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 äß€😀\"\\\\/,\n\t._-]{1,12}"
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no NaN", |f| f.is_finite())
            .prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 8, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            collection::btree_map("[a-z]{1,5}", inner, 0..3)
                .prop_map(|map| map.into_iter().collect::<Extra>().into()),
        ]
    })
}

/// Fields of later versions: never one of this version's names.
fn extra() -> impl Strategy<Value = Extra> {
    collection::btree_map("x_[a-z]{1,6}", json(), 0..3).prop_map(|m| m.into_iter().collect())
}

fn samples() -> impl Strategy<Value = Samples> {
    let value = any::<f64>().prop_filter("samples are finite", |v| v.is_finite());
    collection::vec((time(), value), 0..40).prop_map(Samples::from_unordered)
}

fn dimensions() -> impl Strategy<Value = BTreeMap<String, String>> {
    collection::btree_map(word(), word(), 0..3)
}

prop_compose! {
    fn series()(
        (name, source, namespace, stat, unit) in (word(), word(), word(), word(), word()),
        dimensions in dimensions(),
        period_s in option::of(1_u32..100_000),
        resource in option::of(word()),
        extra in extra(),
        samples in samples(),
    ) -> Series {
        let meta = SeriesMeta {
            id: String::new(), name, source, namespace, dimensions, stat, unit, period_s, resource,
            extra,
        };
        Series { meta, samples }
    }
}

fn kind() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        proptest::sample::select(EventKind::KNOWN.to_vec()),
        "k8s_[a-z]{1,8}".prop_map(EventKind::Other),
        Just(EventKind::default()),
    ]
}

prop_compose! {
    fn event()(
        kind in kind(),
        start in option::of(time()),
        length in option::of(0_i64..1_000_000_000),
        (title, cluster, namespace, node, source) in
            ("[^\u{feff}]{0,12}", word(), word(), word(), word()),
        object in (word(), word()),
        attributes in extra(),
        mut extra in extra(),
        uid in option::of(word()),
    ) -> Event {
        if let Some(uid) = uid {
            extra.insert("object.uid".into(), uid.into());
        }
        let end = length.map(|ms| start.unwrap_or_default().plus(ms));
        let object = ObjectRef { kind: object.0, name: object.1 };
        Event {
            id: String::new(), kind, start, end, title, cluster, namespace, object, node, source,
            attributes, extra,
        }
    }
}

prop_compose! {
    fn annotation()(
        (author, text) in (word(), word()),
        start in time(),
        length in option::of(0_i64..1_000_000_000),
        series in collection::vec(word(), 0..2),
        events in collection::vec(word(), 0..2),
        created_at in option::of(time()),
        extra in extra(),
    ) -> Annotation {
        let end = length.map(|ms| start.plus(ms));
        Annotation { id: String::new(), author, start, end, text, series, events, created_at, extra }
    }
}

prop_compose! {
    fn edge()(from in "[a-z:/]{1,9}", to in "[a-z:/]{1,9}", known in any::<bool>(), extra in extra())
        -> Edge {
        let kind = if known { EdgeKind::Mounts } else { EdgeKind::Other("guards".into()) };
        Edge { from, to, kind, extra }
    }
}

prop_compose! {
    fn columns()(
        time in word(),
        values in collection::vec(word(), 0..3),
        unit in word(),
        decimal_comma in option::of(any::<bool>()),
    ) -> Columns {
        Columns { time, values, unit, decimal_comma, ..Columns::default() }
    }
}

prop_compose! {
    fn raw_file()(
        observed_at in option::of(time()),
        timezone in option::of(word()),
        columns in option::of(columns()),
        content in collection::vec(any::<u8>(), 0..60),
    ) -> RawFile {
        RawFile { path: String::new(), observed_at, timezone, columns, content }
    }
}

prop_compose! {
    fn header()(
        // One line: a title with control characters is refused.
        title in "[^\\p{Cc}\u{feff}]{0,20}",
        window in window(),
        impact in option::of((time(), option::of(0_i64..1_000_000))),
        notice in option::of(word()),
        gaps in collection::vec(word(), 0..2),
        mut extra in extra(),
        severity in option::of(json()),
        said in option::of(word()),
    ) -> IncidentHeader {
        let impact = impact.map(|(start, ms)| Impact { start, end: ms.map(|ms| start.plus(ms)) });
        if let Some(severity) = severity {
            extra.insert("impact.severity".into(), severity);
        }
        let gaps = gaps.into_iter().map(|reason| Gap { what: String::new(), window: None, reason });
        let provenance = vec![Provenance {
            source: "test".into(), gaps: gaps.collect(), ..Provenance::default()
        }];
        IncidentHeader {
            schema: BUNDLE_SCHEMA.into(), title, window, impact, symptom: Vec::new(), notice,
            provenance, extra,
            judgements: said.iter().map(|reason| Judgement {
                suspect: "files/a b.txt#1".into(), reason: reason.clone(), ..Judgement::default()
            }).collect(),
            actions: said.iter().map(|title| ActionItem {
                id: "action-1".into(), title: title.clone(), ..ActionItem::default()
            }).collect(),
            document: said.map(|text| Document {
                template: "short".into(),
                sections: vec![DocumentSection {
                    text: Some(format!("{text}\n\u{0}")), revision: 2, ..DocumentSection::untouched("summary")
                }],
                history: vec![DocumentSection {
                    text: Some(text), revision: 1, ..DocumentSection::untouched("summary")
                }],
                ..Document::default()
            }),
        }
    }
}

fn numbered<T>(mut items: Vec<T>, name: impl Fn(&mut T) -> &mut String, form: &str) -> Vec<T> {
    for (i, item) in items.iter_mut().enumerate() {
        *name(item) = form.replace('#', &i.to_string());
    }
    items
}

prop_compose! {
    fn any_bundle()(
        mut header in header(),
        series in collection::vec(series(), 0..4),
        events in collection::vec(event(), 0..5),
        topology in collection::vec(edge(), 0..3),
        annotations in collection::vec(annotation(), 0..3),
        files in collection::vec(raw_file(), 0..3),
        report_md in option::of("[^\u{feff}]{0,40}"),
        figures in option::of(json()),
    ) -> Bundle {
        let series = numbered(series, |s| &mut s.meta.id, "s.#_-");
        header.symptom = series.iter().take(1).map(|s| s.meta.id.clone()).collect();
        Bundle {
            header,
            series,
            topology,
            events: numbered(events, |e| &mut e.id, "e#"),
            annotations: numbered(annotations, |a| &mut a.id, "a#"),
            report_md,
            figures,
            // Not in the order of the names, and one of them outside of files/.
            files: numbered(files, |f| &mut f.path, "files/9#.txt").into_iter().rev().collect(),
        }
    }
}

fn zipped(bundle: &Bundle) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    bundle::write_zip(bundle, &mut out).unwrap();
    out.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_zip_reads_back_as_what_was_written(bundle in any_bundle()) {
        let bytes = zipped(&bundle);
        let back = bundle::read_zip(Cursor::new(&bytes)).unwrap();
        prop_assert_eq!(&back, &bundle);
        prop_assert_eq!(back.digest(), bundle.digest());
        prop_assert_eq!(zipped(&back), bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in collection::vec(any::<u8>(), 0..400)) {
        if let Err(error) = bundle::read_zip(Cursor::new(bytes)) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn a_damaged_zip_is_read_or_refused(
        bundle in any_bundle(),
        hits in collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = zipped(&bundle);
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = bundle::read_zip(Cursor::new(bytes)) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}

fn small() -> Bundle {
    let window = Window::new(Timestamp::from_seconds(0), Timestamp::from_seconds(600)).unwrap();
    let mut samples = Samples::default();
    samples.push(Timestamp::from_seconds(60), 1.5);
    Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.into(),
            title: "Small".into(),
            window,
            ..IncidentHeader::default()
        },
        series: vec![Series {
            meta: SeriesMeta {
                id: "latency".into(),
                ..SeriesMeta::default()
            },
            samples,
        }],
        files: vec![RawFile {
            path: "notes/by hand.txt".into(),
            content: b"kept".to_vec(),
            ..RawFile::default()
        }],
        ..Bundle::default()
    }
}

#[test]
fn a_folder_reads_back_and_may_be_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bundle");
    bundle::write_dir(&small(), &path).unwrap();
    bundle::write_dir(&small(), &path).unwrap();
    assert_eq!(bundle::read(&path).unwrap(), small());
    assert!(path.join("manifest.json").is_file());
    std::fs::write(path.join("series/old.csv"), "timestamp,value\n").unwrap();
    let error = bundle::write_dir(&small(), &path).unwrap_err().to_string();
    assert!(error.contains("series/old.csv"), "{error}");
    let file = dir.path().join("bundle.zip");
    std::fs::write(&file, zipped(&small())).unwrap();
    assert_eq!(bundle::read(&file).unwrap(), small());
}

#[test]
fn a_file_that_packs_too_well_still_reads_back() {
    let mut bundle = small();
    bundle.files[0].content = vec![0; 4 << 20];
    let back = bundle::read_zip(Cursor::new(zipped(&bundle))).unwrap();
    assert_eq!(back, bundle);
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    type Change = fn(&mut Bundle);
    let broken: [(&str, Change); 6] = [
        ("series.jsonl:1", |b| b.series[0].meta.id = "a/b".into()),
        ("series.jsonl:2", |b| b.series.push(b.series[0].clone())),
        ("incident.json:1", |b| {
            b.header.symptom.push("nothing".into());
        }),
        ("incident.json:1", |b| {
            b.header.window.end = Timestamp::from_seconds(0);
        }),
        ("../x", |b| b.files[0].path = "../x".into()),
        ("series/x.csv", |b| b.files[0].path = "series/x.csv".into()),
    ];
    for (place, change) in broken {
        let mut bundle = small();
        change(&mut bundle);
        let error = bundle::write_zip(&bundle, Cursor::new(Vec::new()))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(place), "{error}");
    }
}
