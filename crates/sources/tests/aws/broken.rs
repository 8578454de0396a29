//! Every source in AWS over HTTP from a server that is broken in one way: what the user sees is in
//! `docs/faults/aws.md`, each row with its test here.

use crate::client::{REGION, config, impatient};
use futures::future::join_all;
use model::time::{DAY, HOUR};
use model::{Timestamp, Window};
use sources::cloudtrail::{CloudTrail, CloudTrailConfig};
use sources::cloudwatch::CloudWatch;
use sources::cloudwatch::alarms::{Alarms, AlarmsConfig};
use sources::efs::{Efs, EfsConfig};
use sources::eks_audit::{EksAudit, EksAuditConfig};
use sources::health::{Health, HealthConfig};
use sources::source::{Source, Unattended};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);
const SOURCES: usize = 6;

/// What the server does with every request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Takes the request and never answers.
    Silence,
    /// Answers with an error of that status and code.
    Error(u16, &'static str),
    /// Announces more than it sends, and hangs up.
    Truncated,
    /// Sends a byte every tenth of a second.
    Drip,
    /// Answers 200 with a page, as a proxy that wants a log-in does.
    Page,
}

struct Broken {
    endpoint: String,
    requests: Arc<AtomicU32>,
}

impl Broken {
    async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, fault, Arc::clone(&count)));
            }
        });
        Self { endpoint, requests }
    }
}

async fn answer(mut stream: TcpStream, fault: Fault, count: Arc<AtomicU32>) -> Option<()> {
    let path = request(&mut stream).await?;
    count.fetch_add(1, Ordering::Relaxed);
    // CloudWatch speaks CBOR, the others JSON.
    let cbor = path.starts_with("/service/");
    let (kind, protocol) = if cbor {
        ("application/cbor", "smithy-protocol: rpc-v2-cbor\r\n")
    } else {
        ("application/x-amz-json-1.1", "")
    };
    let head = |status: u16, kind: &str, extra: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\n{protocol}{extra}content-length: \
             {length}\r\nconnection: close\r\n\r\n"
        )
    };
    match fault {
        Fault::Silence => std::future::pending::<()>().await,
        Fault::Error(status, code) => {
            let body = error_body(code, cbor);
            let extra = format!("x-amzn-errortype: {code}\r\n");
            let head = head(status, kind, &extra, body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
        Fault::Truncated => {
            stream
                .write_all(head(200, kind, "", 5_000).as_bytes())
                .await
                .ok()?;
            stream.write_all(b"{").await.ok()?;
        }
        Fault::Drip => {
            stream
                .write_all(head(200, kind, "", 5_000).as_bytes())
                .await
                .ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Fault::Page => {
            let body = "<html><title>Please log in</title></html>";
            let head = head(200, "text/html", "", body.len());
            stream
                .write_all(format!("{head}{body}").as_bytes())
                .await
                .ok()?;
        }
    }
    stream.shutdown().await.ok()
}

/// Reads a request to its end: an answer before that would be a broken connection.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut got = Vec::new();
    let mut part = [0u8; 4_096];
    loop {
        let n = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
        got.extend_from_slice(&part[..n]);
        let Some(end) = got.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&got[..end]).to_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |l| l.trim().parse().expect("a length"));
        if got.len() >= end + 4 + length {
            return head.split(' ').nth(1).map(str::to_owned);
        }
    }
}

fn error_body(code: &str, cbor: bool) -> Vec<u8> {
    if !cbor {
        return serde_json::json!({"__type": code, "message": "on request"})
            .to_string()
            .into_bytes();
    }
    let mut body = aws_smithy_cbor::Encoder::new(Vec::new());
    body.map(2)
        .str("__type")
        .str(code)
        .str("message")
        .str("on request");
    body.into_writer()
}

/// All sources, asking there, with this limit of an attempt.
fn everyone(endpoint: &str, seconds: u64) -> Vec<Box<dyn Source>> {
    let place = || (REGION.to_owned(), Some(endpoint.to_owned()));
    let (region, at) = place();
    let alarms = AlarmsConfig {
        region,
        endpoint: at,
        ..AlarmsConfig::default()
    };
    let (region, at) = place();
    let efs = EfsConfig {
        region,
        endpoint: at,
        ..EfsConfig::default()
    };
    let (region, at) = place();
    let trail = CloudTrailConfig {
        region,
        endpoint: at,
        ..CloudTrailConfig::default()
    };
    let health = HealthConfig {
        endpoint: Some(endpoint.into()),
        ..HealthConfig::default()
    };
    let (region, at) = place();
    let audit = EksAuditConfig {
        region,
        endpoint: at,
        cluster: "shop".into(),
        ..EksAuditConfig::default()
    };
    vec![
        Box::new(CloudWatch::with_client(
            config(endpoint),
            impatient!(aws_sdk_cloudwatch, endpoint, seconds),
        )),
        Box::new(Alarms::with_client(
            alarms,
            impatient!(aws_sdk_cloudwatch, endpoint, seconds),
        )),
        Box::new(Efs::with_client(
            efs,
            impatient!(aws_sdk_efs, endpoint, seconds),
        )),
        Box::new(CloudTrail::with_client(
            trail,
            impatient!(aws_sdk_cloudtrail, endpoint, seconds),
        )),
        Box::new(Health::with_client(
            health,
            impatient!(aws_sdk_health, endpoint, seconds),
        )),
        Box::new(EksAudit::with_client(
            audit,
            impatient!(aws_sdk_cloudwatchlogs, endpoint, seconds),
        )),
    ]
}

