//! What was put in is what is pulled, from a real Prometheus and a real VictoriaMetrics.

use crate::servers::{Sample, Server};
use model::time::{DAY, HOUR, MINUTE, SECOND};
use model::{Batch, EventKind, Series, Timestamp, Window};
use sources::prometheus::{Prometheus, PrometheusConfig, QueryChoice};
use sources::source::{Source, Unattended};

/// 2020-05-22T03:00:00Z.
const START: i64 = 1_590_116_400;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(START + minute * 60)
}

fn window(from: i64, to: i64) -> Window {
    Window::new(at(from), at(to)).expect("forwards")
}

type Start = fn(&[Sample]) -> Server;

/// Both servers with the same samples, one after the other: two at a time are a lot for a small machine.
fn both(samples: &[Sample]) -> impl Iterator<Item = (&'static str, Server)> + '_ {
    let starts: [(&'static str, Start); 2] = [
        ("Prometheus", Server::prometheus),
        ("VictoriaMetrics", Server::victoria_metrics),
    ];
    starts
        .into_iter()
        .map(|(name, start)| (name, start(samples)))
}

fn every_minute(
    series: &str,
    minutes: std::ops::Range<i64>,
    value: impl Fn(i64) -> f64,
) -> Vec<Sample> {
    minutes
        .map(|m| (series.to_owned(), START + m * 60, value(m)))
        .collect()
}

fn choice(id: &str, query: &str) -> QueryChoice {
    QueryChoice {
        id: id.into(),
        query: query.into(),
        ..QueryChoice::default()
    }
}

fn source(server: &Server, presets: &[&str], queries: &[(&str, &str)]) -> Prometheus {
    let mut config = PrometheusConfig::new(&server.url());
    config.cluster = "prod".into();
    config.presets = presets.iter().map(|p| (*p).to_owned()).collect();
    config.queries = queries
        .iter()
        .map(|(id, query)| choice(id, query))
        .collect();
    Prometheus::new(config).expect("a good configuration")
}

/// The present: the servers have the machine's clock, though the samples are of 2020.
#[expect(
    clippy::disallowed_methods,
    reason = "a real server compares with the machine's clock"
)]
fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

async fn pull(source: &Prometheus, window: Window) -> Batch {
    source
        .pull(window, now(), &Unattended)
        .await
        .expect("a healthy server")
}

fn by_name<'a>(batch: &'a Batch, part: &str) -> &'a Series {
    let found = batch.series.iter().find(|s| s.meta.id.contains(part));
    found.unwrap_or_else(|| panic!("no {part} in {:?}", batch.provenance))
}

/// Eighths come back to the last bit.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

fn minutes_of(series: &Series) -> Vec<(i64, f64)> {
    let minute = |t: Timestamp| t.since(at(0)) / MINUTE;
    series.samples.iter().map(|(t, v)| (minute(t), v)).collect()
}

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

/// Pods as kube-state-metrics shows them: `web-1` was deleted at minute 10 and vanished at minute 40,
/// `web-2` is still there at the end, `web-3` runs on.
fn pods() -> Vec<Sample> {
    let deleted = (START + 600) as f64;
    let name = |metric: &str, pod: &str, more: &str| {
        format!("{metric}{{namespace=\"shop\",pod=\"{pod}\",uid=\"{pod}\"{more}}}")
    };
    let mut samples = Vec::new();
    for (pod, until) in [("web-1", 40), ("web-2", 90), ("web-3", 90)] {
        let info = name("kube_pod_info", pod, ",node=\"node-1\"");
        samples.extend(every_minute(&info, 0..until, |_| 1.0));
        if pod != "web-3" {
            let deletion = name("kube_pod_deletion_timestamp", pod, "");
            samples.extend(every_minute(&deletion, 10..until, |_| deleted));
        }
    }
    samples
}

