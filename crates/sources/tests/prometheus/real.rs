//! What was put in is what is pulled, from a real Prometheus and a real VictoriaMetrics.

use crate::put::{at, both, by_name, every_minute, minutes_of, now, pull, same, source, window};
use crate::servers::Server;
use model::Window;
use model::time::{DAY, HOUR, SECOND};
use sources::prometheus::Prometheus;
use sources::source::{Source, Unattended};

#[tokio::test]
async fn a_check_says_who_answers() {
    for (name, server) in both(&every_minute("up{job=\"x\"}", 0..3, |_| 1.0)) {
        let source = source(&server, &["blackbox"], &[("up", "up")]);
        let said = source.check().await.expect("a healthy server");
        assert!(said.starts_with(name), "{said}");
        assert!(said.contains(&server.url()), "{said}");
        assert!(said.contains("3 queries"), "{said}");
        if name == "Prometheus" {
            let version = said.split(' ').nth(1).unwrap_or_default();
            assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{said}");
        }
    }
}

#[tokio::test]
async fn what_was_scraped_comes_back_and_gaps_stay_gaps() {
    let mut samples = every_minute("temperature_celsius{room=\"a\"}", 0..30, |m| m as f64 / 8.0);
    // Ten minutes without a scrape.
    samples.extend(every_minute(
        "temperature_celsius{room=\"a\"}",
        40..60,
        |m| m as f64 / 8.0,
    ));
    samples.extend(every_minute(
        "temperature_celsius{room=\"b\"}",
        0..60,
        |_| f64::NAN,
    ));
    for (name, server) in both(&samples) {
        let source = source(&server, &[], &[("temp", "temperature_celsius")]);
        let batch = pull(&source, window(0, 60)).await;
        assert_eq!(batch.series.len(), 1, "{name}: NaN is no sample");
        let series = by_name(&batch, "temp");
        let got = minutes_of(series);
        assert!(
            got.iter().all(|(m, v)| {
                // Prometheus repeats the last sample for five minutes, VictoriaMetrics for a while as well.
                same(*v, *m as f64 / 8.0) || (30..35).contains(m) && same(*v, 29.0 / 8.0)
            }),
            "{name}: {got:?}"
        );
        assert!(
            (0..30)
                .chain(40..60)
                .all(|m| got.iter().any(|(t, _)| *t == m)),
            "{name}: {got:?}"
        );
        assert!(
            !got.iter().any(|(m, _)| (35..40).contains(m)),
            "{name}: {got:?}"
        );
        assert_eq!(
            series.meta.dimensions.get("room").map(String::as_str),
            Some("a")
        );
        assert_eq!(series.meta.namespace, "temperature_celsius");
        assert_eq!(
            (series.meta.stat.as_str(), series.meta.period_s),
            ("", Some(60))
        );
        assert_eq!(batch.provenance.resolution_s, Some(60));
        assert_eq!(batch.provenance.gaps, [], "{name}");
        // The same again, or a part of it: the same ids and samples.
        let part = pull(&source, window(10, 20)).await;
        assert_eq!(part.series[0].meta, series.meta, "{name}");
        assert_eq!(minutes_of(&part.series[0]), got[10..20], "{name}");
        assert_eq!(part.provenance.query, batch.provenance.query, "{name}");
    }
}

#[tokio::test]
async fn a_lookback_shows_shorter_gaps_where_the_server_heeds_it() {
    let mut samples = every_minute("a_metric", 0..30, |_| 1.0);
    samples.extend(every_minute("a_metric", 34..60, |_| 1.0));
    let server = Server::victoria_metrics(&samples);
    let mut config = source(&server, &[], &[("a", "a_metric")]).config().clone();
    config.lookback_s = Some(60);
    let source = Prometheus::new(config).expect("a good configuration");
    let got = minutes_of(by_name(&pull(&source, window(0, 60)).await, "a"));
    assert!(!got.iter().any(|(m, _)| (31..34).contains(m)), "{got:?}");
    assert!(
        (0..30).chain(34..60).all(|m| got.contains(&(m, 1.0))),
        "{got:?}"
    );
}

#[tokio::test]
async fn counters_come_raw_with_their_resets_and_rates_on_demand() {
    // 60 a minute; restarted at minute 30.
    let counted = |m: i64| (if m < 30 { m * 60 } else { (m - 30) * 60 }) as f64;
    let series = "http_requests_total{namespace=\"shop\",pod=\"web-1\"}";
    for (name, server) in both(&every_minute(series, 0..60, counted)) {
        let rate = "sum by (pod) (rate(http_requests_total[$__rate_interval]))";
        let queries = [
            ("raw", "http_requests_total"),
            ("some", "http_requests_total{pod=~\"web-.*\"}"),
            ("rate", rate),
        ];
        let batch = pull(&source(&server, &[], &queries), window(0, 60)).await;
        for id in ["raw", "some"] {
            let raw = by_name(&batch, &format!(".{id}."));
            assert_eq!(raw.meta.stat, "Counter", "{name}");
            assert_eq!(raw.meta.unit, "Count", "{name}");
            assert_eq!(
                raw.meta.resource.as_deref(),
                Some("k8s:prod/shop/Pod/web-1")
            );
            let expected: Vec<_> = (0..60).map(|m| (m, counted(m))).collect();
            assert_eq!(minutes_of(raw), expected, "{name}");
        }
        let rate = by_name(&batch, ".rate.");
        assert_eq!(rate.meta.stat, "", "{name}");
        let late: Vec<_> = minutes_of(rate)
            .into_iter()
            .filter(|(m, _)| (10..30).contains(m))
            .collect();
        assert!(
            late.len() == 20 && late.iter().all(|(_, v)| (v - 1.0).abs() < 0.01),
            "{name}: {late:?}"
        );
    }
}

