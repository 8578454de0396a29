//! The double of an API server: list with pages, watch with bookmarks, 410 in both shapes, broken
//! bodies, refusals, slowness. It keeps a record of what it was asked and of what it told.

use crate::{
    traffic::Traffic,
    world::{Change, Dice, World},
};
use axum::body::Bytes;
use futures::{Stream, StreamExt, stream};
use http_body_util::BodyExt;
use kube::client::Body;
use model::Timestamp;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::watch;

type Chunk = Result<Bytes, io::Error>;
type BoxedBody = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Answer = http::Response<BoxedBody>;

/// What the server does to the next requests, where it is not well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    /// Nothing answers at all.
    pub(crate) away: bool,
    /// One request in so many fails in some way; 0: none.
    pub(crate) rough: u64,
}

/// A fault that a test asks for, for one plural, so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This status, with these seconds in `Retry-After`.
    Status(u16, Option<u32>),
    /// The body of a list ends in the middle.
    Truncated,
    /// A watch says 410 in an event, although its status is 200.
    GoneInside,
    /// A watch breaks off in the middle of a line.
    BrokenLine,
    /// A watch ends in good order, at once.
    EndsAtOnce,
    /// Something that is no API server answers.
    WrongContent,
    /// The connection is refused.
    Refused,
    /// Nothing ever comes.
    Silent,
    /// The answer comes a few bytes at a time, for ever.
    Drip,
    /// Each line of a watch comes twice, and neighbours in the wrong order.
    Jumbled,
    /// The answer is sent on in small pieces, with pauses.
    Slow,
    /// The token of the second page has expired.
    ContinueGone,
}

/// Which spans of versions were never told, by plural: after the first, before the second.
pub(crate) type Unseen = BTreeMap<String, Vec<(u64, u64)>>;

#[derive(Default)]
pub(crate) struct Record {
    /// Method and path with query of each request.
    pub(crate) requests: Vec<(String, String)>,
    /// Newest version told in full, by plural.
    pub(crate) told: BTreeMap<String, u64>,
    /// Plurals of which a watch was told that its version is gone.
    gone: BTreeSet<String>,
    /// Lists that are being told: plural and version.
    listing: BTreeMap<String, u64>,
    pub(crate) unseen: Unseen,
    /// Counts collectors: what a watch of an earlier one is told reaches nobody.
    era: u64,
    /// Lists that were asked for although the changes were still there.
    pub(crate) needless: Vec<String>,
}

impl Record {
    /// The collector is gone, and with it the lists that it was reading.
    pub(crate) fn abandon_lists(&mut self) {
        self.listing.clear();
        self.era += 1;
    }
}

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) weather: Weather,
    pub(crate) dice: Dice,
    pub(crate) faults: BTreeMap<String, Vec<Fault>>,
    pub(crate) record: Record,
    /// What may not be read: `pods`, `watch pods`, `pods in shop`.
    pub(crate) forbidden: BTreeSet<String>,
    /// Paths that the server does not have, by their beginning.
    pub(crate) missing: Vec<&'static str>,
    /// `Date` of answers, in ms after the collector's clock; `None`: no such header.
    pub(crate) skew_ms: Option<i64>,
    pub(crate) bookmark_s: u64,
    /// No answer that never comes: the clock is a real one, and timeouts take a minute.
    pub(crate) hurried: bool,
}

