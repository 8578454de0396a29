//! What others report by themselves, through the real routes, into a double of the archive. The table
//! in `docs/faults/hooks.md` names these tests.

use crate::support::{TestServer, stop, text};
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, header},
};
use model::{
    Batch, Event, Timestamp, Window,
    bundle::sha256_hex,
    time::{DAY, HOUR},
};
use server::{
    clock::Clock,
    config::hooks::{HookToken, Hooks as HooksConfig},
    http::hooks::{EventSink, HookArchive, Hooks},
};
use sources::hooks::{
    FetchError,
    sns::{SnsUrl, SnsWeb},
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use store::StoreError;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const ARN: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

/// Keeps what comes, by id, as an archive does.
#[derive(Default)]
struct Kept {
    events: Mutex<BTreeMap<String, Event>>,
    memory: Mutex<BTreeMap<String, String>>,
    broken: Mutex<bool>,
}

#[async_trait]
impl EventSink for Kept {
    async fn recall(&self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(self.memory.lock().unwrap().clone().into_iter().collect())
    }

    async fn known(&self, ids: &[&str]) -> Result<Vec<Event>, StoreError> {
        let events = self.events.lock().unwrap();
        let known = ids.iter().filter_map(|id| events.get(*id));
        Ok(known.cloned().collect())
    }

    async fn record(
        &self,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError> {
        if *self.broken.lock().unwrap() {
            return Err(StoreError::Url {
                url: "test".into(),
                reason: "the disk is full".into(),
            });
        }
        let mut events = self.events.lock().unwrap();
        events.extend(batch.events.iter().map(|e| (e.id.clone(), e.clone())));
        for (key, value) in memory {
            let mut kept = self.memory.lock().unwrap();
            match value {
                Some(value) => kept.insert(key.clone(), value.clone()),
                None => kept.remove(key),
            };
        }
        Ok(())
    }
}

/// Amazon's side: gives the certificate of the tests, and notes what was asked.
#[derive(Default)]
struct Web {
    asked: Mutex<Vec<String>>,
    away: Mutex<bool>,
    /// Never answers where the address ends so.
    silent: Mutex<Option<&'static str>>,
}

#[async_trait]
impl SnsWeb for Web {
    async fn get(&self, url: &SnsUrl) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(url.as_str().to_owned());
        let silent = *self.silent.lock().unwrap();
        if silent.is_some_and(|end| url.as_str().ends_with(end)) {
            return std::future::pending().await;
        }
        if *self.away.lock().unwrap() {
            return Err(FetchError::Status(503));
        }
        Ok(fixture("signing.pem"))
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sources/tests/hooks");
    std::fs::read(root.join(name)).expect(name)
}

struct Hooked {
    server: TestServer,
    kept: Arc<Kept>,
    web: Arc<Web>,
}

/// A server with one token, one topic, and the clock a minute after the alarm.
async fn hooked() -> Hooked {
    with(&configured()).await
}

fn configured() -> HooksConfig {
    HooksConfig {
        tokens: vec![HookToken {
            name: "ci".into(),
            sha256: sha256_hex(TOKEN.as_bytes()),
        }],
        sns_topics: vec![ARN.into()],
        ..HooksConfig::default()
    }
}

async fn with(config: &HooksConfig) -> Hooked {
    let (kept, web) = (Arc::new(Kept::default()), Arc::new(Web::default()));
    let mut server = TestServer::start().await;
    let at: Timestamp = "2020-05-22T03:01:00Z".parse().unwrap();
    server.clock.0.store(at.millis(), Ordering::Relaxed);
    server.state.hooks = Arc::new(Hooks::new(config, kept.clone(), web.clone()).unwrap());
    Hooked { server, kept, web }
}

/// As a machine posts: no origin.
fn request(path: &str, token: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path).header(header::HOST, "127.0.0.1:3000");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body.into()).unwrap()
}

impl Hooked {
    /// Status and text of the answer.
    async fn post(&self, path: &str, token: Option<&str>, body: impl Into<Body>) -> (u16, String) {
        let response = self.server.send(request(path, token, body)).await;
        let status = response.status().as_u16();
        if status >= 400 {
            let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
            assert_eq!(kind, "application/problem+json");
        }
        (status, text(response).await)
    }

    fn events(&self) -> Vec<Event> {
        self.kept.events.lock().unwrap().values().cloned().collect()
    }
}

