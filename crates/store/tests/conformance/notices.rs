//! Stories of the outbox.

use super::{
    place::{Place, stories},
    sample::{id, incident, minute},
};
use model::{
    ActionItem,
    notice::{Notice, NoticeKind, Outgoing},
};
use std::sync::Arc;
use store::{Store, StoreError};

fn notice(n: u32) -> Notice {
    Notice {
        id: format!("notice-{n}"),
        receiver: "chat".into(),
        kind: NoticeKind::Assigned,
        incident: id(1),
        title: "watch the balance \u{0} 'as it is'".into(),
        path: "/incidents/1".into(),
        owner: "Kim".into(),
        due: Some(minute(10_000)),
        version: None,
        at: minute(i64::from(n)),
    }
}

fn waiting(n: u32) -> Outgoing {
    Outgoing {
        next_at: Some(notice(n).at),
        notice: notice(n),
        attempts: 0,
        sent_at: None,
        error: String::new(),
    }
}

async fn outbox(place: &Place, notices: u32) -> Arc<dyn Store> {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let notices: Vec<Notice> = (1..=notices).map(notice).collect();
    store.put_notices(&notices).await.unwrap();
    store
}

async fn what_was_kept_comes_back_after_a_restart(place: &Place) {
    let store = outbox(place, 2).await;
    store.close().await;
    let store = place.open().await;
    let all = store.notices(&id(1)).await.unwrap();
    assert_eq!(all, [waiting(1), waiting(2)]);
    // The same again is the same.
    assert_eq!(store.put_notices(&[notice(2), notice(3)]).await.unwrap(), 1);
    assert_eq!(store.put_notices(&[notice(2)]).await.unwrap(), 0);
    assert_eq!(store.put_notices(&[]).await.unwrap(), 0);
    assert_eq!(store.notices(&id(1)).await.unwrap().len(), 3);
    assert_eq!(store.notices(&id(2)).await.unwrap(), []);
    // Of no incident, there is nothing to tell; and nothing stays of one that is deleted.
    let of_none = Notice {
        id: "other".into(),
        incident: id(2),
        ..notice(1)
    };
    assert_eq!(store.put_notices(&[of_none]).await.unwrap(), 0);
    store.delete_incident(&id(1)).await.unwrap();
    assert_eq!(store.notices(&id(1)).await.unwrap(), []);
    let taken = store.take_notice(minute(99), minute(100)).await.unwrap();
    assert_eq!(taken, None);
}

async fn the_longest_due_is_taken_and_nobody_else_gets_it(place: &Place) {
    let store = outbox(place, 2).await;
    let take = async |now, until| store.take_notice(minute(now), minute(until)).await.unwrap();
    assert_eq!(take(0, 5).await, None, "none is due");
    let first = take(2, 5).await.unwrap();
    assert_eq!((first.notice, first.attempts), (notice(1), 1));
    assert_eq!(take(2, 5).await.unwrap().notice, notice(2));
    assert_eq!(take(4, 9).await, None, "both are being sent");
    // Whoever had the first one died; the second one was delivered.
    assert!(store.notice_sent("notice-2", minute(4)).await.unwrap());
    let again = take(5, 9).await.unwrap();
    assert_eq!((again.notice, again.attempts), (notice(1), 2));
    assert_eq!(take(8, 9).await, None);
}

async fn of_many_at_once_each_notice_has_one_taker(place: &Place) {
    let store = outbox(place, 20).await;
    let takers: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                // One that had to wait for another goes away empty-handed: it asks again.
                for _ in 0..40 {
                    let taken = store.take_notice(minute(100), minute(200)).await.unwrap();
                    mine.extend(taken.map(|o| o.notice.id));
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for taker in takers {
        all.extend(taker.await.unwrap());
    }
    all.sort();
    let mut wanted: Vec<String> = (1..=20).map(|n| notice(n).id).collect();
    wanted.sort();
    assert_eq!(all, wanted);
}

async fn it_is_tried_until_it_is_delivered_or_given_up(place: &Place) {
    let store = outbox(place, 2).await;
    store.take_notice(minute(5), minute(6)).await.unwrap();
    let again = store.notice_failed("notice-1", "answered 429", Some(minute(30)));
    assert!(again.await.unwrap());
    let all = store.notices(&id(1)).await.unwrap();
    assert_eq!(all[0].error, "answered 429");
    assert_eq!((all[0].next_at, all[0].attempts), (Some(minute(30)), 1));
    let next = store.take_notice(minute(29), minute(31)).await.unwrap();
    assert_eq!(next.unwrap().notice, notice(2));
    assert_eq!(
        store.take_notice(minute(29), minute(31)).await.unwrap(),
        None
    );
    store.take_notice(minute(30), minute(31)).await.unwrap();
    assert!(store.notice_sent("notice-1", minute(30)).await.unwrap());
    // Delivered is delivered, whatever comes late.
    assert!(!store.notice_sent("notice-1", minute(31)).await.unwrap());
    let late = store.notice_failed("notice-1", "late", Some(minute(40)));
    assert!(!late.await.unwrap());
    let given_up = store.notice_failed("notice-2", "no such receiver \u{0}", None);
    assert!(given_up.await.unwrap());
    assert_eq!(
        store.take_notice(minute(99), minute(100)).await.unwrap(),
        None
    );
    let all = store.notices(&id(1)).await.unwrap();
    assert_eq!((all[0].sent_at, all[0].next_at), (Some(minute(30)), None));
    assert_eq!(all[0].error, "");
    assert_eq!((all[1].sent_at, all[1].next_at), (None, None));
    assert_eq!(all[1].error, "no such receiver ");
    assert!(!store.notice_sent("notice-9", minute(1)).await.unwrap());
}

async fn an_action_item_and_its_notices_are_kept_together(place: &Place) {
    let store = outbox(place, 0).await;
    let item = ActionItem {
        id: "action-1".into(),
        title: "watch".into(),
        owner: "Kim".into(),
        ..ActionItem::default()
    };
    store
        .put_action_telling(&id(1), &item, &[notice(1)])
        .await
        .unwrap();
    assert_eq!(
        store.actions(&id(1)).await.unwrap(),
        std::slice::from_ref(&item)
    );
    assert_eq!(store.notices(&id(1)).await.unwrap(), [waiting(1)]);
    // A notice that cannot be kept leaves the item as it was.
    let other = ActionItem {
        owner: "Lee".into(),
        ..item.clone()
    };
    let bad = Notice {
        id: String::new(),
        ..notice(2)
    };
    let refused = store.put_action_telling(&id(1), &other, &[bad]).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.actions(&id(1)).await.unwrap(), [item]);
    let nowhere = store.put_action_telling(&id(2), &other, &[]).await;
    assert!(
        matches!(nowhere, Err(StoreError::Missing { .. })),
        "{nowhere:?}"
    );
}

stories!(
    what_was_kept_comes_back_after_a_restart,
    the_longest_due_is_taken_and_nobody_else_gets_it,
    of_many_at_once_each_notice_has_one_taker,
    it_is_tried_until_it_is_delivered_or_given_up,
    an_action_item_and_its_notices_are_kept_together,
);
