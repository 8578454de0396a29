//! The routes over a database in memory: who may call what, and what comes back.

use crate::support::{Part, TestServer, at, get, multipart, post, small_bundle, text};
use app::backend::{AnnotationDraft, Caller, ShareDraft};
use axum::{
    body::Body,
    http::{Request, header},
};
use model::{Annotation, Batch, IncidentId, Provenance, time::DAY};
use server::{
    case,
    http::connections::{self, Patience},
};
use std::io::Cursor;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

async fn with_incident() -> (TestServer, IncidentId) {
    let server = TestServer::start().await;
    let imported = case::import(&*server.store, &small_bundle(), &*server.clock)
        .await
        .unwrap();
    (server, imported.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_carries_a_strict_policy_with_a_fresh_nonce() {
    let (server, id) = with_incident().await;
    let mut nonces = Vec::new();
    for path in [
        "/",
        "/incidents",
        "/incidents/new",
        &format!("/incidents/{id}"),
        "/nowhere",
    ] {
        let response = server.send(get(path).body(Body::empty()).unwrap()).await;
        let headers = response.headers().clone();
        let policy = headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let page = text(response).await;
        assert!(
            page.contains(&format!("nonce=\"{nonce}\"")),
            "{path}: no element has the nonce"
        );
        for script in page.split("<script").skip(1) {
            assert!(
                script.split('>').next().unwrap().contains("nonce="),
                "{path}: {script:.80}"
            );
        }
        assert!(
            !page.contains(" style=\""),
            "{path}: an inline style would be blocked"
        );
        assert!(!nonces.contains(&nonce), "a nonce came twice");
        nonces.push(nonce);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_not_served() {
    let (server, id) = with_incident().await;
    for host in [
        "evil.example",
        "127.0.0.1.evil.example:3000",
        "192.168.1.7:3000",
    ] {
        let request = Request::get(format!("/incidents/{id}")).header(header::HOST, host);
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 421, "{host}");
        assert!(!text(response).await.contains("shop"));
    }
    let request = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(
        server.send(request).await.status().as_u16(),
        421,
        "no host at all"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_refuses_another_site() {
    let (server, _) = with_incident().await;
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(
        functions.len() >= 8,
        "too few server functions are registered: {functions:?}"
    );
    for (path, method) in functions {
        assert!(path.starts_with("/api/"), "{path}");
        for site in ["cross-site", "same-site", "none"] {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header(header::HOST, "localhost:3000")
                .header("sec-fetch-site", site)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let response = server.send(request.body(Body::empty()).unwrap()).await;
            // A read by GET has no route at all; everything else is refused for its origin.
            assert!(
                matches!(response.status().as_u16(), 403 | 405),
                "{path}: {}",
                response.status()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_an_incident_and_again_the_same_one() {
    let server = TestServer::start().await;
    let mut zip = Cursor::new(Vec::new());
    sources::bundle::write_zip(&small_bundle(), &mut zip).unwrap();
    let (kind, body) = multipart(&[("bundle", Some("incident.zip"), zip.get_ref())]);
    let mut places = Vec::new();
    for _ in 0..2 {
        let request = post("/import").header(header::CONTENT_TYPE, &kind);
        let response = server
            .send(request.body(Body::from(body.clone())).unwrap())
            .await;
        assert_eq!(response.status().as_u16(), 303);
        places.push(
            response.headers()[header::LOCATION]
                .to_str()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(places[0], places[1]);
    assert_eq!(server.store.incidents().await.unwrap().len(), 1);
    let (status, page) = server.get(&places[0]).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("Slow &lt;b&gt;shop") && !page.contains("<b>shop"),
        "the title is escaped"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_from_another_site_stores_nothing() {
    let server = TestServer::start().await;
    let mut zip = Cursor::new(Vec::new());
    sources::bundle::write_zip(&small_bundle(), &mut zip).unwrap();
    let (kind, body) = multipart(&[("bundle", Some("incident.zip"), zip.get_ref())]);
    let request = Request::post("/import")
        .header(header::HOST, "localhost:3000")
        .header(header::ORIGIN, "http://evil.example")
        .header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status().as_u16(), 403);
    assert!(server.store.incidents().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_upload_says_what_is_wrong_where_and_stores_nothing() {
    let server = TestServer::start().await;
    let cases: [(&[Part<'_>], &str); 4] = [
        (&[("bundle", Some("x.zip"), b"this is no zip")], "zip"),
        (&[], "no file was chosen"),
        (
            &[
                ("files", Some("a.txt"), b"x"),
                ("title", None, b"T"),
                ("start", None, b"soon"),
            ],
            "start",
        ),
        (
            &[
                ("files", Some("a.txt"), b"x"),
                ("title", None, b"T"),
                ("start", None, b"2020-05-22T03:00"),
                ("end", None, b"2020-05-22T02:00"),
            ],
            "end",
        ),
    ];
    for (parts, expected) in cases {
        let (kind, body) = multipart(parts);
        let request = post("/import").header(header::CONTENT_TYPE, kind);
        let response = server.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(response.status().as_u16(), 422, "{expected}");
        let page = text(response).await;
        assert!(page.contains(expected), "{expected} is not named: {page}");
    }
    assert!(server.store.incidents().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_listing_becomes_an_incident() {
    let server = TestServer::start().await;
    server.forward(5 * DAY); // nothing is read that lies after the present
    let listing = b"NAMESPACE NAME READY STATUS RESTARTS AGE\nshop shop-web-797fbbbc6d-whjpp 0/2 Terminating 0 25h\n";
    let (kind, body) = multipart(&[
        ("files", Some("pods.txt"), listing),
        ("title", None, b"Zombies"),
        ("start", None, b"2020-05-20T00:00"),
        ("end", None, b"2020-05-23T00:00"),
        ("observed_at", None, b"2020-05-22T09:00"),
    ]);
    let request = post("/import").header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status().as_u16(), 303);
    let place = response.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let (_, page) = server.get(&place).await;
    assert!(
        page.contains("shop-web-797fbbbc6d-whjpp") && page.contains("25 h"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_link_opens_only_its_window_and_closes_for_good() {
    let (server, id) = with_incident().await;
    let me = Caller::LocalUser;
    let backend = &server.state.backend;
    let draft = |minute: i64, text: &str| AnnotationDraft {
        id: None,
        start: at(minute),
        end: None,
        text: text.into(),
        ..AnnotationDraft::default()
    };
    let before = Annotation {
        id: "before".into(),
        start: at(-40),
        text: "SECRET note".into(),
        ..Annotation::default()
    };
    server.store.put_annotation(&id, &before).await.unwrap();
    backend
        .put_annotation(&me, &id, draft(200, "seen by the team"))
        .await
        .unwrap();

    let open = backend
        .share(&me, &id, ShareDraft::default())
        .await
        .unwrap();
    let (status, page) = server.get(&open.link_path).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("seen by the team"),
        "the note is in the shared report"
    );
    assert!(
        !page.contains("SECRET"),
        "something outside the window was shown"
    );
    assert!(!page.contains(&id.0), "the id of the incident was shown");

    let short = backend
        .share(
            &me,
            &id,
            ShareDraft {
                expires_in_days: Some(1),
                ..ShareDraft::default()
            },
        )
        .await
        .unwrap();
    server.forward(DAY);
    backend.revoke_share(&me, &open.share.id).await.unwrap();
    let mut answers = Vec::new();
    for path in [
        &open.link_path,
        &short.link_path,
        &format!("/s/{}", "A".repeat(43)),
    ] {
        let (status, page) = server.get(path).await;
        assert_eq!(status, 404, "{path}");
        let token = path.strip_prefix("/s/").unwrap();
        answers.push(without_nonce(&page).replace(token, "TOKEN"));
    }
    assert!(
        answers.iter().all(|a| *a == answers[0]),
        "revoked, expired and unknown answer alike"
    );
}

/// The page with the only thing blanked that differs from answer to answer.
fn without_nonce(page: &str) -> String {
    let Some(nonce) = page
        .split("nonce=\"")
        .nth(1)
        .and_then(|r| r.split('"').next())
    else {
        return page.to_owned();
    };
    page.replace(nonce, "NONCE")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_stored_and_a_share_may_do_nothing_else() {
    let (server, id) = with_incident().await;
    let made = server
        .state
        .backend
        .share(&Caller::LocalUser, &id, ShareDraft::default())
        .await
        .unwrap();
    let token = made.link_path.strip_prefix("/s/").unwrap().to_owned();
    assert!(token.len() >= 22, "128 bits need 22 characters");
    let stored = server.store.shares(&id).await.unwrap();
    assert_ne!(stored[0].token_hash, token);
    assert_eq!(
        stored[0].token_hash,
        model::bundle::sha256_hex(token.as_bytes())
    );
    let share = Caller::Share(token);
    let backend = &server.state.backend;
    assert!(backend.overview(&share).await.is_err());
    assert!(backend.case(&share, &id).await.is_err());
    assert!(backend.shares(&share, &id).await.is_err());
    assert!(
        backend
            .share(&share, &id, ShareDraft::default())
            .await
            .is_err()
    );
    let draft = AnnotationDraft {
        id: None,
        start: at(1),
        end: None,
        text: "x".into(),
        ..AnnotationDraft::default()
    };
    assert!(backend.put_annotation(&share, &id, draft).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_and_the_bundle_can_be_taken_away() {
    let (server, id) = with_incident().await;
    for (ending, kind) in [
        ("html", "text/html"),
        ("md", "text/markdown"),
        ("json", "application/json"),
    ] {
        let path = format!("/incidents/{id}/report.{ending}");
        let response = server.send(get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 200, "{ending}");
        assert!(
            response.headers()[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with(kind)
        );
        assert!(
            response.headers()[header::CONTENT_DISPOSITION]
                .to_str()
                .unwrap()
                .contains(ending)
        );
        // In JSON a title is data; wherever it is shown it is only text.
        let hostile = ending != "json" && text(response).await.contains("<b>shop");
        assert!(!hostile, "{ending}: the title is markup");
    }
    let response = server
        .send(
            get(&format!("/incidents/{id}/bundle.zip"))
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap();
    let back = sources::bundle::read_zip(Cursor::new(bytes.to_vec())).unwrap();
    assert_eq!(back.series, small_bundle().series);
    assert!(back.figures.is_some() && back.report_md.is_some());
    let (status, _) = server
        .get("/incidents/ffffffffffffffffffffffffffffffff/report.html")
        .await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_a_new_share_link_stands_on_the_page_that_made_it() {
    let (server, id) = with_incident().await;
    let request = post("/api/make_share")
        .header(header::ACCEPT, "text/html")
        .header(
            header::REFERER,
            format!("http://127.0.0.1:3000/incidents/{id}/report"),
        )
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = Body::from(format!("incident={id}&rules[version]=&days=7"));
    let response = server.send(request.body(body).unwrap()).await;
    assert!(response.status().is_redirection(), "{}", response.status());
    let place = response.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    // The address of the page names the link, and not its token.
    let (status, page) = server.get(&place).await;
    assert_eq!(status, 200);
    let link = page.split("data-path=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    assert!(
        link.starts_with("/s/") && !place.contains(&link[3..]),
        "{link}"
    );
    let (_, again) = server.get(&place).await;
    assert!(!again.contains(&link), "it is shown once");
    let (status, page) = server.get(&link).await;
    assert_eq!(status, 200);
    assert!(page.contains("Shared read-only"));
}

/// A call of a server function as a program makes it.
async fn called(
    server: &TestServer,
    request: axum::http::request::Builder,
    body: &str,
) -> (u16, String) {
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = server.send(request).await;
    let status = response.status().as_u16();
    (status, text(response).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_client_is_told_as_one() {
    let (server, id) = with_incident().await;
    let form = "application/x-www-form-urlencoded";
    let post = |path: &str, kind: &str| post(path).header(header::CONTENT_TYPE, kind);
    let large = format!("incident={id}&title={}", "x".repeat(300 * 1024));
    for (path, kind, body, status) in [
        ("/api/nothing", form, "", 404),
        ("/api/rename", form, "nonsense", 400),
        ("/api/rename", form, large.as_str(), 413),
        ("/api/rename", "application/json", "{}", 415),
        ("/api/overview", "text/plain", "", 200),
    ] {
        let (answered, said) = called(&server, post(path, kind), body).await;
        assert_eq!(answered, status, "{path} {kind}: {said:.200}");
        assert!(!said.contains("prefix"), "the framework's words: {said}");
    }
    let (status, _) = called(&server, post("/api/make_share", form), "days=soon").await;
    assert_eq!(status, 400);
    let response = server
        .send(get("/api/overview").body(Body::empty()).unwrap())
        .await;
    assert_eq!(response.status().as_u16(), 405);
    assert_eq!(response.headers()[header::ALLOW], "POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_upload_is_a_problem_and_for_people_a_page() {
    let (server, id) = with_incident().await;
    for path in ["/import".to_owned(), format!("/incidents/{id}/files")] {
        for (accept, kind) in [
            ("*/*", "application/problem+json"),
            ("text/html", "text/html; charset=utf-8"),
        ] {
            let request = post(&path)
                .header(header::CONTENT_TYPE, "text/csv")
                .header(header::ACCEPT, accept)
                .body(Body::from("a,b"))
                .unwrap();
            let response = server.send(request).await;
            assert_eq!(response.status().as_u16(), 415, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], kind, "{path}");
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str();
            assert!(policy.unwrap().starts_with("default-src 'none'"));
            let said = text(response).await;
            assert!(said.contains("multipart/form-data"), "{said}");
        }
    }
}

/// Where a plain form is sent back to.
async fn sent_back(server: &TestServer, referer: Option<&str>, form: &str) -> String {
    let mut request = post("/api/rename")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(referer) = referer {
        request = request.header(header::REFERER, referer);
    }
    let request = request.body(Body::from(form.to_owned())).unwrap();
    let response = server.send(request).await;
    assert!(response.status().is_redirection(), "{}", response.status());
    let place = response.headers()[header::LOCATION].to_str().unwrap();
    place.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_site() {
    let (server, id) = with_incident().await;
    let good = format!("incident={id}&title=Other");
    let bad = format!("incident={id}&title=");
    let home = "http://127.0.0.1:3000/";
    for form in [&good, &bad] {
        for referer in [
            Some("http://evil.example/x"),
            Some("http://127.0.0.1:3000@evil.example/"),
            None,
        ] {
            let place = sent_back(&server, referer, form).await;
            let at_home = place.starts_with(home) || place == "/?done=renamed";
            assert!(at_home, "{referer:?}: {place}");
        }
    }
    let own = format!("{home}incidents/{id}");
    let place = format!("/incidents/{id}?done=renamed");
    assert_eq!(sent_back(&server, Some(&own), &good).await, place);
    // Once more, from the page that says so.
    let own = format!("http://127.0.0.1:3000{place}");
    assert_eq!(sent_back(&server, Some(&own), &good).await, place);
    let (_, page) = server.get(&place).await;
    assert!(page.contains("The title is changed."));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_server_said_is_shown_as_its_words() {
    let (server, id) = with_incident().await;
    let own = format!("http://127.0.0.1:3000/incidents/{id}");
    let place = sent_back(&server, Some(&own), &format!("incident={id}&title=")).await;
    let path = place.strip_prefix("http://127.0.0.1:3000").unwrap();
    let (status, page) = server.get(path).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("class=\"refused\"") && page.contains("title is needed"),
        "{page:.2000}"
    );
    assert!(
        !page.contains("not understood"),
        "the signature is no part of a view"
    );
    // Refused twice: the page says what is wrong now.
    let again = sent_back(&server, Some(&place), &format!("incident={id}&title=")).await;
    assert_eq!(again.matches("__err").count(), 1, "{again}");
    // {"Invalid":"call 555 and pay"}
    let theirs = "__path=%2Fapi%2Frename&__err=eyJJbnZhbGlkIjoiY2FsbCA1NTUgYW5kIHBheSJ9";
    for query in [theirs.to_owned(), format!("{theirs}&__sig=0011")] {
        let request = get(&format!("/incidents/{id}?text=x&{query}"));
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 303);
        let place = response.headers()[header::LOCATION].to_str().unwrap();
        assert_eq!(place, format!("/incidents/{id}?text=x"));
    }
}

/// What is read is answered by a route; for what is no request see `http::connections`.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_escaped_is_read_or_refused() {
    let (server, _) = with_incident().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = server::http::router(server.state.clone());
    let patience = Patience::default();
    let never = std::future::pending();
    let served = tokio::spawn(connections::serve(listener, routes, patience, never));
    for (query, status) in [
        ("text=ä", "200"),
        ("text='b'|{c}", "200"),
        ("text=b c", "400"),
        ("text=\"b\"", "400"),
        ("text=<b>", "400"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET /incidents?{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let begins = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&begins), "{query}: {answer:.300}");
    }
    served.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_of_the_database_shows_the_message_too() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let server = TestServer::at(&url("one.db")).await;
    let id = case::import(&*server.store, &small_bundle(), &*server.clock).await;
    let id = id.unwrap().id;
    let own = format!("http://127.0.0.1:3000/incidents/{id}");
    let place = sent_back(&server, Some(&own), &format!("incident={id}&title=")).await;
    let path = place.strip_prefix("http://127.0.0.1:3000").unwrap();
    let beside = TestServer::at(&url("one.db")).await;
    let (status, page) = beside.get(path).await;
    assert_eq!(status, 200, "{page:.500}");
    assert!(page.contains("title is needed"), "{page:.2000}");
    // As after a restart.
    server.store.close().await;
    beside.store.close().await;
    let after = TestServer::at(&url("one.db")).await;
    let (status, page) = after.get(path).await;
    assert_eq!(status, 200, "{page:.500}");
    assert!(page.contains("title is needed"), "{page:.2000}");
    // Whose database it is not has not said it.
    let foreign = TestServer::at(&url("other.db")).await;
    let (status, _) = foreign.get(path).await;
    assert_eq!(status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_follows_what_anybody_writes() {
    let (server, id) = with_incident().await;
    let (_, page) = server.get("/").await;
    assert!(!page.contains("late-source"));
    // As another process does: the incident itself stays as it is.
    let late = Batch {
        provenance: Provenance {
            source: "late-source".into(),
            ..Provenance::default()
        },
        ..Batch::default()
    };
    server.store.add_batch(&id, &late).await.unwrap();
    let (_, page) = server.get("/").await;
    assert!(page.contains("late-source"), "{page}");
    let other = case::import(&*server.store, &other_bundle(), &*server.clock).await;
    let (_, page) = server.get("/").await;
    assert!(page.contains("Another one"));
    server
        .store
        .delete_incident(&other.unwrap().id)
        .await
        .unwrap();
    for path in ["/", "/incidents"] {
        let (_, page) = server.get(path).await;
        assert!(!page.contains("Another one"), "{path}");
    }
}

fn other_bundle() -> model::Bundle {
    let mut bundle = small_bundle();
    bundle.header.title = "Another one".into();
    bundle
}
