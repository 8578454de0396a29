//! Stories of people: who they are, how they come in, where they are signed in.

use super::{
    place::{Place, stories},
    sample::minute,
};
use model::person::{
    Identity, Invitation, PASSWORD, Person, PersonId, Role, Session, Team, TeamId,
};
use store::{Kept, SignedIn, Store, StoreError};

pub(crate) fn person(n: u32, role: Role) -> Person {
    let mut extra = model::Extra::new();
    extra.insert("later_field".into(), serde_json::json!({"kept": 0.1}));
    Person {
        id: PersonId(format!("{n:032x}")),
        login: format!("login-{n}@example.org"),
        name: format!("Person \u{1f9df} 'no. {n}' \u{0}"),
        role,
        created_at: minute(i64::from(n)),
        disabled_at: None,
        extra,
    }
}

pub(crate) fn identity(of: &Person) -> Identity {
    Identity {
        person: of.id.clone(),
        provider: PASSWORD.into(),
        subject: of.login.clone(),
        secret: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".into(),
        changed_at: minute(1),
    }
}

pub(crate) async fn with(store: &dyn Store, n: u32, role: Role) -> Person {
    let made = person(n, role);
    store.create_person(&made, &identity(&made)).await.unwrap();
    made
}

fn invitation(n: u32) -> Invitation {
    Invitation {
        id: format!("invitation{n}"),
        token_hash: format!("{n:064x}"),
        role: Role::Responder,
        note: "for the new one \u{0}".into(),
        created_by: "Ada".into(),
        created_at: minute(i64::from(n)),
        expires_at: minute(1_000),
        ..Invitation::default()
    }
}

fn session(n: u32, of: &Person) -> Session {
    Session {
        id: format!("session{n}"),
        token_hash: format!("{n:064x}"),
        person: of.id.clone(),
        created_at: minute(i64::from(n)),
        seen_at: minute(i64::from(n)),
        expires_at: minute(1_000 + i64::from(n)),
        about: "A browser \u{1f98a}".into(),
    }
}

async fn people_are_kept_and_found(place: &Place) {
    let store = place.open().await;
    let second = with(&*store, 2, Role::Viewer).await;
    let first = with(&*store, 1, Role::Admin).await;
    let store = place.open().await;
    assert_eq!(
        store.people().await.unwrap(),
        [first.clone(), second.clone()]
    );
    assert_eq!(
        store.person(&second.id).await.unwrap(),
        Some(second.clone())
    );
    let found = store.identity(PASSWORD, &first.login).await.unwrap();
    assert_eq!(found, Some(identity(&first)));
    for (provider, subject) in [
        (PASSWORD, "nobody"),
        ("https://issuer", ""),
        (PASSWORD, "\0"),
    ] {
        assert_eq!(store.identity(provider, subject).await.unwrap(), None);
    }
    let renamed = Person {
        name: "Another".into(),
        ..second
    };
    assert_eq!(store.update_person(&renamed).await.unwrap(), Kept::Changed);
    assert_eq!(store.people().await.unwrap(), [first, renamed]);
    let nobody = person(9, Role::Viewer);
    assert_eq!(store.update_person(&nobody).await.unwrap(), Kept::Nobody);
}

