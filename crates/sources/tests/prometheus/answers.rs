//! Answers that are good in part, or in another way than usual. The table in
//! `docs/faults/prometheus.md` names these tests.

use crate::asked::{
    NOW, assert_whole, config, field, gap, good, hasty, hour, is_second, matrix, pull, source,
};
use crate::double::{Double, Reply};
use model::Window;
use model::time::{DAY, HOUR, MINUTE};
use sources::prometheus::Prometheus;
use sources::source::{Source, Unattended};
use std::time::Duration;

#[tokio::test]
async fn what_came_is_kept_when_the_rest_fails() {
    let double = Double::start(|asked, _| {
        if is_second(asked) {
            Reply::status(500, "")
        } else {
            good(asked)
        }
    })
    .await;
    let batch = pull(&double).await.expect("one query came");
    assert_eq!(batch.series.len(), 1);
    assert!(gap(&batch, "second").contains("HTTP 500"));
    let gap = batch.provenance.gaps.iter().find(|g| g.what == "second");
    assert!(
        gap.and_then(|g| g.window)
            .is_some_and(|w| hour().contains(w.start))
    );
}

#[tokio::test]
async fn a_failure_in_the_middle_names_the_span_that_is_missing() {
    let month = Window::new(NOW.plus(-29 * DAY), NOW.plus(-HOUR)).expect("forwards");
    let cut = NOW.plus(-10 * DAY);
    let double = Double::start(move |asked, _| {
        if field(asked, "end") > cut.seconds() {
            Reply::status(401, "")
        } else {
            good(asked)
        }
    })
    .await;
    let batch = source(&double.url())
        .pull(month, NOW, &Unattended)
        .await
        .expect("the first came");
    let first = batch.series.iter().find(|s| s.meta.id.contains(".first."));
    let (_, last) = first.and_then(|s| s.samples.span()).expect("samples");
    let missing = batch.provenance.gaps.iter().find(|g| g.what == "first");
    let missing = missing.expect("it is named");
    assert_eq!(
        missing.window.map(|w| w.start),
        Some(last.plus(MINUTE)),
        "from where samples end"
    );
    assert!(missing.reason.contains("HTTP 401"), "{}", missing.reason);
    assert!(
        batch
            .provenance
            .gaps
            .iter()
            .any(|g| g.reason.contains("not asked any more"))
    );
}

#[tokio::test]
async fn partial_answers_and_warnings_are_gaps() {
    let double = Double::start(|asked, _| {
        Reply::json(&matrix(
            asked,
            if is_second(asked) {
                ",\"isPartial\":true"
            } else {
                ",\"warnings\":[\"store sg-1 is away\"],\"infos\":[\"advice\"]"
            },
        ))
    })
    .await;
    let batch = pull(&double).await.expect("what came");
    assert_eq!(batch.series.len(), 2, "what came is kept");
    assert!(gap(&batch, "first").contains("store sg-1 is away"));
    assert!(gap(&batch, "second").contains("isPartial"));
    assert_eq!(batch.provenance.gaps.len(), 2, "advice is no gap");
}

#[tokio::test]
async fn a_call_that_asks_for_too_much_is_halved() {
    for (status, words) in [
        (
            400,
            "exceeded maximum resolution of 11,000 points per timeseries",
        ),
        (
            422,
            "query processing would load too many samples into memory in query execution",
        ),
        (
            422,
            "too many points for the given step=60, cannot exceed -search.maxPointsPerTimeseries",
        ),
    ] {
        let double = Double::start(move |asked, _| {
            let points = (field(asked, "end") - field(asked, "start")) / field(asked, "step") + 1;
            if points > 16 {
                let body =
                    format!("{{\"status\":\"error\",\"errorType\":\"x\",\"error\":\"{words}\"}}");
                Reply::status(status, &body)
            } else {
                good(asked)
            }
        })
        .await;
        assert_whole(&pull(&double).await.expect(words));
        assert_eq!(double.count("query_range"), 2 * 7, "{words}");
    }
}

