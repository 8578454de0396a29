//! What people do with an incident as a whole, and forms that are refused.

use crate::support::{Part, TestServer, at, multipart, post, small_bundle};
use app::{
    ApiError,
    backend::{AnnotationDraft, Caller, ShareDraft},
};
use axum::{body::Body, http::header};
use model::{
    Incident, IncidentId,
    incident::{IncidentState, Job, JobState},
};
use server::case;

const ME: Caller = Caller::LocalUser;

async fn with_incident() -> (TestServer, IncidentId) {
    let server = TestServer::start().await;
    let imported = case::import(&*server.store, &small_bundle(), &*server.clock)
        .await
        .unwrap();
    (server, imported.id)
}

/// Posts a form as a browser without JavaScript does; where it is sent then.
async fn posted(server: &TestServer, call: &str, form: String) -> String {
    let request = post(&format!("/api/{call}"))
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "http://127.0.0.1:3000/incidents")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = server.send(request.body(Body::from(form)).unwrap()).await;
    let place = response.headers().get(header::LOCATION);
    place.map_or_else(String::new, |l| l.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_deleted_only_when_that_is_confirmed() {
    let (server, id) = with_incident().await;
    let share = server
        .state
        .backend
        .share(&ME, &id, ShareDraft::default())
        .await
        .unwrap();
    let (_, page) = server.get(&format!("/incidents/{id}")).await;
    assert!(page.contains("Delete the incident") && page.contains("name=\"confirmed\""));
    let place = posted(&server, "delete_incident", format!("incident={id}")).await;
    assert!(place.contains("__err"), "{place}");
    assert_eq!(server.store.incidents().await.unwrap().len(), 1);
    let form = format!("incident={id}&confirmed=true");
    let place = posted(&server, "delete_incident", form).await;
    assert_eq!(place, "/incidents");
    assert!(server.store.incidents().await.unwrap().is_empty());
    assert_eq!(server.get(&format!("/incidents/{id}")).await.0, 404);
    assert_eq!(server.get(&share.link_path).await.0, 404);
    let (_, list) = server.get("/incidents").await;
    assert!(list.contains("No incident yet"));
    let stranger = Caller::Share("x".into());
    let refused = server.state.backend.delete_incident(&stranger, &id).await;
    assert_eq!(refused, Err(ApiError::Forbidden));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_corrected_everywhere() {
    let (server, id) = with_incident().await;
    posted(
        &server,
        "rename",
        format!("incident={id}&title=Mail+is+slow"),
    )
    .await;
    for path in ["/incidents".to_owned(), format!("/incidents/{id}/report")] {
        let (_, page) = server.get(&path).await;
        assert!(page.contains("Mail is slow"), "{path}");
    }
    let place = posted(&server, "rename", format!("incident={id}&title=+")).await;
    assert!(place.contains("__err"), "{place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_belongs_into_the_window() {
    let (server, id) = with_incident().await;
    let backend = &server.state.backend;
    let draft = |start: i64, end: Option<i64>| AnnotationDraft {
        id: None,
        start: at(start),
        end: end.map(at),
        text: "x".into(),
        ..AnnotationDraft::default()
    };
    for (start, end, field) in [
        (-1, None, "start"),
        (361, None, "start"),
        (400, Some(500), "start"),
        (-90, Some(-30), "end"),
    ] {
        let refused = backend.put_annotation(&ME, &id, draft(start, end)).await;
        let said = refused.unwrap_err().field(field).unwrap();
        assert!(said.contains("outside of the incident's window"), "{said}");
    }
    assert!(server.store.annotations(&id).await.unwrap().is_empty());
    for (start, end) in [(0, None), (360, None), (-30, Some(30))] {
        backend
            .put_annotation(&ME, &id, draft(start, end))
            .await
            .unwrap();
    }
    // A clock time alone is on the window's own day.
    let form = format!("incident={id}&start=03:00&end=&text=alerts");
    posted(&server, "save_annotation", form).await;
    let notes = server.store.annotations(&id).await.unwrap();
    assert!(notes.iter().any(|n| n.start == at(180)), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_pull_is_made_again_with_the_same_choices() {
    let server = TestServer::start().await;
    let incident = Incident {
        id: IncidentId("a".repeat(32)),
        title: "Pulled".into(),
        window: small_bundle().header.window,
        ..Incident::default()
    };
    server.store.create_incident(&incident).await.unwrap();
    let job = Job {
        id: "b".repeat(32),
        incident: incident.id.clone(),
        kind: "nothing this version knows".into(),
        spec: serde_json::json!({"what": "was asked"}),
        ..Job::default()
    };
    server.store.enqueue(&job).await.unwrap();
    let early = posted(&server, "retry_job", format!("id={}", job.id)).await;
    assert!(early.contains("__err"), "it has not failed yet: {early}");
    server.worker.run_one(at(0)).await.unwrap();
    let page = format!("/incidents/{}", incident.id);
    let (_, html) = server.get(&page).await;
    assert!(html.contains("Try again") && html.contains("nothing came"));
    assert!(!html.contains("Nobody to suspect") && !html.contains("When the pull is done"));
    server.forward(1_000);
    posted(&server, "retry_job", format!("id={}", job.id)).await;
    let jobs = server.store.jobs(&incident.id).await.unwrap();
    let again = jobs.iter().find(|j| j.id != job.id).unwrap();
    assert_eq!((again.state, &again.spec), (JobState::Queued, &job.spec));
    let now = server.store.incident(&incident.id).await.unwrap().unwrap();
    assert_eq!(now.state, IncidentState::Collecting);
    let (_, html) = server.get(&page).await;
    assert!(!html.contains("Try again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_is_back_at_its_form_with_what_was_written() {
    let server = TestServer::start().await;
    let parts: [Part<'_>; 5] = [
        ("files", Some("a.txt"), b"x"),
        ("title", None, b"Slow <b>mail</b>"),
        ("start", None, b"22/05/2020 03:00"),
        ("end", None, b"2020-05-22 06:00"),
        ("observed_at", None, b""),
    ];
    let (kind, body) = multipart(&parts);
    let request = post("/import")
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status().as_u16(), 303);
    let place = response.headers()[header::LOCATION].to_str().unwrap();
    assert!(place.starts_with("/incidents/new?"), "{place}");
    let (status, page) = server.get(place).await;
    assert_eq!(status, 200);
    for part in [
        "aria-label=\"Main\"",
        "write it like 2020-05-22 03:00",
        "nothing was stored",
        "value=\"Slow &lt;b&gt;mail&lt;/b&gt;\"",
        "value=\"22/05/2020 03:00\"",
        "value=\"2020-05-22 06:00\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let at_field = "<span class=\"field-fault\">'22/05/2020 03:00'";
    let plain = page
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("<!>", "");
    assert!(plain.contains(at_field), "the field says it too");

    let (server, id) = with_incident().await;
    let (kind, body) = multipart(&[("text", None, b"")]);
    let request = post(&format!("/incidents/{id}/files"))
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    let place = response.headers()[header::LOCATION].to_str().unwrap();
    let (_, page) = server.get(place).await;
    assert!(page.contains("nothing was chosen") && page.contains("id=\"h-files\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_propose_the_last_day() {
    let server = TestServer::start().await;
    let (_, page) = server.get("/incidents/new").await;
    // The clock of the test stands at 2020-05-20 00:00.
    for value in ["value=\"2020-05-19 00:00\"", "value=\"2020-05-20 00:00\""] {
        assert_eq!(page.matches(value).count(), 2, "{value}");
    }
}
