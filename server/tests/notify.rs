//! Telling people: a real HTTP server on this machine that takes messages, fails, is slow and asks to wait.

use crate::support::{TestServer, small_bundle};
use app::backend::{ActionChange, ActionDraft, Caller, ReviewAsk};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{
    Incident, IncidentId,
    notice::Outgoing,
    time::{DAY, MINUTE, SECOND},
};
use server::{
    config::Config,
    jobs::LiveSources,
    notify::{self, DELIVERY, EVENT, Outbox, Published, SIGNATURE, Sender, TIMESTAMP},
};
use sources::http::Limits;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

const KEY: &str = "0123456789abcdef";
const ME: Caller = Caller::LocalUser;

/// What the receiver does with the next message; then it takes all.
#[derive(Clone, Copy)]
enum Does {
    Answer(u16),
    AskToWait(u64),
    Redirect,
    /// Never answers.
    Hang,
    /// More than anybody should read.
    Flood,
}

/// A receiver that writes down what comes.
#[derive(Clone, Default)]
struct Receiver {
    script: Arc<Mutex<VecDeque<Does>>>,
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Receiver {
    fn doing(&self, script: &[Does]) {
        self.script.lock().unwrap().extend(script.iter().copied());
    }

    fn got(&self) -> Vec<(HeaderMap, String)> {
        self.got.lock().unwrap().clone()
    }

    async fn start(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        address
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    receiver.got.lock().unwrap().push((headers, text));
    let next = receiver.script.lock().unwrap().pop_front();
    match next {
        None => "ok".into_response(),
        Some(Does::Answer(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Does::AskToWait(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, seconds.to_string())],
        )
            .into_response(),
        Some(Does::Redirect) => (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, "/elsewhere")],
        )
            .into_response(),
        Some(Does::Hang) => std::future::pending().await,
        Some(Does::Flood) => "x".repeat(1 << 20).into_response(),
    }
}

/// An installation with a receiver for its own JSON and one that is a chat.
struct Place {
    server: TestServer,
    receiver: Receiver,
    sender: Sender,
    outbox: Outbox,
    incident: Incident,
    config: Config,
    address: SocketAddr,
}

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    answer: Duration::from_millis(500),
    body_bytes: 64 << 10,
};

impl Place {
    async fn with(more: &str) -> Self {
        let receiver = Receiver::default();
        let address = receiver.start().await;
        let config: Config = toml::from_str(&format!(
            "[notify]\nlink = \"https://lineup.example\"\n\
             [[notify.to]]\nname = \"hook\"\nurl_env = \"URL\"\nsecret_env = \"KEY\"\n{more}"
        ))
        .unwrap();
        config.notify.validate().unwrap();
        let sources = Arc::new(LiveSources::default());
        let server = TestServer::with_sources(sources, &config).await;
        let bundle = small_bundle();
        let now = server.clock.clone();
        let imported = server::case::import(&*server.store, &bundle, &*now)
            .await
            .unwrap();
        let incident = server.store.incident(&imported.id).await.unwrap().unwrap();
        let outbox = Outbox::of(&config.notify);
        let mut place = Self {
            sender: Self::sender(&server, &outbox, &config, address),
            server,
            receiver,
            outbox,
            incident,
            config,
            address,
        };
        place.restart();
        place
    }

    fn sender(
        server: &TestServer,
        outbox: &Outbox,
        config: &Config,
        address: SocketAddr,
    ) -> Sender {
        let variable = move |name: &str| match name {
            "URL" => Some(format!("http://{address}/hook/SECRET")),
            "KEY" => Some(KEY.to_owned()),
            _ => None,
        };
        let (store, clock) = (server.store.clone(), server.clock.clone());
        Sender::new(
            store,
            clock,
            outbox.clone(),
            &config.notify,
            variable,
            LIMITS,
        )
        .unwrap()
    }

    /// As after a restart of the process: nothing is left but the database.
    fn restart(&mut self) {
        self.outbox = Outbox::of(&self.config.notify);
        self.sender = Self::sender(&self.server, &self.outbox, &self.config, self.address);
    }

    async fn publish(&self, version: u32) {
        let at = model::Timestamp::from_millis(
            self.server
                .clock
                .0
                .load(std::sync::atomic::Ordering::Relaxed),
        );
        let what = Published {
            incident: &self.incident,
            version,
            private: false,
            at,
        };
        notify::published(&*self.server.store, &self.outbox, what)
            .await
            .unwrap();
    }

    async fn send(&self) -> u32 {
        self.sender.send_due().await.unwrap()
    }

    async fn kept(&self) -> Vec<Outgoing> {
        self.server.store.notices(&self.incident.id).await.unwrap()
    }

    /// Why the only notice was not taken, and in how many seconds it is tried again.
    async fn failure(&self) -> (String, Option<i64>) {
        let kept = self.kept().await;
        assert_eq!(kept.len(), 1);
        let now = self
            .server
            .clock
            .0
            .load(std::sync::atomic::Ordering::Relaxed);
        let next = kept[0].next_at.map(|t| (t.millis() - now) / SECOND);
        assert_eq!(kept[0].sent_at, None);
        (kept[0].error.clone(), next)
    }
}

