//! A review, what is said about a report, the log of it all and a meeting, over a database in memory.

use crate::support::{TestServer, at, get, multipart, post, small_bundle, text};
use app::{
    ApiError,
    backend::{
        ActionChange, ActionDraft, ActionEdit, ActionsAsk, AnnotationDraft, Backend, Caller,
        CommentDraft, Comparison, Fate, JudgementDraft, Member, ReviewAsk, ReviewView, ShareDraft,
    },
};
use axum::{
    body::{Body, BodyDataStream},
    http::{Response, header},
};
use futures::StreamExt;
use model::{
    Bundle, IncidentId,
    action::ActionState,
    bundle::RawFile,
    judgement::Ruling,
    person::{PersonId, Role},
    review::{ReviewState, activity::Deed, comment::Anchor, content_digest},
};
use serde_json::{Value, json};
use server::{case, jobs::LiveSources};
use std::{sync::Arc, time::Duration};

const ME: Caller = Caller::LocalUser;

async fn with(bundle: &Bundle) -> (TestServer, IncidentId, Arc<dyn Backend>) {
    let server = TestServer::start().await;
    let imported = case::import(&*server.store, bundle, &*server.clock).await;
    let backend = server.state.backend.clone();
    (server, imported.unwrap().id, backend)
}

async fn steps(backend: &dyn Backend, id: &IncidentId, steps: &[ReviewAsk]) {
    for step in steps {
        let taken = backend.take_review_step(&ME, id, step.clone()).await;
        taken.unwrap();
    }
}

fn approve(version: u32, name: &str) -> ReviewAsk {
    ReviewAsk::Approve {
        version,
        in_name_of: name.into(),
    }
}

async fn seen(backend: &dyn Backend, id: &IncidentId) -> ReviewView {
    backend.review(&ME, id, None).await.unwrap()
}

fn note(minute: i64, text: &str) -> AnnotationDraft {
    AnnotationDraft {
        id: None,
        start: at(minute),
        end: None,
        text: text.into(),
        ..AnnotationDraft::default()
    }
}

