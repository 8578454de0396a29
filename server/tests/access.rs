//! Deny by default: every route and every server function, called by nobody, a viewer, a responder, an
//! admin and a foreigner, against one table of what comes of it.
//!
//! The lists of what there is come from the router and from Leptos' registry: what the table does not
//! name fails the test, and so does what it names and is not there.

use crate::support::{TestServer, at, multipart, signed_in, small_bundle};
use app::{ApiError, backend::Caller};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use model::{
    ActionItem, Annotation, IncidentId, Judgement, Report,
    bundle::{RawFile, sha256_hex},
    incident::{Job, JobState},
    person::{Invitation, Ownership, PASSWORD, Person, PersonId, Role, Team, TeamId},
    review::{Version, comment::Thread},
    share::ShareLink,
};
use server::{case, config::Config, http::router, jobs::LiveSources, registry::Registry};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
};
use store::StoreError;

/// What a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Nothing: a token in the call says enough, or nothing is told.
    Nothing,
    /// A session.
    Session,
    /// Sight of the incident.
    Look,
    /// Sight of the incident, and the right to change it.
    Change,
    /// The right to make incidents.
    Make,
    /// The right to manage people and sources.
    Manage,
}
use Needs::{Change, Look, Make, Manage, Nothing, Session};

/// Routes that are no server functions, with what they need. Addresses are filled in by [`Place::fill`].
const ROUTES: &[(&str, &str, &str, Needs)] = &[
    ("GET", "/healthz", "/healthz", Nothing),
    ("GET", "/pkg/{*file}", "/pkg/lineup.css", Nothing),
    ("POST", "/hooks/events", "/hooks/events", Nothing),
    (
        "POST",
        "/hooks/alertmanager",
        "/hooks/alertmanager",
        Nothing,
    ),
    ("POST", "/hooks/sns", "/hooks/sns", Nothing),
    ("GET", "/s/{token}", "/s/OPEN-SHARE", Nothing),
    ("POST", "/s/{token}", "/s/OPEN-SHARE", Nothing),
    (
        "GET",
        "/s/{token}/{file}",
        "/s/OPEN-SHARE/report.md.zip",
        Nothing,
    ),
    (
        "GET",
        "/s/{token}/charts/{file}",
        "/s/OPEN-SHARE/charts/latency.svg",
        Nothing,
    ),
    ("GET", "/sign-in", "/sign-in", Nothing),
    (
        "GET",
        "/invitations/{token}",
        "/invitations/INVITATION",
        Nothing,
    ),
    ("POST", "/session", "/session", Nothing),
    ("POST", "/session/accept", "/session/accept", Nothing),
    ("POST", "/session/end", "/session/end", Session),
    ("POST", "/session/end-all", "/session/end-all", Session),
    ("GET", "/", "/", Session),
    ("GET", "/incidents", "/incidents", Session),
    ("GET", "/incidents/new", "/incidents/new", Session),
    ("GET", "/explore", "/explore", Session),
    ("GET", "/sources", "/sources", Session),
    (
        "GET",
        "/sources/{name}/metrics",
        "/sources/prom/metrics",
        Make,
    ),
    ("GET", "/account", "/account", Session),
    ("GET", "/people", "/people", Manage),
    ("POST", "/import", "/import", Make),
    (
        "POST",
        "/incidents/{id}/files",
        "/incidents/INCIDENT/files",
        Change,
    ),
    ("GET", "/incidents/{id}", "/incidents/INCIDENT", Look),
    (
        "GET",
        "/incidents/{id}/report",
        "/incidents/INCIDENT/report",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report/history/{section}",
        "/incidents/INCIDENT/report/history/summary",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/versions/{number}",
        "/incidents/INCIDENT/versions/1",
        Look,
    ),
    ("GET", "/actions", "/actions", Session),
    ("GET", "/meeting.js", "/meeting.js", Session),
    (
        "GET",
        "/api/incidents/{id}/meeting",
        "/api/incidents/INCIDENT/meeting",
        Look,
    ),
    (
        "POST",
        "/api/incidents/{id}/meeting",
        "/api/incidents/INCIDENT/meeting",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/meeting/now",
        "/api/incidents/INCIDENT/meeting/now",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/{study}",
        "/incidents/INCIDENT/what-if",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report.html",
        "/incidents/INCIDENT/report.html",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report.md",
        "/incidents/INCIDENT/report.md",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report.md.zip",
        "/incidents/INCIDENT/report.md.zip",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report.pdf",
        "/incidents/INCIDENT/report.pdf",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/report.json",
        "/incidents/INCIDENT/report.json",
        Look,
    ),
    (
        "GET",
        "/incidents/{id}/bundle.zip",
        "/incidents/INCIDENT/bundle.zip",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/alarm",
        "/api/incidents/INCIDENT/alarm?alarm=above:1:latency",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/others",
        "/api/incidents/INCIDENT/others",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/lanes",
        "/api/incidents/INCIDENT/lanes?columns=100",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/lanes/list",
        "/api/incidents/INCIDENT/lanes/list",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/events",
        "/api/incidents/INCIDENT/events",
        Look,
    ),
    (
        "GET",
        "/api/incidents/{id}/live",
        "/api/incidents/INCIDENT/live",
        Look,
    ),
];

