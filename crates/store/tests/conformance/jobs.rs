//! Stories of the queue.

use super::{
    place::{Place, stories},
    sample::{id, incident, minute},
};
use model::incident::{Job, JobState};
use std::sync::Arc;
use store::{Store, StoreError};

fn job(n: u32) -> Job {
    Job {
        id: format!("{n:032x}"),
        incident: id(1),
        kind: "pull".into(),
        spec: serde_json::json!({"region": "eu-west-1", "text": "\u{0}"}),
        created_at: minute(i64::from(n)),
        updated_at: minute(i64::from(n)),
        ..Job::default()
    }
}

async fn queue(place: &Place, jobs: u32) -> Arc<dyn Store> {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    for n in 1..=jobs {
        store.enqueue(&job(n)).await.unwrap();
    }
    store
}

fn running(n: u32, since: i64) -> Job {
    Job {
        state: JobState::Running,
        updated_at: minute(since),
        ..job(n)
    }
}

async fn the_oldest_is_taken_first_and_once(place: &Place) {
    let store = queue(place, 2).await;
    let take = |at: i64| store.take_job(minute(at), minute(0));
    assert_eq!(take(100).await.unwrap(), Some(running(1, 100)));
    assert_eq!(take(101).await.unwrap(), Some(running(2, 101)));
    assert_eq!(take(102).await.unwrap(), None);
    let jobs = store.jobs(&id(1)).await.unwrap();
    assert_eq!(jobs, [running(1, 100), running(2, 101)]);
}

async fn many_takers_share_the_queue(place: &Place) {
    let store = queue(place, 20).await;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                while let Some(job) = store.take_job(minute(100), minute(0)).await.unwrap() {
                    taken.push(job.id);
                }
                taken
            })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await.unwrap());
    }
    taken.sort();
    let every: Vec<_> = (1..=20).map(|n| job(n).id).collect();
    assert_eq!(taken, every);
}

async fn a_dead_worker_is_replaced(place: &Place) {
    let store = queue(place, 1).await;
    store.take_job(minute(100), minute(99)).await.unwrap();
    let waiting = store.take_job(minute(101), minute(100)).await.unwrap();
    assert_eq!(waiting, None, "it moved at minute 100");
    let taken = store.take_job(minute(105), minute(104)).await.unwrap();
    assert_eq!(taken, Some(running(1, 105)));
}

async fn progress_survives_a_restart(place: &Place) {
    let store = queue(place, 1).await;
    store.take_job(minute(100), minute(0)).await.unwrap();
    let moved = Job {
        done: 3,
        total: 9,
        message: "BurstCreditBalance".into(),
        ..running(1, 101)
    };
    assert!(store.update_job(&moved).await.unwrap());
    store.close().await;
    let store = place.open().await;
    let found = store.job(&job(1).id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&moved));
    let done = Job {
        state: JobState::Done,
        missing: vec!["StorageBytes".into()],
        ..moved
    };
    assert!(store.update_job(&done).await.unwrap());
    assert_eq!(
        store.take_job(minute(999), minute(998)).await.unwrap(),
        None
    );
    assert_eq!(store.job(&job(1).id).await.unwrap(), Some(done));
}

async fn cancelled_is_cancelled(place: &Place) {
    let store = queue(place, 2).await;
    store.take_job(minute(100), minute(0)).await.unwrap();
    for n in [1, 2] {
        assert!(store.cancel_job(&job(n).id, minute(110)).await.unwrap());
        assert!(!store.cancel_job(&job(n).id, minute(120)).await.unwrap());
    }
    for state in [JobState::Running, JobState::Done, JobState::Queued] {
        let late = Job {
            state,
            ..running(1, 130)
        };
        assert!(!store.update_job(&late).await.unwrap());
    }
    assert_eq!(
        store.take_job(minute(999), minute(998)).await.unwrap(),
        None
    );
    let found = store.job(&job(1).id).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.updated_at),
        (JobState::Cancelled, minute(110))
    );
}

async fn what_is_over_cannot_be_cancelled(place: &Place) {
    let store = queue(place, 1).await;
    let failed = Job {
        state: JobState::Failed,
        ..running(1, 100)
    };
    assert!(store.update_job(&failed).await.unwrap());
    assert!(!store.cancel_job(&job(1).id, minute(110)).await.unwrap());
    assert!(!store.cancel_job("nobody", minute(110)).await.unwrap());
    assert_eq!(store.job(&job(1).id).await.unwrap(), Some(failed));
}

async fn a_job_has_an_id_and_an_incident(place: &Place) {
    let store = queue(place, 1).await;
    let taken = store.enqueue(&job(1)).await;
    assert!(
        matches!(taken, Err(StoreError::Conflict { .. })),
        "{taken:?}"
    );
    let orphan = Job {
        incident: id(7),
        ..job(2)
    };
    let orphan = store.enqueue(&orphan).await;
    assert!(
        matches!(orphan, Err(StoreError::Missing { .. })),
        "{orphan:?}"
    );
    let unknown = store.update_job(&job(3)).await;
    assert!(
        matches!(unknown, Err(StoreError::Missing { .. })),
        "{unknown:?}"
    );
    assert_eq!(store.job(&job(3).id).await.unwrap(), None);
    store.delete_incident(&id(1)).await.unwrap();
    assert_eq!(store.job(&job(1).id).await.unwrap(), None);
}

async fn only_what_is_over_is_removed(place: &Place) {
    let store = queue(place, 4).await;
    for (n, state) in [
        (1, JobState::Done),
        (2, JobState::Failed),
        (3, JobState::Running),
    ] {
        let moved = Job {
            state,
            ..running(n, 100)
        };
        assert!(store.update_job(&moved).await.unwrap());
    }
    let ids: Vec<String> = (1..=5).map(|n| job(n).id).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let before = store.revision(&id(1)).await.unwrap().unwrap();
    assert_eq!(store.remove_jobs(&id(2), &ids).await.unwrap(), 0);
    assert_eq!(store.remove_jobs(&id(1), &ids).await.unwrap(), 2);
    assert_eq!(store.remove_jobs(&id(1), &ids).await.unwrap(), 0);
    let after = store.revision(&id(1)).await.unwrap().unwrap();
    assert_eq!(
        after.jobs,
        before.jobs + 1,
        "counted once, where it changed"
    );
    let left = store.jobs(&id(1)).await.unwrap();
    assert_eq!(left, [running(3, 100), job(4)]);
}

stories!(
    the_oldest_is_taken_first_and_once,
    many_takers_share_the_queue,
    a_dead_worker_is_replaced,
    progress_survives_a_restart,
    cancelled_is_cancelled,
    what_is_over_cannot_be_cancelled,
    a_job_has_an_id_and_an_incident,
    only_what_is_over_is_removed,
);