/// The server, shared by whoever asks it and whoever moves the cluster.
#[derive(Clone)]
pub(crate) struct Server {
    state: Arc<Mutex<State>>,
    /// Counts changes: watches wait for it.
    news: Arc<watch::Sender<u64>>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Server {
    pub(crate) fn new(seed: u64, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        let state = State {
            world: World {
                version: 1_000,
                ..World::default()
            },
            weather: Weather::default(),
            dice: Dice::new(seed),
            faults: BTreeMap::new(),
            record: Record::default(),
            forbidden: BTreeSet::new(),
            missing: vec!["/apis/argoproj.io", "/apis/kustomize", "/apis/helm"],
            skew_ms: Some(0),
            bookmark_s: 60,
            hurried: false,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            news: Arc::new(watch::Sender::new(0)),
            now,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes the cluster or the weather, and wakes the watches.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.state());
        self.news.send_modify(|n| *n += 1);
        done
    }

    pub(crate) fn fault(&self, plural: &str, faults: &[Fault]) {
        self.state()
            .faults
            .insert(plural.to_owned(), faults.to_vec());
    }

    /// A client that asks this server without a network.
    pub(crate) fn client(&self) -> kube::Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: http::Request<Body>| {
            let server = server.clone();
            async move {
                server
                    .answer(request.method().as_str(), request.uri(), request.headers())
                    .await
            }
        });
        kube::Client::new(service, "default")
    }

    /// Serves it over HTTP on a port of loopback, for as long as the runtime lives.
    pub(crate) async fn serve(&self, traffic: &Traffic) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Nothing waits for an acknowledgement, which the other side may put off for 40 ms.
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        let (server, traffic) = (self.clone(), traffic.clone());
        let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let (server, traffic) = (server.clone(), traffic.clone());
            async move {
                let exchange = traffic.arrived(request.headers());
                let answer = server
                    .answer(request.method().as_str(), request.uri(), request.headers())
                    .await;
                let answer = match answer {
                    Ok(answer) => answer.map(axum::body::Body::new),
                    // What a refused connection is to the other client, a broken answer is here.
                    Err(_) => http::Response::builder()
                        .status(502)
                        .header(http::header::DATE, "unknown")
                        .body(axum::body::Body::empty())
                        .unwrap(),
                };
                traffic
                    .answered(exchange, answer)
                    .map(axum::body::Body::new)
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    async fn answer(
        &self,
        method: &str,
        uri: &http::Uri,
        headers: &http::HeaderMap,
    ) -> Result<Answer, io::Error> {
        let path = uri.path().to_owned();
        let query: BTreeMap<String, String> = uri
            .query()
            .unwrap_or("")
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        let plural = path.rsplit('/').next().unwrap_or("").to_owned();
        let namespace = path
            .split_once("/namespaces/")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("", |(namespace, _)| namespace)
            .to_owned();
        let watching = query.get("watch").is_some_and(|w| w == "true" || w == "1");
        let fault = {
            let mut state = self.state();
            let asked = format!("{path}?{}", uri.query().unwrap_or(""));
            state.record.requests.push((method.to_owned(), asked));
            let accepts = headers.get(http::header::ACCEPT);
            let accepts = accepts.and_then(|a| a.to_str().ok()).unwrap_or_default();
            if plural == "secrets" && !accepts.contains("as=PartialObjectMetadata") {
                return Ok(self.reply(500, "the content of secrets was asked for", &state));
            }
            if state.weather.away {
                return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
            }
            if path == "/version" {
                let version = json!({"major": "1", "minor": "36", "gitVersion": "v1.36.0"});
                return Ok(self.reply(200, &version.to_string(), &state));
            }
            if state.missing.iter().any(|m| path.starts_with(m)) {
                return Ok(self.reply(404, "404 page not found", &state));
            }
            let verb = if watching { "watch" } else { "list" };
            let named = [
                plural.clone(),
                format!("{verb} {plural}"),
                format!("{plural} in {namespace}"),
            ];
            if named.iter().any(|name| state.forbidden.contains(name)) {
                let text = format!("{plural} is forbidden: User \"lineup\" cannot {verb} resource");
                return Ok(self.reply(403, &status(403, "Forbidden", &text), &state));
            }
            if watching && query.contains_key("sendInitialEvents") {
                let text = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
                return Ok(self.reply(422, &status(422, "Invalid", text), &state));
            }
            state.fault_for(&plural, watching)
        };
        match fault {
            Some(Fault::Refused) => return Err(io::Error::from(io::ErrorKind::ConnectionRefused)),
            Some(Fault::Silent) => return std::future::pending().await,
            Some(Fault::Status(code, retry)) => return Ok(self.failure(code, retry, &plural)),
            Some(Fault::WrongContent) => {
                return Ok(self.reply(200, "<html>Log in to the WiFi</html>", &self.state()));
            }
            Some(Fault::Drip) => return Ok(self.drip()),
            _ => {}
        }
        if watching {
            Ok(self.watch(plural, namespace, &query, fault))
        } else {
            Ok(self.list(&plural, &namespace, &query, fault))
        }
    }

    fn failure(&self, code: u16, retry: Option<u32>, plural: &str) -> Answer {
        let mut state = self.state();
        if code == 410 {
            // What is said to be gone is gone.
            let version = state.world.version;
            state
                .world
                .collections
                .entry(plural.to_owned())
                .or_default()
                .compacted = version;
            state.record.gone.insert(plural.to_owned());
        }
        let mut answer = self.reply(code, &status(code, "Failure", "as the test asked"), &state);
        if let Some(seconds) = retry {
            answer
                .headers_mut()
                .insert(http::header::RETRY_AFTER, seconds.into());
        }
        answer
    }

    fn list(
        &self,
        plural: &str,
        namespace: &str,
        query: &BTreeMap<String, String>,
        fault: Option<Fault>,
    ) -> Answer {
        let mut state = self.state();
        let limit: usize = query
            .get("limit")
            .and_then(|l| l.parse().ok())
            .unwrap_or(500);
        // The token says from which version the list is, and how far it has come. The double has no
        // old states: a list goes on with objects as they are, so that it may be consistent only
        // where nothing changes meanwhile, which `life` takes care of.
        let token = query.get("continue").and_then(|t| t.split_once('.'));
        let token =
            token.and_then(|(v, n)| Some((v.parse::<u64>().ok()?, n.parse::<usize>().ok()?)));
        let (version, skip) = token.unwrap_or((state.world.version, 0));
        if fault == Some(Fault::ContinueGone) && token.is_some() {
            return self.reply(
                410,
                &status(410, "Expired", "the continue token is too old"),
                &state,
            );
        }
        if limit > 1 && token.is_none() {
            state.begin_list(plural, version);
        }
        let collection = state
            .world
            .collections
            .entry(plural.to_owned())
            .or_default();
        let all: Vec<&Value> = collection
            .objects
            .iter()
            .filter(|((of, _), _)| namespace.is_empty() || of == namespace)
            .map(|(_, object)| object)
            .collect();
        let items: Vec<Value> = all
            .iter()
            .skip(skip)
            .take(limit)
            .copied()
            .cloned()
            .collect();
        let told = skip + items.len();
        let more = if told < all.len() {
            format!("{version}.{told}")
        } else {
            String::new()
        };
        let list = json!({
            "kind": "List", "apiVersion": "v1",
            "metadata": {"resourceVersion": version.to_string(), "continue": more},
            "items": items,
        });
        let text = list.to_string();
        if fault == Some(Fault::Truncated) {
            let half = text.len() / 2;
            let (first, _) = text.split_at(
                (0..=half)
                    .rev()
                    .find(|i| text.is_char_boundary(*i))
                    .unwrap(),
            );
            let chunks = vec![Ok(Bytes::from(first.to_owned())), broken()];
            return self.streamed(stream::iter(chunks), &state);
        }
        if limit > 1 && more.is_empty() {
            state.end_list(plural);
        }
        self.reply(200, &text, &state)
    }

    fn watch(
        &self,
        plural: String,
        namespace: String,
        query: &BTreeMap<String, String>,
        fault: Option<Fault>,
    ) -> Answer {
        let state = self.state();
        let version: u64 = query
            .get("resourceVersion")
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        let compacted = state
            .world
            .collections
            .get(&plural)
            .map_or(0, |c| c.compacted);
        if version < compacted || fault == Some(Fault::GoneInside) {
            drop(state);
            let mut state = self.state();
            let at = state.world.version;
            state.record.gone.insert(plural.clone());
            state.world.collections.entry(plural).or_default().compacted = at;
            let gone = status(410, "Expired", "too old resource version");
            let line = format!("{{\"type\":\"ERROR\",\"object\":{gone}}}\n");
            return self.streamed(stream::iter(vec![Ok(Bytes::from(line))]), &state);
        }
        if fault == Some(Fault::EndsAtOnce) {
            return self.streamed(stream::iter(Vec::new()), &state);
        }
        let until: u64 = query
            .get("timeoutSeconds")
            .and_then(|v| v.parse().ok())
            .unwrap_or(300);
        let until = Duration::from_secs(until);
        let lines = self.lines((plural, namespace), version, fault, until, state.record.era);
        self.streamed(lines, &state)
    }

    /// The changes after a version, for so long.
    fn lines(
        &self,
        (plural, namespace): (String, String),
        version: u64,
        fault: Option<Fault>,
        until: Duration,
        era: u64,
    ) -> impl Stream<Item = Chunk> + Send + 'static {
        struct Watching {
            server: Server,
            news: watch::Receiver<u64>,
            plural: String,
            namespace: String,
            version: u64,
            era: u64,
            fault: Option<Fault>,
            end: tokio::time::Instant,
            rest: Vec<Chunk>,
            over: bool,
        }
        let watching = Watching {
            news: self.news.subscribe(),
            server: self.clone(),
            plural,
            namespace,
            version,
            era,
            fault,
            end: tokio::time::Instant::now() + until,
            rest: Vec::new(),
            over: false,
        };
        stream::unfold(watching, |mut w| async move {
            loop {
                if !w.rest.is_empty() {
                    if w.fault == Some(Fault::Slow) {
                        tokio::time::sleep(Duration::from_millis(700)).await;
                    }
                    let chunk = w.rest.remove(0);
                    if chunk.is_err() {
                        // What was said before gets through.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    w.over |= chunk.is_err();
                    return Some((chunk, w));
                }
                if w.over || w.server.state().record.era != w.era {
                    return None;
                }
                w.news.mark_unchanged();
                let (chunks, newest, away, bookmark_s) =
                    w.server.due((&w.plural, &w.namespace), w.version, w.fault);
                if away {
                    w.over = true;
                    return Some((broken(), w));
                }
                w.version = newest;
                if !chunks.is_empty() {
                    w.rest = chunks;
                    continue;
                }
                let bookmark = tokio::time::sleep(Duration::from_secs(bookmark_s));
                tokio::select! {
                    _ = w.news.changed() => {}
                    () = tokio::time::sleep_until(w.end) => return None,
                    () = bookmark => {
                        if w.server.state().record.era != w.era {
                            return None;
                        }
                        let line = w.server.bookmark(&w.plural, w.version);
                        return Some((Ok(Bytes::from(line)), w));
                    }
                }
            }
        })
    }

    /// The lines that a watch has not told yet, cut into chunks as the fault has it.
    fn due(
        &self,
        (plural, namespace): (&str, &str),
        after: u64,
        fault: Option<Fault>,
    ) -> (Vec<Chunk>, u64, bool, u64) {
        let mut state = self.state();
        if state.weather.away {
            return (Vec::new(), after, true, 0);
        }
        let log = state
            .world
            .collections
            .get(plural)
            .map(|c| c.log.as_slice())
            .unwrap_or_default();
        let begin = log.partition_point(|change| change.version <= after);
        let of_namespace =
            |c: &&Change| namespace.is_empty() || c.object["metadata"]["namespace"] == namespace;
        let due: Vec<Change> = log[begin..].iter().filter(of_namespace).cloned().collect();
        let Some(newest) = due.last().map(|change| change.version) else {
            return (Vec::new(), after, false, state.bookmark_s);
        };
        let line = |change: &Change| {
            let Change { kind, object, .. } = change;
            format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
        };
        let mut lines: Vec<String> = due.iter().map(line).collect();
        let chunks: Vec<Chunk> = match fault {
            Some(Fault::BrokenLine) => {
                let last = lines.pop().unwrap_or_default();
                let told = due
                    .len()
                    .checked_sub(2)
                    .and_then(|i| due.get(i))
                    .map_or(after, |c| c.version);
                state.tell(plural, told);
                let half: String = last.chars().take(last.len() / 2).collect();
                let whole = lines.concat() + &half;
                return (
                    vec![Ok(Bytes::from(whole)), broken()],
                    told,
                    false,
                    state.bookmark_s,
                );
            }
            Some(Fault::Jumbled) => {
                for pair in lines.chunks_mut(2) {
                    pair.reverse();
                }
                let doubled: String = lines
                    .iter()
                    .flat_map(|l| [l.as_str(), l.as_str()])
                    .collect();
                vec![Ok(Bytes::from(doubled))]
            }
            Some(Fault::Slow) => {
                let whole = lines.concat().into_bytes();
                whole
                    .chunks(whole.len().div_ceil(3).max(1))
                    .map(|c| Ok(Bytes::copy_from_slice(c)))
                    .collect()
            }
            _ => vec![Ok(Bytes::from(lines.concat()))],
        };
        state.tell(plural, newest);
        (chunks, newest, false, state.bookmark_s)
    }

    fn bookmark(&self, plural: &str, version: u64) -> String {
        self.state().tell(plural, version);
        let bookmark = json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": version.to_string()}}});
        format!("{bookmark}\n")
    }

    fn drip(&self) -> Answer {
        let drops = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Some((Ok(Bytes::from_static(b" ")), ()))
        });
        self.streamed(drops, &self.state())
    }

    fn streamed(
        &self,
        chunks: impl Stream<Item = Chunk> + Send + 'static,
        state: &State,
    ) -> Answer {
        let frames = chunks.map(|chunk| chunk.map(http_body::Frame::data));
        self.finish(
            200,
            http_body_util::StreamBody::new(frames).boxed_unsync(),
            state,
        )
    }

    fn reply(&self, status: u16, text: &str, state: &State) -> Answer {
        let body = http_body_util::Full::new(Bytes::from(text.to_owned()));
        self.finish(
            status,
            body.map_err(|never| match never {}).boxed_unsync(),
            state,
        )
    }

    fn finish(&self, status: u16, body: BoxedBody, state: &State) -> Answer {
        let mut answer = http::Response::builder().status(status).body(body).unwrap();
        // Without a date of ours the HTTP server would write the machine's own, years away from the
        // test's clock.
        let date = state.skew_ms.map_or("unknown".to_owned(), |skew| {
            let at = jiff::Timestamp::from_millisecond((self.now)().plus(skew).millis()).unwrap();
            at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        });
        answer
            .headers_mut()
            .insert(http::header::DATE, date.parse().unwrap());
        answer
    }
}