/// Server functions below `/api/`, with a form and what they need.
const FUNCTIONS: &[(&str, &str, Needs)] = &[
    ("overview", "", Session),
    ("incidents", "", Session),
    ("timeline", "incident=INCIDENT", Look),
    ("report", "incident=INCIDENT", Look),
    ("section_history", "incident=INCIDENT&section=summary", Look),
    ("preview_section", "incident=INCIDENT&text=hello", Look),
    (
        "save_section",
        "incident=INCIDENT&section=summary&revision=0&text=hello",
        Change,
    ),
    (
        "change_section",
        "incident=INCIDENT&section=summary&change=hide",
        Change,
    ),
    ("arrange_timeline", "incident=INCIDENT&revision=0", Change),
    (
        "choose_template",
        "incident=INCIDENT&template=short",
        Change,
    ),
    ("share_page", "incident=INCIDENT", Change),
    ("preview_share", "incident=INCIDENT", Look),
    (
        "save_annotation",
        "incident=INCIDENT&start=2020-05-20+01:00&text=hello",
        Change,
    ),
    (
        "delete_annotation",
        "incident=INCIDENT&annotation=NOTE",
        Change,
    ),
    (
        "make_share",
        "incident=INCIDENT&rules[version]=&days=1",
        Change,
    ),
    ("revoke_share", "share=SHARE", Change),
    ("new_pull", "", Session),
    (
        "start_pull",
        "title=x&start=2020-05-20+00:00&end=2020-05-20+01:00&region=eu-west-1&resources[efs]=fs-12345678",
        Make,
    ),
    ("sources", "", Session),
    ("test_source", "name=prom", Manage),
    ("explore", "start=&end=&words=", Session),
    (
        "open_incident",
        "title=x&start=2020-05-19+00:00&end=2020-05-19+01:00",
        Make,
    ),
    ("freeze", "incident=INCIDENT", Change),
    ("set_closed", "incident=INCIDENT&closed=true", Change),
    ("rename", "incident=INCIDENT&title=Another", Change),
    (
        "delete_incident",
        "incident=INCIDENT&confirmed=true",
        Change,
    ),
    ("metrics", "source=prom&text=up", Make),
    (
        "pull_metrics",
        "source=prom&title=x&start=2020-05-20+00:00&end=2020-05-20+01:00&choices[0]=up&agreed=true",
        Make,
    ),
    (
        "answer_file",
        "incident=INCIDENT&path=files/notes.txt&timezone=UTC",
        Change,
    ),
    ("study", "incident=INCIDENT&study=what-if", Look),
    (
        "judge",
        "incident=INCIDENT&suspect=inside&ruling=cause",
        Change,
    ),
    ("take_back", "incident=INCIDENT&suspect=JUDGED", Change),
    ("add_action", "incident=INCIDENT&title=Do+it", Change),
    (
        "change_action",
        "incident=INCIDENT&action=ACTION&change=done",
        Change,
    ),
    ("review", "incident=INCIDENT", Look),
    ("version", "incident=INCIDENT&number=1", Look),
    (
        "review_step",
        "incident=INCIDENT&step=name&reviewers=Ada",
        Change,
    ),
    (
        "comment",
        "incident=INCIDENT&text=hello&about=report",
        Change,
    ),
    (
        "resolve",
        "incident=INCIDENT&thread=thread-1&resolved=true",
        Change,
    ),
    ("activity", "incident=INCIDENT", Look),
    ("actions", "", Session),
    (
        "edit_action",
        "incident=INCIDENT&action=ACTION&title=Do+it",
        Change,
    ),
    ("job", "id=FAILED-JOB", Look),
    ("retry_job", "id=FAILED-JOB", Change),
    ("cancel_job", "id=QUEUED-JOB", Change),
    ("invitation", "token=INVITATION", Nothing),
    ("account", "", Session),
    (
        "change_password",
        "old=not+the+password&new=correct+horse+battery&again=correct+horse+battery",
        Session,
    ),
    ("end_session", "session=OTHER-SESSION", Session),
    ("people", "", Manage),
    ("invite", "role=viewer", Manage),
    ("revoke_invitation", "invitation=WAITING", Manage),
    ("set_role", "person=SPARE-PERSON&role=viewer", Manage),
    ("set_disabled", "person=SPARE-PERSON&disabled=true", Manage),
    ("make_team", "name=NEW-TEAM", Manage),
    ("delete_team", "team=SPARE-TEAM", Manage),
    (
        "set_member",
        "team=SPARE-TEAM&person=SPARE-PERSON&member=true",
        Manage,
    ),
    (
        "set_ownership",
        "incident=INCIDENT&team=TEAM&private=true",
        Change,
    ),
];

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    /// A responder outside of the team that has the incident.
    Foreigner,
    Viewer,
    Responder,
    Admin,
}
const EVERYBODY: [Who; 5] = [
    Who::Nobody,
    Who::Foreigner,
    Who::Viewer,
    Who::Responder,
    Who::Admin,
];

