use super::*;
use model::{Series, SeriesMeta, Timestamp};
use proptest::prelude::*;

fn span(from: i64, to: i64) -> Option<Window> {
    Window::new(Timestamp::from_seconds(from), Timestamp::from_seconds(to))
}

fn gap(what: &str, window: Option<Window>) -> Gap {
    Gap {
        what: what.to_owned(),
        window,
        reason: "no answer".to_owned(),
    }
}

fn answer(window: Option<Window>, series: &[&str], gaps: &[Gap]) -> Batch {
    Batch {
        provenance: Provenance {
            window,
            series: series.iter().map(|id| (*id).to_owned()).collect(),
            gaps: gaps.to_vec(),
            ..Provenance::default()
        },
        ..Batch::default()
    }
}

#[test]
fn an_answer_fills_what_it_speaks_of_inside_its_window() {
    let all = gap("", span(10, 40));
    for (window, left) in [
        (span(0, 50), vec![]),
        (span(10, 40), vec![]),
        (span(0, 20), vec![span(20, 40)]),
        (span(30, 50), vec![span(10, 30)]),
        (span(20, 30), vec![span(10, 20), span(30, 40)]),
        (span(40, 50), vec![span(10, 40)]),
        (span(0, 10), vec![span(10, 40)]),
        (None, vec![span(10, 40)]),
    ] {
        let found = gaps(std::slice::from_ref(&all), &answer(window, &[], &[]));
        let found: Vec<_> = found.into_iter().map(|gap| gap.window).collect();
        assert_eq!(found, left, "{window:?}");
    }
}

#[test]
fn a_gap_of_something_is_filled_by_that_thing_alone() {
    let of_io = gap("io", span(10, 40));
    let mut by_name = answer(span(0, 50), &["x"], &[]);
    by_name.series.push(Series {
        meta: SeriesMeta {
            id: "x".to_owned(),
            name: "IO".to_owned(),
            ..SeriesMeta::default()
        },
        ..Series::default()
    });
    let left = |batch: &Batch| gaps(std::slice::from_ref(&of_io), batch).len();
    assert_eq!(left(&answer(span(0, 50), &["balance"], &[])), 1);
    assert_eq!(left(&answer(span(0, 50), &["io"], &[])), 0);
    assert_eq!(left(&by_name), 0);
    // It says itself that it is not there.
    let still = answer(span(0, 50), &["io"], std::slice::from_ref(&of_io));
    assert_eq!(gaps(std::slice::from_ref(&of_io), &still), [of_io]);
}

#[test]
fn gaps_that_go_on_are_one() {
    let polls = (0..100).map(|n| answer(span(n, n + 1), &[], &[gap("nfs", None)]));
    let mut found = Vec::new();
    for poll in polls {
        found = gaps(&found, &poll);
    }
    assert_eq!(found, [gap("nfs", span(0, 100))]);
    let unknown = answer(None, &[], &[gap("nfs", None), gap("nfs", None)]);
    let both = gaps(&found, &unknown);
    assert_eq!(both, [gap("nfs", span(0, 100)), gap("nfs", None)]);
}

#[test]
fn the_newest_gaps_stay() {
    let many: Vec<_> = (0..1_500)
        .map(|n| gap("io", span(10 * n, 10 * n + 5)))
        .collect();
    let found = gaps(&many[..700], &answer(None, &[], &many[700..]));
    assert_eq!(found, many[500..]);
}

#[test]
fn the_latest_asking_and_every_series_count() {
    let mut first = answer(span(10, 20), &["b", "a"], &[]);
    first.provenance.asked_at = Some(Timestamp::from_seconds(100));
    first.provenance.resolution_s = Some(60);
    let earlier = answer(span(0, 5), &["c", "a"], &[]);
    let once = joined(None, &first, 3);
    let both = joined(Some(&once), &earlier, 2);
    assert_eq!(both.window, span(0, 20));
    assert_eq!(both.asked_at, Some(Timestamp::from_seconds(100)));
    assert_eq!(both.resolution_s, Some(60));
    assert_eq!(both.series, ["a", "b", "c"]);
    assert_eq!(both.events, 5);
}

fn any_answer() -> impl Strategy<Value = Batch> {
    let window = || prop::option::of((0..50_i64, 1..30_i64).prop_map(|(s, l)| span(s, s + l)));
    let what = || prop::sample::select(vec!["", "io", "nfs"]);
    let series = prop::collection::vec(prop::sample::select(vec!["io", "x"]), 0..2);
    let gaps = prop::collection::vec((what(), window()), 0..4);
    (window(), series, gaps).prop_map(|(window, series, gaps)| {
        let gaps: Vec<_> = gaps
            .iter()
            .map(|(what, w)| gap(what, w.flatten()))
            .collect();
        answer(window.flatten(), &series, &gaps)
    })
}

proptest! {
    #[test]
    fn an_answer_told_twice_changes_nothing(
        answers in prop::collection::vec(any_answer(), 1..6),
    ) {
        let mut known = None;
        for answer in &answers {
            let once = joined(known.as_ref(), answer, 0);
            prop_assert_eq!(&joined(Some(&once), answer, 0), &once);
            known = Some(once);
        }
    }

    /// A second is a gap of something where the last answer that could fill it left one.
    #[test]
    fn a_gap_is_where_the_last_answer_left_one(
        answers in prop::collection::vec(any_answer(), 1..6), what in 0..3_usize,
    ) {
        let what = ["", "io", "nfs"][what];
        let mut known = None;
        for answer in &answers {
            known = Some(joined(known.as_ref(), answer, 0));
        }
        let known = known.unwrap_or_default();
        for second in 0..90 {
            let at = Timestamp::from_seconds(second);
            let covers = |w: Option<Window>| w.is_some_and(|w| w.contains(at));
            let mut expected = false;
            for batch in &answers {
                let told = &batch.provenance;
                let fills = what.is_empty() || told.series.iter().any(|id| id == what);
                expected &= !(fills && covers(told.window));
                expected |= told.gaps.iter().any(|gap| {
                    gap.what == what && covers(gap.window.or(told.window))
                });
            }
            let found = known.gaps.iter().any(|gap| gap.what == what && covers(gap.window));
            prop_assert_eq!(found, expected, "{} at {}", what, second);
        }
    }
}
