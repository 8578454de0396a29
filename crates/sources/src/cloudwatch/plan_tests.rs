use super::super::config::CloudWatchConfig;
use super::super::discover::Listed;
use super::super::queries::{self, Listings};
use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400 + 7);

/// The span for one file system.
fn span(window: Window, now: Timestamp) -> Result<Span, Nothing> {
    super::span(window, now, &[60, 900])
}

/// The queries for one file system.
fn queries(file_system: &str, listed: &Listed, span: &Span, now: Timestamp) -> Vec<Query> {
    let config = CloudWatchConfig {
        file_system_id: file_system.into(),
        ..CloudWatchConfig::default()
    };
    let asked = config.asked().expect("a file system is named");
    let listings = Listings {
        file_systems: [(file_system.to_owned(), listed.clone())].into(),
        ..Listings::default()
    };
    queries::queries(&asked, &listings, span, now)
}

fn window(from_days: i64, to_days: i64) -> Window {
    Window::new(NOW.plus(-from_days * DAY), NOW.plus(-to_days * DAY)).expect("forwards")
}

fn reasons(span: &Span) -> String {
    let texts: Vec<&str> = span.gaps.iter().map(|g| g.reason.as_str()).collect();
    texts.join("\n")
}

#[test]
fn the_finest_period_that_is_left_is_asked() {
    for (from, to, period) in [
        (1, 0, 60),
        (14, 1, 60),
        (15, 1, 300),
        (62, 60, 300),
        (400, 1, 3600),
    ] {
        let span = span(window(from, to), NOW).expect("something is left");
        assert_eq!(span.period_s, period, "{from} to {to} days ago");
    }
    assert_eq!(span(window(500, 460), NOW), Err(Nothing::TooOld));
    let tomorrow = Window::new(NOW.plus(DAY), NOW.plus(2 * DAY)).expect("forwards");
    assert_eq!(span(tomorrow, NOW), Err(Nothing::TooNew));
    let begun = Window::new(NOW.plus(-5_000), NOW.plus(DAY)).expect("forwards");
    assert_eq!(
        span(begun, NOW),
        Err(Nothing::TooNew),
        "not one minute is over"
    );
}

#[test]
fn a_mixed_window_says_which_part_could_be_finer() {
    let mixed = span(window(20, 2), NOW).expect("something is left");
    let gap = mixed.gaps.first().expect("it is said");
    assert!(
        gap.reason.contains("samples of 60 s exist for this part"),
        "{}",
        gap.reason
    );
    let part = gap.window.expect("a part");
    assert_eq!(NOW.since(part.start), 15 * DAY - EXPIRY_MARGIN);
    assert_eq!(part.end, NOW.plus(-2 * DAY));
    let old = span(window(30, 20), NOW).expect("something is left");
    assert!(
        reasons(&old).contains("300 s are the finest"),
        "{}",
        reasons(&old)
    );
    let cut = span(window(500, 400), NOW).expect("something is left");
    assert!(
        reasons(&cut).contains("older than 455 days"),
        "{}",
        reasons(&cut)
    );
    assert!(cut.start >= NOW.plus(-455 * DAY));
    assert!(
        span(window(3, 1), NOW)
            .expect("all is left")
            .gaps
            .is_empty()
    );
}

#[test]
fn new_samples_are_marked_and_unfinished_periods_left_out() {
    let running = Window::new(NOW.plus(-HOUR), NOW.plus(HOUR)).expect("forwards");
    let span = span(running, NOW).expect("an hour is there");
    assert_eq!(span.over, NOW.floor_to(MINUTE));
    assert_eq!(span.end, span.over);
    let texts = reasons(&span);
    assert!(
        texts.contains("may still change") && texts.contains("not over yet"),
        "{texts}"
    );
    assert!(belongs(span.over.plus(-MINUTE), 60, &span));
    assert!(!belongs(span.over, 60, &span), "that minute is not over");
    assert!(!belongs(span.over.plus(-MINUTE), 900, &span));
    assert!(
        belongs(running.start.floor_to(MINUTE), 60, &span),
        "it reaches into the window"
    );
    assert!(!belongs(
        running.start.floor_to(MINUTE).plus(-MINUTE),
        60,
        &span
    ));
}

#[test]
fn known_spellings_are_asked_where_cloudwatch_has_forgotten() {
    let names = |days: i64, listed: &Listed| -> Vec<String> {
        let span = span(window(days, days - 1), NOW).expect("something is left");
        let queries = queries("fs-1", listed, &span, NOW);
        let ids: std::collections::BTreeSet<&str> = queries.iter().map(|q| q.id.as_str()).collect();
        assert_eq!(ids.len(), queries.len(), "ids of queries differ");
        let mine = queries
            .iter()
            .filter(|q| q.stat == "Sum" && q.series.contains(".MetadataIO"));
        mine.map(|q| q.name.clone()).collect()
    };
    let mut listed = Listed::default();
    assert_eq!(names(2, &listed), ["MetadataIOBytes", "MetaDataIOBytes"]);
    let id = aws_sdk_cloudwatch::types::Dimension::builder()
        .name("FileSystemId")
        .value("fs-1")
        .build();
    listed.add("MetaDataIOBytes", &[id]);
    assert_eq!(names(2, &listed), ["MetaDataIOBytes"], "as listed");
    assert_eq!(
        names(20, &listed),
        ["MetaDataIOBytes", "MetadataIOBytes"],
        "listed today, not then"
    );
}

#[test]
fn a_query_can_be_asked_again_by_anybody() {
    let span = span(window(2, 1), NOW).expect("something is left");
    let queries = queries("fs-1", &Listed::default(), &span, NOW);
    let text = command("eu-central-1", &queries, &span);
    let json = text.split('\'').nth(1).expect("a quoted argument");
    let list: Vec<serde_json::Value> = serde_json::from_str(json).expect("JSON");
    assert_eq!(list.len(), queries.len());
    assert!(
        list.iter()
            .all(|q| q["MetricStat"]["Metric"]["Namespace"] == "AWS/EFS")
    );
    assert!(
        text.contains(&format!("--start-time {}", span.start)),
        "{text}"
    );
}

proptest! {
    /// However long and old: the calls cover the span without hole or overlap, each within the
    /// limits, and every series id is one that a bundle takes.
    #[test]
    fn calls_cover_the_span_within_the_limits(from in 1i64..455 * 24, hours in 1i64..24 * 60) {
        let start = NOW.plus(-from * HOUR);
        let window = Window::new(start, start.plus(hours * HOUR)).expect("forwards");
        let span = span(window, NOW).expect("an hour is over");
        let queries = queries("fs-1", &Listed::default(), &span, NOW);
        let calls = calls(&queries, &span);
        prop_assert_eq!(calls.first().map(|c| c.start), Some(span.start));
        prop_assert_eq!(calls.last().map(|c| c.end), Some(span.end));
        prop_assert!(calls.windows(2).all(|pair| pair[0].end == pair[1].start));
        for call in &calls {
            let points: i64 = queries[call.queries.clone()].iter()
                .map(|q| call.end.since(call.start) / (i64::from(q.period_s) * SECOND))
                .sum();
            prop_assert!(points <= MAX_DATAPOINTS, "{} points", points);
            prop_assert!(call.queries.len() <= MAX_QUERIES);
        }
        for query in &queries {
            let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            prop_assert!(query.series.len() <= 128 && query.series.chars().all(good));
        }
    }
}