/// What is expected of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It is done, or refused for another reason than who asks.
    In,
    Forbidden,
    NotFound,
    /// To be signed in first.
    SignIn,
}

/// The table of expected outcomes.
fn expected(needs: Needs, who: Who) -> Outcome {
    match (needs, who) {
        (Look | Change | Make | Manage | Session, Who::Nobody) => Outcome::SignIn,
        (Look | Change, Who::Foreigner) => Outcome::NotFound,
        (Change | Make, Who::Viewer) | (Manage, Who::Foreigner | Who::Viewer | Who::Responder) => {
            Outcome::Forbidden
        }
        (Nothing | Session, _)
        | (Look, Who::Viewer | Who::Responder | Who::Admin)
        | (Change, Who::Responder | Who::Admin)
        | (Make, Who::Foreigner | Who::Responder | Who::Admin)
        | (Manage, Who::Admin) => Outcome::In,
    }
}

fn outcome(needs: Needs, status: u16) -> Outcome {
    match status {
        401 if needs != Nothing => Outcome::SignIn,
        403 => Outcome::Forbidden,
        404 if needs != Nothing => Outcome::NotFound,
        _ => Outcome::In,
    }
}

/// A server with people, where everything that is called is there before each call.
struct Place {
    server: TestServer,
    count: AtomicU32,
}

const TEAM: &str = "77777777777777777777777777777777";