#[tokio::test]
async fn a_published_report_is_told_once_and_signed() {
    let place = Place::with("").await;
    place.publish(3).await;
    place.publish(3).await;
    assert_eq!(place.send().await, 1);
    assert_eq!(place.send().await, 0);
    let got = place.receiver.got();
    assert_eq!(got.len(), 1);
    let (headers, body) = &got[0];
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header(EVENT), "published");
    let at: i64 = header(TIMESTAMP).parse().unwrap();
    let signed = notify::signature(KEY.as_bytes(), at, body.as_bytes());
    assert_eq!(header(SIGNATURE), signed);
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(header(DELIVERY), body["id"].as_str().unwrap());
    let link = format!(
        "https://lineup.example/incidents/{}/report",
        place.incident.id
    );
    assert_eq!(body["link"], link);
    assert_eq!(body["title"], place.incident.title);
    assert_eq!(body["version"], 3);
    // Nothing else of the incident leaves.
    assert_eq!(body.as_object().unwrap().len(), 7, "{body}");
    let kept = place.kept().await;
    assert!(kept[0].sent_at.is_some() && kept[0].next_at.is_none());
    // Another version is another thing to tell.
    place.publish(4).await;
    assert_eq!(place.send().await, 1);
}

#[tokio::test]
async fn whatever_fails_is_tried_again_and_said_without_the_address() {
    let place = Place::with("").await;
    place.publish(1).await;
    for (does, words, wait) in [
        (Does::Answer(500), "it answered 500", 30),
        (Does::AskToWait(600), "it answered 429", 600),
        (Does::Hang, "no answer within 0.5 s", 120),
        (Does::Answer(404), "it answered 404: check its address", 240),
        (Does::Redirect, "redirects are not followed", 480),
        (Does::Flood, "its answer has more than 65536 bytes", 960),
    ] {
        place.receiver.doing(&[does]);
        assert_eq!(place.send().await, 1, "{words}");
        let (error, next) = place.failure().await;
        assert!(error.contains(words), "{error}");
        assert!(
            !error.contains("SECRET") && !error.contains("127.0.0.1"),
            "{error}"
        );
        assert_eq!(next, Some(wait), "{words}");
        // Not a moment earlier.
        place.server.forward(wait * SECOND - 1);
        assert_eq!(place.send().await, 0, "{words}");
        place.server.forward(1);
    }
    assert_eq!(place.send().await, 1);
    assert!(place.kept().await[0].sent_at.is_some());
    // Each attempt is the same message under the same id, and one only was taken.
    let got = place.receiver.got();
    assert_eq!(got.len(), 7);
    assert!(
        got.iter().all(|(headers, body)| {
            headers[DELIVERY] == got[0].0[DELIVERY] && *body == got[0].1
        })
    );
}

