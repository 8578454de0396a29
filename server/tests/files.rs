//! Files by hand through the routes: pasted, uploaded, asked about, answered, exported.

use crate::support::{Part, TestServer, at, multipart, post, text};
use app::backend::{Caller, Case, FileAnswer};
use axum::{body::Body, http::header};
use model::{Event, EventKind, IncidentId, bundle::QuestionField};
use sqlx::Connection as _;
use std::fmt::Write as _;

const TOUCH: &str =
    "$ time touch /app/x\n\nreal 0m0.010s\n$ time touch /mnt/efs/x\n\nreal 0m0.334s\n";

/// An hour of the story's flood, from 2020-05-20 02:00 on.
fn log() -> String {
    (0..60).fold(String::new(), |mut log, minute| {
        writeln!(
            log,
            "W0520 02:{minute:02}:00.000000    3851 mount_helper_common.go:36] Warning: Unmount \
             skipped because path does not exist: /var/lib/kubelet/pods/x/sess_{minute}A"
        )
        .unwrap();
        log
    })
}

async fn send(server: &TestServer, path: &str, parts: &[Part<'_>]) -> (u16, String, String) {
    let (kind, body) = multipart(parts);
    let request = post(path).header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    let location = response.headers().get(header::LOCATION).cloned();
    let location = location.map_or_else(String::new, |l| l.to_str().unwrap().to_owned());
    (response.status().as_u16(), location, text(response).await)
}

/// Adds a file that was taken at a time to an incident.
async fn add(server: &TestServer, id: &IncidentId, name: &str, taken: &str, content: &str) {
    let parts: [Part<'_>; 2] = [
        ("files", Some(name), content.as_bytes()),
        ("observed_at", None, taken.as_bytes()),
    ];
    let (status, _, page) = send(server, &format!("/incidents/{id}/files"), &parts).await;
    assert_eq!(status, 303, "{page}");
}

/// An incident made of the log and the pasted touches.
async fn by_hand() -> (TestServer, IncidentId) {
    by_hand_on(TestServer::start().await).await
}

async fn by_hand_on(server: TestServer) -> (TestServer, IncidentId) {
    let log = log();
    let (status, location, page) = send(
        &server,
        "/import",
        &[
            ("title", None, b"By hand"),
            ("start", None, b"2020-05-20 00:00"),
            ("end", None, b"2020-05-20 06:00"),
            ("observed_at", None, b""),
            ("files", Some("kubelet.log"), log.as_bytes()),
            ("text", None, TOUCH.as_bytes()),
        ],
    )
    .await;
    assert_eq!(status, 303, "{page}");
    let id = location.strip_prefix("/incidents/").unwrap().to_owned();
    (server, IncidentId(id))
}

async fn case(server: &TestServer, id: &IncidentId) -> Case {
    let backend = &server.state.backend;
    backend.case(&Caller::LocalUser, id).await.unwrap()
}

fn answer(path: &str) -> FileAnswer {
    FileAnswer {
        path: path.into(),
        observed_at: Some(at(185)),
        timezone: Some("UTC".into()),
        columns: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pasted_and_uploaded_is_listed_with_its_questions() {
    let (server, id) = by_hand().await;
    let case = case(&server, &id).await;
    let [log, touch] = case.files.as_slice() else {
        panic!("{:?}", case.files)
    };
    assert_eq!(
        (log.file.path.as_str(), log.kind.as_str()),
        ("files/kubelet.log", "a log")
    );
    assert_eq!((log.series, log.events), (0, 1));
    let fields: Vec<_> = log.questions.iter().map(|q| q.field).collect();
    assert_eq!(fields, [QuestionField::Timezone, QuestionField::ObservedAt]);
    assert_eq!(log.proposed.observed_at, Some(at(180)));
    assert_eq!(log.proposed.timezone.as_deref(), Some("UTC"));
    assert_eq!(log.file.observed_at, None);
    assert_eq!(touch.file.path, "files/pasted.txt");
    let (status, page) = server.get(&format!("/incidents/{id}")).await;
    assert_eq!(status, 200);
    assert!(page.contains("have no year"));
    assert!(page.contains("2 files wait for an answer: kubelet.log, pasted.txt."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_puts_the_file_on_the_clock_and_another_takes_its_place() {
    let (server, id) = by_hand().await;
    let backend = &server.state.backend;
    let me = Caller::LocalUser;
    backend
        .answer_file(&me, &id, answer("files/kubelet.log"))
        .await
        .unwrap();
    let first = case(&server, &id).await;
    assert!(first.files[0].questions.is_empty(), "{:?}", first.files[0]);
    let event = |case: &Case| {
        let found = case.evidence.event("files/kubelet.log#1");
        found.expect("the pattern").start
    };
    assert_eq!(event(&first), Some(at(120)));
    let curve = |case: &Case| {
        let series = &case.evidence.series;
        let of_log = series.iter().filter(|s| s.meta.source == "kubelet-log");
        of_log
            .map(|s| s.samples.span().unwrap().0)
            .collect::<Vec<_>>()
    };
    assert_eq!(curve(&first), [at(120)]);

    let other = FileAnswer {
        timezone: Some("+01:00".into()),
        ..answer("files/kubelet.log")
    };
    backend.answer_file(&me, &id, other).await.unwrap();
    let second = case(&server, &id).await;
    assert_eq!(event(&second), Some(at(60)));
    assert_eq!(
        curve(&second),
        [at(60)],
        "no sample of the first reading stays"
    );
    let of_log = second
        .evidence
        .provenance
        .iter()
        .filter(|p| p.query == "files/kubelet.log");
    assert_eq!(of_log.count(), 1);

    // Taken back, it is unknown again.
    let nothing = FileAnswer {
        path: "files/kubelet.log".into(),
        ..FileAnswer::default()
    };
    backend.answer_file(&me, &id, nothing).await.unwrap();
    let third = case(&server, &id).await;
    assert_eq!(third.files[0].questions.len(), 2);
    assert!(curve(&third).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_answer_is_refused_and_changes_nothing() {
    let (server, id) = by_hand().await;
    let backend = &server.state.backend;
    let me = Caller::LocalUser;
    let before = case(&server, &id).await;
    let mars = FileAnswer {
        timezone: Some("Mars/Olympus".into()),
        ..answer("files/kubelet.log")
    };
    let refused = backend.answer_file(&me, &id, mars).await.unwrap_err();
    assert!(
        refused
            .field("timezone")
            .unwrap()
            .contains("'Mars/Olympus' is no time zone")
    );
    assert!(
        backend
            .answer_file(&me, &id, answer("files/none"))
            .await
            .is_err()
    );
    let share = Caller::Share("x".into());
    assert!(
        backend
            .answer_file(&share, &id, answer("files/kubelet.log"))
            .await
            .is_err()
    );
    assert!(backend.add_files(&share, &id, Vec::new()).await.is_err());
    assert_eq!(case(&server, &id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_files_that_matter_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("lineup.db").display());
    let (server, id) = by_hand_on(TestServer::at(&url).await).await;
    // A piece of one file is nowhere, so that nobody can load it.
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO file_parts (incident, path, position, content)
         SELECT incident, path, 2, x'00' FROM files WHERE path = 'files/pasted.txt'",
    )
    .execute(&mut database)
    .await
    .unwrap();
    database.close().await.unwrap();
    assert!(server.store.files(&id).await.is_err());

    let backend = &server.state.backend;
    let me = Caller::LocalUser;
    let log = answer("files/kubelet.log");
    backend.answer_file(&me, &id, log).await.unwrap();
    let touch = backend.answer_file(&me, &id, answer("files/pasted.txt"));
    assert!(touch.await.is_err());
    // Counters go on from file to file of their kind, and those are loaded.
    for (name, taken, readdir) in [
        ("a", "2020-05-20 03:00", 9_000),
        ("b", "2020-05-20 03:20", 69_000),
    ] {
        let nfsstat = format!(
            "Client rpc stats:\ncalls retrans\n{readdir} 0\nClient nfs v4:\nread readdir\n10 {readdir}\n"
        );
        add(&server, &id, name, taken, &nfsstat).await;
    }
    let evidence = server.store.evidence(&id).await.unwrap().unwrap();
    let rate = |e: &&Event| e.title.contains("50 a second");
    let with_rate: Vec<&str> = evidence
        .events
        .iter()
        .filter(rate)
        .map(|e| e.id.as_str())
        .collect();
    assert!(
        with_rate.len() == 1 && with_rate[0].starts_with("files/b#"),
        "{with_rate:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_files_join_an_incident_that_is_there() {
    let (server, id) = by_hand().await;
    let path = format!("/incidents/{id}/files");
    let table = b"when;latency (ms)\n2020-05-20T03:00:00Z;334\n2020-05-20T03:01:00Z;331\n";
    let parts: [Part<'_>; 3] = [
        ("files", Some("../pasted.txt"), table),
        (
            "text",
            None,
            b"Client nfs v4:\nread readdir\n100 69% 4500 31%\n",
        ),
        ("observed_at", None, b"2020-05-20 03:05"),
    ];
    let (status, location, page) = send(&server, &path, &parts).await;
    assert_eq!(
        (status, location),
        (303, format!("/incidents/{id}")),
        "{page}"
    );
    let more = case(&server, &id).await;
    let paths: Vec<_> = more.files.iter().map(|f| f.file.path.as_str()).collect();
    let expected = [
        "files/2-2-pasted.txt",
        "files/2-pasted.txt",
        "files/kubelet.log",
        "files/pasted.txt",
    ];
    assert_eq!(paths, expected);
    let latency = more
        .evidence
        .series
        .iter()
        .find(|s| s.meta.name == "latency");
    assert_eq!(latency.unwrap().samples.len(), 2);
    let readdir = more
        .evidence
        .events
        .iter()
        .find(|e| e.title.starts_with("readdir is"));
    assert_eq!(readdir.unwrap().start, Some(at(185)));

    let (status, _, page) = send(&server, &path, &[("text", None, b"  ")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("nothing was chosen"));
    let nowhere = format!("/incidents/{}/files", "f".repeat(32));
    assert_eq!(
        send(&server, &nowhere, &[("text", None, b"x")]).await.0,
        404
    );
}

/// Starts of an incident's restarts, in minutes.
async fn restarts(server: &TestServer, id: &IncidentId) -> Vec<i64> {
    let evidence = server.store.evidence(id).await.unwrap().unwrap();
    let restarts = evidence.events.iter();
    let restarts = restarts.filter(|e| e.kind == EventKind::ContainerRestart);
    let minute = |e: &Event| e.at().unwrap().since(at(0)) / 60_000;
    let mut all: Vec<i64> = restarts.map(minute).collect();
    all.sort_unstable();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_takes_nothing_from_files_that_showed_the_same() {
    let (server, id) = by_hand().await;
    for (name, taken, ago) in [
        ("a", "2020-05-20 03:00", 5),
        ("b", "2020-05-20 03:10", 15),
        ("b", "2020-05-20 03:10", 15),
    ] {
        let table = format!(
            "NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web 1/1 Running 1 ({ago}m ago) 2d\n"
        );
        add(&server, &id, name, taken, &table).await;
    }
    // What is sent twice is there once.
    assert_eq!(case(&server, &id).await.files.len(), 4);
    assert_eq!(restarts(&server, &id).await, [175]);
    let backend = &server.state.backend;
    let taken = |path: &str, minute| FileAnswer {
        observed_at: Some(at(minute)),
        timezone: None,
        ..answer(path)
    };
    let me = Caller::LocalUser;
    for (answered, expected) in [
        (taken("files/a", 245), vec![175, 240]),
        (taken("files/a", 180), vec![175]),
        (taken("files/b", 255), vec![175, 240]),
        (taken("files/b", 190), vec![175]),
    ] {
        let path = answered.path.clone();
        backend.answer_file(&me, &id, answered).await.unwrap();
        assert_eq!(restarts(&server, &id).await, expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_incident_exports_as_a_bundle_that_says_the_same() {
    let (server, id) = by_hand().await;
    let backend = &server.state.backend;
    for path in ["files/kubelet.log", "files/pasted.txt"] {
        backend
            .answer_file(&Caller::LocalUser, &id, answer(path))
            .await
            .unwrap();
    }
    let bundle = server::case::export(&*server.store, &id)
        .await
        .unwrap()
        .unwrap();
    assert!(bundle.series.is_empty() && bundle.events.is_empty());
    let log = bundle
        .files
        .iter()
        .find(|f| f.path == "files/kubelet.log")
        .unwrap();
    assert_eq!(log.timezone.as_deref(), Some("UTC"));
    let mut read = sources::evidence_of(&bundle).unwrap();
    let mut stored = case(&server, &id).await.evidence;
    for evidence in [&mut read, &mut stored] {
        evidence.provenance.clear();
    }
    assert_eq!(read, stored);
}