impl Place {
    async fn new() -> Self {
        let config: Config = toml::from_str(
            "[people]\non = true\n[[source]]\nname = \"prom\"\nkind = \"prometheus\"\n\
             url = \"http://127.0.0.1:1\"\npresets = [\"kube-state\"]\n",
        )
        .unwrap();
        let registry = Registry::of(&config, Path::new("lineup.toml")).unwrap();
        let sources = Arc::new(LiveSources::new(Arc::new(registry)));
        let server = TestServer::with_sources(sources, &config).await;
        let team = Team {
            id: TeamId(TEAM.into()),
            name: "Storage".into(),
            ..Team::default()
        };
        server.store.put_team(&team).await.unwrap();
        Self {
            server,
            count: AtomicU32::new(1),
        }
    }

    /// Puts everything in place and gives the words of the table their values.
    async fn fill(&self, who: Who) -> (BTreeMap<&'static str, String>, Option<String>) {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let store = &*self.server.store;
        let mut bundle = small_bundle();
        bundle.files = vec![RawFile {
            path: "files/notes.txt".into(),
            content: b"nothing to see\n".to_vec(),
            ..RawFile::default()
        }];
        let imported = case::import(store, &bundle, &*self.server.clock).await;
        let id = imported.unwrap().id;
        let private = Ownership {
            team: Some(TeamId(TEAM.into())),
            private: true,
        };
        store.set_ownership(&id, &private).await.unwrap();
        let mut words = BTreeMap::from([("INCIDENT", id.0.clone()), ("TEAM", TEAM.to_owned())]);
        self.of_incident(&id, n, &mut words).await;
        self.of_people(n, &mut words).await;

        let cookie = match who {
            Who::Nobody => None,
            Who::Foreigner => Some((Role::Responder, false)),
            Who::Viewer => Some((Role::Viewer, true)),
            Who::Responder => Some((Role::Responder, true)),
            Who::Admin => Some((Role::Admin, true)),
        };
        let Some((role, inside)) = cookie else {
            words.insert("OTHER-SESSION", "none".into());
            return (words, None);
        };
        let login = format!("{who:?}").to_lowercase();
        let (person, cookie) = signed_in(store, &login, role, n).await;
        let (_, _) = signed_in(store, &login, role, 100_000 + n).await;
        words.insert("OTHER-SESSION", format!("session-{login}-{}", 100_000 + n));
        if inside {
            let team = TeamId(TEAM.into());
            assert!(store.add_member(&team, &person.id).await.unwrap());
        }
        (words, Some(cookie))
    }

