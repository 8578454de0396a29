//! What goes wrong on the way, and what is said of it. The table in `docs/faults/prometheus.md` names
//! these tests.

use crate::double::{Asked, Double, Reply};
use model::time::{DAY, HOUR, MINUTE, SECOND};
use model::{Batch, Timestamp, Window};
use sources::http::Limits;
use sources::prometheus::{BasicAuth, Patience, Prometheus, PrometheusConfig, QueryChoice};
use sources::source::{Progress, Source, SourceError, Unattended};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_seconds(1_600_000_000);

/// The hour before the one before now, so that nothing of it is too new.
fn hour() -> Window {
    Window::new(NOW.plus(-2 * HOUR), NOW.plus(-HOUR)).expect("forwards")
}

/// Waits of milliseconds between attempts; an answer may take as long as a busy machine does.
fn hasty() -> Patience {
    Patience {
        attempts: 3,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(50),
        limits: Limits {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(20),
            body_bytes: 1 << 20,
        },
    }
}

fn config(url: &str) -> PrometheusConfig {
    let choice = |id: &str| QueryChoice {
        id: id.into(),
        query: format!("{id}_seconds"),
        stat: "Average".into(),
        ..QueryChoice::default()
    };
    PrometheusConfig {
        queries: vec![choice("first"), choice("second")],
        ..PrometheusConfig::new(url)
    }
}

fn source(url: &str) -> Prometheus {
    Prometheus::with_patience(config(url), hasty()).expect("a good configuration")
}

async fn pull(double: &Double) -> Result<Batch, SourceError> {
    source(&double.url()).pull(hour(), NOW, &Unattended).await
}

/// A field of a form whose value needs no decoding.
fn field(asked: &Asked, name: &str) -> i64 {
    let found = asked
        .body
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.expect("a field").parse().expect("digits")
}

/// The answer that a healthy server gives to a range query: the value is the minute.
fn good(asked: &Asked) -> Reply {
    Reply::json(&matrix(asked, ""))
}

fn matrix(asked: &Asked, more: &str) -> String {
    let (start, end, step) = (
        field(asked, "start"),
        field(asked, "end"),
        field(asked, "step"),
    );
    let mut values = String::new();
    let mut at = start;
    while at <= end {
        let comma = if values.is_empty() { "" } else { "," };
        write!(values, "{comma}[{at},\"{}\"]", at / 60).expect("a text");
        at += step;
    }
    format!(
        "{{\"status\":\"success\"{more},\"data\":{{\"resultType\":\"matrix\",\"result\":\
         [{{\"metric\":{{\"__name__\":\"m\"}},\"values\":[{values}]}}]}}}}"
    )
}

fn is_second(asked: &Asked) -> bool {
    asked.body.contains("second_seconds")
}

/// The samples of both queries, whole.
fn assert_whole(batch: &Batch) {
    assert_eq!(batch.series.len(), 2, "{:?}", batch.provenance.gaps);
    assert!(batch.series.iter().all(|s| s.samples.len() == 60));
    assert_eq!(batch.provenance.gaps, []);
}

fn gap(batch: &Batch, what: &str) -> String {
    let found = batch.provenance.gaps.iter().find(|g| g.what == what);
    found.map_or_else(
        || panic!("no gap {what}: {:?}", batch.provenance.gaps),
        |g| g.reason.clone(),
    )
}

#[tokio::test]
async fn a_passing_fault_is_outlasted() {
    for fault in [
        Reply::status(500, ""),
        Reply::status(502, "<html>"),
        Reply::status(
            503,
            "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}",
        ),
        Reply::status(429, "").with("Retry-After: 0"),
        Reply::json("{\"status\":\"success\",\"data\":{\"resultTy"),
        Reply::Cut("{\"status\":\"success\"".into()),
        Reply::Close,
    ] {
        let shown = format!("{fault:?}");
        let double = Double::start(move |asked, before| {
            if before < 2 {
                fault.clone()
            } else {
                good(asked)
            }
        })
        .await;
        assert_whole(&pull(&double).await.expect(&shown));
        assert_eq!(double.count("query_range"), 4, "{shown}");
    }
}

