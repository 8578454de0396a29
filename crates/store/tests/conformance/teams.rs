//! Stories of teams and of the incidents that are theirs.

use super::{
    people::with,
    place::{Place, stories},
    sample::{id, incident, minute},
};
use model::{
    person::{Ownership, PersonId, Role, Team, TeamId},
    share::ShareLink,
};
use store::StoreError;

fn team(name: &str, members: &[&PersonId]) -> Team {
    Team {
        id: TeamId(format!("id of {name}")),
        name: name.into(),
        members: members.iter().map(|id| (*id).clone()).collect(),
        created_at: minute(1),
    }
}

fn of(team: &Team, private: bool) -> Ownership {
    Ownership {
        team: Some(team.id.clone()),
        private,
    }
}

async fn a_team_has_members_that_come_and_go(place: &Place) {
    let store = place.open().await;
    let ada = with(&*store, 1, Role::Admin).await.id;
    let bob = with(&*store, 2, Role::Viewer).await.id;
    let storage = team("Storage \u{1f4be}", &[&bob]);
    store.put_team(&storage).await.unwrap();
    store.put_team(&team("Network", &[])).await.unwrap();
    assert!(store.add_member(&storage.id, &ada).await.unwrap());
    assert!(store.add_member(&storage.id, &ada).await.unwrap(), "again");
    assert!(
        !store
            .add_member(&TeamId("none".into()), &ada)
            .await
            .unwrap()
    );
    let nobody = PersonId("nobody".into());
    assert!(!store.add_member(&storage.id, &nobody).await.unwrap());
    let store = place.open().await;
    let both = team("Storage \u{1f4be}", &[&ada, &bob]);
    assert_eq!(
        store.teams().await.unwrap(),
        [team("Network", &[]), both.clone()]
    );
    assert!(store.remove_member(&storage.id, &bob).await.unwrap());
    assert!(!store.remove_member(&storage.id, &bob).await.unwrap());
    let renamed = Team {
        name: "Disks".into(),
        members: Vec::new(),
        ..both
    };
    store.put_team(&renamed).await.unwrap();
    let teams = store.teams().await.unwrap();
    assert_eq!(
        (teams[0].name.as_str(), &teams[0].members),
        ("Disks", &vec![ada])
    );
    let taken = Team {
        id: TeamId("other".into()),
        ..team("Network", &[])
    };
    let refused = store.put_team(&taken).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    assert!(store.delete_team(&storage.id).await.unwrap());
    assert!(!store.delete_team(&storage.id).await.unwrap());
    assert_eq!(store.teams().await.unwrap(), [team("Network", &[])]);
}

async fn an_incident_is_nobodys_until_somebody_says_so(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let storage = team("Storage", &[]);
    store.put_team(&storage).await.unwrap();
    assert_eq!(store.ownership(&id(1)).await.unwrap(), Ownership::default());
    let before = store.revision(&id(1)).await.unwrap().unwrap();
    let private = of(&storage, true);
    store.set_ownership(&id(1), &private).await.unwrap();
    let after = store.revision(&id(1)).await.unwrap().unwrap();
    assert!(
        after.evidence > before.evidence,
        "whoever follows it is told"
    );
    // What a job writes back as it had read it before leaves the incident private.
    store.update_incident(&incident(1)).await.unwrap();
    let store = place.open().await;
    assert_eq!(store.ownership(&id(1)).await.unwrap(), private);
    assert_eq!(
        store.ownerships().await.unwrap(),
        [(id(1), private.clone())]
    );
    let refused = store.delete_team(&storage.id).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    let nobodys = Ownership {
        team: None,
        private: true,
    };
    let refused = store.set_ownership(&id(1), &nobodys).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    let archive = store.archive("prod").await.unwrap();
    for (nowhere, ownership) in [
        (id(2), of(&storage, false)),
        (archive, of(&storage, false)),
        (id(1), of(&team("none", &[]), false)),
    ] {
        let refused = store.set_ownership(&nowhere, &ownership).await;
        assert!(
            matches!(refused, Err(StoreError::Missing { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(store.ownership(&id(1)).await.unwrap(), private);
    // It goes with its incident, and the next of the same id is nobody's again.
    store.delete_incident(&id(1)).await.unwrap();
    assert_eq!(store.ownerships().await.unwrap(), []);
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.ownership(&id(1)).await.unwrap(), Ownership::default());
    assert!(store.delete_team(&storage.id).await.unwrap());
}

async fn a_link_says_which_incident_it_opens(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let link = ShareLink {
        id: "link".into(),
        incident: id(1),
        token_hash: "0".repeat(64),
        created_at: minute(1),
        ..ShareLink::default()
    };
    store.put_share(&link).await.unwrap();
    let found = store.incident_of_share("link").await.unwrap();
    assert_eq!(found, Some(id(1)));
    assert_eq!(store.incident_of_share("\0").await.unwrap(), None);
}

stories!(
    a_team_has_members_that_come_and_go,
    an_incident_is_nobodys_until_somebody_says_so,
    a_link_says_which_incident_it_opens,
);