    async fn of_incident(
        &self,
        id: &IncidentId,
        n: u32,
        words: &mut BTreeMap<&'static str, String>,
    ) {
        let store = &*self.server.store;
        let note = Annotation {
            id: "note-1".into(),
            start: at(10),
            text: "a note".into(),
            ..Annotation::default()
        };
        store.put_annotation(id, &note).await.unwrap();
        let action = ActionItem {
            id: "action-1".into(),
            title: "do it".into(),
            ..ActionItem::default()
        };
        store.put_action(id, &action).await.unwrap();
        let thread = Thread {
            id: "thread-1".into(),
            ..Thread::default()
        };
        store.put_thread(id, &thread).await.unwrap();
        let version = Version::of(1, Report::default(), "Ada", at(0));
        // The same incident each time: the first call has frozen it.
        match store.put_version(id, &version).await {
            Ok(()) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        let judged = Judgement {
            suspect: "gone".into(),
            ..Judgement::default()
        };
        store.put_judgement(id, &judged).await.unwrap();
        let token = format!("share-token-{n}");
        let share = ShareLink {
            id: format!("share-{n}"),
            incident: id.clone(),
            token_hash: sha256_hex(token.as_bytes()),
            ..ShareLink::default()
        };
        store.put_share(&share).await.unwrap();
        for (state, name) in [(JobState::Failed, "failed"), (JobState::Queued, "queued")] {
            let job = Job {
                id: format!("{name}-{n}"),
                incident: id.clone(),
                kind: "freeze".into(),
                state,
                created_at: at(0),
                updated_at: at(0),
                ..Job::default()
            };
            store.enqueue(&job).await.unwrap();
        }
        words.extend([
            ("OPEN-SHARE", token),
            ("SHARE", share.id),
            ("NOTE", "note-1".to_owned()),
            ("ACTION", "action-1".to_owned()),
            ("JUDGED", "gone".to_owned()),
            ("FAILED-JOB", format!("failed-{n}")),
            ("QUEUED-JOB", format!("queued-{n}")),
        ]);
    }

    async fn of_people(&self, n: u32, words: &mut BTreeMap<&'static str, String>) {
        let store = &*self.server.store;
        let spare = Person {
            id: PersonId(format!("{n:032}")),
            login: format!("spare-{n}"),
            name: "Spare".into(),
            ..Person::default()
        };
        let identity = model::person::Identity {
            person: spare.id.clone(),
            provider: PASSWORD.into(),
            subject: spare.login.clone(),
            secret: String::new(),
            changed_at: at(0),
        };
        store.create_person(&spare, &identity).await.unwrap();
        let team = Team {
            id: TeamId(format!("spare-team-{n}")),
            name: format!("Spare {n}"),
            ..Team::default()
        };
        store.put_team(&team).await.unwrap();
        let token = format!("invitation-token-{n}");
        let invitation = Invitation {
            id: format!("waiting-{n}"),
            token_hash: sha256_hex(token.as_bytes()),
            expires_at: at(1_000),
            ..Invitation::default()
        };
        store.put_invitation(&invitation).await.unwrap();
        // The list holds so many and no more: those of the calls before are of no use.
        store
            .revoke_invitation(&format!("waiting-{}", n - 1), at(0))
            .await
            .unwrap();
        words.extend([
            ("SPARE-PERSON", spare.id.0),
            ("SPARE-TEAM", team.id.0),
            ("NEW-TEAM", format!("new+{n}")),
            ("INVITATION", token),
            ("WAITING", invitation.id),
        ]);
    }

    /// Calls it as somebody; the answer's status.
    async fn call(&self, method: &str, address: &str, form: Option<&str>, who: Who) -> u16 {
        let (words, cookie) = self.fill(who).await;
        let filled = |text: &str| {
            // Longer words first: SHARE is part of OPEN-SHARE.
            let mut words: Vec<_> = words.iter().collect();
            words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
            words
                .into_iter()
                .fold(text.to_owned(), |text, (word, value)| {
                    text.replace(word, value)
                })
        };
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(filled(address))
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::ORIGIN, "http://127.0.0.1:3000")
            .header(header::ACCEPT, "application/json");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = match form {
            Some(form) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                filled(form).into_bytes()
            }
            None if address == "/import" || address.ends_with("/files") => {
                let (kind, body) = multipart(&[("files", Some("a.txt"), b"hello")]);
                request = request.header(header::CONTENT_TYPE, kind);
                body
            }
            None => Vec::new(),
        };
        let response = self
            .server
            .send(request.body(Body::from(body)).unwrap())
            .await;
        response.status().as_u16()
    }
}