#[tokio::test]
async fn a_window_longer_than_one_call_comes_whole() {
    // 11,000 points are 7 d 15 h of minutes.
    let minutes = 8 * 1_440;
    for (name, server) in both(&every_minute("a_metric", 0..minutes, |m| m as f64)) {
        let batch = pull(
            &source(&server, &[], &[("a", "a_metric")]),
            window(0, minutes),
        )
        .await;
        let got = minutes_of(by_name(&batch, ".a."));
        let expected: Vec<_> = (0..minutes).map(|m| (m, m as f64)).collect();
        assert_eq!(got, expected, "{name}");
        assert_eq!(batch.provenance.gaps, [], "{name}");
    }
}

#[tokio::test]
async fn a_window_of_years_comes_at_a_coarser_step() {
    let samples = every_minute("a_metric", 0..60, |m| m as f64);
    for (name, server) in both(&samples) {
        let source = source(&server, &[], &[("a", "a_metric")]);
        let years = Window::new(at(0).plus(-700 * DAY), at(60)).expect("forwards");
        let batch = pull(&source, years).await;
        assert_eq!(batch.provenance.resolution_s, Some(1_800), "{name}");
        let got = minutes_of(by_name(&batch, ".a."));
        assert!(
            got.iter()
                .any(|(m, v)| *m == 30 && (*v - 30.0).abs() <= 1.0),
            "{name}: {got:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_query_is_named_and_the_rest_comes() {
    for (name, server) in both(&every_minute("up", 0..60, |_| 1.0)) {
        let queries = [("bad", "up["), ("good", "up")];
        let batch = pull(&source(&server, &[], &queries), window(0, 60)).await;
        assert_eq!(batch.series.len(), 1, "{name}");
        let gap = batch.provenance.gaps.iter().find(|g| g.what == "bad");
        let reason = &gap.unwrap_or_else(|| panic!("{name}: no gap")).reason;
        assert!(
            reason.contains("refuses the query") && reason.contains("correct it"),
            "{name}: {reason}"
        );
        // Alone, it is an error.
        let alone = source(&server, &[], &queries[..1]);
        let error = alone
            .pull(window(0, 60), now(), &Unattended)
            .await
            .expect_err(name)
            .to_string();
        assert!(error.contains("refuses the query"), "{name}: {error}");
    }
}

#[tokio::test]
async fn metrics_labels_and_series_are_found() {
    let mut samples = every_minute("node_nfs_requests_total{method=\"Read\"}", 0..60, |m| {
        m as f64
    });
    samples.extend(every_minute(
        "node_nfs_requests_total{method=\"ReadDir\"}",
        0..60,
        |m| m as f64,
    ));
    samples.extend(every_minute("up{job=\"x\"}", 0..60, |_| 1.0));
    for (name, server) in both(&samples) {
        let source = source(&server, &["nfs-client"], &[]);
        let found = source
            .search("NFS requests")
            .await
            .expect("a healthy server");
        let names: Vec<&str> = found.iter().map(|f| f.metric.as_str()).collect();
        assert_eq!(names, ["node_nfs_requests_total"], "{name}");
        let hour = window(0, 60);
        let labels = source.labels(Some("up"), hour).await.expect("labels");
        assert!(labels.contains(&"job".into()), "{name}: {labels:?}");
        let selector = Some("node_nfs_requests_total");
        let mut methods = source
            .label_values("method", selector, hour)
            .await
            .expect("values");
        methods.sort();
        assert_eq!(methods, ["Read", "ReadDir"], "{name}");
        let series = source.series("up", hour).await.expect("series");
        assert_eq!(
            series[0].get("job").map(String::as_str),
            Some("x"),
            "{name}"
        );
        let wrong = source.label_values("a/b", None, hour).await;
        assert!(
            wrong.expect_err("no label").to_string().contains("letters"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_newest_samples_are_marked_as_such() {
    let server = Server::victoria_metrics(&[]);
    let source = source(&server, &[], &[("up", "up")]);
    let now = now();
    let live = Window::new(now.plus(-HOUR), now.plus(HOUR)).expect("forwards");
    let batch = source
        .pull(live, now, &Unattended)
        .await
        .expect("a healthy server");
    let reasons: Vec<&str> = batch
        .provenance
        .gaps
        .iter()
        .map(|g| g.reason.as_str())
        .collect();
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("less than one scrape (60 s) old")),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(|r| r.contains("not over yet")),
        "{reasons:?}"
    );
    let future = Window::new(now.plus(HOUR), now.plus(HOUR + 60 * SECOND)).expect("forwards");
    let error = source
        .pull(future, now, &Unattended)
        .await
        .expect_err("nothing there yet");
    assert!(
        error.to_string().contains("a window that has begun"),
        "{error}"
    );
}