#[tokio::test]
async fn an_answer_larger_than_the_limit_is_halved_and_then_given_up() {
    let double = Double::start(|_, _| Reply::json(&" ".repeat(2 << 20))).await;
    let error = pull(&double)
        .await
        .expect_err("always too large")
        .to_string();
    assert!(error.contains("an answer of more than 1 MiB"), "{error}");
    // A hopeless query is not asked for every part.
    assert!(
        double.count("query_range") <= 2 * 7,
        "{}",
        double.count("query_range")
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_said() {
    // NOW is 2020-09-13T12:26:40Z.
    for (date, words) in [
        ("Sun, 13 Sep 2020 12:31:40 GMT", Some("5 min ahead of")),
        ("Sun, 13 Sep 2020 11:26:40 GMT", Some("1 h behind")),
        ("Sun, 13 Sep 2020 12:26:50 GMT", None),
        ("someday", None),
    ] {
        let double =
            Double::start(move |asked, _| good(asked).with(&format!("Date: {date}"))).await;
        let batch = pull(&double).await.expect("a healthy server");
        match words {
            Some(words) => {
                let said = gap(&batch, "");
                assert!(said.contains(words) && said.contains("NTP"), "{said}");
            }
            None => assert_eq!(batch.provenance.gaps, [], "{date}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_is_slow_has_no_other_clock() {
    let begun = tokio::time::Instant::now();
    let double = Double::start(move |asked, _| {
        // Right by the clock of the test; NOW is 2020-09-13T12:26:40Z.
        let s = 26 * 60 + 40 + begun.elapsed().as_secs();
        let date = format!("Date: Sun, 13 Sep 2020 12:{:02}:{:02} GMT", s / 60, s % 60);
        if asked.path.contains("metadata") {
            let none = Reply::json("{\"status\":\"success\",\"data\":{}}").with(&date);
            return Reply::Late(Duration::from_mins(5), Box::new(none));
        }
        good(asked).with(&date)
    })
    .await;
    let mut config = config(&double.url());
    config.queries[0].stat = String::new();
    let mut patience = hasty();
    patience.limits.answer = Duration::from_hours(1);
    let source = Prometheus::with_patience(config, patience).expect("a good configuration");
    let batch = source
        .pull(hour(), NOW, &Unattended)
        .await
        .expect("a healthy server");
    assert!(double.count("metadata") > 0, "it was slow");
    assert_whole(&batch);
}

#[tokio::test]
async fn native_histograms_are_said_to_be_no_numbers() {
    let body = "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"histograms\":[[1,{\"count\":\"1\"}]]}]}}";
    let double = Double::start(move |_, _| Reply::json(body)).await;
    let batch = pull(&double).await.expect("a healthy server");
    assert!(gap(&batch, "first").contains("histogram_quantile"));
}

#[tokio::test]
async fn types_of_metrics_that_cannot_be_had_are_said() {
    let double = Double::start(|asked, _| {
        if asked.path.contains("metadata") {
            Reply::status(501, "")
        } else {
            good(asked)
        }
    })
    .await;
    let mut config = config(&double.url());
    config.queries[0].stat = String::new();
    let source = Prometheus::with_patience(config, hasty()).expect("a good configuration");
    let batch = source
        .pull(hour(), NOW, &Unattended)
        .await
        .expect("samples came");
    assert_eq!(batch.series.len(), 2);
    assert!(gap(&batch, "types of metrics").contains("_total"));
}

#[tokio::test]
async fn a_counter_is_known_by_its_metadata() {
    let double = Double::start(|asked, _| {
        if asked.path.contains("metadata") {
            Reply::json("{\"status\":\"success\",\"data\":{\"first_seconds\":[{\"type\":\"counter\",\"help\":\"h\",\"unit\":\"\"}]}}")
        } else {
            good(asked)
        }
    })
    .await;
    let mut config = config(&double.url());
    config.queries[0].stat = String::new();
    let source = Prometheus::with_patience(config, hasty()).expect("a good configuration");
    let batch = source
        .pull(hour(), NOW, &Unattended)
        .await
        .expect("a healthy server");
    let first = batch.series.iter().find(|s| s.meta.id.contains(".first."));
    let meta = &first.expect("it came").meta;
    assert_eq!(
        (meta.stat.as_str(), meta.unit.as_str()),
        ("Counter", "Seconds")
    );
}

#[tokio::test]
async fn mimir_and_victoria_metrics_say_who_they_are() {
    let vector = |labels: &str| {
        format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{{\"metric\":{{{labels}}},\"value\":[1,\"1\"]}}]}}}}"
        )
    };
    let info = "{\"status\":\"success\",\"data\":{\"application\":\"Grafana Mimir\",\"version\":\"2.14.0\"}}";
    let double = Double::start(move |asked, _| {
        if asked.path.contains("buildinfo") {
            Reply::json(info)
        } else {
            Reply::json(&vector(""))
        }
    })
    .await;
    let said = source(&double.url())
        .check()
        .await
        .expect("a healthy server");
    assert!(said.starts_with("Grafana Mimir 2.14.0 at http"), "{said}");
    let double = Double::start(move |_, _| {
        Reply::json(&vector("\"short_version\":\"v1.93.0\"")).with("X-Server-Hostname: vm")
    })
    .await;
    let said = source(&double.url())
        .check()
        .await
        .expect("a healthy server");
    assert!(
        said.starts_with("VictoriaMetrics v1.93.0 at http"),
        "{said}"
    );
}
