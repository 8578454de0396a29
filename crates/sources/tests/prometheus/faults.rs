//! What goes wrong on the way, and what is said of it. The table in `docs/faults/prometheus.md` names
//! these tests.

use crate::asked::{NOW, assert_whole, config, good, hasty, hour, is_second, pull, source};
use crate::double::{Double, Reply};
use sources::http::Limits;
use sources::prometheus::{BasicAuth, Patience, Prometheus, PrometheusConfig};
use sources::source::{Progress, Source, SourceError, Unattended};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

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
    let absent = &batch.provenance.absent;
    assert!(
        absent
            .iter()
            .any(|a| a.starts_with("first (no such series")),
        "{absent:?}"
    );
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
    assert_eq!(facts.clock.stamp, model::source::Stamp::Instant);
}

#[test]
fn the_documented_configuration_is_good() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/prometheus.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let (_, rest) = document.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let config: PrometheusConfig = toml::from_str(example).expect("a configuration");
    config.validate().expect("a good one");
    assert_eq!(config.scrape_interval_s, 30);
    // What is commented out is good as well, the two ways to log in apart.
    let all = example
        .replace("bearer_token_file", "# bearer_token_file")
        .replace("# basic_auth", "basic_auth")
        .replace("# ca_file", "ca_file")
        .replace("# headers", "headers")
        .replace("# lookback_s", "lookback_s");
    let config: PrometheusConfig = toml::from_str(&all).expect("a configuration");
    config.validate().expect("a good one");
    assert_eq!(config.lookback_s, Some(120));
    let unknown = toml::from_str::<PrometheusConfig>("url = 'http://a'\nqueris = []");
    assert!(unknown.expect_err("a slip").to_string().contains("queris"));
}