async fn a_login_is_one_persons(place: &Place) {
    let store = place.open().await;
    let first = with(&*store, 1, Role::Admin).await;
    let second = with(&*store, 2, Role::Admin).await;
    let same = Person {
        login: first.login.clone(),
        ..person(3, Role::Viewer)
    };
    let refused = store.create_person(&same, &identity(&same)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    // A new login with somebody else's identity: nothing of it stays.
    let third = person(3, Role::Viewer);
    let stolen = Identity {
        subject: first.login.clone(),
        ..identity(&third)
    };
    let refused = store.create_person(&third, &stolen).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(store.people().await.unwrap().len(), 2);
    let same = Person {
        login: first.login.clone(),
        ..second
    };
    let refused = store.update_person(&same).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
}

async fn a_secret_is_set_anew_by_its_person_alone(place: &Place) {
    let store = place.open().await;
    let first = with(&*store, 1, Role::Admin).await;
    let second = with(&*store, 2, Role::Admin).await;
    let changed = Identity {
        secret: "$argon2id$another".into(),
        changed_at: minute(7),
        ..identity(&first)
    };
    assert!(store.put_identity(&changed).await.unwrap());
    let stolen = Identity {
        person: second.id.clone(),
        secret: "$argon2id$stolen".into(),
        ..changed.clone()
    };
    assert!(!store.put_identity(&stolen).await.unwrap());
    // A second way to prove it, as an issuer of OpenID Connect will be.
    let issuer = Identity {
        provider: "https://login.example.org".into(),
        subject: "248289761001".into(),
        secret: String::new(),
        ..identity(&first)
    };
    assert!(store.put_identity(&issuer).await.unwrap());
    assert_eq!(
        store.identities(&first.id).await.unwrap(),
        [issuer, changed]
    );
    let nobodys = Identity {
        person: person(9, Role::Viewer).id,
        subject: "nine".into(),
        ..identity(&first)
    };
    assert!(!store.put_identity(&nobodys).await.unwrap());
}

async fn the_last_admin_stays_one(place: &Place) {
    let store = place.open().await;
    let first = with(&*store, 1, Role::Admin).await;
    let second = with(&*store, 2, Role::Admin).await;
    with(&*store, 3, Role::Responder).await;
    let viewer = |p: &Person| Person {
        role: Role::Viewer,
        ..p.clone()
    };
    let disabled = |p: &Person| Person {
        disabled_at: Some(minute(9)),
        ..p.clone()
    };
    assert_eq!(
        store.update_person(&disabled(&second)).await.unwrap(),
        Kept::Changed
    );
    for less in [viewer(&first), disabled(&first)] {
        let kept = store.update_person(&less).await.unwrap();
        assert_eq!(kept, Kept::LastAdmin);
    }
    assert_eq!(store.person(&first.id).await.unwrap(), Some(first.clone()));
    // Two who take each other's rights away at the same time: one of them stays.
    store.update_person(&second).await.unwrap();
    let (one, other) = (viewer(&first), viewer(&second));
    let (a, b) = tokio::join!(store.update_person(&one), store.update_person(&other));
    let kept = [a.unwrap(), b.unwrap()];
    assert!(kept.contains(&Kept::LastAdmin), "{kept:?}");
    assert!(kept.contains(&Kept::Changed), "{kept:?}");
}

async fn an_invitation_lets_one_person_in(place: &Place) {
    let store = place.open().await;
    let team = Team {
        id: TeamId("team".into()),
        name: "Storage".into(),
        ..Team::default()
    };
    store.put_team(&team).await.unwrap();
    let invited = Invitation {
        team: Some(team.id.clone()),
        ..invitation(1)
    };
    store.put_invitation(&invited).await.unwrap();
    let hash = &invited.token_hash;
    let found = store.invitation_by_hash(hash).await.unwrap();
    assert_eq!(found, Some(invited.clone()));

    // Whose login is taken changes nothing: the invitation stays open.
    let there = with(&*store, 5, Role::Admin).await;
    let same = Person {
        id: PersonId("6".into()),
        ..there
    };
    let refused = store
        .accept_invitation(hash, minute(2), &same, &identity(&same))
        .await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(
        store.invitations().await.unwrap(),
        std::slice::from_ref(&invited)
    );

    let (one, other) = (person(1, Role::Responder), person(2, Role::Responder));
    let (of_one, of_other) = (identity(&one), identity(&other));
    let (a, b) = tokio::join!(
        store.accept_invitation(hash, minute(3), &one, &of_one),
        store.accept_invitation(hash, minute(3), &other, &of_other),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a != b, "one of two gets in: {a} {b}");
    let people = store.people().await.unwrap();
    assert_eq!(people.len(), 2);
    let member = if a { one.id } else { other.id };
    assert_eq!(store.teams().await.unwrap()[0].members, [member]);
    let used = store.invitation_by_hash(hash).await.unwrap().unwrap();
    assert_eq!(used.accepted_at, Some(minute(3)));
    assert_eq!(store.invitations().await.unwrap(), []);
    assert!(
        !store
            .revoke_invitation(&invited.id, minute(4))
            .await
            .unwrap()
    );
}

async fn an_invitation_ends_by_time_or_by_word(place: &Place) {
    let store = place.open().await;
    for n in [2, 1] {
        store.put_invitation(&invitation(n)).await.unwrap();
    }
    let refused = store.put_invitation(&invitation(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    let token = Invitation {
        token_hash: "a token".into(),
        ..invitation(3)
    };
    let refused = store.put_invitation(&token).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert!(
        store
            .revoke_invitation("invitation1", minute(5))
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_invitation("invitation1", minute(6))
            .await
            .unwrap()
    );
    let waiting = store.invitations().await.unwrap();
    assert_eq!(waiting, [invitation(2)]);
    let new = person(1, Role::Responder);
    for (n, at) in [(1, 7), (2, 1_000), (9, 7)] {
        let hash = format!("{n:064x}");
        let of_new = identity(&new);
        let accepted = store.accept_invitation(&hash, minute(at), &new, &of_new);
        assert!(!accepted.await.unwrap(), "{n}");
    }
    assert_eq!(store.people().await.unwrap(), []);
}

async fn a_session_is_found_by_its_hash(place: &Place) {
    let store = place.open().await;
    let ada = with(&*store, 1, Role::Admin).await;
    let bob = with(&*store, 2, Role::Admin).await;
    for (team, members) in [("b", vec![ada.id.clone()]), ("a", vec![ada.id.clone()])] {
        let team = Team {
            id: TeamId(team.into()),
            name: team.into(),
            members,
            ..Team::default()
        };
        store.put_team(&team).await.unwrap();
    }
    for n in [1, 2] {
        store.put_session(&session(n, &ada)).await.unwrap();
    }
    store.put_session(&session(3, &bob)).await.unwrap();
    let refused = store.put_session(&session(3, &ada)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    let token = Session {
        token_hash: "a token".into(),
        ..session(4, &ada)
    };
    let refused = store.put_session(&token).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    let store = place.open().await;
    let of = |n: u32| format!("{n:064x}");
    let found = store.session_by_hash(&of(1)).await.unwrap().unwrap();
    let expected = SignedIn {
        session: session(1, &ada),
        person: ada.clone(),
        teams: vec![TeamId("a".into()), TeamId("b".into())],
    };
    assert_eq!(found, expected);
    let bobs = store.session_by_hash(&of(3)).await.unwrap().unwrap();
    assert_eq!((bobs.person, bobs.teams), (bob.clone(), Vec::new()));
    for unknown in [&of(9), "", "\0"] {
        assert_eq!(store.session_by_hash(unknown).await.unwrap(), None);
    }
    store.touch_session("session1", minute(60)).await.unwrap();
    store.touch_session("session1", minute(50)).await.unwrap();
    let all = store.sessions(&ada.id).await.unwrap();
    let seen = Session {
        seen_at: minute(60),
        ..session(1, &ada)
    };
    assert_eq!(all, [session(2, &ada), seen]);
}

async fn sessions_end_one_by_one_and_all_at_once(place: &Place) {
    let store = place.open().await;
    let ada = with(&*store, 1, Role::Admin).await;
    let bob = with(&*store, 2, Role::Responder).await;
    for n in 1..=4 {
        store.put_session(&session(n, &ada)).await.unwrap();
    }
    store.put_session(&session(5, &bob)).await.unwrap();
    // Nobody ends another's.
    assert!(!store.end_session(&bob.id, "session1").await.unwrap());
    assert!(store.end_session(&ada.id, "session1").await.unwrap());
    assert!(!store.end_session(&ada.id, "session1").await.unwrap());
    let ended = store.end_sessions(&ada.id, Some("session3")).await.unwrap();
    assert_eq!(ended, 2);
    assert_eq!(store.sessions(&ada.id).await.unwrap(), [session(3, &ada)]);
    assert_eq!(store.end_sessions(&ada.id, None).await.unwrap(), 1);
    // Who is disabled is signed out everywhere, and stays out.
    let disabled = Person {
        disabled_at: Some(minute(9)),
        ..bob.clone()
    };
    store.update_person(&disabled).await.unwrap();
    assert_eq!(store.sessions(&bob.id).await.unwrap(), []);
    let refused = store.put_session(&session(6, &bob)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    // What has expired is swept.
    for n in [7, 8] {
        store.put_session(&session(n, &ada)).await.unwrap();
    }
    assert_eq!(store.sweep_sessions(minute(1_008)).await.unwrap(), 1);
    assert_eq!(store.sessions(&ada.id).await.unwrap(), [session(8, &ada)]);
}

stories!(
    people_are_kept_and_found,
    a_login_is_one_persons,
    a_secret_is_set_anew_by_its_person_alone,
    the_last_admin_stays_one,
    an_invitation_lets_one_person_in,
    an_invitation_ends_by_time_or_by_word,
    a_session_is_found_by_its_hash,
    sessions_end_one_by_one_and_all_at_once,
);