#[tokio::test]
async fn a_restart_loses_nothing_and_repeats_nothing() {
    let mut place = Place::with("").await;
    place.publish(1).await;
    place.restart();
    place.receiver.doing(&[Does::Answer(503)]);
    assert_eq!(place.send().await, 1);
    place.restart();
    assert_eq!(place.send().await, 0, "the wait is kept as well");
    place.server.forward(30 * SECOND);
    assert_eq!(place.send().await, 1);
    place.restart();
    place.publish(1).await;
    place.server.forward(DAY);
    assert_eq!(place.send().await, 0);
    assert_eq!(place.receiver.got().len(), 2);
    // A process that died while it sent: what it had taken is due again after two minutes.
    place.publish(2).await;
    let now = place.kept().await[1].next_at.unwrap();
    let taken = place
        .server
        .store
        .take_notice(now, now.plus(2 * MINUTE))
        .await;
    assert!(taken.unwrap().is_some());
    place.restart();
    assert_eq!(place.send().await, 0);
    place.server.forward(2 * MINUTE);
    assert_eq!(place.send().await, 1);
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_and_said() {
    let mut place = Place::with("").await;
    place.publish(1).await;
    place.receiver.doing(&[Does::Answer(500); 2]);
    assert_eq!(place.send().await, 1);
    place.server.forward(3 * DAY + 1);
    assert_eq!(place.send().await, 1);
    let (error, next) = place.failure().await;
    assert_eq!((error.as_str(), next), ("it answered 500", None));
    place.server.forward(DAY);
    assert_eq!(place.send().await, 0);
    // A receiver that was taken out of the configuration gets nothing.
    place.publish(2).await;
    place.config.notify.to.clear();
    place.restart();
    assert_eq!(place.send().await, 1);
    let kept = place.kept().await;
    assert!(kept[1].error.contains("no such receiver"), "{kept:?}");
    assert_eq!(kept[1].next_at, None);
    assert_eq!(place.receiver.got().len(), 2);
}

#[tokio::test]
async fn nobody_listens_is_no_connection() {
    let mut place = Place::with("").await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    place.address = free.local_addr().unwrap();
    drop(free);
    place.restart();
    place.publish(1).await;
    assert_eq!(place.send().await, 1);
    let (error, next) = place.failure().await;
    assert_eq!(error, "no connection: check address, network and proxy");
    assert_eq!(next, Some(30));
}

#[tokio::test]
async fn an_action_item_is_told_when_it_is_given_to_somebody() {
    let chat = "[[notify.to]]\nname = \"chat\"\nformat = \"slack\"\nurl_env = \"URL\"\nevents = [\"assigned\"]";
    let place = Place::with(chat).await;
    let id = &place.incident.id;
    let draft = |owner: &str| ActionDraft {
        title: "watch <the> balance".into(),
        owner: owner.into(),
        alarm: None,
    };
    let backend = &place.server.state.backend;
    backend.add_action(&ME, id, draft("")).await.unwrap();
    assert_eq!(place.kept().await, [], "nobody has it yet");
    backend.add_action(&ME, id, draft("Kim")).await.unwrap();
    assert_eq!(place.kept().await.len(), 2, "one for each receiver");
    // Done is no news for whoever did it.
    let items = place.server.store.actions(id).await.unwrap();
    let item = items.iter().find(|a| a.owner == "Kim").unwrap();
    let done = backend.change_action(&ME, id, &item.id, ActionChange::Done);
    done.await.unwrap();
    assert_eq!(place.kept().await.len(), 2);
    assert_eq!(place.send().await, 2);
    let got = place.receiver.got();
    let of = |chat: bool| {
        let (_, body) = got
            .iter()
            .find(|(_, b)| b.starts_with("{\"text\"") == chat)
            .unwrap();
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    };
    let link = format!("https://lineup.example/incidents/{id}#h-actions");
    let text = format!("Action item for Kim: <{link}|watch &lt;the&gt; balance>");
    assert_eq!(of(true)["text"], text);
    assert_eq!(of(false)["owner"], "Kim");
    assert_eq!(of(false)["event"], "assigned");
}

#[tokio::test]
async fn a_report_that_is_published_by_its_review_is_told_to_the_chat() {
    let chat = "[[notify.to]]\nname = \"chat\"\nformat = \"slack\"\nurl_env = \"URL\"\nevents = [\"published\"]";
    let place = Place::with(chat).await;
    let id = &place.incident.id;
    let backend = &place.server.state.backend;
    let step = async |ask: ReviewAsk| backend.take_review_step(&ME, id, ask).await.unwrap();
    step(ReviewAsk::Ask).await;
    step(ReviewAsk::Approve {
        version: 1,
        in_name_of: String::new(),
    })
    .await;
    assert_eq!(place.kept().await, [], "approved is not published");
    step(ReviewAsk::Publish).await;
    assert_eq!(place.send().await, 2, "one for each receiver");
    let got = place.receiver.got();
    let chats: Vec<&String> = got
        .iter()
        .map(|(_, body)| body)
        .filter(|body| body.starts_with("{\"text\""))
        .collect();
    assert_eq!(chats.len(), 1, "{got:?}");
    let told: serde_json::Value = serde_json::from_str(chats[0]).unwrap();
    let link = format!("https://lineup.example/incidents/{id}/report");
    // The title has markup in it, which stays what it is.
    let text = format!("Postmortem published: <{link}|Slow &lt;b&gt;shop&lt;/b&gt;> (version 1)");
    assert_eq!(told, serde_json::json!({ "text": text }));
    // An action item is none of this chat's business.
    let draft = ActionDraft {
        title: "watch".into(),
        owner: "Kim".into(),
        alarm: None,
    };
    backend.add_action(&ME, id, draft).await.unwrap();
    assert_eq!(place.send().await, 1);
}

#[tokio::test]
async fn a_private_incident_is_told_to_those_who_may_know() {
    let inner = "private = true\n[[notify.to]]\nname = \"all\"\nurl_env = \"URL\"";
    let place = Place::with(inner).await;
    let what = Published {
        incident: &place.incident,
        version: 1,
        private: true,
        at: model::Timestamp::from_seconds(0),
    };
    notify::published(&*place.server.store, &place.outbox, what)
        .await
        .unwrap();
    let kept = place.kept().await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].notice.receiver, "hook");
}

#[tokio::test]
async fn without_a_receiver_nothing_is_kept_and_nothing_is_sent() {
    let server = TestServer::start().await;
    let outbox = Outbox::default();
    let incident = Incident {
        id: IncidentId("1".repeat(32)),
        ..Incident::default()
    };
    server.store.create_incident(&incident).await.unwrap();
    let what = Published {
        incident: &incident,
        version: 1,
        private: false,
        at: model::Timestamp::from_seconds(0),
    };
    notify::published(&*server.store, &outbox, what)
        .await
        .unwrap();
    assert_eq!(server.store.notices(&incident.id).await.unwrap(), []);
}
