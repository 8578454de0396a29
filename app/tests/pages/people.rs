//! Pages about people.

use super::{
    assert_sound, call,
    fake::{Fake, HOSTILE, at},
    get, router_of_nobody, send,
};
use app::{
    ApiError,
    backend::{
        Caller, Member, People,
        people::{
            AccountView, InvitationDraft, InvitationRow, InvitationView, PeopleView, PersonRow,
            SessionRow,
        },
    },
};
use async_trait::async_trait;
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use model::person::{PersonId, Role, Team, TeamId};
use std::sync::Arc;
use tower::ServiceExt;

const TOKEN: &str = "welcome";

fn opens() -> InvitationView {
    InvitationView {
        role: Role::Responder,
        team: Some(HOSTILE.into()),
        by: HOSTILE.into(),
        expires_at: at("2020-05-29T12:00:00Z"),
    }
}

fn team() -> Team {
    Team {
        id: TeamId("storage".into()),
        name: HOSTILE.into(),
        members: vec![PersonId("ada".into())],
        ..Team::default()
    }
}

fn person(id: &str, role: Role) -> PersonRow {
    PersonRow {
        id: PersonId(id.into()),
        login: id.into(),
        name: HOSTILE.into(),
        role,
        disabled_at: (id == "gone").then(|| at("2020-05-20T00:00:00Z")),
        me: id == "ada",
    }
}

#[async_trait]
impl People for Fake {
    async fn people(&self, _: &Caller) -> Result<PeopleView, ApiError> {
        Ok(PeopleView {
            people: vec![person("ada", Role::Admin), person("gone", Role::Viewer)],
            teams: vec![team()],
            invitations: vec![InvitationRow {
                id: "i1".into(),
                note: HOSTILE.into(),
                opens: opens(),
                expired: false,
            }],
        })
    }

    async fn account(&self, _: &Caller) -> Result<AccountView, ApiError> {
        let session = |id: &str, this| SessionRow {
            id: id.into(),
            about: HOSTILE.into(),
            created_at: at("2020-05-20T00:00:00Z"),
            seen_at: at("2020-05-22T00:00:00Z"),
            this,
        };
        Ok(AccountView {
            member: Member {
                id: PersonId("ada".into()),
                name: HOSTILE.into(),
                login: "ada".into(),
                role: Role::Admin,
                teams: vec![team().id],
                session: "s1".into(),
            },
            teams: vec![HOSTILE.into()],
            sessions: vec![session("s1", true), session("s2", false)],
            has_password: true,
        })
    }

    async fn invitation(&self, token: &str) -> Result<InvitationView, ApiError> {
        if token == TOKEN {
            Ok(opens())
        } else {
            Err(ApiError::NotFound)
        }
    }

    async fn invite(&self, _: &Caller, draft: InvitationDraft) -> Result<String, ApiError> {
        assert_eq!((draft.role, draft.team), (Role::Viewer, None));
        Ok(format!("/invitations/{TOKEN}"))
    }
}

#[tokio::test]
async fn every_page_about_people_is_whole_and_escapes_what_people_wrote() {
    for (path, words) in [
        ("/people", "data-testid=\"invitation-row\""),
        ("/account", "action=\"/session/end-all\""),
        ("/invitations/welcome", "action=\"/session/accept\""),
        ("/sign-in?next=%2Fincidents", "value=\"/incidents\""),
    ] {
        let (status, html) = get(Fake::default(), path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_sound(&html);
        assert!(html.contains(words), "{path}: {html}");
        assert!(!html.contains("<script>alert"), "{path}");
        assert!(!html.contains("modulepreload"), "{path} needs no module");
    }
}

#[tokio::test]
async fn an_invitation_that_opens_nothing_is_not_found() {
    let (status, html) = get(Fake::default(), "/invitations/other").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("data-testid=\"invitation-refused\""));
    assert!(!html.contains("name=\"password\""));
}

#[tokio::test]
async fn a_new_invitation_leads_to_its_link() {
    let form = call("invite", "role=viewer&team=&note=", "text/html");
    let (status, headers) = send(Arc::new(Fake::default()), form).await;
    assert_eq!(status, StatusCode::FOUND);
    assert_eq!(headers[header::LOCATION], "/invitations/welcome");
}

/// Who asks comes with the request where the server has not said it otherwise.
#[tokio::test]
async fn the_head_says_who_is_signed_in() {
    let viewer = Caller::Person(Member {
        id: PersonId("ada".into()),
        name: "Ada <b>".into(),
        login: "ada".into(),
        role: Role::Viewer,
        teams: Vec::new(),
        session: "s1".into(),
    });
    for (path, words) in [
        ("/sign-in", "data-role=\"viewer\""),
        ("/", ">Ada &lt;b&gt;</a>"),
    ] {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(viewer.clone());
        let router = router_of_nobody(Arc::new(Fake::with_case()));
        let answer = router.oneshot(request).await.unwrap();
        let body = to_bytes(answer.into_body(), 10_000_000).await.unwrap();
        let html = String::from_utf8(body.to_vec()).unwrap();
        assert!(html.contains(words), "{path}: {html}");
        assert!(!html.contains("href=\"/people\""), "{path}");
    }
    let (_, html) = get(Fake::with_case(), "/").await;
    assert!(!html.contains("account-link") && !html.contains("data-role"));
}