/// The paths of the real router, out of what it says of itself.
fn paths(router: &axum::Router) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let node = text
        .split("Node { paths: {")
        .nth(1)
        .expect("the router's paths");
    let mut paths = BTreeSet::new();
    for part in node.split("RouteId(").skip(1) {
        let Some((_, rest)) = part.split_once("): \"") else {
            continue;
        };
        let path = rest.split('"').next().unwrap_or_default();
        if !path.contains("__private__") {
            paths.insert(path.to_owned());
        }
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_names_every_route_and_nothing_else() {
    let place = Place::new().await;
    let there = paths(&router(place.server.state.clone()));
    assert!(
        there.len() > 20,
        "the router's paths were not read: {there:?}"
    );
    let mut named: BTreeSet<String> = ROUTES
        .iter()
        .map(|(_, path, ..)| (*path).to_owned())
        .collect();
    // The server functions, for which the other table says what they need, and what leads to them.
    // One route for all server functions; the next test is about them.
    named.insert("/api/{*call}".into());
    let forgotten: Vec<_> = there.difference(&named).collect();
    assert!(
        forgotten.is_empty(),
        "routes that the table does not name: {forgotten:?}"
    );
    let gone: Vec<_> = named.difference(&there).collect();
    assert!(gone.is_empty(), "routes that are not there: {gone:?}");
}

#[test]
fn the_table_names_every_server_function_and_nothing_else() {
    let there: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| format!("{method} {path}"))
        .collect();
    let named: BTreeSet<String> = FUNCTIONS
        .iter()
        .map(|(name, ..)| format!("POST /api/{name}"))
        .collect();
    let forgotten: Vec<_> = there.difference(&named).collect();
    assert!(
        forgotten.is_empty(),
        "functions that the table does not name: {forgotten:?}"
    );
    let gone: Vec<_> = named.difference(&there).collect();
    assert!(gone.is_empty(), "functions that are not there: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_as_the_table_says() {
    let place = Place::new().await;
    let mut wrong = Vec::new();
    for (method, _, address, needs) in ROUTES {
        for who in EVERYBODY {
            let status = place.call(method, address, None, who).await;
            let (found, expected) = (outcome(*needs, status), expected(*needs, who));
            if found != expected {
                wrong.push(format!(
                    "{method} {address} as {who:?}: {status}, not {expected:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_answers_as_the_table_says() {
    let place = Place::new().await;
    let mut wrong = Vec::new();
    for (name, form, needs) in FUNCTIONS {
        for who in EVERYBODY {
            let status = place
                .call("POST", &format!("/api/{name}"), Some(form), who)
                .await;
            let (found, expected) = (outcome(*needs, status), expected(*needs, who));
            if found != expected || status == 405 || status == 500 {
                wrong.push(format!("{name} as {who:?}: {status}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_no_route_names_does_nothing() {
    let place = Place::new().await;
    for (_, path, address, needs) in ROUTES {
        let named: Vec<&str> = ROUTES
            .iter()
            .filter(|(_, p, ..)| p == path)
            .map(|(method, ..)| *method)
            .collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if named.contains(&method) {
                continue;
            }
            for who in [Who::Nobody, Who::Admin] {
                let status = place.call(method, address, None, who).await;
                let expected = if who == Who::Nobody && *needs != Nothing {
                    401
                } else {
                    405
                };
                assert_eq!(status, expected, "{method} {address} as {who:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_is_told_to_nobody() {
    let place = Place::new().await;
    for address in ["/nowhere", "/api/nowhere", "/incidents/INCIDENT/lanes/x/y"] {
        assert_eq!(place.call("GET", address, None, Who::Nobody).await, 401);
        assert_ne!(place.call("GET", address, None, Who::Admin).await, 401);
    }
}

/// A route that forgot to ask who it is would ask as the person at the machine, who is nobody here.
#[tokio::test(flavor = "multi_thread")]
async fn with_accounts_nobody_is_the_local_user() {
    let place = Place::new().await;
    let (words, _) = place.fill(Who::Nobody).await;
    let id = IncidentId(words["INCIDENT"].clone());
    let backend = &place.server.state.backend;
    for who in [Caller::LocalUser, Caller::Nobody, Caller::Share("x".into())] {
        assert_eq!(
            backend.overview(&who).await.err(),
            Some(ApiError::Forbidden)
        );
        assert_eq!(
            backend.case(&who, &id).await.err(),
            Some(ApiError::Forbidden)
        );
        let people = backend.people(&who).await;
        assert_eq!(people.err(), Some(ApiError::Forbidden));
    }
}
