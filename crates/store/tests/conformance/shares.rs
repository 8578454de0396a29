//! Stories of share links.

use super::{
    place::{Place, stories},
    sample::{id, incident, minute},
};
use model::share::{RedactionRules, ShareLink, ShareViews};
use store::{CountedViews, StoreError};

fn share(n: u32) -> ShareLink {
    ShareLink {
        id: format!("share{n}"),
        incident: id(1),
        token_hash: format!("{n:064x}"),
        created_at: minute(i64::from(n)),
        expires_at: n.is_multiple_of(2).then(|| minute(10_000)),
        version: n.is_multiple_of(3).then_some(n),
        lane: n.is_multiple_of(5).then(|| "credits".into()),
        password_hash: n.is_multiple_of(2).then(|| "$argon2id$…".into()),
        rules: RedactionRules {
            pods: true,
            patterns: vec!["acme*".into()],
            ..RedactionRules::default()
        },
        made_by: "somebody".into(),
        ..ShareLink::default()
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
    assert_eq!(store.share("share1").await.unwrap(), Some(share(1)));
    for unknown in ["", "0", "\0", &format!("{:064x}", 3)] {
        assert_eq!(store.share_by_hash(unknown).await.unwrap(), None);
    }
    store.delete_incident(&id(1)).await.unwrap();
    let gone = store.share_by_hash(&share(2).token_hash).await.unwrap();
    assert_eq!(gone, None);
    assert_eq!(store.share("share1").await.unwrap(), None);
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

async fn of_a_limited_number_of_views_none_too_many_is_given(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let limited = ShareLink {
        max_views: Some(5),
        ..share(1)
    };
    store.put_share(&limited).await.unwrap();
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = store.clone();
        tries.spawn(async move {
            store
                .take_view("share1", minute(100 + n % 2))
                .await
                .unwrap()
        });
    }
    let opened = tries.join_all().await.into_iter().filter(|open| *open);
    assert_eq!(opened.count(), 5);
    let link = store.share("share1").await.unwrap().unwrap();
    assert_eq!((link.views, link.is_used_up()), (5, true));
    let minutes = store.share_views("share1").await.unwrap();
    assert_eq!(minutes.iter().map(|m| m.views).sum::<u64>(), 5);
}

async fn what_is_revoked_or_over_is_opened_no_more(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    for n in [1, 2] {
        store.put_share(&share(n)).await.unwrap();
    }
    assert!(store.take_view("share2", minute(9_999)).await.unwrap());
    assert!(!store.take_view("share2", minute(10_000)).await.unwrap());
    store.revoke_share("share1", minute(50)).await.unwrap();
    assert!(!store.take_view("share1", minute(60)).await.unwrap());
    assert!(!store.take_view("share9", minute(60)).await.unwrap());
    assert_eq!(store.share("share1").await.unwrap().unwrap().views, 0);
}

async fn views_that_were_counted_elsewhere_are_added(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    store.put_share(&share(1)).await.unwrap();
    let counted = |share: &str, at: i64, views: u64| CountedViews {
        share: share.into(),
        views: ShareViews {
            minute: minute(at),
            views,
        },
        last: minute(at).plus(30_000),
    };
    store.count_views(&[]).await.unwrap();
    let first = [
        counted("share1", 10, 7),
        counted("share1", 12, 1),
        counted("gone", 10, 3),
    ];
    store.count_views(&first).await.unwrap();
    store
        .count_views(&[counted("share1", 10, 2)])
        .await
        .unwrap();
    let link = store.share("share1").await.unwrap().unwrap();
    // What comes late does not set the clock back.
    let last = Some(minute(12).plus(30_000));
    assert_eq!((link.views, link.last_view_at), (10, last));
    let minutes = store.share_views("share1").await.unwrap();
    let told: Vec<_> = minutes.iter().map(|m| (m.minute, m.views)).collect();
    assert_eq!(told, [(minute(12), 1), (minute(10), 9)]);
    // After a quarter only how often in all is left.
    let later = 100 * 24 * 60;
    store
        .count_views(&[counted("share1", later, 1)])
        .await
        .unwrap();
    let minutes = store.share_views("share1").await.unwrap();
    assert_eq!(minutes.len(), 1);
    assert_eq!(store.share("share1").await.unwrap().unwrap().views, 11);
    store.delete_incident(&id(1)).await.unwrap();
    assert_eq!(store.share_views("share1").await.unwrap(), []);
}

stories!(
    a_link_is_found_by_its_hash,
    a_link_is_revoked_once_and_for_good,
    a_token_is_never_stored,
    links_are_unique_and_belong_to_an_incident,
    of_a_limited_number_of_views_none_too_many_is_given,
    what_is_revoked_or_over_is_opened_no_more,
    views_that_were_counted_elsewhere_are_added,
);
