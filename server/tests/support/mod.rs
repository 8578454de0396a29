//! A server without a network: the real routes on a database in memory, with a clock that the test
//! sets and randomness that counts.
#![allow(unreachable_pub, reason = "nothing uses a test from outside")]

use axum::{
    body::Body,
    http::{Request, Response, header},
};
use model::{
    Bundle, Event, EventKind, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader},
    person::{Identity, PASSWORD, Person, PersonId, Role, Session},
};
use server::{
    backend::ServerBackend,
    clock::Clock,
    config::Config,
    http::{AppState, hooks::Hooks, leptos_options, router, session::Door},
    jobs::{LiveSources, Sources, Worker},
    random::Random,
    registry::Registry,
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use store::Store;
use tower::ServiceExt;

/// A clock that the test moves.
#[derive(Debug, Default)]
pub struct TestClock(pub AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Counts, so that no two draws are the same.
#[derive(Debug, Default)]
pub struct Counting(AtomicU64);

impl Counting {
    /// Beside another one that has not come that far.
    pub fn from(n: u64) -> Self {
        Self(AtomicU64::new(n))
    }
}

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (i, byte) in buffer.iter_mut().enumerate() {
            *byte = n[i % n.len()];
        }
        Ok(())
    }
}

/// The routes and what is behind them.
pub struct TestServer {
    pub store: Arc<dyn Store>,
    pub clock: Arc<TestClock>,
    pub worker: Worker,
    pub state: AppState,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with_sources(Arc::new(LiveSources::default()), &Config::default()).await
    }

    /// On a database of its own.
    pub async fn at(url: &str) -> Self {
        Self::at_with(url, &Config::default()).await
    }

    pub async fn at_with(url: &str, config: &Config) -> Self {
        let store = store::open(url).await.unwrap();
        Self::over(store, Arc::new(LiveSources::default()), config)
    }

    pub async fn with_sources(sources: Arc<dyn Sources>, config: &Config) -> Self {
        let store = store::open("sqlite::memory:").await.unwrap();
        Self::over(store, sources, config)
    }

    fn over(store: Arc<dyn Store>, sources: Arc<dyn Sources>, config: &Config) -> Self {
        let clock = Arc::new(TestClock::default());
        clock.0.store(at(0).millis(), Ordering::Relaxed);
        let registry: Arc<Registry> = sources.registry();
        let worker = Worker::new(store.clone(), clock.clone(), sources);
        let random = Arc::new(Counting::default());
        let backend = ServerBackend::new(
            store.clone(),
            clock.clone(),
            random,
            worker.clone(),
            registry,
            config,
        );
        let state = AppState {
            backend: Arc::new(backend),
            store: store.clone(),
            clock: clock.clone(),
            hooks: Hooks::none(),
            door: Door::of(&config.people).unwrap(),
            streams: Arc::default(),
            meetings: Arc::default(),
            leptos: leptos_options(),
        };
        Self {
            store,
            clock,
            worker,
            state,
        }
    }

    pub fn forward(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        router(self.state.clone()).oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let response = self.send(get(path).body(Body::empty()).unwrap()).await;
        let status = response.status().as_u16();
        (status, text(response).await)
    }
}

/// Ends a task, and waits until it is gone: nothing of it works on a database that is used further, or
/// given up.
pub async fn stop<T>(task: tokio::task::JoinHandle<T>) {
    task.abort();
    // That it was ended is no news.
    let _ = task.await;
}

/// A GET as a browser on this machine sends it.
pub fn get(path: &str) -> axum::http::request::Builder {
    Request::get(path).header(header::HOST, "127.0.0.1:3000")
}

/// A POST as one of our own pages sends it.
pub fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::ORIGIN, "http://127.0.0.1:3000")
        .header("sec-fetch-site", "same-origin")
}

pub async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Minutes after 2020-05-20T00:00:00Z.
pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + minutes * 60)
}

/// A small incident of six hours, with samples and an event on both sides of its window.
pub fn small_bundle() -> Bundle {
    let mut samples = Samples::default();
    for minute in -60..420 {
        samples.push(
            at(minute),
            if minute < 180 { 10.0 } else { 90.0 } + (minute % 7) as f64,
        );
    }
    let event = |id: &str, minute: i64, title: &str| Event {
        id: id.into(),
        kind: EventKind::Rollout,
        start: Some(at(minute)),
        title: title.into(),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Deployment".into(),
            name: "shop-web".into(),
        },
        ..Event::default()
    };
    Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.into(),
            title: "Slow <b>shop</b>".into(),
            window: Window {
                start: at(0),
                end: at(360),
            },
            symptom: vec!["latency".into()],
            ..IncidentHeader::default()
        },
        series: vec![Series {
            meta: SeriesMeta {
                id: "latency".into(),
                name: "latency".into(),
                source: "prometheus".into(),
                stat: "Average".into(),
                unit: "Milliseconds".into(),
                period_s: Some(60),
                ..SeriesMeta::default()
            },
            samples,
        }],
        events: vec![
            event("inside", 175, "rollout of shop-web inside the window"),
            event("before", -30, "SECRET rollout before the window"),
            event("after", 400, "SECRET rollout after the window"),
        ],
        ..Bundle::default()
    }
}

/// A field of a form: its name, a file's name, its content.
pub type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// A multipart form.
pub fn multipart(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let boundary = "----lineup-test-boundary";
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |f| format!("; filename=\"{f}\""));
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// Somebody who is signed in: who, and the cookie. The same login is the same person; `n` tells their
/// sessions apart, which are called `session-LOGIN-N`.
pub async fn signed_in(store: &dyn Store, login: &str, role: Role, n: u32) -> (Person, String) {
    let id = PersonId(model::bundle::sha256_hex(login.as_bytes())[..32].to_owned());
    let known = store.person(&id).await.unwrap();
    let person = if let Some(person) = known {
        person
    } else {
        let person = Person {
            id: id.clone(),
            login: login.to_owned(),
            name: format!("The {login}"),
            role,
            created_at: at(0),
            ..Person::default()
        };
        let identity = Identity {
            person: id,
            provider: PASSWORD.into(),
            subject: login.to_owned(),
            // No password: nothing hashes to it.
            secret: String::new(),
            changed_at: at(0),
        };
        store.create_person(&person, &identity).await.unwrap();
        person
    };
    let id = format!("session-{login}-{n}");
    let token = &model::bundle::sha256_hex(id.as_bytes())[..43];
    let session = Session {
        token_hash: model::bundle::sha256_hex(token.as_bytes()),
        id,
        person: person.id.clone(),
        created_at: at(0),
        seen_at: at(0),
        expires_at: at(100_000),
        about: "a test".into(),
    };
    store.put_session(&session).await.unwrap();
    (person, format!("lineup={token}"))
}

/// What a tool of Debian says of a file.
pub fn tool(program: &str, args: &[&str]) -> String {
    let output = std::process::Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|e| {
        panic!("{program} is needed ({e}): run scripts/pdf_tools.sh, which finds or installs it")
    });
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}{error}");
    said
}