#[tokio::test]
async fn a_lasting_fault_is_an_error_that_says_what_to_do() {
    let cases: [(Reply, &[&str], usize); 9] = [
        (
            Reply::status(500, ""),
            &["after 3 attempts", "HTTP 500", "server's own log"],
            3,
        ),
        (
            Reply::status(
                503,
                "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}",
            ),
            &["query timed out", "shorter window"],
            3,
        ),
        (
            Reply::status(429, ""),
            &["still throttled after 3 attempts", "in a few minutes"],
            3,
        ),
        (
            Reply::json("{\"status\":\"succ"),
            &["the JSON breaks off after 15 bytes"],
            3,
        ),
        (Reply::Cut("{".into()), &["the answer broke off"], 3),
        (Reply::json("[]"), &["not that of the query API"], 1),
        (
            Reply::Whole(
                200,
                "Content-Type: text/html\r\n".into(),
                "<h1>Log in</h1>".into(),
            ),
            &["text/html instead of JSON", "check url and credentials"],
            1,
        ),
        (
            Reply::status(404, ""),
            &["query API at http://127.0.0.1:", "/prometheus"],
            1,
        ),
        (
            Reply::status(302, "").with("Location: https://sso.example/login?ticket=SECRET"),
            &["redirects to https://sso.example;"],
            1,
        ),
    ];
    for (fault, words, attempts) in cases {
        let shown = format!("{fault:?}");
        let double = Double::start(move |asked, _| {
            if is_second(asked) {
                Reply::Hang
            } else {
                fault.clone()
            }
        })
        .await;
        let mut one = config(&double.url());
        one.queries.truncate(1);
        let source = Prometheus::with_patience(one, hasty()).expect("a good configuration");
        let error = source
            .pull(hour(), NOW, &Unattended)
            .await
            .expect_err(&shown)
            .to_string();
        for word in words {
            assert!(error.contains(word), "{shown}: {error}");
        }
        assert!(
            !error.contains("SECRET") && !error.contains('\n'),
            "{error}"
        );
        assert_eq!(double.count("query_range"), attempts, "{shown}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_long_wait_is_not_waited_for() {
    let double = Double::start(|_, _| Reply::status(429, "").with("Retry-After: 3600")).await;
    let error = pull(&double).await.expect_err("throttled").to_string();
    assert!(error.contains("throttled after 1 attempts"), "{error}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    for fault in [Reply::Hang, Reply::Drip(" ".repeat(1_000))] {
        let shown = format!("{fault:.20?}");
        let double = Double::start(move |_, _| fault.clone()).await;
        let mut patience = hasty();
        patience.limits.answer = Duration::from_millis(300);
        let source = Prometheus::with_patience(config(&double.url()), patience).expect("good");
        let error = source
            .pull(hour(), NOW, &Unattended)
            .await
            .expect_err(&shown);
        assert!(
            matches!(error, SourceError::TimedOut { attempts: 2, .. }),
            "{shown}: {error}"
        );
        assert!(
            error.to_string().contains("no answer within 1 s"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_slow_answer_that_comes_in_time_is_good() {
    let double = Double::start(|asked, _| {
        if asked.path.contains("query_range") {
            Reply::Drip("{\"status\":\"success\",\"data\":{\"result\":[]}}".into())
        } else {
            Reply::json("{}")
        }
    })
    .await;
    let batch = pull(&double).await.expect("within the limit");
    assert!(gap(&batch, "first").contains("has nothing for 'first_seconds'"));
}

#[tokio::test]
async fn credentials_that_are_refused_are_named_and_never_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let token = folder.path().join("token");
    std::fs::write(&token, "made-up-token-0123456789\n").expect("a file");
    let repeats = "{\"status\":\"error\",\"error\":\"token made-up-token-0123456789 has expired\"}";
    for (status, words) in [
        (
            401,
            &[
                "no usable credentials",
                "HTTP 401",
                "expired",
                "bearer_token_file",
            ][..],
        ),
        (403, &["access denied to api/v1/query_range", "HTTP 403"]),
        (422, &["token … has expired"]),
    ] {
        let double = Double::start(move |_, _| Reply::status(status, repeats)).await;
        let mut config = config(&double.url());
        config.bearer_token_file = Some(token.clone());
        config.headers = [("X-Scope-OrgID".to_owned(), "tenant-1".to_owned())].into();
        let source = Prometheus::with_patience(config, hasty()).expect("a good configuration");
        let error = source
            .pull(hour(), NOW, &Unattended)
            .await
            .expect_err("refused");
        let (shown, debug) = (error.to_string(), format!("{error:?} {source:?}"));
        for word in words {
            assert!(shown.contains(word), "{shown}");
        }
        assert!(
            !shown.contains("made-up") && !debug.contains("made-up"),
            "{shown} {debug}"
        );
        assert!(!debug.contains("tenant-1"), "{debug}");
        let asked = double.asked();
        assert!(asked.len() <= 2, "the rest was not asked: {}", asked.len());
        assert_eq!(
            asked[0].headers["authorization"],
            "Bearer made-up-token-0123456789"
        );
        assert_eq!(asked[0].headers["x-scope-orgid"], "tenant-1");
        assert_eq!(asked[0].method, "POST");
    }
}

#[tokio::test]
async fn a_token_that_rotates_is_read_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "old-password").expect("a file");
    let double = Double::start(|asked, _| good(asked)).await;
    let mut config = config(&double.url());
    config.basic_auth = Some(BasicAuth {
        username: "user".into(),
        password_file: password.clone(),
    });
    let source = Prometheus::with_patience(config, hasty()).expect("a good configuration");
    source.pull(hour(), NOW, &Unattended).await.expect("good");
    // base64 of user:old-password and user:new-password.
    assert_eq!(
        double.asked()[0].headers["authorization"],
        "Basic dXNlcjpvbGQtcGFzc3dvcmQ="
    );
    std::fs::write(&password, "new-password\n").expect("a file");
    source.pull(hour(), NOW, &Unattended).await.expect("good");
    assert_eq!(
        double.asked()[2].headers["authorization"],
        "Basic dXNlcjpuZXctcGFzc3dvcmQ="
    );
    std::fs::remove_file(&password).expect("it is there");
    let error = source
        .pull(hour(), NOW, &Unattended)
        .await
        .expect_err("no file")
        .to_string();
    assert!(
        error.contains("password_file") && error.contains("name a file"),
        "{error}"
    );
    assert_eq!(
        double.asked().len(),
        4,
        "nobody was asked without credentials"
    );
}

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
async fn nobody_listening_and_no_tls_are_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let error = source(&format!("http://{address}"))
        .check()
        .await
        .expect_err("nobody listens");
    assert!(
        error
            .to_string()
            .contains(&format!("http://{address} cannot be reached")),
        "{error}"
    );

    let double = Double::start(|_, _| Reply::json("{}")).await;
    let url = double.url().replace("http:", "https:");
    let error = source(&url)
        .check()
        .await
        .expect_err("no TLS there")
        .to_string();
    assert!(
        error.contains("cannot be reached") && error.contains("corrupt message"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_without_certificates_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "hello").expect("a file");
    let mut config = config("https://127.0.0.1:1");
    config.ca_file = Some(file);
    let source = Prometheus::with_patience(config, hasty()).expect("a good configuration");
    let error = source
        .check()
        .await
        .expect_err("no certificates")
        .to_string();
    assert!(
        error.contains("ca.pem: expected certificates in PEM"),
        "{error}"
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

#[tokio::test]
async fn cancelling_ends_a_pull_while_it_waits() {
    struct LooksAway(AtomicU32);
    impl Progress for LooksAway {
        fn step(&self, _done: u32, _total: u32, _message: &str) {}
        fn cancelled(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) >= 1
        }
    }
    let double = Double::start(|_, _| Reply::Hang).await;
    let patience = Patience {
        limits: Limits::default(),
        ..hasty()
    };
    let source = Prometheus::with_patience(config(&double.url()), patience).expect("good");
    let error = source
        .pull(hour(), NOW, &LooksAway(AtomicU32::new(0)))
        .await;
    assert!(
        matches!(error, Err(SourceError::Cancelled { .. })),
        "{error:?}"
    );
}

type Change = fn(&mut PrometheusConfig);

#[test]
fn a_configuration_that_makes_no_sense_is_named() {
    let changed = |change: Change| {
        let mut config = config("http://localhost:9090");
        change(&mut config);
        config.validate()
    };
    assert!(changed(|_| ()).is_ok());
    assert!(changed(|c| c.url = "https://mimir.example/prometheus/".into()).is_ok());
    let bad: [(Change, &str); 12] = [
        (|c| c.url = "prometheus:9090".into(), "url"),
        (|c| c.url = "ftp://prometheus".into(), "url"),
        (
            |c| c.url = "http://user:secret@prometheus".into(),
            "basic_auth",
        ),
        (|c| c.name = Some("a b".into()), "name"),
        (|c| c.presets = vec!["nothing".into()], "one of kube-state"),
        (|c| c.queries.clear(), "at least one preset or query"),
        (|c| c.queries[1].id = "first".into(), "an id of its own"),
        (|c| c.queries[0].id = "probe.success".into(), "no preset"),
        (|c| c.queries[0].query = " ".into(), "PromQL"),
        (|c| c.scrape_interval_s = 0, "scrape_interval_s"),
        (
            |c| drop(c.headers.insert("Authorization".into(), "secret".into())),
            "name a file",
        ),
        (
            |c| drop(c.headers.insert("X-A".into(), "sec\nret".into())),
            "visible ASCII",
        ),
    ];
    for (change, words) in bad {
        let error = changed(change).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
        assert!(
            !error.contains("sec\nret") && !error.contains("secret"),
            "{error}"
        );
    }
}

#[test]
fn facts_follow_the_scrape_interval() {
    let mut config = config("http://localhost:9090");
    config.scrape_interval_s = 15;
    let facts = Prometheus::new(config)
        .expect("a good configuration")
        .facts();
    assert_eq!(facts.clock.delay_s, 15);
    assert_eq!(facts.kind, "prometheus");
    assert!(NOW.plus(SECOND) > NOW);
}
