//! Stories of share links.

use super::{
    place::{Place, stories},
    sample::{id, incident, minute},
};
use model::incident::ShareLink;
use store::StoreError;

fn share(n: u32) -> ShareLink {
    ShareLink {
        id: format!("share{n}"),
        incident: id(1),
        token_hash: format!("{n:064x}"),
        created_at: minute(i64::from(n)),
        expires_at: n.is_multiple_of(2).then(|| minute(10_000)),
        revoked_at: None,
    }
}

async fn a_link_is_found_by_its_hash(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    for n in [2, 1] {
        store.put_share(&share(n)).await.unwrap();
    }
    assert_eq!(store.shares(&id(1)).await.unwrap(), [share(1), share(2)]);
    let found = store.share_by_hash(&share(2).token_hash).await.unwrap();
    assert_eq!(found, Some(share(2)));
    for unknown in ["", "0", "\0", &format!("{:064x}", 3)] {
        assert_eq!(store.share_by_hash(unknown).await.unwrap(), None);
    }
    store.delete_incident(&id(1)).await.unwrap();
    let gone = store.share_by_hash(&share(2).token_hash).await.unwrap();
    assert_eq!(gone, None);
}

async fn a_link_is_revoked_once_and_for_good(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    store.put_share(&share(1)).await.unwrap();
    assert!(store.revoke_share("share1", minute(50)).await.unwrap());
    assert!(!store.revoke_share("share1", minute(60)).await.unwrap());
    assert!(!store.revoke_share("share9", minute(60)).await.unwrap());
    let store = place.open().await;
    let found = store.share_by_hash(&share(1).token_hash).await.unwrap();
    assert_eq!(found.and_then(|s| s.revoked_at), Some(minute(50)));
}

async fn a_token_is_never_stored(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    for hash in ["Zm9v", "", &format!("{:064X}", 0xabc), &"g".repeat(64)] {
        let token = ShareLink {
            token_hash: hash.into(),
            ..share(1)
        };
        let refused = store.put_share(&token).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(store.shares(&id(1)).await.unwrap(), []);
}

async fn links_are_unique_and_belong_to_an_incident(place: &Place) {
    let store = place.open().await;
    let refused = store.put_share(&share(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    store.put_share(&share(1)).await.unwrap();
    let same_hash = ShareLink {
        id: "other".into(),
        ..share(1)
    };
    for taken in [share(1), same_hash] {
        let refused = store.put_share(&taken).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "{refused:?}"
        );
    }
}

stories!(
    a_link_is_found_by_its_hash,
    a_link_is_revoked_once_and_for_good,
    a_token_is_never_stored,
    links_are_unique_and_belong_to_an_incident,
);