async fn deeds(backend: &dyn Backend, id: &IncidentId) -> Vec<Deed> {
    let page = backend.activity(&ME, id, None).await.unwrap();
    page.steps.iter().rev().map(|s| s.deed).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_opens_an_approved_report_again_and_what_was_frozen_stays() {
    let (server, id, backend) = with(&small_bundle()).await;
    let names = ReviewAsk::Name(vec!["Ada".into(), "Grace".into()]);
    let review = [
        names,
        ReviewAsk::Ask,
        approve(1, "Ada"),
        approve(1, "Grace"),
    ];
    steps(&*backend, &id, &review).await;
    let approved = seen(&*backend, &id).await;
    assert_eq!(approved.review.state, ReviewState::Approved);
    assert!(!approved.differs);
    assert_eq!(approved.review.approvals[0].entered_by, "local user");
    let frozen = server.store.version(&id, 1).await.unwrap().unwrap();
    assert_eq!(frozen.digest, content_digest(&frozen.report));

    // Neither what is done about it later, nor other incidents, nor talk is a change of the report.
    let draft = ActionDraft {
        title: "Alert".into(),
        owner: String::new(),
        alarm: None,
    };
    backend.add_action(&ME, &id, draft).await.unwrap();
    let mut other = small_bundle();
    other.header.title = "The same again".into();
    let other = case::import(&*server.store, &other, &*server.clock).await;
    other.unwrap();
    let talk = CommentDraft {
        thread: None,
        anchor: Anchor::Report,
        text: "good".into(),
        in_meeting: false,
    };
    backend.comment(&ME, &id, talk).await.unwrap();
    steps(&*backend, &id, &[ReviewAsk::Publish]).await;
    let published = seen(&*backend, &id).await;
    assert_eq!(published.review.state, ReviewState::Published);

    server.forward(60_000);
    let draft = note(10, "alerts began <b>here</b>");
    backend.put_annotation(&ME, &id, draft).await.unwrap();
    let again = seen(&*backend, &id).await;
    assert_eq!(again.review.state, ReviewState::Draft);
    assert_eq!(again.review.published, Some(1));
    let why = again.review.reopened.unwrap();
    assert_eq!((why.version, why.by.as_str()), (1, "local user"));
    assert_eq!(why.what, "wrote a note: alerts began <b>here</b>");
    assert_eq!(server.store.version(&id, 1).await.unwrap(), Some(frozen));

    // The difference is the note; nobody approves what the draft has left behind.
    let compare = Comparison { from: 1, to: None };
    let compared = backend.review(&ME, &id, Some(compare)).await.unwrap();
    let (_, changes) = compared.compared.unwrap();
    let added: String = changes
        .iter()
        .flat_map(|c| &c.runs)
        .filter(|(fate, _)| *fate == Fate::Added)
        .map(|(_, text)| text.as_str())
        .collect();
    assert!(added.contains("alerts began"), "{changes:?}");
    steps(&*backend, &id, &[ReviewAsk::Ask]).await;
    backend.rename(&ME, &id, "Another title").await.unwrap();
    let refused = backend.take_review_step(&ME, &id, approve(2, "Ada")).await;
    assert!(
        matches!(&refused, Err(ApiError::Invalid(text)) if text.contains("has been changed")),
        "{refused:?}"
    );
    assert!(seen(&*backend, &id).await.differs);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_changes_opens_it_again_at_the_next_look() {
    let (server, id, backend) = with(&small_bundle()).await;
    steps(&*backend, &id, &[ReviewAsk::Ask, approve(1, "")]).await;
    // Written behind the back of every person, as a pull does.
    let mut incident = server.store.incident(&id).await.unwrap().unwrap();
    incident.title = "Pulled".into();
    server.store.update_incident(&incident).await.unwrap();
    let refused = backend.take_review_step(&ME, &id, ReviewAsk::Publish).await;
    assert!(matches!(refused, Err(ApiError::Invalid(_))), "{refused:?}");
    let view = seen(&*backend, &id).await;
    assert_eq!(view.review.state, ReviewState::Draft);
    assert_eq!(view.review.reopened.unwrap().by, "");
    assert_eq!(view.review.published, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_many_ask_for_at_once_is_of_one_version() {
    let (server, id, backend) = with(&small_bundle()).await;
    let all = (0..8).map(|_| {
        let (backend, id) = (backend.clone(), id.clone());
        tokio::spawn(async move { backend.take_review_step(&ME, &id, ReviewAsk::Ask).await })
    });
    for asked in futures::future::join_all(all).await {
        asked.unwrap().unwrap();
    }
    assert_eq!(server.store.versions(&id).await.unwrap().len(), 1);
    let asked = [Deed::ReviewAsked];
    let log = deeds(&*backend, &id).await;
    assert_eq!(
        log.iter().filter(|d| asked.contains(d)).count(),
        1,
        "{log:?}"
    );
    // What says something else is a version of its own.
    backend.rename(&ME, &id, "Another title").await.unwrap();
    steps(&*backend, &id, &[ReviewAsk::Ask, ReviewAsk::Ask]).await;
    assert_eq!(server.store.versions(&id).await.unwrap().len(), 2);
    assert_eq!(seen(&*backend, &id).await.review.version, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_second_is_told_who_asked_first() {
    let config = toml::from_str("[people]\non = true").unwrap();
    let server = TestServer::with_sources(Arc::new(LiveSources::default()), &config).await;
    let imported = case::import(&*server.store, &small_bundle(), &*server.clock).await;
    let (id, backend) = (imported.unwrap().id, server.state.backend.clone());
    let responder = |login: &str, name: &str| {
        Caller::Person(Member {
            id: PersonId(login.to_owned()),
            name: name.to_owned(),
            login: login.to_owned(),
            role: Role::Responder,
            teams: Vec::new(),
            session: format!("session of {login}"),
        })
    };
    let (kim, lee) = (responder("kim", "Kim Li"), responder("lee", "Lee Ray"));
    let ask = async |who: &Caller| backend.take_review_step(who, &id, ReviewAsk::Ask).await;
    ask(&kim).await.unwrap();
    // Time alone makes no other report of it.
    server.forward(60_000);
    let Err(ApiError::Invalid(told)) = ask(&lee).await else {
        panic!("asked for the same twice");
    };
    assert!(
        told.starts_with("Kim Li has already asked for the review") && told.contains("version 1"),
        "{told}"
    );
    // Whoever asked first has what they wanted.
    ask(&kim).await.unwrap();
    let versions = server.store.versions(&id).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].by, "Kim Li");
    let log = backend.activity(&kim, &id, None).await.unwrap().steps;
    let asked = log.iter().filter(|s| s.deed == Deed::ReviewAsked);
    let by: Vec<&str> = asked.map(|s| s.who.as_str()).collect();
    assert_eq!(by, ["Kim Li"]);
    // Once it says something else, anybody may ask.
    backend.rename(&lee, &id, "Another title").await.unwrap();
    ask(&lee).await.unwrap();
    let versions = server.store.versions(&id).await.unwrap();
    let by: Vec<&str> = versions.iter().map(|v| v.by.as_str()).collect();
    assert_eq!(by, ["Kim Li", "Lee Ray"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_that_come_at_once_are_all_kept() {
    let (_server, id, backend) = with(&small_bundle()).await;
    let names: Vec<String> = (0..6).map(|n| format!("reviewer {n}")).collect();
    steps(
        &*backend,
        &id,
        &[ReviewAsk::Name(names.clone()), ReviewAsk::Ask],
    )
    .await;
    let all = names.iter().map(|name| {
        let (backend, id, step) = (backend.clone(), id.clone(), approve(1, name));
        tokio::spawn(async move { backend.take_review_step(&ME, &id, step).await })
    });
    for taken in futures::future::join_all(all).await {
        taken.unwrap().unwrap();
    }
    let view = seen(&*backend, &id).await;
    assert_eq!(view.review.approvals.len(), 6);
    assert_eq!(view.review.state, ReviewState::Approved);
    let again = backend
        .take_review_step(&ME, &id, approve(1, &names[0]))
        .await;
    assert!(matches!(again, Err(ApiError::Invalid(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_never_lost_whatever_becomes_of_what_it_is_about() {
    let (_server, id, backend) = with(&small_bundle()).await;
    let draft = note(10, "alerts began");
    let noted = backend.put_annotation(&ME, &id, draft).await.unwrap();
    let sections = seen(&*backend, &id).await.sections;
    let lanes = backend.lane_list(&ME, &id).await.unwrap();
    let moment = |lane: &str| Anchor::Moment {
        start: at(20),
        end: None,
        lane: Some(lane.to_owned()),
    };
    for anchor in [
        Anchor::Section {
            section: "timeline".into(),
        },
        Anchor::Section {
            section: sections[0].0.clone(),
        },
        Anchor::Figure {
            figure: "window.start".into(),
        },
        moment(&lanes[0].id),
        moment("nothing"),
    ] {
        let draft = CommentDraft {
            thread: None,
            anchor,
            text: " why? ".into(),
            in_meeting: false,
        };
        backend.comment(&ME, &id, draft).await.unwrap();
    }
    let threads = backend.threads(&ME, &id).await.unwrap();
    assert_eq!(threads.len(), 5);
    assert!(threads.iter().all(|t| t.thread.comments[0].text == "why?"));
    let gone: Vec<&str> = threads
        .iter()
        .filter(|t| !t.holds)
        .map(|t| t.thread.about.as_str())
        .collect();
    assert!(gone.contains(&"2020-05-20 00:20 UTC, nothing"), "{gone:?}");
    let first = threads[0].thread.id.clone();
    let reply = CommentDraft {
        thread: Some(first.clone()),
        anchor: Anchor::Report,
        text: "because".into(),
        in_meeting: false,
    };
    backend.comment(&ME, &id, reply.clone()).await.unwrap();
    backend.resolve(&ME, &id, &first, true).await.unwrap();
    backend
        .delete_annotation(&ME, &id, &noted.id)
        .await
        .unwrap();
    let threads = backend.threads(&ME, &id).await.unwrap();
    let thread = threads.iter().find(|t| t.thread.id == first).unwrap();
    assert_eq!(thread.thread.comments.len(), 2);
    assert_eq!(thread.thread.resolved.as_ref().unwrap().by, "local user");
    backend.resolve(&ME, &id, &first, false).await.unwrap();
    let nowhere = CommentDraft {
        thread: Some("nowhere".into()),
        ..reply.clone()
    };
    let refused = backend.comment(&ME, &id, nowhere).await;
    assert_eq!(refused, Err(ApiError::NotFound));
    let long = CommentDraft {
        text: "x".repeat(4_001),
        ..reply
    };
    assert!(backend.comment(&ME, &id, long).await.is_err());
}

/// Every method that changes something, in the order in which it is called here.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_is_in_the_log() {
    let server = TestServer::start().await;
    let mut zip = std::io::Cursor::new(Vec::new());
    sources::bundle::write_zip(&small_bundle(), &mut zip).unwrap();
    let (kind, body) = multipart(&[("bundle", Some("b.zip"), zip.get_ref())]);
    let request = post("/import").header(header::CONTENT_TYPE, kind);
    let response = server.send(request.body(Body::from(body)).unwrap()).await;
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    let id = IncidentId(location.rsplit('/').next().unwrap().to_owned());
    let backend = &*server.state.backend;
    let case = backend.case(&ME, &id).await.unwrap();

    backend.rename(&ME, &id, "Renamed").await.unwrap();
    backend.set_closed(&ME, &id, true).await.unwrap();
    backend.set_closed(&ME, &id, false).await.unwrap();
    let noted = backend
        .put_annotation(&ME, &id, note(9, "n"))
        .await
        .unwrap();
    let changed = AnnotationDraft {
        id: Some(noted.id.clone()),
        ..note(9, "m")
    };
    backend.put_annotation(&ME, &id, changed).await.unwrap();
    backend
        .delete_annotation(&ME, &id, &noted.id)
        .await
        .unwrap();
    let mut expected = vec![
        Deed::Imported,
        Deed::Renamed,
        Deed::Closed,
        Deed::Reopened,
        Deed::Noted,
        Deed::NoteChanged,
        Deed::NoteRemoved,
    ];
    if let Some(suspect) = case.analysis.suspects.first() {
        let draft = JudgementDraft {
            suspect: suspect.id().to_owned(),
            ruling: Ruling::Cause,
            reason: String::new(),
        };
        backend.judge(&ME, &id, draft).await.unwrap();
        backend.take_back(&ME, &id, suspect.id()).await.unwrap();
        expected.extend([Deed::Judged, Deed::JudgementTakenBack]);
    }
    let draft = ActionDraft {
        title: "Alert".into(),
        owner: String::new(),
        alarm: None,
    };
    backend.add_action(&ME, &id, draft).await.unwrap();
    let item = server.store.actions(&id).await.unwrap().remove(0);
    let edit = ActionEdit {
        title: "Alert sooner".into(),
        owner: "Ada".into(),
        due: Some(at(-5_000)),
        link: "https://tracker.example/1".into(),
        state: ActionState::Open,
    };
    backend.edit_action(&ME, &id, &item.id, edit).await.unwrap();
    let overdue = ActionsAsk {
        overdue: true,
        ..ActionsAsk::default()
    };
    let listed = backend.all_actions(&ME, overdue).await.unwrap();
    assert_eq!(listed.rows.len(), 1);
    assert_eq!(listed.rows[0].title, "Renamed");
    for change in [ActionChange::Done, ActionChange::Remove] {
        let changed = backend.change_action(&ME, &id, &item.id, change).await;
        changed.unwrap();
    }
    let file = RawFile {
        path: "files/a.txt".into(),
        content: b"nothing".to_vec(),
        ..RawFile::default()
    };
    backend.add_files(&ME, &id, vec![file]).await.unwrap();
    let made = backend
        .share(
            &ME,
            &id,
            ShareDraft {
                expires_in_days: Some(7),
                ..ShareDraft::default()
            },
        )
        .await
        .unwrap();
    backend.revoke_share(&ME, &made.share.id).await.unwrap();
    expected.extend([
        Deed::ActionAdded,
        Deed::ActionChanged,
        Deed::ActionChanged,
        Deed::ActionRemoved,
        Deed::FilesAdded,
        Deed::Shared,
        Deed::ShareRevoked,
        Deed::ReviewersNamed,
        Deed::ReviewAsked,
        Deed::ReviewWithdrawn,
        Deed::ReviewAsked,
        Deed::Approved,
        Deed::Published,
        Deed::ReviewReopened,
    ]);
    let review = [
        ReviewAsk::Name(vec!["Ada".into()]),
        ReviewAsk::Ask,
        ReviewAsk::Withdraw,
        ReviewAsk::Ask,
        approve(2, "Ada"),
        ReviewAsk::Publish,
        ReviewAsk::Reopen,
    ];
    steps(backend, &id, &review).await;
    assert_eq!(deeds(backend, &id).await, expected);
    let page = backend.activity(&ME, &id, None).await.unwrap();
    assert!(page.steps.iter().all(|s| s.who == "local user"));
    assert_eq!(page.older, None);
    // The log names no token.
    let secret = made.link_path.trim_start_matches("/s/").to_owned();
    assert!(page.steps.iter().all(|s| !s.about.contains(&secret)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_link_reviews_nothing() {
    let (_server, id, backend) = with(&small_bundle()).await;
    let guest = Caller::Share("token".into());
    let forbidden = |error: Option<ApiError>| assert_eq!(error, Some(ApiError::Forbidden));
    forbidden(backend.review(&guest, &id, None).await.err());
    forbidden(backend.version(&guest, &id, 1).await.err());
    forbidden(backend.threads(&guest, &id).await.err());
    forbidden(backend.activity(&guest, &id, None).await.err());
    forbidden(
        backend
            .all_actions(&guest, ActionsAsk::default())
            .await
            .err(),
    );
    let step = backend.take_review_step(&guest, &id, ReviewAsk::Ask).await;
    forbidden(step.err());
    forbidden(backend.resolve(&guest, &id, "t", true).await.err());
    forbidden(backend.meeting_told(&guest, &id, true).await.err());
    let draft = CommentDraft {
        thread: None,
        anchor: Anchor::Report,
        text: "x".into(),
        in_meeting: false,
    };
    forbidden(backend.comment(&guest, &id, draft).await.err());
    let edit = ActionEdit::default();
    forbidden(backend.edit_action(&guest, &id, "a", edit).await.err());
}

async fn act(server: &TestServer, id: &IncidentId, body: Value) -> (u16, Value) {
    let request = post(&format!("/api/incidents/{id}/meeting"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response: Response<Body> = server.send(request).await;
    let status = response.status().as_u16();
    let said = text(response).await;
    (status, serde_json::from_str(&said).unwrap_or_default())
}

/// Who follows a meeting.
struct Following(BodyDataStream, String);

impl Following {
    async fn at(server: &TestServer, id: &IncidentId) -> Result<Self, u16> {
        let request = get(&format!("/api/incidents/{id}/meeting"));
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        match response.status().as_u16() {
            200 => Ok(Self(response.into_body().into_data_stream(), String::new())),
            status => Err(status),
        }
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.1 = rest;
                if let Some(data) = event.lines().find_map(|l| l.strip_prefix("data: ")) {
                    return Some(serde_json::from_str(data).unwrap());
                }
                continue;
            }
            let bytes = tokio::time::timeout(Duration::from_secs(30), self.0.next());
            let bytes = bytes.await.expect("the stream is silent")?.unwrap();
            self.1.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// What is shown once `view` is.
    async fn until(&mut self, view: &str) -> Value {
        loop {
            let shown = self.next().await.expect("it goes on");
            if shown["view"] == view {
                return shown;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_is_followed_taken_over_and_ended() {
    let (server, id, backend) = with(&small_bundle()).await;
    let base = format!("/incidents/{id}");
    assert_eq!(Following::at(&server, &id).await.err(), Some(204));
    let (status, begun) = act(&server, &id, json!({"do": "begin", "view": base})).await;
    assert_eq!((status, &begun["presenter"]), (200, &json!("local user")));
    let mut one = Following::at(&server, &id).await.unwrap();
    assert_eq!(one.next().await.unwrap()["view"], base);
    let report = format!("{base}/report#summary");
    let show = json!({"do": "show", "key": begun["key"], "view": report});
    assert_eq!(act(&server, &id, show).await.0, 200);
    one.until(&report).await;
    // Whoever comes later, or again, sees what is shown now.
    drop(one);
    let mut late = Following::at(&server, &id).await.unwrap();
    let shown = late.next().await.unwrap();
    assert_eq!(
        (&shown["view"], &shown["turn"]),
        (&json!(report), &json!(1))
    );

    for (body, status) in [
        (json!({"do": "show", "key": "guess", "view": base}), 409),
        (json!({"do": "end", "key": "guess"}), 409),
        (json!({"do": "begin", "view": "https://evil.example"}), 400),
        (json!({"do": "begin", "view": "/incidents"}), 400),
        (json!({"do": "teleport"}), 422),
    ] {
        assert_eq!(act(&server, &id, body.clone()).await.0, status, "{body}");
    }
    let nobody = IncidentId("f".repeat(32));
    let (status, _) = act(&server, &nobody, json!({"do": "begin", "view": base})).await;
    assert_eq!(status, 404);

    let (_, taken) = act(&server, &id, json!({"do": "begin", "view": base})).await;
    assert_eq!(taken["turn"], 2);
    assert_eq!(late.until(&base).await["turn"], 2);
    let stale = json!({"do": "show", "key": begun["key"], "view": base});
    assert_eq!(act(&server, &id, stale).await.0, 409);
    let (_, now) = server
        .get(&format!("/api/incidents/{id}/meeting/now"))
        .await;
    assert!(now.contains("\"on\":true") && !now.contains("key"), "{now}");
    let end = json!({"do": "end", "key": taken["key"]});
    assert_eq!(act(&server, &id, end).await.0, 200);
    assert_eq!(late.next().await.unwrap()["on"], false);
    assert_eq!(late.next().await, None);
    let told = deeds(&*backend, &id).await;
    assert_eq!(told, [Deed::MeetingBegan, Deed::MeetingEnded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_ends_with_the_server_and_its_script_is_served() {
    let (server, id, _) = with(&small_bundle()).await;
    let view = format!("/incidents/{id}");
    act(&server, &id, json!({"do": "begin", "view": view})).await;
    let mut one = Following::at(&server, &id).await.unwrap();
    assert!(one.next().await.is_some());
    server.state.streams.end();
    assert_eq!(one.next().await, None);

    let request = get("/meeting.js").body(Body::empty()).unwrap();
    let response = server.send(request).await;
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
    assert!(kind.starts_with("text/javascript"));
    let tag = response.headers()[header::ETAG].clone();
    let again = get("/meeting.js").header(header::IF_NONE_MATCH, tag);
    let response = server.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 304);
    let (_, page) = server.get(&format!("/incidents/{id}/review")).await;
    assert!(page.contains("src=\"/meeting.js\""));
    let (_, page) = server.get("/incidents").await;
    assert!(!page.contains("/meeting.js"));
}
