//! CloudWatch over HTTP from a server that throttles, fails, leaves out or is not there.

use crate::client::{FILE_SYSTEM, aws_file, config, hasty};
use crate::published::{START, expected, gap_of, got, publish, pull, window};
use crate::server::{AwsServer, fresh};
use model::Window;
use model::time::{DAY, HOUR, MINUTE};
use serde_json::json;
use sources::cloudwatch::CloudWatch;
use sources::source::{Progress, Source, SourceError, Unattended};
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test]
async fn throttling_and_server_errors_are_outlasted() {
    for (status, code) in [
        (400, "ThrottlingException"),
        (429, "TooManyRequestsException"),
        (500, "InternalServiceFault"),
        (503, "ServiceUnavailable"),
    ] {
        let (server, _turn) = fresh().await;
        publish(server).await;
        let fault =
            |operation| json!({"operation": operation, "times": 2, "status": status, "code": code});
        server.control(
            "behave",
            &json!({"faults": [fault("GetMetricData"), fault("ListMetrics")]}),
        );
        let batch = pull(server, window(30, 150)).await.expect(code);
        assert_eq!(got(&batch), expected(30, 150), "{code}");
        assert_eq!(server.count("GetMetricData"), 3, "{code}");
        assert_eq!(server.count("ListMetrics"), 3, "{code}");
    }
}

#[tokio::test]
async fn the_real_client_waits_out_a_throttled_minute() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    let fault =
        json!({"operation": "GetMetricData", "times": 4, "status": 400, "code": "Throttling"});
    server.control("behave", &json!({"faults": [fault]}));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source =
        CloudWatch::connect_with_file(config(&server.endpoint()), &aws_file(&folder)).await;
    let batch = source
        .pull(window(30, 150), START.plus(DAY), &Unattended)
        .await;
    assert_eq!(
        got(&batch.expect("more attempts than the SDK makes by itself")),
        expected(30, 150)
    );
    assert_eq!(server.count("GetMetricData"), 5);
}

#[tokio::test]
async fn endless_faults_are_named_with_what_to_do() {
    let cases = [
        (
            400,
            "ThrottlingException",
            "GetMetricData still throttled after",
        ),
        (500, "InternalServiceFault", "GetMetricData failed after"),
        (
            403,
            "AccessDenied",
            "access denied to cloudwatch:GetMetricData",
        ),
        (403, "ExpiredToken", "log in again"),
        (
            403,
            "InvalidClientTokenId",
            "check access key, secret and this machine's clock",
        ),
    ];
    for (status, code, words) in cases {
        let (server, _turn) = fresh().await;
        publish(server).await;
        let fault =
            json!({"operation": "GetMetricData", "times": 99, "status": status, "code": code});
        server.control("behave", &json!({"faults": [fault]}));
        let error = pull(server, window(30, 150))
            .await
            .expect_err(code)
            .to_string();
        assert!(error.contains(words), "{code}: {error}");
    }
}

#[tokio::test]
async fn who_may_not_list_still_gets_the_known_names() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    let fault =
        json!({"operation": "ListMetrics", "times": 9, "status": 403, "code": "AccessDenied"});
    server.control("behave", &json!({"faults": [fault]}));
    let batch = pull(server, window(30, 150))
        .await
        .expect("GetMetricData is allowed");
    assert_eq!(got(&batch), expected(30, 150));
    let note = gap_of(&batch, "").expect("a note");
    assert!(note.contains("cloudwatch:ListMetrics"), "{note}");
}

