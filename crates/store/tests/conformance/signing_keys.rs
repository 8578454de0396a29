//! Stories of the keys that servers sign with.

use super::place::{Place, stories};
use store::StoreError;

async fn the_first_key_stays(place: &Place) {
    let store = place.open().await;
    let key = store.signing_key("messages", &[1; 32]).await.unwrap();
    assert_eq!(key, [1; 32]);
    let again = store.signing_key("messages", &[2; 32]).await.unwrap();
    assert_eq!(again, [1; 32]);
    let other = store.signing_key("something else", &[3; 32]).await.unwrap();
    assert_eq!(other, [3; 32]);
    store.close().await;
    let store = place.open().await;
    let after = store.signing_key("messages", &[4; 32]).await.unwrap();
    assert_eq!(after, [1; 32]);
    let nameless = store.signing_key("", &[5; 32]).await;
    assert!(
        matches!(nameless, Err(StoreError::Invalid { .. })),
        "{nameless:?}"
    );
}

async fn of_many_at_once_all_get_the_same_key(place: &Place) {
    let stores = [place.open().await, place.open().await];
    let asked: Vec<_> = (0..12_u8)
        .map(|n| {
            let store = stores[usize::from(n % 2)].clone();
            tokio::spawn(async move { store.signing_key("messages", &[n; 32]).await.unwrap() })
        })
        .collect();
    let mut keys = Vec::new();
    for one in asked {
        keys.push(one.await.unwrap());
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "{keys:?}");
}

stories!(the_first_key_stays, of_many_at_once_all_get_the_same_key);
