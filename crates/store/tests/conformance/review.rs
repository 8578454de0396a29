//! Stories of versions, reviews, comments and the activity log.

use super::{
    place::{Place, stories},
    reports::report,
    sample::{id, incident, minute},
};
use model::{
    ActionItem,
    review::{
        Approval, Review, ReviewState, Version,
        activity::{Activity, Deed},
        comment::{Anchor, Comment, Resolved, Thread},
    },
};
use store::StoreError;

fn comment(id: &str, at: i64, text: &str) -> Comment {
    Comment {
        id: id.into(),
        by: "Ada".into(),
        at: minute(at),
        text: text.into(),
        ..Comment::default()
    }
}

fn thread(id: &str, at: i64) -> Thread {
    let mut extra = model::Extra::new();
    extra.insert("votes".into(), serde_json::json!(3));
    Thread {
        id: id.into(),
        anchor: Anchor::Moment {
            start: minute(3),
            end: Some(minute(4)),
            lane: Some("io".into()),
        },
        about: "03:00 \u{1f9df}".into(),
        at: minute(at),
        comments: vec![comment("first", at, "<b>why</b> \u{0}?")],
        extra,
        ..Thread::default()
    }
}

async fn a_version_is_never_changed(place: &Place) {
    let store = place.open().await;
    let first = Version {
        said: vec![serde_json::json!([{ "author": "Ada" }])],
        ..Version::of(1, report("first"), "Ada \u{1f9df}", minute(1))
    };
    let refused = store.put_version(&id(1), &first).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    store.put_version(&id(1), &first).await.unwrap();
    let other = Version::of(1, report("other"), "Eve", minute(2));
    let refused = store.put_version(&id(1), &other).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    let second = Version::of(2, report("second"), "Grace", minute(3));
    store.put_version(&id(1), &second).await.unwrap();
    let store = place.open().await;
    assert_eq!(store.version(&id(1), 1).await.unwrap(), Some(first.clone()));
    assert_eq!(store.version(&id(1), 3).await.unwrap(), None);
    assert_eq!(store.version(&id(2), 1).await.unwrap(), None);
    let listed = store.versions(&id(1)).await.unwrap();
    let said: Vec<_> = listed.iter().map(|v| (v.number, v.by.as_str())).collect();
    assert_eq!(said, [(1, "Ada \u{1f9df}"), (2, "Grace")]);
    assert_eq!(listed[0].digest, first.digest);
    assert_ne!(listed[0].digest, listed[1].digest);
}

async fn two_who_change_a_review_do_not_undo_each_other(place: &Place) {
    let store = place.open().await;
    let none = (Review::default(), 0);
    assert_eq!(store.review(&id(1)).await.unwrap(), none);
    let review = Review {
        state: ReviewState::InReview,
        version: Some(1),
        ..Review::default()
    };
    assert!(!store.put_review(&id(1), &review, 0).await.unwrap());
    store.create_incident(&incident(1)).await.unwrap();
    assert!(store.put_review(&id(1), &review, 0).await.unwrap());
    let (_, known) = store.review(&id(1)).await.unwrap();
    let approval = Approval {
        who: "Ada".into(),
        version: 1,
        at: minute(2),
        ..Approval::default()
    };
    let approved = Review {
        state: ReviewState::Approved,
        approvals: vec![approval],
        ..review.clone()
    };
    assert!(store.put_review(&id(1), &approved, known).await.unwrap());
    // Whoever knows the one before writes nothing; nor does one who knows none.
    assert!(!store.put_review(&id(1), &review, known).await.unwrap());
    assert!(!store.put_review(&id(1), &review, 0).await.unwrap());
    let store = place.open().await;
    let (kept, now) = store.review(&id(1)).await.unwrap();
    assert_eq!(kept, approved);
    assert!(now > known);
}