#[tokio::test]
async fn terminating_pods_become_events_with_their_nodes() {
    for (name, server) in both(&pods()) {
        let batch = pull(&source(&server, &["kube-state"], &[]), window(0, 90)).await;
        assert_eq!(batch.events.len(), 2, "{name}: {:?}", batch.provenance.gaps);
        let event = |pod: &str| {
            let found = batch.events.iter().find(|e| e.object.name == pod);
            found.unwrap_or_else(|| panic!("{name}: {pod}"))
        };
        let gone = event("web-1");
        assert_eq!(gone.kind, EventKind::PodTerminating);
        assert_eq!(gone.start, Some(at(10)), "{name}");
        assert_eq!(gone.node, "node-1", "{name}");
        assert_eq!(gone.resource().as_deref(), Some("k8s:prod/shop/Pod/web-1"));
        // The truth lies between the last sample and the first look without one, which is some
        // minutes late where the server repeats samples.
        assert_eq!(gone.attribute_time("end_earliest"), Some(at(39)), "{name}");
        let end = gone.end.expect("it vanished while others were seen");
        assert_eq!(gone.attribute_time("end_latest"), Some(end), "{name}");
        assert!(at(40) <= end && end <= at(45), "{name}: {end}");
        assert_eq!(event("web-2").end, None, "{name}: it is still there");
        let edge = batch
            .topology
            .iter()
            .find(|e| e.from == "k8s:prod/shop/Pod/web-1");
        assert_eq!(
            edge.map(|e| e.to.as_str()),
            Some("k8s:prod//Node/node-1"),
            "{name}"
        );
        let pods = by_name(&batch, "kube.pods");
        assert_eq!(pods.samples.value_at(at(5), 0), Some(3.0), "{name}");
        // What this cluster does not have is named and is no health.
        let named = |id: &str| batch.provenance.gaps.iter().any(|g| g.what == id);
        assert!(
            named("kube.node_ready") && named("kube.generation"),
            "{name}"
        );
        // As of minute 30 both are there.
        let early = pull(&source(&server, &["kube-state"], &[]), window(0, 30)).await;
        assert!(early.events.iter().all(|e| e.end.is_none()), "{name}");
        assert!(
            early.events.iter().any(|e| e.id == gone.id),
            "{name}: one event, grown"
        );
    }
}

#[tokio::test]
async fn every_preset_is_understood() {
    let bucket = |le: &str| {
        format!(
            "nginx_ingress_controller_request_duration_seconds_bucket{{ingress=\"web\",namespace=\"shop\",le=\"{le}\"}}"
        )
    };
    let mut samples = Vec::new();
    for (le, part) in [("0.1", 0.5), ("1", 0.99), ("+Inf", 1.0)] {
        samples.extend(every_minute(&bucket(le), 0..60, |m| {
            m as f64 * 600.0 * part
        }));
    }
    for (status, a_minute) in [("200", 590.0), ("503", 10.0)] {
        let series = format!(
            "nginx_ingress_controller_requests{{ingress=\"web\",namespace=\"shop\",status=\"{status}\"}}"
        );
        samples.extend(every_minute(&series, 0..60, |m| m as f64 * a_minute));
    }
    samples.extend(every_minute(
        "probe_success{instance=\"https://shop\"}",
        0..60,
        |_| 1.0,
    ));
    samples.extend(every_minute(
        "node_nfs_requests_total{method=\"ReadDirPlus\",proto=\"3\",instance=\"10.0.0.1:9100\"}",
        0..60,
        |m| (m * 6_000) as f64,
    ));
    let presets = [
        "kube-state",
        "nfs-client",
        "nfs-mounts",
        "blackbox",
        "ingress-nginx",
    ];
    for (name, server) in both(&samples) {
        let batch = pull(&source(&server, &presets, &[]), window(0, 60)).await;
        let refused: Vec<_> = batch
            .provenance
            .gaps
            .iter()
            .filter(|gap| !gap.reason.contains("has nothing for"))
            .collect();
        assert!(refused.is_empty(), "{name}: {refused:?}");
        let value = |id: &str| by_name(&batch, id).samples.value_at(at(50), 0);
        let near = |id: &str, wanted: f64| {
            let got = value(id).unwrap_or_else(|| panic!("{name}: {id}"));
            assert!(
                (got - wanted).abs() < wanted * 0.02,
                "{name}: {id} is {got}"
            );
        };
        near("ingress.latency_p50", 0.1);
        near("ingress.latency_p99", 1.0);
        near("ingress.requests", 10.0);
        near("ingress.errors", 1.0 / 6.0);
        assert_eq!(
            by_name(&batch, "ingress.requests").meta.resource.as_deref(),
            Some("k8s:prod/shop/Ingress/web")
        );
        assert_eq!(
            by_name(&batch, "probe.success").meta.resource.as_deref(),
            Some("instance:https://shop")
        );
        let nfs = &by_name(&batch, "nfs.requests").meta;
        assert_eq!(
            (nfs.stat.as_str(), nfs.resource.as_deref()),
            ("Counter", Some("instance:10.0.0.1:9100"))
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