/// What every source says when the server is broken that way: on `pull` and on `check` the same.
async fn said(fault: Fault) -> (Vec<String>, u32) {
    let broken = Broken::start(fault).await;
    // One second where nothing else ends the wait.
    let seconds = if matches!(fault, Fault::Silence | Fault::Drip) {
        1
    } else {
        30
    };
    let everyone = everyone(&broken.endpoint, seconds);
    assert_eq!(everyone.len(), SOURCES);
    let window = Window::new(START, START.plus(HOUR)).expect("forwards");
    let pulls = everyone.iter().map(|source| async {
        let error = source.pull(window, START.plus(DAY), &Unattended).await;
        let error = error.expect_err(source.name());
        let checked = source.check().await.expect_err(source.name());
        assert!(
            error
                .to_string()
                .starts_with(&format!("{}: ", source.name())),
            "{error}"
        );
        let all = format!("{error} {error:?} {checked:?}");
        assert!(!all.contains("made-up-secret"), "{all}");
        [error.to_string(), checked.to_string()]
    });
    let said = join_all(pulls).await.concat();
    (said, broken.requests.load(Ordering::Relaxed))
}

fn all_say(said: &[String], words: &str) {
    for text in said {
        assert!(text.contains(words), "'{words}' is not in: {text}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_times_out() {
    let (said, requests) = said(Fault::Silence).await;
    all_say(
        &said,
        "got no answer within 1 s, 2 attempts: check network and proxy",
    );
    assert!(
        requests >= 2 * 2 * SOURCES as u32 - 2,
        "each is tried again: {requests}"
    );
}

#[tokio::test]
async fn a_server_that_drips_times_out() {
    let (said, _) = said(Fault::Drip).await;
    all_say(&said, "got no answer within 1 s, 2 attempts");
}

#[tokio::test]
async fn a_server_that_fails_is_named_with_its_status() {
    for status in [500, 503] {
        let (said, _) = said(Fault::Error(status, "InternalFailure")).await;
        all_say(
            &said,
            &format!("failed after 2 attempts: HTTP {status} InternalFailure on request"),
        );
    }
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    for (status, code) in [
        (429, "TooManyRequestsException"),
        (400, "ThrottlingException"),
    ] {
        let (said, _) = said(Fault::Error(status, code)).await;
        all_say(
            &said,
            "still throttled after 2 attempts: try again in a few minutes",
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_no_answer() {
    let (said, _) = said(Fault::Truncated).await;
    all_say(
        &said,
        "cut short, or no answer of AWS: check proxy and endpoint",
    );
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_answer() {
    let (said, _) = said(Fault::Page).await;
    all_say(&said, "no answer of AWS: check proxy and endpoint");
}

#[tokio::test]
async fn expired_credentials_say_to_log_in_again() {
    let (said, requests) = said(Fault::Error(403, "ExpiredTokenException")).await;
    all_say(&said, "they have expired: log in again");
    assert_eq!(
        requests as usize,
        2 * SOURCES,
        "what cannot pass is not tried again"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_so() {
    for code in [
        "RequestTimeTooSkewed",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    ] {
        let (said, _) = said(Fault::Error(403, code)).await;
        all_say(&said, "this machine's clock");
    }
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let (said, _) = said(Fault::Error(403, "AccessDeniedException")).await;
    for (text, permission) in said.chunks(2).zip([
        "cloudwatch:GetMetricData",
        "cloudwatch:DescribeAlarmHistory",
        "elasticfilesystem:DescribeFileSystems",
        "cloudtrail:LookupEvents",
        "health:DescribeEvents",
        "logs:FilterLogEvents",
    ]) {
        assert!(
            text[0].contains(&format!("access denied to {permission}")),
            "{}",
            text[0]
        );
    }
}

#[tokio::test]
async fn nobody_listening_is_named_with_the_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    let window = Window::new(START, START.plus(HOUR)).expect("forwards");
    for source in everyone(&endpoint, 30) {
        let error = source.pull(window, START.plus(DAY), &Unattended).await;
        let error = error.expect_err(source.name()).to_string();
        assert!(
            error.contains(&format!("{endpoint} cannot be reached")),
            "{error}"
        );
    }
}

/// Each row of the table names a test, and each of these tests is there.
#[test]
fn the_table_of_faults_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("it is there");
    let table = read("../../docs/faults/aws.md");
    let files = [
        "broken",
        "choices",
        "proxy",
        "changes",
        "incidents",
        "audit",
        "efs",
        "faults",
        "answers",
        "moto",
    ];
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .collect();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    for row in rows {
        let tests = row
            .trim_end_matches(" |")
            .rsplit("| ")
            .next()
            .unwrap_or_default();
        for test in tests.split(", ").map(|test| test.trim_matches('`')) {
            if let Some((name, file)) = test.split_once("` in `") {
                let text = read(&format!("../../{file}"));
                assert!(text.contains(&format!("fn {name}()")), "{test} of: {row}");
                continue;
            }
            let (file, name) = test
                .split_once("::")
                .unwrap_or_else(|| panic!("no test in: {row}"));
            assert!(files.contains(&file), "{row}");
            let text = read(&format!("tests/aws/{file}.rs"));
            assert!(text.contains(&format!("fn {name}()")), "{test} of: {row}");
        }
    }
}