impl State {
    /// The fault for a request: the one that a test asked for, or one of the weather's.
    fn fault_for(&mut self, plural: &str, watching: bool) -> Option<Fault> {
        if let Some(faults) = self.faults.get_mut(plural).filter(|f| !f.is_empty()) {
            return Some(faults.remove(0));
        }
        let rough = self.weather.rough;
        if rough == 0 || !self.dice.once_in(rough) {
            return None;
        }
        let of_lists = [
            Fault::Status(500, None),
            Fault::Status(429, Some(2)),
            Fault::Truncated,
            Fault::Refused,
            Fault::ContinueGone,
        ];
        let of_watches = [
            Fault::Status(500, None),
            Fault::Status(429, Some(1)),
            Fault::Status(410, None),
            Fault::GoneInside,
            Fault::BrokenLine,
            Fault::EndsAtOnce,
            Fault::Refused,
            Fault::Jumbled,
            Fault::Slow,
            Fault::Silent,
        ];
        let from: &[Fault] = if watching { &of_watches } else { &of_lists };
        let fault = self.dice.pick(from).copied();
        fault.filter(|fault| !(self.hurried && *fault == Fault::Silent))
    }

    fn tell(&mut self, plural: &str, version: u64) {
        let told = self.record.told.entry(plural.to_owned()).or_default();
        *told = (*told).max(version);
    }

    fn begin_list(&mut self, plural: &str, version: u64) {
        // A list that failed half-way may be asked for again.
        let again = self.record.listing.contains_key(plural);
        let gone = self.record.gone.remove(plural);
        if let Some(told) = self.record.told.get(plural).filter(|_| !gone && !again) {
            self.record.needless.push(format!("{plural} after {told}"));
        }
        self.record.listing.insert(plural.to_owned(), version);
    }

    fn end_list(&mut self, plural: &str) {
        let Some(version) = self.record.listing.remove(plural) else {
            return;
        };
        if let Some(told) = self
            .record
            .told
            .get(plural)
            .copied()
            .filter(|told| *told < version)
        {
            let unseen = self.record.unseen.entry(plural.to_owned()).or_default();
            unseen.push((told, version));
        }
        self.record.told.insert(plural.to_owned(), version);
    }
}

fn status(code: u16, reason: &str, message: &str) -> String {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code})
    .to_string()
}

fn broken() -> Chunk {
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the connection broke",
    ))
}