async fn threads_keep_every_comment(place: &Place) {
    let store = place.open().await;
    let refused = store.put_thread(&id(1), &thread("a", 5)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    let refused = store.put_thread(&id(1), &thread("", 5)).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    for begun in [thread("b", 5), thread("a", 7)] {
        store.put_thread(&id(1), &begun).await.unwrap();
    }
    let (early, late) = (comment("x", 6, "early"), comment("w", 9, "late"));
    for said in [&late, &early] {
        assert!(store.add_comment(&id(1), "b", said).await.unwrap());
    }
    assert!(!store.add_comment(&id(1), "none", &early).await.unwrap());
    assert!(!store.add_comment(&id(2), "b", &early).await.unwrap());
    // Resolved by somebody who knew of none of the answers.
    let resolved = Thread {
        resolved: Some(Resolved {
            by: "Grace".into(),
            at: minute(10),
        }),
        ..thread("b", 5)
    };
    store.put_thread(&id(1), &resolved).await.unwrap();
    let store = place.open().await;
    let threads = store.threads(&id(1)).await.unwrap();
    assert_eq!(threads.len(), 2);
    assert_eq!(threads[1], thread("a", 7));
    let first = resolved.comments[0].clone();
    assert_eq!(threads[0].comments, [first, early, late]);
    assert_eq!(threads[0].resolved, resolved.resolved);
    assert_eq!(threads[0].extra["votes"], 3);
    assert_eq!(store.threads(&id(2)).await.unwrap(), []);
}

async fn the_log_is_told_newest_first_part_by_part(place: &Place) {
    let store = place.open().await;
    let step = |n: i64| Activity::new(minute(n), "Ada", Deed::Renamed, &format!("no. {n}"));
    let refused = store.record_activity(&id(1), &step(0)).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    for n in [1, 2] {
        store.create_incident(&incident(n)).await.unwrap();
    }
    for n in 0..5 {
        // Two in the same millisecond keep their order.
        store.record_activity(&id(1), &step(n / 2)).await.unwrap();
        store.record_activity(&id(2), &step(100)).await.unwrap();
    }
    let store = place.open().await;
    let newest = store.activity(&id(1), None, 2).await.unwrap();
    let said = |page: &[(i64, Activity)]| -> Vec<String> {
        page.iter().map(|(_, a)| a.about.clone()).collect()
    };
    assert_eq!(said(&newest), ["no. 2", "no. 1"]);
    let rest = store.activity(&id(1), Some(newest[1].0), 9).await.unwrap();
    assert_eq!(said(&rest), ["no. 1", "no. 0", "no. 0"]);
    assert_eq!(rest[2].1, step(0));
}

async fn all_of_it_goes_with_its_incident(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let version = Version::of(1, report("x"), "Ada", minute(1));
    store.put_version(&id(1), &version).await.unwrap();
    store.put_thread(&id(1), &thread("a", 1)).await.unwrap();
    let review = Review::default();
    assert!(store.put_review(&id(1), &review, 0).await.unwrap());
    let step = Activity::new(minute(1), "Ada", Deed::Noted, "");
    store.record_activity(&id(1), &step).await.unwrap();
    assert!(store.delete_incident(&id(1)).await.unwrap());
    for table in ["versions", "threads", "comments", "reviews", "activity"] {
        let left = place.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
    let store = place.open().await;
    assert_eq!(store.review(&id(1)).await.unwrap().1, 0);
}

async fn action_items_of_all_incidents_are_listed(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.all_actions().await.unwrap(), []);
    let item = |id: &str, at: i64| ActionItem {
        id: id.into(),
        title: format!("item {id}"),
        created_at: Some(minute(at)),
        due: Some(minute(at + 9)),
        ..ActionItem::default()
    };
    for n in [2, 1] {
        store.create_incident(&incident(n)).await.unwrap();
        store.put_action(&id(n), &item("b", 5)).await.unwrap();
    }
    store.put_action(&id(1), &item("a", 6)).await.unwrap();
    let listed = store.all_actions().await.unwrap();
    let expected = [
        (id(1), item("b", 5)),
        (id(1), item("a", 6)),
        (id(2), item("b", 5)),
    ];
    assert_eq!(listed, expected);
}

stories!(
    a_version_is_never_changed,
    two_who_change_a_review_do_not_undo_each_other,
    threads_keep_every_comment,
    the_log_is_told_newest_first_part_by_part,
    all_of_it_goes_with_its_incident,
    action_items_of_all_incidents_are_listed,
);
