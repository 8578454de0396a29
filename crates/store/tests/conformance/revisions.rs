//! Stories of revisions: what counts as a change, and who is told.

use super::{
    place::{Place, stories},
    sample::{annotation, batch, id, incident, minute},
};
use model::{
    Analysis, Batch, Incident, Report,
    incident::{Job, JobState},
};
use store::{Revision, Store};

async fn revision(store: &dyn Store) -> Revision {
    store.revision(&id(1)).await.unwrap().unwrap()
}

fn job() -> Job {
    Job {
        id: "job-1".into(),
        incident: id(1),
        kind: "pull".into(),
        created_at: minute(1),
        updated_at: minute(1),
        ..Job::default()
    }
}

/// Part by part, what each write changes.
async fn every_write_counts_for_its_part_alone(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.revision(&id(1)).await.unwrap(), None);
    store.create_incident(&incident(1)).await.unwrap();
    let mut known = revision(&*store).await;

    let grown = Incident {
        title: "another".into(),
        ..incident(1)
    };
    let file = batch().files[0].path.clone();
    let analysis = Analysis::default();
    for step in 0..4 {
        match step {
            0 => store.add_batch(&id(1), &batch()).await.unwrap(),
            1 => store.update_incident(&grown).await.unwrap(),
            2 => store
                .put_analysis(&id(1), &analysis, minute(9))
                .await
                .unwrap(),
            _ => store
                .replace_files(&id(1), &[(&file, &batch())])
                .await
                .unwrap(),
        }
        let now = revision(&*store).await;
        assert!(now.evidence > known.evidence, "step {step}: {now:?}");
        assert_eq!((now.notes, now.jobs), (known.notes, known.jobs));
        known = now;
    }

    let note = annotation("a", 1, "one");
    store.put_annotation(&id(1), &note).await.unwrap();
    let noted = revision(&*store).await;
    assert!(store.delete_annotation(&id(1), "a").await.unwrap());
    let without = revision(&*store).await;
    assert!(known.notes < noted.notes && noted.notes < without.notes);
    assert_eq!(
        (without.evidence, without.jobs),
        (known.evidence, known.jobs)
    );

    let mut seen = vec![without.jobs];
    store.enqueue(&job()).await.unwrap();
    seen.push(revision(&*store).await.jobs);
    let mut taken = store.take_job(minute(2), minute(0)).await.unwrap().unwrap();
    seen.push(revision(&*store).await.jobs);
    taken.done = 1;
    assert!(store.update_job(&taken).await.unwrap());
    seen.push(revision(&*store).await.jobs);
    assert!(store.cancel_job("job-1", minute(3)).await.unwrap());
    seen.push(revision(&*store).await.jobs);
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    let last = revision(&*store).await;
    assert_eq!((last.evidence, last.notes), (known.evidence, without.notes));
    // It is there after the next start too.
    assert_eq!(revision(&*place.open().await).await, last);
    assert_eq!(store.revisions().await.unwrap(), [(id(1), last)]);
}

async fn what_writes_nothing_counts_nothing(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    store.import(&incident(2), &[], &[]).await.unwrap();
    let known = revision(&*store).await;
    assert!(
        !store
            .import(&incident(1), &[batch()], &[])
            .await
            .unwrap()
            .new
    );
    assert!(!store.delete_annotation(&id(1), "none").await.unwrap());
    assert!(!store.cancel_job("none", minute(1)).await.unwrap());
    let cancelled = Job {
        state: JobState::Cancelled,
        ..job()
    };
    store.enqueue(&cancelled).await.unwrap();
    let queued = revision(&*store).await;
    assert!(!store.update_job(&job()).await.unwrap());
    assert!(
        store
            .take_job(minute(2), minute(0))
            .await
            .unwrap()
            .is_none()
    );
    store
        .put_report(&id(1), &Report::default(), minute(1))
        .await
        .unwrap();
    store.add_batch(&id(2), &batch()).await.unwrap();
    let archive = store.archive("prod").await.unwrap();
    store.record(&archive, &batch(), &[]).await.unwrap();
    assert_eq!(revision(&*store).await, queued);
    assert_eq!(queued.evidence, known.evidence);
    // An archive is no incident.
    assert_eq!(store.revision(&archive).await.unwrap(), None);
}

async fn an_incident_that_comes_again_is_not_taken_for_the_one_before(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    let before = revision(&*store).await;
    assert!(store.delete_incident(&id(1)).await.unwrap());
    assert_eq!(store.revision(&id(1)).await.unwrap(), None);
    store
        .import(&incident(1), &[Batch::default()], &[])
        .await
        .unwrap();
    assert!(revision(&*store).await.evidence > before.evidence);
}

async fn who_listens_is_told_after_the_write(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[], &[]).await.unwrap();
    let before = revision(&*store).await;
    let mut changes = store.changes();
    store.add_batch(&id(1), &batch()).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), id(1));
    assert!(revision(&*store).await.evidence > before.evidence);
    let note = annotation("a", 1, "one");
    store.put_annotation(&id(1), &note).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), id(1));
    assert!(store.put_annotation(&id(7), &note).await.is_err());
    assert!(changes.try_recv().is_err(), "a write that failed was told");
}

stories!(
    every_write_counts_for_its_part_alone,
    what_writes_nothing_counts_nothing,
    an_incident_that_comes_again_is_not_taken_for_the_one_before,
    who_listens_is_told_after_the_write,
);
