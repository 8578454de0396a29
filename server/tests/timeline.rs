//! What the interactive timeline fetches, over the real routes: lanes by zoom level, the table of
//! events, changes as they happen.

use crate::support::{TestServer, at, get, small_bundle};
use app::backend::{AnnotationDraft, Caller, Compare, EventsAsk, LanesAsk, Revision, ShareDraft};
use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, Request, header},
    response::Response,
};
use chart::{Content, Curve, Slice};
use futures::StreamExt;
use model::{
    Analysis, Batch, Bundle, ENGINE, Event, EventKind, Incident, IncidentId, ObjectRef, Samples,
    Series, SeriesMeta, Timestamp, Window,
    analysis::{ANALYSIS_SCHEMA, Driver},
    incident::Job,
    time::{HOUR, MINUTE},
};
use server::{case, http::timeline::live::Streams};
use std::{sync::Arc, time::Duration};

/// An answer, whole.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn slice(&self) -> Slice {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        Slice::decode(&self.body).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    fn tag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }
}

async fn ask(server: &TestServer, path: &str, known: Option<&str>) -> Answer {
    let mut request = get(path);
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = axum::body::to_bytes(response.into_body(), 64 << 20).await;
    Answer {
        status,
        headers,
        body: body.unwrap().to_vec(),
    }
}

async fn with(bundle: &Bundle) -> (TestServer, IncidentId) {
    let server = TestServer::start().await;
    let id = brought(&server, bundle).await;
    (server, id)
}

async fn brought(server: &TestServer, bundle: &Bundle) -> IncidentId {
    case::import(&*server.store, bundle, &*server.clock)
        .await
        .unwrap()
        .id
}

fn curves(slice: &Slice) -> Vec<&Curve> {
    let plots = slice.lanes.iter().filter_map(|lane| match &lane.content {
        Content::Metric(plot) => Some(plot),
        Content::Events { .. } => None,
    });
    plots.flat_map(|plot| &plot.curves).collect()
}

fn ghosts(slice: &Slice) -> Vec<&Curve> {
    let plots = slice.lanes.iter().filter_map(|lane| match &lane.content {
        Content::Metric(plot) => Some(plot),
        Content::Events { .. } => None,
    });
    plots.flat_map(|plot| &plot.ghosts).collect()
}

fn note(minute: i64) -> AnnotationDraft {
    AnnotationDraft {
        id: None,
        start: at(minute),
        end: None,
        text: "seen".into(),
        ..AnnotationDraft::default()
    }
}

