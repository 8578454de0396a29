//! People: from the invitation to signing out everywhere, and who sees what of whom.

use crate::support::{self, TestServer, at, signed_in, small_bundle, text};
use app::{
    ApiError,
    backend::{
        ActionDraft, ActionsAsk, AnnotationDraft, Caller, Compare, LanesAsk, Member,
        people::InvitationDraft,
    },
};
use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, header},
};
use futures::StreamExt;
use model::{
    IncidentId,
    person::{Ownership, PersonId, Role, Team, TeamId},
    time::{DAY, MINUTE},
};
use server::{case, config::Config, jobs::LiveSources};
use std::{sync::Arc, time::Duration};

const PASSWORD: &str = "correct horse battery";
/// Another.
const NEW: &str = "another horse entirely";
/// By which name it is reached behind a proxy, and the origin of its pages there.
const HOST: &str = "lineup.example.org";
const ORIGIN: &str = "https://lineup.example.org";

async fn with(people: &str) -> TestServer {
    let config: Config = toml::from_str(&format!("[people]\non = true\n{people}")).unwrap();
    TestServer::with_sources(Arc::new(LiveSources::default()), &config).await
}

/// Somebody of that role, for the backend alone.
fn member(role: Role, teams: &[&str]) -> Caller {
    Caller::Person(Member {
        id: PersonId("0".repeat(32)),
        name: format!("A {role}"),
        login: role.to_string(),
        role,
        teams: teams.iter().map(|t| TeamId((*t).into())).collect(),
        session: "s".into(),
    })
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded(pairs);
    form.push('&');
    form
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    let escaped = |text: &str| {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(b).to_string()
                }
                _ => format!("%{b:02X}"),
            })
            .collect::<String>()
    };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// A form as a browser (`html`) or a program sends it.
async fn post(
    server: &TestServer,
    path: &str,
    pairs: &[(&str, &str)],
    cookie: &str,
    html: bool,
) -> Response<Body> {
    let accept = if html {
        "text/html"
    } else {
        "application/json"
    };
    let request = support::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, accept)
        .header(
            header::USER_AGENT,
            "Journeys/1.0 \u{7f}(test)".replace('\u{7f}', ""),
        )
        .header(header::COOKIE, cookie);
    server
        .send(request.body(Body::from(form(pairs))).unwrap())
        .await
}

async fn get(server: &TestServer, path: &str, cookie: &str) -> (u16, HeaderMap, String) {
    let request = support::get(path)
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, cookie);
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, text(response).await)
}

