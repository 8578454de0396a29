//! How long a report takes, from evidence to HTML.

#[path = "../tests/report_of/story.rs"]
mod story;

use criterion::{Criterion, criterion_group, criterion_main};
use report::{Input, Said, build, html};

fn report(c: &mut Criterion) {
    let (evidence, analysis, notes) = (story::evidence(), story::analysis(), story::notes());
    let input = Input {
        title: "Slow sites",
        notice: None,
        evidence: &evidence,
        analysis: &analysis,
        annotations: &notes,
        said: Said::default(),
        document: None,
    };
    c.bench_function("report/build", |b| b.iter(|| build(&input)));
    let built = build(&input);
    c.bench_function("report/html", |b| b.iter(|| html(&built)));
}

criterion_group!(benches, report);
criterion_main!(benches);