/// Two days of twenty-five series at a minute, one of which has a spike; rollouts of three kinds.
fn large_bundle() -> Bundle {
    let series = |n: i64| Series {
        meta: SeriesMeta {
            id: format!("cpu.{n:02}"),
            name: format!("metric {n}"),
            source: "prometheus".into(),
            stat: "Average".into(),
            unit: "Percent".into(),
            period_s: Some(60),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(
            (0..2 * 1_440)
                .filter(|m| !(900..960).contains(m))
                .map(|m| {
                    let spike = if n == 3 && m == 1_000 { 500.0 } else { 0.0 };
                    (at(m), 20.0 + (m * n % 17) as f64 + spike)
                })
                .collect(),
        ),
    };
    let mut small = small_bundle();
    small.header.window.end = at(2 * 1_440);
    small.series.extend((0..25).map(series));
    small
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_are_sent_once_for_each_revision() {
    let (server, id) = with(&small_bundle()).await;
    let path = format!("/api/incidents/{id}/lanes");
    let first = ask(&server, &path, None).await;
    let slice = first.slice();
    assert_eq!(slice.window, small_bundle().header.window);
    assert!(slice.lanes.iter().any(|lane| lane.series == ["latency"]));
    assert_eq!(
        first.headers[header::CONTENT_TYPE],
        "application/octet-stream"
    );
    assert_eq!(first.headers[header::CACHE_CONTROL], "private, no-cache");
    assert_eq!(first.headers["x-content-type-options"], "nosniff");
    assert!(
        first.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );

    let again = ask(&server, &path, Some(&first.tag())).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.tag(), first.tag());

    // A job changes nothing of it.
    let job = Job {
        id: "job-1".into(),
        incident: id.clone(),
        ..Job::default()
    };
    server.store.enqueue(&job).await.unwrap();
    assert_eq!(ask(&server, &path, Some(&first.tag())).await.status, 304);

    // A note is a mark on every lane, and a lane.
    let me = Caller::LocalUser;
    server
        .state
        .backend
        .put_annotation(&me, &id, note(200))
        .await
        .unwrap();
    let noted = ask(&server, &path, Some(&first.tag())).await;
    let lanes = noted.slice().lanes;
    assert!(lanes.iter().any(|lane| lane.id == "notes"));
    assert!(
        lanes
            .iter()
            .all(|lane| lane.marks.iter().any(|m| m.at == at(200)))
    );
    assert_ne!(noted.tag(), first.tag());

    // New evidence is there at once, in the lanes and on the page.
    let more = Series {
        samples: Samples::from_unordered(vec![(at(100), 7_000.0)]),
        ..small_bundle().series[0].clone()
    };
    let batch = Batch {
        series: vec![more],
        ..Batch::default()
    };
    server.store.add_batch(&id, &batch).await.unwrap();
    let fuller = ask(&server, &path, Some(&noted.tag())).await.slice();
    let highest = |slice: &Slice| {
        let values = curves(slice).into_iter().flat_map(|c| &c.points);
        values.map(|p| p.1).fold(f64::MIN, f64::max)
    };
    assert!(highest(&slice) < 200.0 && (highest(&fuller) - 7_000.0).abs() < 1.0);
    let case = server.state.backend.case(&me, &id).await.unwrap();
    let samples = &case.evidence.series("latency").unwrap().samples;
    assert_eq!(samples.value_at(at(100), 0), Some(7_000.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_went_with_its_last_note_is_left_out_and_not_refused() {
    let (server, id) = with(&small_bundle()).await;
    let (backend, me) = (&server.state.backend, Caller::LocalUser);
    let put = backend
        .put_annotation(&me, &id, note(200))
        .await
        .unwrap()
        .id;
    let path = format!("/api/incidents/{id}/lanes?lanes=notes,rollouts,alerts,events-oom_kill");
    let ids = |answer: &Answer| -> Vec<String> {
        let lanes = answer.slice().lanes.into_iter();
        lanes.map(|lane| lane.id).collect()
    };
    let there = ask(&server, &path, None).await;
    assert_eq!(ids(&there), ["notes", "rollouts"]);
    backend.delete_annotation(&me, &id, &put).await.unwrap();
    let gone = ask(&server, &path, Some(&there.tag())).await;
    assert_eq!(ids(&gone), ["rollouts"]);
    let alone = format!("/api/incidents/{id}/lanes?lanes=notes");
    assert_eq!(ids(&ask(&server, &alone, None).await), [""; 0]);
    // What no lane can be called is refused, beside such a one too.
    for wrong in ["note", "events-", "notes,symptom-of-nothing"] {
        let path = format!("/api/incidents/{id}/lanes?lanes={wrong}");
        assert_eq!(ask(&server, &path, None).await.status, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_gets_as_many_samples_as_it_has_room_for_and_every_spike() {
    let (server, id) = with(&large_bundle()).await;
    let window = large_bundle().header.window;
    let lanes: Vec<String> = (0..25).map(|n| format!("series-cpu.{n:02}")).collect();
    let lanes = lanes.join(",");
    for columns in [1, 20, 300] {
        let path = format!(
            "/api/incidents/{id}/lanes?from={}&to={}&columns={columns}&lanes={lanes}",
            window.start.millis(),
            window.end.millis()
        );
        let slice = ask(&server, &path, None).await.slice();
        assert_eq!((slice.window, slice.columns), (window, columns));
        let all = curves(&slice);
        assert_eq!(all.len(), 25);
        for curve in &all {
            // A column more where they do not begin with the window, and a neighbour on each side.
            let most = 2 * (columns as usize + 1) + 2;
            assert!(
                curve.points.len() <= most,
                "{}: {}",
                curve.series,
                curve.points.len()
            );
            assert!(curve.thinned.is_some());
        }
        let spiky = all.iter().find(|c| c.series == "cpu.03").unwrap();
        assert!(spiky.points.iter().any(|p| p.1 > 500.0), "{columns}");
        if columns == 300 {
            assert_eq!(spiky.gaps, [(at(899), at(960))]);
        }
    }
    let (from, to) = (at(990).millis(), at(1_010).millis());
    let path = format!("/api/incidents/{id}/lanes?from={from}&to={to}&lanes=series-cpu.03");
    let near = ask(&server, &path, None).await.slice();
    let times: Vec<Timestamp> = curves(&near)[0].points.iter().map(|p| p.0).collect();
    let minutes: Vec<Timestamp> = (989..=1_011).map(at).collect();
    assert_eq!(times, minutes, "every sample, and one more on each side");
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_are_compressed_once() {
    let (server, id) = with(&large_bundle()).await;
    let path = format!("/api/incidents/{id}/lanes");
    let plain = ask(&server, &path, None).await;
    assert!(!plain.headers.contains_key(header::CONTENT_ENCODING));
    let request = get(&path).header(header::ACCEPT_ENCODING, "gzip, deflate, br");
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    let codings = response.headers().get_all(header::CONTENT_ENCODING).iter();
    assert_eq!(codings.collect::<Vec<_>>(), ["br"]);
    assert_eq!(
        response.headers()[header::ETAG],
        plain.headers[header::ETAG]
    );
    let packed = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap();
    assert!(
        packed.len() < plain.body.len() / 2,
        "{} of {}",
        packed.len(),
        plain.body.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_names_every_lane_and_each_can_be_had() {
    let (server, id) = with(&large_bundle()).await;
    let list = ask(&server, &format!("/api/incidents/{id}/lanes/list"), None).await;
    assert_eq!(list.headers[header::CONTENT_TYPE], "application/json");
    let list = list.json();
    let rows = list.as_array().unwrap();
    let of = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap().to_owned();
    let default: Vec<String> = rows
        .iter()
        .filter(|row| row["default"] == true)
        .map(|row| of(row, "id"))
        .collect();
    let others: Vec<String> = rows
        .iter()
        .filter(|row| row["default"] == false)
        .map(|row| of(row, "id"))
        .collect();
    assert!(!default.is_empty() && !others.is_empty(), "{list}");
    assert!(
        others.iter().all(|id| id.starts_with("series-")),
        "{others:?}"
    );
    assert!(rows.iter().all(|row| !of(row, "summary").is_empty()));
    let mut series: Vec<String> = rows
        .iter()
        .flat_map(|row| row["series"].as_array().unwrap())
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    series.sort();
    assert_eq!(series.len(), 26, "each series is in one lane: {series:?}");

    let usual = ask(&server, &format!("/api/incidents/{id}/lanes"), None)
        .await
        .slice();
    let shown: Vec<&String> = usual.lanes.iter().map(|lane| &lane.id).collect();
    assert_eq!(shown, default.iter().collect::<Vec<_>>());
    // Others in the order of the question.
    let asked = [&others[1], &default[0], &others[0]];
    let path = format!(
        "/api/incidents/{id}/lanes?lanes={},{},{}",
        asked[0], asked[1], asked[2]
    );
    let chosen = ask(&server, &path, None).await.slice();
    let shown: Vec<&String> = chosen.lanes.iter().map(|lane| &lane.id).collect();
    assert_eq!(shown, asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_no_more_than_that() {
    let (server, id) = with(&small_bundle()).await;
    let unknown = "f".repeat(32);
    for rest in ["lanes", "lanes/list", "events", "live"] {
        let mut answers = Vec::new();
        for no in [unknown.as_str(), "x", "..%2f..", &"0".repeat(33)] {
            let answer = ask(&server, &format!("/api/incidents/{no}/{rest}"), None).await;
            assert_eq!(answer.status, 404, "{rest} of {no}");
            answers.push(answer.body);
        }
        assert!(answers.iter().all(|a| *a == answers[0]), "{rest}");
        let request = Request::get(format!("/api/incidents/{id}/{rest}"))
            .header(header::HOST, "evil.example");
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 421, "{rest}");
    }
    // Whoever holds a share link sees its page and nothing else.
    let backend = &server.state.backend;
    let link = backend
        .share(&Caller::LocalUser, &id, ShareDraft::default())
        .await
        .unwrap();
    let share = Caller::Share(link.link_path.trim_start_matches("/s/").to_owned());
    for id in [&id, &IncidentId(unknown)] {
        let refused = Some(app::ApiError::Forbidden);
        let known = Revision::default();
        assert_eq!(
            backend.lanes(&share, id, LanesAsk::default()).await.err(),
            refused
        );
        assert_eq!(backend.lane_list(&share, id).await.err(), refused);
        assert_eq!(
            backend.events(&share, id, EventsAsk::default()).await.err(),
            refused
        );
        assert_eq!(backend.revision(&share, id).await.err(), refused);
        assert_eq!(backend.changed(&share, id, known).await.err(), refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_read_is_refused_by_name() {
    let (server, id) = with(&small_bundle()).await;
    for (rest, named) in [
        ("lanes?columns=0", "columns: "),
        ("lanes?from=1&to=1", "to: "),
        ("lanes?lanes=symptom,no-such", "lanes: 'no-such'"),
        ("lanes?compare=moon", "compare: "),
        ("lanes/list?x=1", "x: "),
        ("events?limit=9999", "limit: "),
        ("events?%ff=%ff", ": "),
        ("live?since=1", "since: "),
    ] {
        let answer = ask(&server, &format!("/api/incidents/{id}/{rest}"), None).await;
        assert_eq!(answer.status, 400, "{rest}");
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(named), "{rest}: {detail}");
    }
}

/// Fifty rollouts and alerts of two namespaces, the alerts two minutes long; one of unknown time.
fn many_events() -> Bundle {
    let mut bundle = small_bundle();
    bundle.events = (0..50)
        .map(|n| Event {
            id: format!("e{n:02}"),
            kind: if n % 5 == 0 {
                EventKind::Alert
            } else {
                EventKind::Rollout
            },
            start: (n != 49).then(|| at(350 - 7 * n)),
            end: (n % 5 == 0).then(|| at(352 - 7 * n)),
            title: format!("Deployment ROLLED out, no. {n}"),
            namespace: if n % 2 == 0 { "shop" } else { "mail" }.into(),
            node: format!("node-{}", n % 3),
            object: ObjectRef {
                kind: "Deployment".into(),
                name: format!("web-{}", n % 4),
            },
            ..Event::default()
        })
        .collect();
    bundle
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_filtered_and_paged() {
    let (server, id) = with(&many_events()).await;
    let page = |query: String| {
        let path = format!("/api/incidents/{id}/events?{query}");
        let server = &server;
        async move { ask(server, &path, None).await.json() }
    };
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let rows = page["rows"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = page(String::new()).await;
    assert_eq!(all["total"], 50);
    let mut expected: Vec<String> = (0..49).rev().map(|n| format!("e{n:02}")).collect();
    expected.push("e49".into());
    assert_eq!(ids(&all), expected, "in order of time, unknown times last");
    assert_eq!(
        all["choices"]["kinds"],
        serde_json::json!([["rollout", 40], ["alert", 10]])
    );
    assert_eq!(
        all["choices"]["namespaces"][0],
        serde_json::json!(["mail", 25])
    );
    assert_eq!(all["rows"][48]["start"], at(350).millis());
    assert_eq!(all["rows"][48]["end"], at(352).millis());
    assert_eq!(all["rows"][48]["lane"], "alerts");
    assert_eq!(all["rows"][49]["start"], serde_json::Value::Null);

    let mut paged = Vec::new();
    for offset in (0..60).step_by(20) {
        let part = page(format!("offset={offset}&limit=20")).await;
        assert_eq!(part["total"], 50);
        paged.extend(ids(&part));
    }
    assert_eq!(paged, expected);

    for (query, total) in [
        ("kind=alert", 10),
        ("kind=alert,rollout", 50),
        ("kind=alert&namespace=shop", 5),
        ("node=node-0", 17),
        ("object=web-1", 13),
        ("object=Deployment/web-1", 13),
        ("object=Pod/web-1", 0),
        ("object=WEB", 50),
        ("object=mail/web-1", 13),
        ("node=NODE", 50),
        ("node=ode-2", 16),
        ("namespace=sho", 25),
        ("text=rolled+WEB-1", 13),
        ("text=rolled%20E07", 1),
        ("text=nothing", 0),
        ("limit=0", 50),
    ] {
        assert_eq!(page(query.into()).await["total"], total, "{query}");
    }
    // Where nothing fits it is said what holds back how much, and what there is to choose from.
    let none = page("object=web-1&node=no-such&kind=alert".into()).await;
    assert_eq!(none["total"], 0);
    assert_eq!(none["without"], serde_json::json!([["node", 3]]));
    let objects = none["choices"]["objects"].as_array().unwrap();
    assert_eq!(
        (objects.len(), &objects[0]),
        (4, &serde_json::json!(["web-0", 13]))
    );
    // What touches a window: an alert that began before it too; what has no time belongs to all.
    let (from, to) = (at(351).millis(), at(352).millis());
    assert_eq!(
        ids(&page(format!("from={from}&to={to}")).await),
        ["e00", "e49"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_time_is_laid_over_or_it_is_said_why_not() {
    let (server, id) = with(&large_bundle()).await;
    let (from, to) = (at(1_440).millis(), at(1_440 + 360).millis());
    let lanes = "series-cpu.03,rollouts";
    let path = format!(
        "/api/incidents/{id}/lanes?from={from}&to={to}&lanes={lanes}&compare=shift:{}",
        10 * HOUR
    );
    let compared = ask(&server, &path, None).await;
    let slice = compared.slice();
    let ghosts = ghosts(&slice);
    assert_eq!(ghosts.len(), 1);
    assert!(
        ghosts[0].label.ends_with(", 10 h earlier"),
        "{}",
        ghosts[0].label
    );
    // The gap at minute 900 and the spike at minute 1,000 come ten hours later.
    let spike = ghosts[0].points.iter().find(|p| p.1 > 500.0).unwrap();
    assert_eq!(spike.0, at(1_600));
    let gap = |p: &&(Timestamp, f64)| p.0 >= at(1_500) && p.0 < at(1_560);
    assert!(!ghosts[0].points.iter().any(|p| gap(&p)));
    let said = compared.headers["lineup-compared"].to_str().unwrap();
    assert_eq!(said, "10 h earlier is laid over 1 of 1 lanes.");
    // Counted over all lanes that are looked at, whichever of them are asked for.
    let over = "series-cpu.03,series-cpu.04,series-cpu.05,rollouts";
    let counted = ask(&server, &format!("{path}&over={over}"), None).await;
    assert_eq!(counted.slice().lanes.len(), 2);
    let said = counted.headers["lineup-compared"].to_str().unwrap();
    assert_eq!(said, "10 h earlier is laid over 3 of 3 lanes.");

    let path = format!(
        "/api/incidents/{id}/lanes?lanes=series-cpu.03&compare=shift:{}",
        300 * HOUR
    );
    let nothing = ask(&server, &path, None).await;
    let said = nothing.headers["lineup-compared"].to_str().unwrap();
    assert!(
        said.starts_with("There is nothing to compare with: 12 d 12 h earlier has no samples"),
        "{said}"
    );
    assert_eq!(nothing.slice().lanes.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_incident_is_laid_with_its_onset_on_this_one() {
    let server = TestServer::start().await;
    let incident = brought(&server, &small_bundle()).await;
    // The same a day and seventeen minutes later.
    let by = 24 * HOUR + 17 * MINUTE;
    let mut later = small_bundle();
    later.header.title = "Slow again".into();
    later.header.window.start = later.header.window.start.plus(by);
    later.header.window.end = later.header.window.end.plus(by);
    for series in &mut later.series {
        let moved = series.samples.iter().map(|(t, v)| (t.plus(by), v * 2.0));
        series.samples = Samples::from_unordered(moved.collect());
    }
    later.events.clear();
    let other = brought(&server, &later).await;
    judged(&server, &incident, at(180)).await;
    judged(&server, &other, at(180).plus(by)).await;
    let path = format!("/api/incidents/{incident}/lanes?compare=incident:{other}");
    let compared = ask(&server, &path, None).await;
    let said = compared.headers["lineup-compared"].to_str().unwrap();
    let slice = compared.slice();
    let ghosts = ghosts(&slice);
    assert_eq!(said, "Slow again is laid over 1 of 1 lanes.");
    let own = curves(&slice)[0].points.clone();
    let doubled: Vec<(Timestamp, f64)> = own.iter().map(|p| (p.0, p.1 * 2.0)).collect();
    assert_eq!(ghosts[0].points.len(), doubled.len());
    for (ghost, double) in ghosts[0].points.iter().zip(doubled) {
        assert_eq!(ghost.0, double.0);
        assert!(
            (ghost.1 - double.1).abs() < 1e-4 * double.1,
            "{ghost:?} {double:?}"
        );
    }
    // The answer follows the other incident too.
    server
        .store
        .add_batch(&other, &Batch::default())
        .await
        .unwrap();
    assert_eq!(ask(&server, &path, Some(&compared.tag())).await.status, 200);

    for (with, why) in [
        ("f".repeat(32), "there is no such incident"),
        (empty(&server).await.0, "no onset"),
    ] {
        let ask = LanesAsk {
            columns: 100,
            compare: Some(Compare::Incident(IncidentId(with))),
            ..LanesAsk::default()
        };
        let me = Caller::LocalUser;
        let given = server.state.backend.lanes(&me, &incident, ask);
        let given = given.await.unwrap();
        let said = given.compared.unwrap();
        assert!(said.contains(why), "{said}");
    }
}

/// As if the analysis had found that onset.
async fn judged(server: &TestServer, id: &IncidentId, onset: Timestamp) {
    let driver = Driver {
        series: "latency".into(),
        onset,
        uncertainty_s: 60,
        before: 10.0,
        after: 90.0,
        mechanism: String::new(),
    };
    analysed(server, id, Some(driver)).await;
}

/// As if the analysis had found none.
async fn unjudged(server: &TestServer, id: &IncidentId) {
    analysed(server, id, None).await;
}

async fn analysed(server: &TestServer, id: &IncidentId, driver: Option<Driver>) {
    let analysis = Analysis {
        schema: ANALYSIS_SCHEMA.into(),
        engine: ENGINE.into(),
        driver,
        ..Analysis::default()
    };
    let stored = server.store.put_analysis(id, &analysis, at(400));
    stored.await.unwrap();
}

async fn empty(server: &TestServer) -> IncidentId {
    let incident = Incident {
        id: IncidentId("e".repeat(32)),
        window: Window {
            start: at(0),
            end: at(10),
        },
        ..Incident::default()
    };
    server.store.create_incident(&incident).await.unwrap();
    incident.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_is_tried_on_a_lane() {
    let (server, id) = with(&large_bundle()).await;
    let path = |asked: &str| format!("/api/incidents/{id}/alarm?{asked}");
    let answer = ask(&server, &path("alarm=above:300:cpu.03&hide=rollouts"), None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "text/html; charset=utf-8"
    );
    let html = String::from_utf8(answer.body).unwrap();
    // The spike of 520 at 1 000 minutes is a mean of some 120 in its five minutes.
    assert!(
        html.contains("Above 300 %") && html.contains("data-fired=\"\""),
        "{html}"
    );
    for part in [
        "Never in alarm",
        "Below instead",
        "name=\"alarm[threshold]\" value=\"300\"",
        // The series came from an expression, so no tool can be told of it: each says why.
        "Definition of the alarm",
        "none, because",
        "hide=rollouts",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let answer = ask(&server, &path("alarm=above:100:cpu.03"), None).await;
    let html = String::from_utf8(answer.body).unwrap();
    // The period slides on each minute: it has the spike in it from the minute of the spike to the
    // fifth after it.
    let (from, to) = (at(1_000).millis(), at(1_005).millis());
    let fired = format!("data-fired=\"{from}-{to}\"");
    assert!(
        html.contains(&fired) && html.contains("Once in alarm"),
        "{html}"
    );

    for bad in [
        "",
        "alarm=above:many:cpu.03",
        "alarm=above:1:no-such-series",
    ] {
        assert_eq!(ask(&server, &path(bad), None).await.status, 400, "{bad}");
    }
    let nobody = format!("/api/incidents/{}/alarm?alarm=above:1:x", "0".repeat(32));
    assert_eq!(ask(&server, &nobody, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_incidents_are_listed_to_compare_with() {
    let (server, id) = with(&small_bundle()).await;
    let path = format!("/api/incidents/{id}/others");
    assert_eq!(
        ask(&server, &path, None).await.json(),
        serde_json::json!([])
    );
    // One without evidence, one that measures something else, one like it whose onset nobody knows, and two
    // that can be laid on it: by the series' id, and by what its source calls it.
    let brought = |title: &str, id: &str, name: &str| {
        let mut bundle = small_bundle();
        title.clone_into(&mut bundle.header.title);
        let meta = &mut bundle.series[0].meta;
        id.clone_into(&mut meta.id);
        name.clone_into(&mut meta.name);
        bundle.header.symptom = vec![id.to_owned()];
        let server = &server;
        async move { brought(server, &bundle).await }
    };
    let name = small_bundle().series[0].meta.name.clone();
    empty(&server).await;
    let unlike = brought("Unlike", "water", "Water level").await;
    let unknown = brought("Unknown", "latency", &name).await;
    let by_id = brought("By id", "latency", "Water level").await;
    let by_name = brought("By name", "other", &name.to_uppercase()).await;
    let offered = || async {
        let rows = ask(&server, &path, None).await.json();
        let rows = rows.as_array().unwrap().iter();
        let mut ids: Vec<String> = rows
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    for other in [&unlike, &by_id, &by_name] {
        judged(&server, other, at(180)).await;
    }
    unjudged(&server, &unknown).await;
    unjudged(&server, &id).await;
    assert_eq!(offered().await, [""; 0], "its own onset is unknown");
    judged(&server, &id, at(180)).await;
    server
        .store
        .add_batch(&id, &Batch::default())
        .await
        .unwrap();
    judged(&server, &id, at(180)).await;
    let mut expected = [by_id.0, by_name.0];
    expected.sort();
    assert_eq!(offered().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_note_comes_back_as_it_was() {
    let (server, id) = with(&small_bundle()).await;
    let (me, backend) = (Caller::LocalUser, &server.state.backend);
    let mut draft = note(10);
    draft.series = vec!["latency".into()];
    let first = backend
        .put_annotation(&me, &id, draft.clone())
        .await
        .unwrap();
    backend
        .delete_annotation(&me, &id, &first.id)
        .await
        .unwrap();
    draft.id = Some(first.id.clone());
    let again = backend
        .put_annotation(&me, &id, draft.clone())
        .await
        .unwrap();
    assert_eq!(again, first);
    draft.id = Some("note-of-nobody".into());
    assert!(backend.put_annotation(&me, &id, draft).await.is_err());
}

/// A stream as a browser reads it.
struct Listening(BodyDataStream, String);

impl Listening {
    async fn to(
        server: &TestServer,
        id: &IncidentId,
        known: Option<&str>,
    ) -> (Response, Option<Self>) {
        let mut request =
            get(&format!("/api/incidents/{id}/live")).header(header::ACCEPT_ENCODING, "br, gzip");
        if let Some(known) = known {
            request = request.header("last-event-id", known);
        }
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        if response.status() != 200 {
            return (response, None);
        }
        let (parts, body) = response.into_parts();
        let head = Response::from_parts(parts, Body::empty());
        (head, Some(Self(body.into_data_stream(), String::new())))
    }

    /// The data of the next event; `None` where the stream has ended.
    async fn next(&mut self) -> Option<serde_json::Value> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.1 = rest;
                if event.lines().all(|line| line.starts_with(':')) {
                    continue;
                }
                assert!(event.lines().any(|l| l == "event: changed"), "{event}");
                let data = event
                    .lines()
                    .find_map(|l| l.strip_prefix("data: "))
                    .unwrap();
                let data: serde_json::Value = serde_json::from_str(data).unwrap();
                let id = format!("id: {}", data["revision"].as_str().unwrap());
                assert!(event.lines().any(|l| l == id), "{event}");
                return Some(data);
            }
            let bytes = tokio::time::timeout(Duration::from_secs(30), self.0.next());
            let bytes = bytes.await.expect("the stream is silent")?.unwrap();
            self.1.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_of_every_change_and_of_none_twice() {
    let (server, id) = with(&small_bundle()).await;
    let (head, stream) = Listening::to(&server, &id, None).await;
    let mut stream = stream.unwrap();
    assert_eq!(head.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(
        !head.headers().contains_key(header::CONTENT_ENCODING),
        "it would be held back"
    );
    assert_eq!(head.headers()["x-content-type-options"], "nosniff");
    let first = stream.next().await.unwrap();

    let me = Caller::LocalUser;
    server
        .state
        .backend
        .put_annotation(&me, &id, note(10))
        .await
        .unwrap();
    let noted = stream.next().await.unwrap();
    assert_eq!(noted["evidence"], first["evidence"]);
    assert!(noted["notes"].as_u64() > first["notes"].as_u64());

    // Of other incidents nothing is told; several changes at once may come as one.
    empty(&server).await;
    let job = Job {
        id: "job-1".into(),
        incident: id.clone(),
        ..Job::default()
    };
    server.store.enqueue(&job).await.unwrap();
    server
        .store
        .add_batch(&id, &Batch::default())
        .await
        .unwrap();
    let mut last = stream.next().await.unwrap();
    while last["evidence"] == noted["evidence"] {
        last = stream.next().await.unwrap();
    }
    assert!(last["jobs"].as_u64() > noted["jobs"].as_u64());
    drop(stream);

    // Who comes back is told what they do not know, and otherwise waits.
    let known = last["revision"].as_str().unwrap();
    let (_, stream) = Listening::to(&server, &id, noted["revision"].as_str()).await;
    assert_eq!(stream.unwrap().next().await.unwrap(), last);
    let (_, stream) = Listening::to(&server, &id, Some(known)).await;
    let mut stream = stream.unwrap();
    server
        .store
        .add_batch(&id, &Batch::default())
        .await
        .unwrap();
    let next = stream.next().await.unwrap();
    assert!(next["evidence"].as_u64() > last["evidence"].as_u64());
    // What is no revision is not known.
    let (_, stream) = Listening::to(&server, &id, Some("yesterday")).await;
    assert_eq!(stream.unwrap().next().await.unwrap(), next);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_and_end_with_the_server() {
    let (mut server, id) = with(&small_bundle()).await;
    server.state.streams = Arc::new(Streams::at_most(2));
    let (_, one) = Listening::to(&server, &id, None).await;
    let (_, two) = Listening::to(&server, &id, None).await;
    let (mut one, two) = (one.unwrap(), two.unwrap());
    let (refused, _) = Listening::to(&server, &id, None).await;
    assert_eq!(refused.status().as_u16(), 503);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "30");
    let kind = &refused.headers()[header::CONTENT_TYPE];
    assert_eq!(kind, "application/problem+json");
    drop(two);
    let (_, again) = Listening::to(&server, &id, None).await;
    let mut again = again.expect("a stream that is closed makes room");

    assert!(one.next().await.is_some());
    server.state.streams.end();
    assert_eq!(one.next().await, None);
    assert_eq!(again.next().await, None);
    let (_, late) = Listening::to(&server, &id, None).await;
    assert_eq!(late.unwrap().next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_where_its_incident_does() {
    let (server, id) = with(&small_bundle()).await;
    let (_, stream) = Listening::to(&server, &id, None).await;
    let mut stream = stream.unwrap();
    assert!(stream.next().await.is_some());
    assert!(server.store.delete_incident(&id).await.unwrap());
    assert_eq!(stream.next().await, None);
    let (gone, _) = Listening::to(&server, &id, None).await;
    assert_eq!(gone.status().as_u16(), 404);
}