#[tokio::test]
async fn an_incomplete_series_is_asked_again_and_then_named() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    let rule = |times, status| json!({"statuses": [{"metric": "MeteredIOBytes", "times": times, "status": status, "keep": 0.5}]});
    server.control("behave", &rule(1, "InternalError"));
    let batch = pull(server, window(30, 150)).await.expect("one bad answer");
    assert_eq!(got(&batch), expected(30, 150));
    assert_eq!(gap_of(&batch, "MeteredIOBytes.Sum"), None);
    assert_eq!(server.count("GetMetricData"), 2);

    server.control("behave", &rule(99, "PartialData"));
    let batch = pull(server, window(30, 150))
        .await
        .expect("the rest is good");
    let mut partial = expected(30, 150);
    let metered = partial.get_mut(&format!("efs.{FILE_SYSTEM}.MeteredIOBytes.Sum"));
    metered.expect("it is published").truncate(60);
    assert_eq!(got(&batch), partial, "what came is kept");
    let gap = gap_of(&batch, "MeteredIOBytes.Sum").expect("it is named");
    assert!(gap.contains("PartialData 3 times"), "{gap}");

    server.control("behave", &rule(99, "Forbidden"));
    let batch = pull(server, window(30, 150))
        .await
        .expect("the rest is good");
    let gap = gap_of(&batch, "MeteredIOBytes.Sum").expect("it is named");
    assert!(gap.contains("allow cloudwatch:GetMetricData"), "{gap}");
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_came_before() {
    let (server, _turn) = fresh().await;
    let start = START.seconds();
    let values = vec![1.0; 14 * 1_440];
    server.put(FILE_SYSTEM, "DataReadIOBytes", start, 60, &values);
    server.put(FILE_SYSTEM, "TotalIOBytes", start, 60, &values);
    let fortnight = Window::new(START, START.plus(14 * DAY)).expect("forwards");
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    let now = START.plus(14 * DAY + HOUR);

    // The second call fails as soon as the first is counted.
    let failing = FailAfterFirst(server);
    let batch = source
        .pull(fortnight, now, &failing)
        .await
        .expect("the first call was good");
    let read = batch
        .series
        .iter()
        .find(|s| s.meta.id.ends_with("DataReadIOBytes.Sum"));
    let (first, last) = read
        .and_then(|s| s.samples.span())
        .expect("samples of the first call");
    assert_eq!(first, START);
    let gap = batch
        .provenance
        .gaps
        .iter()
        .find(|g| g.reason.contains("AccessDenied"));
    let gap = gap.and_then(|g| g.window).expect("the rest is named");
    assert_eq!(
        gap.start,
        last.plus(MINUTE),
        "the gap begins where the samples end"
    );
    assert_eq!(gap.end, fortnight.end);
}

struct FailAfterFirst<'a>(&'a AwsServer);

impl Progress for FailAfterFirst<'_> {
    fn step(&self, done: u32, _total: u32, _message: &str) {
        if done == 2 {
            let fault = json!({"operation": "GetMetricData", "times": 9, "status": 403, "code": "AccessDenied"});
            self.0.control("behave", &json!({"faults": [fault]}));
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn nobody_listening_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let endpoint = format!("http://somebody:secret@{address}");
    let mut config = config(&endpoint);
    config.endpoint = Some(endpoint);
    let source = CloudWatch::with_client(config, hasty(&format!("http://{address}")));
    let error = source
        .pull(window(30, 150), START.plus(DAY), &Unattended)
        .await;
    let error = error.expect_err("nobody listens").to_string();
    assert!(
        error.contains(&format!("http://{address} cannot be reached")),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[tokio::test]
async fn https_is_spoken_by_the_one_tls_stack() {
    let (server, _turn) = fresh().await;
    // The server speaks plain HTTP: the handshake has to fail, in words and not in a panic about
    // a missing cryptography provider.
    let endpoint = server.endpoint().replace("http://", "https://");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = CloudWatch::connect_with_file(config(&endpoint), &aws_file(&folder)).await;
    let error = source.check().await.expect_err("no TLS there").to_string();
    assert!(
        error.contains(&format!("{endpoint} cannot be reached")),
        "{error}"
    );
    assert!(error.to_lowercase().contains("corrupt message"), "{error}");
}

#[tokio::test]
async fn cancelling_ends_a_pull_while_it_waits() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    let fault =
        json!({"operation": "GetMetricData", "times": 99, "status": 400, "code": "Throttling"});
    server.control("behave", &json!({"faults": [fault]}));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source =
        CloudWatch::connect_with_file(config(&server.endpoint()), &aws_file(&folder)).await;
    let looks = LooksAway(AtomicU32::new(0));
    let error = source.pull(window(30, 150), START.plus(DAY), &looks).await;
    assert!(
        matches!(error, Err(SourceError::Cancelled { .. })),
        "{error:?}"
    );
    assert!(
        server.count("GetMetricData") < 8,
        "it did not wait for the last attempt"
    );
}

/// Cancels at the sixth look, about a second into the first wait.
struct LooksAway(AtomicU32);

impl Progress for LooksAway {
    fn step(&self, _done: u32, _total: u32, _message: &str) {}

    fn cancelled(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 6
    }
}
