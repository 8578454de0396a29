//! How long a report takes, from evidence to each of its forms: for a small incident, and for the
//! largest that is promised (14 days of 50 series each minute, and 10,000 events).

#[path = "../tests/report_of/story.rs"]
mod story;

use criterion::{Criterion, criterion_group, criterion_main};
use model::{Analysis, Annotation, Event, EventKind, Evidence, ObjectRef, Samples, Series, Window};
use report::{Export, Input, Said, build, html, lanes};

fn input<'a>(evidence: &'a Evidence, analysis: &'a Analysis, notes: &'a [Annotation]) -> Input<'a> {
    Input {
        title: "Slow sites",
        notice: None,
        evidence,
        analysis,
        annotations: notes,
        said: Said::default(),
        document: None,
    }
}

fn small(c: &mut Criterion) {
    let (evidence, analysis, notes) = (story::evidence(), story::analysis(), story::notes());
    let input = input(&evidence, &analysis, &notes);
    c.bench_function("report/build", |b| b.iter(|| build(&input)));
    let built = build(&input);
    c.bench_function("report/html", |b| b.iter(|| html(&built)));
}

/// Minutes of 14 days.
const MINUTES: i64 = 14 * 1_440;

/// A number that looks like chance and is always the same.
fn noise(n: i64) -> f64 {
    (n.wrapping_mul(2_862_933_555_777_941_757)
        .wrapping_add(3_037_000_493)
        >> 40
        & 0xffff) as f64
}

fn large() -> Evidence {
    let mut evidence = story::evidence();
    let end = story::minute(MINUTES);
    evidence.window = Window {
        start: story::minute(0),
        end,
    };
    let like = evidence.series.clone();
    evidence.series = (0..50_usize)
        .zip((0_i64..).step_by(7))
        .map(|(i, shift)| {
            let original = &like[i % like.len()];
            let mut meta = original.meta.clone();
            meta.period_s = Some(60);
            if i >= like.len() {
                meta.id = format!("{}-{i}", meta.id);
                meta.resource = Some(format!("aws:fs-{i}"));
            }
            let level = if meta.unit == "Seconds" { 1e-6 } else { 1e6 };
            let points = (0..MINUTES)
                .map(|m| (story::minute(m), noise(m + shift) * level))
                .collect();
            Series {
                meta,
                samples: Samples::from_unordered(points),
            }
        })
        .collect();
    let kinds = [
        EventKind::Rollout,
        EventKind::PodTerminating,
        EventKind::JobRun,
        EventKind::Scale,
        EventKind::Alert,
    ];
    let more = 10_000 - 2;
    assert_eq!(evidence.events.len(), 2, "the story's own");
    evidence
        .events
        .extend((0..more).zip(kinds.iter().cycle()).map(|(i, kind)| Event {
            id: format!("event-{i}"),
            kind: kind.clone(),
            start: Some(story::minute(i * MINUTES / more)),
            end: Some(story::minute(i * MINUTES / more + 3)),
            title: format!("event {i} of a busy cluster"),
            namespace: "shop".to_owned(),
            object: ObjectRef {
                kind: "Pod".to_owned(),
                name: format!("web-{i}"),
            },
            node: format!("node-{}", i % 12),
            ..Event::default()
        }));
    evidence.sort();
    evidence
}

fn whole(c: &mut Criterion) {
    let (evidence, analysis, notes) = (large(), story::analysis(), story::notes());
    let input = input(&evidence, &analysis, &notes);
    // As large as the bundle of such an incident: chance does not pack better.
    let bundle: Vec<u8> = (0..8_000_000).map(|n| noise(n) as u8).collect();
    let mut group = c.benchmark_group("report/14 d, 50 series, 10,000 events");
    group.sample_size(10);
    group.bench_function("report and HTML", |b| b.iter(|| html(&build(&input))));
    group.bench_function("report and offline HTML with its bundle", |b| {
        b.iter(|| {
            let (report, lanes) = (build(&input), lanes(&input));
            let bundle = &bundle;
            Export {
                report: &report,
                lanes: &lanes,
                bundle,
            }
            .html()
        });
    });
    group.bench_function("report and PDF with its bundle", |b| {
        b.iter(|| {
            let (report, lanes) = (build(&input), lanes(&input));
            let bundle = &bundle;
            let export = Export {
                report: &report,
                lanes: &lanes,
                bundle,
            };
            export.pdf().map(|p| p.bytes.len())
        });
    });
    group.finish();
}

criterion_group!(benches, small, whole);
criterion_main!(benches);