const DEPLOY: &str =
    r#"{"id":"deploy-7","kind":"rollout","start":"2020-05-22T02:55:00Z","title":"shop 7"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_posts_lines_with_its_token_and_no_origin() {
    let hooked = hooked().await;
    let body = format!("{DEPLOY}\n{{\"id\":\"dns\",\"kind\":\"config_change\"}}\n");
    let (status, said) = hooked.post("/hooks/events", Some(TOKEN), body).await;
    assert_eq!((status, said.as_str()), (204, ""));
    let ids: Vec<String> = hooked.events().into_iter().map(|e| e.id).collect();
    assert_eq!(ids, ["ci.deploy-7", "ci.dns"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_named_and_nothing_is_stored() {
    let hooked = hooked().await;
    let body = format!("{DEPLOY}\n{{\"id\":\"dns\",\"start\":\"soon\"}}\n");
    let (status, said) = hooked.post("/hooks/events", Some(TOKEN), body).await;
    assert_eq!(status, 422, "{said}");
    assert!(
        said.contains("events.jsonl:2") && said.contains("RFC 3339"),
        "{said}"
    );
    assert!(hooked.events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_nobody_posts() {
    let hooked = hooked().await;
    let almost = TOKEN.replace('f', "e");
    for path in ["/hooks/events", "/hooks/alertmanager"] {
        for token in [None, Some(""), Some("short"), Some(almost.as_str())] {
            let response = hooked.server.send(request(path, token, DEPLOY)).await;
            assert_eq!(response.status().as_u16(), 401, "{path} {token:?}");
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
            let said = text(response).await;
            assert!(
                !said.contains(&almost) && !said.contains("0123456789"),
                "{said}"
            );
        }
        let basic = Request::post(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::AUTHORIZATION, format!("Basic {TOKEN}"));
        let response = hooked
            .server
            .send(basic.body(Body::from(DEPLOY)).unwrap())
            .await;
        assert_eq!(response.status().as_u16(), 401, "{path}");
    }
    assert!(hooked.events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_configured_is_not_there() {
    let hooked = with(&HooksConfig::default()).await;
    let alarm = fixture("alarm-v2.json");
    for path in ["/hooks/events", "/hooks/alertmanager", "/hooks/sns"] {
        let (status, said) = hooked.post(path, Some(TOKEN), alarm.clone()).await;
        assert_eq!(status, 404, "{path}");
        assert!(said.contains("docs/hooks.md"), "{said}");
    }
    assert!(hooked.web.asked.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_these_paths_need_no_origin_and_all_need_the_host() {
    let hooked = hooked().await;
    for path in [
        "/hooks/events/",
        "/hooks/other",
        "/hooks",
        "/hooks/sns/x",
        "/import",
    ] {
        let response = hooked.server.send(request(path, Some(TOKEN), DEPLOY)).await;
        assert_eq!(response.status().as_u16(), 403, "{path}");
    }
    for path in ["/hooks/events", "/hooks/alertmanager", "/hooks/sns"] {
        let stranger = Request::post(path)
            .header(header::HOST, "evil.example")
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        let response = hooked
            .server
            .send(stranger.body(Body::from(DEPLOY)).unwrap())
            .await;
        assert_eq!(response.status().as_u16(), 421, "{path}");
    }
    assert!(hooked.events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_broken_off_is_refused() {
    let hooked = hooked().await;
    for path in ["/hooks/events", "/hooks/sns"] {
        let (status, said) = hooked
            .post(path, Some(TOKEN), vec![b' '; (1 << 20) + 1])
            .await;
        assert_eq!(status, 413, "{said}");
        assert!(said.contains("1048576 bytes"), "{said}");
        let broken = Body::from_stream(broken_off());
        let (status, said) = hooked.post(path, Some(TOKEN), broken).await;
        assert_eq!(status, 400, "{said}");
    }
    assert!(hooked.events().is_empty());
}

/// A body that ends with an error after its first line.
fn broken_off() -> impl futures::Stream<Item = Result<String, std::io::Error>> {
    futures::stream::iter([
        Ok(format!("{DEPLOY}\n")),
        Err(std::io::Error::other("the connection broke")),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let mut hooked = hooked().await;
    let hooks = Hooks::new(&configured(), hooked.kept.clone(), hooked.web.clone()).unwrap();
    let hooks = hooks.with_body_timeout(Duration::from_millis(50));
    hooked.server.state.hooks = Arc::new(hooks);
    let never = Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
    let (status, said) = hooked.post("/hooks/events", Some(TOKEN), never).await;
    assert_eq!(status, 408, "{said}");
    assert!(said.contains("within 1 s"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_said_so_that_the_sender_tries_again() {
    let hooked = hooked().await;
    *hooked.kept.broken.lock().unwrap() = true;
    let (status, said) = hooked.post("/hooks/events", Some(TOKEN), DEPLOY).await;
    assert_eq!(status, 503, "{said}");
    assert!(said.contains("Try again"), "{said}");
}

fn alert(status: &str, ends_at: &str) -> String {
    serde_json::json!({"version": "4", "status": status, "receiver": "lineup", "alerts": [{
        "status": status, "labels": {"alertname": "SlowProbes", "node": "n1"}, "annotations": {},
        "startsAt": "2020-05-22T02:50:00Z", "endsAt": ends_at, "fingerprint": "a1b2"}]})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn alertmanager_opens_and_closes_an_alert() {
    let hooked = hooked().await;
    let firing = alert("firing", "0001-01-01T00:00:00Z");
    let (status, said) = hooked
        .post("/hooks/alertmanager", Some(TOKEN), firing)
        .await;
    assert_eq!(status, 204, "{said}");
    assert_eq!(hooked.events()[0].end, None);
    let resolved = alert("resolved", "2020-05-22T03:00:00Z");
    let (status, said) = hooked
        .post("/hooks/alertmanager", Some(TOKEN), resolved)
        .await;
    assert_eq!(status, 204, "{said}");
    let events = hooked.events();
    assert_eq!(events.len(), 1, "one alert");
    assert_eq!(events[0].end, "2020-05-22T03:00:00Z".parse().ok());
    let (status, said) = hooked.post("/hooks/alertmanager", Some(TOKEN), "{}").await;
    assert_eq!(status, 422);
    assert!(said.contains("Alertmanager"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_is_over_is_not_opened_again_by_a_late_message() {
    let mut hooked = hooked().await;
    let store = hooked.server.store.clone();
    let archive = Arc::new(HookArchive(store.clone()));
    let hooks = Hooks::new(&configured(), archive, hooked.web.clone()).unwrap();
    hooked.server.state.hooks = Arc::new(hooks);
    let firing = alert("firing", "0001-01-01T00:00:00Z");
    let resolved = alert("resolved", "2020-05-22T03:00:00Z");
    for message in [&resolved, &firing, &resolved, &firing, &firing] {
        let posted = hooked.post("/hooks/alertmanager", Some(TOKEN), message.clone());
        let (status, said) = posted.await;
        assert_eq!(status, 204, "{said}");
    }
    let archive = store.archive(sources::hooks::NAME).await.unwrap();
    let day = Window {
        start: "2020-05-22T00:00:00Z".parse().unwrap(),
        end: "2020-05-23T00:00:00Z".parse().unwrap(),
    };
    let end = async || {
        let held = store.evidence_between(&archive, day).await.unwrap();
        assert_eq!(held.events.len(), 1, "one alert");
        held.events[0].end
    };
    assert_eq!(end().await, "2020-05-22T03:00:00Z".parse().ok());
    // Long after that it fires.
    hooked.server.forward(2 * DAY + 4 * HOUR);
    let posted = hooked.post("/hooks/alertmanager", Some(TOKEN), firing);
    assert_eq!(posted.await.0, 204);
    assert_eq!(end().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_confirmed_and_its_alarm_opens_and_closes() {
    for version in ["v1", "v2"] {
        let hooked = hooked().await;
        let send = async |name: &str| {
            let body = fixture(&format!("{name}-{version}.json"));
            let (status, said) = hooked.post("/hooks/sns", None, body).await;
            assert_eq!(status, 204, "{said}");
        };
        send("subscription").await;
        let asked = hooked.web.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(
            asked[0].contains("/SimpleNotificationService-")
                && asked[1].contains("ConfirmSubscription")
        );
        send("alarm").await;
        send("alarm").await;
        hooked.server.forward(20 * 60_000);
        send("ok").await;
        assert_eq!(
            hooked.web.asked.lock().unwrap().len(),
            2,
            "the certificate is remembered"
        );
        let events = hooked.events();
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0].start, "2020-05-22T03:00:00.123Z".parse().ok());
        assert_eq!(events[0].end, "2020-05-22T03:20:00.456Z".parse().ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_of_the_topic_asks_nobody_and_stores_nothing() {
    let hooked = hooked().await;
    for (field, value) in [
        ("TopicArn", "arn:aws:sns:eu-central-1:999999999999:alarms"),
        (
            "SigningCertURL",
            "https://evil.example/SimpleNotificationService-0.pem",
        ),
        ("Timestamp", "2020-05-22T01:00:00.000Z"),
    ] {
        let mut message: serde_json::Value =
            serde_json::from_slice(&fixture("alarm-v2.json")).unwrap();
        message[field] = value.into();
        let (status, said) = hooked.post("/hooks/sns", None, message.to_string()).await;
        assert_eq!(status, 403, "{field}: {said}");
    }
    assert!(hooked.web.asked.lock().unwrap().is_empty());
    // Signed well, to be confirmed elsewhere.
    let (status, said) = hooked
        .post("/hooks/sns", None, fixture("elsewhere.json"))
        .await;
    assert_eq!(status, 403, "{said}");
    let asked = hooked.web.asked.lock().unwrap().clone();
    assert!(
        asked
            .iter()
            .all(|url| url.contains("/SimpleNotificationService-")),
        "{asked:?}"
    );
    // Forged.
    let mut message: serde_json::Value = serde_json::from_slice(&fixture("alarm-v2.json")).unwrap();
    message["Message"] = "{}".into();
    let (status, said) = hooked.post("/hooks/sns", None, message.to_string()).await;
    assert_eq!(status, 403, "{said}");
    assert!(hooked.events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn amazon_out_of_reach_is_a_reason_to_send_again() {
    let hooked = hooked().await;
    *hooked.web.away.lock().unwrap() = true;
    let (status, said) = hooked
        .post("/hooks/sns", None, fixture("alarm-v2.json"))
        .await;
    assert_eq!(status, 502, "{said}");
    assert!(
        said.contains("the signing certificate could not be fetched from sns.eu-central-1"),
        "{said}"
    );
    *hooked.web.away.lock().unwrap() = false;
    let (status, said) = hooked
        .post("/hooks/sns", None, fixture("alarm-v2.json"))
        .await;
    assert_eq!(status, 204, "{said}");
    assert_eq!(hooked.events().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_certificate_keeps_no_other_message_waiting() {
    let hooked = hooked().await;
    let send = async |body: Vec<u8>| {
        let (status, said) = hooked.post("/hooks/sns", None, body).await;
        assert_eq!(status, 204, "{said}");
    };
    send(fixture("subscription-v2.json")).await;
    *hooked.web.silent.lock().unwrap() = Some("-slow.pem");
    let mut message: serde_json::Value = serde_json::from_slice(&fixture("alarm-v2.json")).unwrap();
    let address = message["SigningCertURL"].as_str().unwrap();
    message["SigningCertURL"] = address.replace(".pem", "-slow.pem").into();
    let asked = || hooked.web.asked.lock().unwrap().len();
    let before = asked();
    let waiting: Vec<_> = (0..9)
        .map(|_| {
            let sent = request("/hooks/sns", None, message.to_string());
            let routes = server::http::router(hooked.server.state.clone());
            tokio::spawn(tower::ServiceExt::oneshot(routes, sent))
        })
        .collect();
    let limit = Duration::from_mins(1);
    let begun = async {
        while asked() < before + 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(limit, begun).await.expect("asked");
    tokio::time::timeout(limit, send(fixture("alarm-v2.json")))
        .await
        .expect("an alarm whose certificate is known does not wait");
    assert_eq!(hooked.events().len(), 1);
    assert_eq!(asked(), before + 4, "a few at a time");
    for task in waiting {
        stop(task).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_forgotten_after_its_days() {
    let server = TestServer::start().await;
    let now = server.clock.now();
    let told = |id: &str, days: i64| Event {
        id: id.into(),
        start: Some(now.plus(-days * DAY)),
        ..Event::default()
    };
    let batch = Batch {
        events: vec![told("old", 9), told("new", 2)],
        ..Batch::default()
    };
    HookArchive(server.store.clone())
        .record(&batch, &[])
        .await
        .unwrap();
    let config = HooksConfig {
        keep_days: 7,
        ..configured()
    };
    let keeping = server::collect::keep_hooks(server.store.clone(), server.clock.clone(), config);
    let keeping = tokio::spawn(keeping);
    let archive = server.store.archive(sources::hooks::NAME).await.unwrap();
    let all = Window {
        start: now.plus(-30 * DAY),
        end: now,
    };
    let forgotten = async {
        loop {
            let kept = server.store.evidence_between(&archive, all).await.unwrap();
            let ids: Vec<&str> = kept.events.iter().map(|e| e.id.as_str()).collect();
            if ids == ["new"] {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let limit = Duration::from_mins(1);
    tokio::time::timeout(limit, forgotten)
        .await
        .expect("the old one goes, the new one stays");
    stop(keeping).await;
}