/// The cookie that an answer sets, as the next request sends it.
fn cookie(response: &Response<Body>) -> String {
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

fn place(response: &Response<Body>) -> String {
    let place = response.headers()[header::LOCATION].to_str().unwrap();
    place.to_owned()
}

async fn sign_in(server: &TestServer, login: &str, password: &str) -> Response<Body> {
    let pairs = [("login", login), ("password", password)];
    post(server, "/session", &pairs, "", false).await
}

/// Lets somebody in by an invitation; their cookie.
async fn join(server: &TestServer, admin: &str, login: &str, role: &str) -> String {
    let invited = post(server, "/api/invite", &[("role", role)], admin, true).await;
    assert_eq!(invited.status().as_u16(), 302, "{}", text(invited).await);
    let link = place(&invited);
    let token = link.strip_prefix("/invitations/").unwrap();
    let pairs = [
        ("token", token),
        ("name", &format!("Name of {login}")),
        ("login", login),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let accepted = post(server, "/session/accept", &pairs, "", true).await;
    assert_eq!(place(&accepted), "/");
    cookie(&accepted)
}

async fn first_admin(server: &TestServer) -> String {
    signed_in(&*server.store, "root", Role::Admin, 1).await.1
}

/// An incident that a team alone may see; its id.
async fn private(server: &TestServer, title: &str, team: &str) -> IncidentId {
    let mut bundle = small_bundle();
    bundle.header.title = title.into();
    let imported = case::import(&*server.store, &bundle, &*server.clock).await;
    let id = imported.unwrap().id;
    let made = Team {
        id: TeamId(team.into()),
        name: team.into(),
        ..Team::default()
    };
    server.store.put_team(&made).await.unwrap();
    let ownership = Ownership {
        team: Some(made.id),
        private: true,
    };
    server.store.set_ownership(&id, &ownership).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_a_person_once() {
    let server = with("").await;
    let admin = first_admin(&server).await;
    let invited = post(
        &server,
        "/api/invite",
        &[("role", "responder")],
        &admin,
        true,
    )
    .await;
    let link = place(&invited);
    let (status, _, page) = get(&server, &link, "").await;
    assert_eq!(status, 200);
    assert!(page.contains("invites you as responder") && page.contains("name=\"login\""));
    let (_, _, page) = get(&server, &link, &admin).await;
    assert!(page.contains("Send this address on") && !page.contains("name=\"login\""));

    let token = link.strip_prefix("/invitations/").unwrap();
    let pairs = |name: &'static str, login: &'static str, password: &'static str| {
        [
            ("token", token.to_owned()),
            ("name", name.to_owned()),
            ("login", login.to_owned()),
            ("password", password.to_owned()),
            ("again", password.to_owned()),
        ]
    };
    let send = async |name, login, password| {
        let pairs = pairs(name, login, password);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
        post(&server, "/session/accept", &pairs, "", true).await
    };
    // What is wrong is said on the page of the invitation, which stays open; the password is nowhere.
    for (name, login, password, words) in [
        ("Ada", "a b", PASSWORD, "letters"),
        ("Ada", "ada", "short", "12+characters"),
        ("Ada", "root", PASSWORD, "login+already"),
        ("the  ROOT", "ada", PASSWORD, "called+that+already"),
        ("The root\u{200b}", "ada", PASSWORD, "that+can+be+seen"),
        ("\u{202e}toor ehT", "ada", PASSWORD, "that+can+be+seen"),
    ] {
        let refused = send(name, login, password).await;
        let place = place(&refused);
        assert!(place.starts_with(&format!("{link}?")), "{place}");
        assert!(!refused.headers().contains_key(header::SET_COOKIE));
        assert!(
            !place.contains(PASSWORD) && !place.contains("correct"),
            "{place}"
        );
        let (_, _, page) = get(&server, &place, "").await;
        let words = words.replace('+', " ");
        assert!(
            page.contains("role=\"alert\"") && page.contains(&words),
            "{words}: {page}"
        );
    }
    let accepted = send("Ada", "Ada@Example.org", PASSWORD).await;
    assert_eq!(
        (accepted.status().as_u16(), place(&accepted)),
        (303, "/".into())
    );
    let ada = cookie(&accepted);
    let (status, _, page) = get(&server, "/", &ada).await;
    assert_eq!(status, 200);
    assert!(
        page.contains(">Ada</a>") && page.contains("data-role=\"responder\""),
        "{page}"
    );
    // It is used up, and answers as one that never was.
    let again = send("Bob", "bob", PASSWORD).await;
    let (_, _, used) = get(&server, &place(&again), "").await;
    assert!(used.contains("opens nothing (any more)"));
    let people = server.store.people().await.unwrap();
    let logins: Vec<&str> = people.iter().map(|p| p.login.as_str()).collect();
    assert_eq!(logins, ["ada@example.org", "root"]);
    // Neither password nor token is anywhere in the database.
    let identity = server.store.identity("password", "ada@example.org").await;
    let secret = identity.unwrap().unwrap().secret;
    assert!(
        secret.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{secret}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_unknown_and_disabled_answer_alike() {
    let server = with("").await;
    let admin = first_admin(&server).await;
    join(&server, &admin, "ada", "viewer").await;
    join(&server, &admin, "gone", "viewer").await;
    let gone = server
        .store
        .people()
        .await
        .unwrap()
        .into_iter()
        .find(|p| p.login == "gone");
    let gone = gone.unwrap().id.0;
    let pairs = [("person", gone.as_str()), ("disabled", "true")];
    post(&server, "/api/set_disabled", &pairs, &admin, true).await;

    let mut answers = Vec::new();
    for (login, password) in [
        ("ada", "not the password"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("no login at all \u{0}", PASSWORD),
        ("root", ""),
    ] {
        let refused = sign_in(&server, login, password).await;
        let mut headers = refused.headers().clone();
        headers.remove(header::CONTENT_LENGTH);
        answers.push((refused.status().as_u16(), headers, text(refused).await));
    }
    assert_eq!(answers[0].0, 401);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    let begun = sign_in(&server, " ADA ", PASSWORD).await;
    assert_eq!(begun.status().as_u16(), 303);
    assert_eq!(get(&server, "/", &cookie(&begun)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_limited_until_the_time_is_over() {
    let server = with("").await;
    let admin = first_admin(&server).await;
    join(&server, &admin, "ada", "viewer").await;
    for n in 0..10 {
        let refused = sign_in(&server, "ada", "not the password").await;
        assert_eq!(refused.status().as_u16(), 401, "{n}");
    }
    // Also the right one is not looked at, so that nobody learns it.
    let refused = sign_in(&server, "ada", PASSWORD).await;
    assert_eq!(refused.status().as_u16(), 429);
    let wait: i64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    // So it is for a login that there is not.
    for _ in 0..10 {
        sign_in(&server, "nobody", PASSWORD).await;
    }
    assert_eq!(sign_in(&server, "nobody", "x").await.status().as_u16(), 429);
    server.forward(wait * 1_000);
    assert_eq!(
        sign_in(&server, "ada", PASSWORD).await.status().as_u16(),
        303
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_time_by_disuse_and_by_word() {
    let server = with("session_days = 10\nidle_days = 2").await;
    let admin = first_admin(&server).await;
    let first = join(&server, &admin, "ada", "viewer").await;
    let (one, other) = (
        cookie(&sign_in(&server, "ada", PASSWORD).await),
        cookie(&sign_in(&server, "ada", PASSWORD).await),
    );
    let holds = async |cookie: &str| get(&server, "/account", cookie).await.0 == 200;
    assert!(holds(&first).await && holds(&one).await && holds(&other).await);
    // Used every day it lasts, and no longer than ten days; unused it lasts two.
    server.forward(DAY);
    assert!(holds(&one).await);
    server.forward(DAY + MINUTE);
    assert!(holds(&one).await);
    assert!(!holds(&other).await);
    for _ in 0..7 {
        server.forward(DAY);
        assert!(holds(&one).await);
    }
    server.forward(DAY);
    assert!(!holds(&one).await);

    let (one, other) = (
        cookie(&sign_in(&server, "ada", PASSWORD).await),
        cookie(&sign_in(&server, "ada", PASSWORD).await),
    );
    let left = post(&server, "/session/end", &[], &one, true).await;
    assert_eq!(place(&left), "/sign-in");
    let over = left.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(over.contains("Max-Age=0"), "{over}");
    assert!(!holds(&one).await && holds(&other).await);
    let third = cookie(&sign_in(&server, "ada", PASSWORD).await);
    let left = post(&server, "/session/end-all", &[], &third, true).await;
    assert_eq!(place(&left), "/sign-in");
    assert!(!holds(&other).await && !holds(&third).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let server = with("").await;
    let admin = first_admin(&server).await;
    let one = join(&server, &admin, "ada", "viewer").await;
    let other = cookie(&sign_in(&server, "ada", PASSWORD).await);
    let change = async |old: &str, new: &str, again: &str| {
        let pairs = [("old", old), ("new", new), ("again", again)];
        let changed = post(&server, "/api/change_password", &pairs, &one, false).await;
        (changed.status().as_u16(), text(changed).await)
    };
    for (old, new, again, words) in [
        ("wrong wrong wrong", NEW, NEW, "not the password"),
        (PASSWORD, NEW, "something else", "not the same"),
        (PASSWORD, "short", "short", "12 characters"),
    ] {
        let (status, said) = change(old, new, again).await;
        assert!(status == 400 && said.contains(words), "{status} {said}");
    }
    assert_eq!(change(PASSWORD, NEW, NEW).await.0, 200);
    assert_eq!(get(&server, "/account", &one).await.0, 200);
    assert_eq!(get(&server, "/account", &other).await.0, 303);
    assert_eq!(
        sign_in(&server, "ada", PASSWORD).await.status().as_u16(),
        401
    );
    assert_eq!(sign_in(&server, "ada", NEW).await.status().as_u16(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_one_and_who_is_disabled_is_out() {
    let server = with("").await;
    let admin = first_admin(&server).await;
    let people = server.store.people().await.unwrap();
    let root = people[0].id.0.clone();
    for (call, pairs) in [
        ("set_role", [("person", root.as_str()), ("role", "viewer")]),
        (
            "set_disabled",
            [("person", root.as_str()), ("disabled", "true")],
        ),
    ] {
        let refused = post(&server, &format!("/api/{call}"), &pairs, &admin, false).await;
        let said = text(refused).await;
        assert!(said.contains("last admin"), "{said}");
    }
    let ada = join(&server, &admin, "ada", "admin").await;
    assert_eq!(get(&server, "/people", &ada).await.0, 200);
    let pairs = [("person", root.as_str()), ("role", "viewer")];
    let done = post(&server, "/api/set_role", &pairs, &ada, false).await;
    assert_eq!(done.status().as_u16(), 200);
    assert_eq!(
        get(&server, "/people", &admin).await.0,
        403,
        "from the next call on"
    );
    let pairs = [("person", root.as_str()), ("disabled", "true")];
    post(&server, "/api/set_disabled", &pairs, &ada, false).await;
    let (status, headers, _) = get(&server, "/incidents?x=1", &admin).await;
    assert_eq!(status, 303);
    assert_eq!(
        headers[header::LOCATION],
        "/sign-in?next=%2Fincidents%3Fx%3D1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_incident_is_nowhere_for_a_foreigner() {
    let server = with("").await;
    let secret = private(&server, "HIDDEN incident", "storage").await;
    let open = case::import(&*server.store, &small_bundle(), &*server.clock).await;
    let open = open.unwrap().id;
    let backend = &server.state.backend;
    let inside = member(Role::Viewer, &["storage"]);
    // Also of who manages people.
    for foreigner in [
        member(Role::Responder, &["network"]),
        member(Role::Admin, &[]),
    ] {
        let listed = backend.incidents(&foreigner).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].id, open);
        let overview = format!("{:?}", backend.overview(&foreigner).await.unwrap());
        assert!(!overview.contains("HIDDEN") && !overview.contains(&secret.0));
        let case = backend.case(&foreigner, &open).await.unwrap();
        assert_eq!(case.earlier, [], "it is like the other, which is not there");
        let report = backend.document(&foreigner, &open).await.unwrap();
        assert!(!format!("{report:?}").contains("HIDDEN"));
        let ask = |with: &IncidentId| LanesAsk {
            compare: Some(Compare::Incident(with.clone())),
            columns: 100,
            ..LanesAsk::default()
        };
        let never_was = IncidentId("9".repeat(32));
        let [compared, unknown] = [
            backend.lanes(&foreigner, &open, ask(&secret)).await,
            backend.lanes(&foreigner, &open, ask(&never_was)).await,
        ]
        .map(|given| given.unwrap().compared.unwrap());
        assert_eq!(compared, unknown, "as if it had never been");
        assert!(compared.contains("no such incident"), "{compared}");
        assert_eq!(
            backend.case(&foreigner, &secret).await.err(),
            backend.case(&foreigner, &never_was).await.err()
        );
    }
    assert_eq!(backend.incidents(&inside).await.unwrap().len(), 2);
    let case = backend.case(&inside, &open).await.unwrap();
    assert_eq!(case.earlier.len(), 1);
    assert_eq!(case.earlier[0].title, "HIDDEN incident");
    assert!(
        backend
            .lanes(
                &inside,
                &open,
                LanesAsk {
                    compare: Some(Compare::Incident(secret.clone())),
                    columns: 100,
                    ..LanesAsk::default()
                }
            )
            .await
            .is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn action_items_of_a_private_incident_are_on_nobody_elses_page() {
    let server = with("").await;
    let secret = private(&server, "HIDDEN incident", "storage").await;
    let open = case::import(&*server.store, &small_bundle(), &*server.clock).await;
    let open = open.unwrap().id;
    let backend = &server.state.backend;
    let inside = member(Role::Responder, &["storage"]);
    for (incident, title, owner) in [
        (&secret, "HIDDEN item", "HIDDEN owner"),
        (&open, "watch the balance", "Kim"),
    ] {
        let draft = ActionDraft {
            title: title.into(),
            owner: owner.into(),
            alarm: None,
        };
        backend.add_action(&inside, incident, draft).await.unwrap();
    }
    let all = async |who: &Caller| {
        backend
            .all_actions(who, ActionsAsk::default())
            .await
            .unwrap()
    };
    for foreigner in [
        member(Role::Responder, &["network"]),
        member(Role::Admin, &[]),
    ] {
        let listed = all(&foreigner).await;
        assert_eq!((listed.rows.len(), listed.all), (1, 1));
        assert_eq!(listed.owners, ["Kim"]);
        let told = format!("{listed:?}");
        assert!(
            !told.contains("HIDDEN") && !told.contains(&secret.0),
            "{told}"
        );
    }
    let listed = all(&inside).await;
    assert_eq!((listed.rows.len(), listed.all), (2, 2));
    assert_eq!(listed.owners, ["HIDDEN owner", "Kim"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_an_incident_out_of_their_own_sight() {
    let server = with("").await;
    let id = private(&server, "x", "storage").await;
    let store = &server.store;
    let network = Team {
        id: TeamId("network".into()),
        name: "network".into(),
        ..Team::default()
    };
    store.put_team(&network).await.unwrap();
    let backend = &server.state.backend;
    let who = member(Role::Responder, &["storage"]);
    let of = |team: Option<&str>, private| Ownership {
        team: team.map(|t| TeamId(t.into())),
        private,
    };
    for bad in [
        of(Some("network"), true),
        of(None, true),
        of(Some("none"), false),
    ] {
        let refused = backend.set_ownership(&who, &id, bad).await;
        assert!(matches!(refused, Err(ApiError::Fields(_))), "{refused:?}");
    }
    let given = of(Some("network"), false);
    backend
        .set_ownership(&who, &id, given.clone())
        .await
        .unwrap();
    assert_eq!(store.ownership(&id).await.unwrap(), given);
    // A team that has incidents stays.
    let admin = member(Role::Admin, &[]);
    let refused = backend.delete_team(&admin, &network.id).await;
    assert!(matches!(refused, Err(ApiError::Invalid(_))), "{refused:?}");
    backend
        .set_ownership(&who, &id, of(None, false))
        .await
        .unwrap();
    backend.delete_team(&admin, &network.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_carries_their_name() {
    let server = with("").await;
    let id = private(&server, "x", "storage").await;
    let who = member(Role::Responder, &["storage"]);
    let draft = AnnotationDraft {
        id: None,
        start: at(10),
        end: None,
        text: "rebooted".into(),
        ..AnnotationDraft::default()
    };
    let note = server.state.backend.put_annotation(&who, &id, draft).await;
    assert_eq!(note.unwrap().author, "A responder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    let server = with("").await;
    let id = private(&server, "x", "storage").await;
    let store = &server.store;
    let (ada, cookie) = signed_in(&**store, "ada", Role::Viewer, 1).await;
    let team = TeamId("storage".into());
    store.add_member(&team, &ada.id).await.unwrap();
    let request = support::get(&format!("/api/incidents/{id}/live")).header(header::COOKIE, cookie);
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status().as_u16(), 200);
    let mut stream = response.into_body().into_data_stream();
    assert!(stream.next().await.is_some(), "the revision as it is");
    // Taken out of the team, they are told nothing more of it; the next change ends the stream.
    store.remove_member(&team, &ada.id).await.unwrap();
    let incident = store.incident(&id).await.unwrap().unwrap();
    store.update_incident(&incident).await.unwrap();
    let rest = tokio::time::timeout(Duration::from_mins(1), async {
        let mut told = 0;
        while let Some(Ok(part)) = stream.next().await {
            told += usize::from(part.starts_with(b"event: changed"));
        }
        told
    });
    // The change that was waited for when they were taken out may still be told: a number, no more.
    assert!(rest.await.expect("the stream ends") <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_https_cookies_and_answers_say_so() {
    let server = with("address = \"https://lineup.example.org\"").await;
    let admin = signed_in(&*server.store, "root", Role::Admin, 1).await.1;
    let send = async |path: &str, host: &str, origin: &str, cookie: &str, body: &str| {
        let request = Request::post(path)
            .header(header::HOST, host)
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        server
            .send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    };
    // A cookie that another host of the domain can set is none.
    let refused = send("/api/overview", HOST, ORIGIN, &admin, "").await;
    assert_eq!(refused.status().as_u16(), 401);
    let secure = admin.replace("lineup=", "__Host-lineup=");
    let done = send("/api/overview", HOST, ORIGIN, &secure, "").await;
    assert_eq!(done.status().as_u16(), 200);
    assert_eq!(
        done.headers()["strict-transport-security"],
        "max-age=31536000"
    );
    for (host, origin, status) in [
        (HOST, "http://lineup.example.org", 403),
        (HOST, "https://evil.example", 403),
        ("evil.example", "https://evil.example", 421),
    ] {
        let refused = send("/api/overview", host, origin, &secure, "").await;
        assert_eq!(refused.status().as_u16(), status, "{host} {origin}");
    }
    let invited = server
        .state
        .backend
        .invite(
            &member(Role::Admin, &[]),
            InvitationDraft {
                role: Role::Viewer,
                team: None,
                note: String::new(),
            },
        )
        .await
        .unwrap();
    let token = invited.strip_prefix("/invitations/").unwrap();
    let body = form_urlencoded(&[
        ("token", token),
        ("name", "Ada"),
        ("login", "ada"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ]);
    let accepted = send("/session/accept", HOST, ORIGIN, "", &body).await;
    let set = accepted.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        set.starts_with("__Host-lineup=") && set.ends_with("; HttpOnly; SameSite=Lax; Secure"),
        "{set}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_accounts_there_are_none() {
    let server = TestServer::start().await;
    for path in ["/account", "/people"] {
        let (status, page) = server.get(path).await;
        assert_eq!(status, 403, "{path}");
        assert!(!page.contains("sign-out"));
    }
    assert_eq!(
        sign_in(&server, "ada", PASSWORD).await.status().as_u16(),
        401
    );
    let (status, page) = server.get("/").await;
    assert!(status == 200 && !page.contains("data-role"), "{page}");
    let headers = server
        .send(support::get("/").body(Body::empty()).unwrap())
        .await;
    assert!(!headers.headers().contains_key("strict-transport-security"));
}
