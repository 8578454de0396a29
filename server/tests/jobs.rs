//! Pulls as jobs: progress, cancelling, failing, restarts; the source is a double.

use crate::support::{Counting, TestServer, at, small_bundle};
use app::backend::{Backend, Caller, NewIncident};
use async_trait::async_trait;
use model::{
    Batch, Gap, Incident, IncidentId, Provenance, Timestamp, Window,
    incident::{IncidentState, Job, JobState},
    review::activity::Deed,
    source::SourceFacts,
};
use server::{
    backend::ServerBackend,
    clock::Clock,
    config::Config,
    jobs::{PullSpec, Sources},
};
use sources::source::{Progress, Source, SourceError};
use std::sync::{
    Arc, Once,
    atomic::{AtomicBool, Ordering},
};
use store::Store;
use tokio::sync::Notify;

/// What the double does when it is asked.
#[derive(Clone)]
enum Script {
    /// Gives the small incident's series, and names one that did not come.
    Partly,
    /// Nothing came.
    Fails,
    /// Runs into a fault the first time, and gives the series the second.
    PanicsOnce(Arc<AtomicBool>),
    /// Says that it has begun, then waits until it is cancelled.
    UntilCancelled(Arc<Notify>),
}

#[derive(Clone)]
struct Double(Script);

#[async_trait]
impl Sources for Double {
    async fn open(&self, _: &PullSpec) -> Box<dyn Source> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Source for Double {
    fn name(&self) -> &'static str {
        "double"
    }

    fn facts(&self) -> SourceFacts {
        sources::cloudwatch::FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        Ok("there".into())
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        progress.step(1, 2, "asking");
        match &self.0 {
            Script::PanicsOnce(before) if !before.swap(true, Ordering::Relaxed) => {
                panic!("a fault that a test plays")
            }
            Script::Fails => Err(SourceError::RegionMissing { name: "double" }),
            Script::UntilCancelled(begun) => {
                begun.notify_one();
                while !progress.cancelled() {
                    tokio::task::yield_now().await;
                }
                Err(SourceError::Cancelled { name: "double" })
            }
            Script::Partly | Script::PanicsOnce(_) => Ok(Batch {
                provenance: Provenance {
                    source: "double".into(),
                    query: "everything".into(),
                    asked_at: Some(now),
                    window: Some(window),
                    gaps: vec![Gap {
                        what: "efs.x.BurstCreditBalance".into(),
                        window: None,
                        reason: "the service gave no more".into(),
                    }],
                    ..Provenance::default()
                },
                series: small_bundle().series,
                ..Batch::default()
            }),
        }
    }
}

fn request() -> NewIncident {
    NewIncident {
        title: "Slow sites".into(),
        start: at(-360),
        end: at(0),
        region: "eu-west-1".into(),
        resources: vec![("efs".into(), "fs-12345678".into())],
        profile: None,
        endpoint: None,
        agreed: false,
    }
}

async fn queued(script: Script) -> (TestServer, IncidentId, Job) {
    let server = TestServer::with_sources(Arc::new(Double(script)), &Config::default()).await;
    let id = server
        .state
        .backend
        .start_pull(&Caller::LocalUser, request())
        .await
        .unwrap();
    let job = server.store.jobs(&id).await.unwrap().remove(0);
    assert_eq!(job.state, JobState::Queued);
    (server, id, job)
}

async fn ended(server: &TestServer, job: &Job, id: &IncidentId) -> (Job, IncidentState) {
    let job = server.store.job(&job.id).await.unwrap().unwrap();
    let incident = server.store.incident(id).await.unwrap().unwrap();
    (job, incident.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_is_kept_and_what_did_not_is_named() {
    let (server, id, job) = queued(Script::Partly).await;
    assert!(server.worker.run_one(at(-1)).await.unwrap());
    let (job, state) = ended(&server, &job, &id).await;
    assert_eq!((job.state, state), (JobState::Done, IncidentState::Open));
    assert!(
        job.message.contains("1 series with 480 samples"),
        "{}",
        job.message
    );
    assert!(
        job.missing[0].contains("BurstCreditBalance"),
        "{:?}",
        job.missing
    );
    let evidence = server.store.evidence(&id).await.unwrap().unwrap();
    assert_eq!(evidence.series.len(), 1);
    assert!(
        server.store.analysis(&id).await.unwrap().is_some(),
        "it was analysed"
    );
    assert!(
        !server.worker.run_one(at(-1)).await.unwrap(),
        "nothing is left to do"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_fails_says_why() {
    let (server, id, job) = queued(Script::Fails).await;
    server.worker.run_one(at(-1)).await.unwrap();
    let (job, state) = ended(&server, &job, &id).await;
    assert_eq!((job.state, state), (JobState::Failed, IncidentState::Open));
    assert!(job.message.contains("region"), "{}", job.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_fails_and_the_worker_goes_on() {
    let (server, id, job) = queued(Script::PanicsOnce(Arc::default())).await;
    let backend = &server.state.backend;
    let second = backend.start_pull(&Caller::LocalUser, request()).await;
    let second = second.unwrap();
    assert!(server.worker.run_one(at(-1)).await.unwrap());
    let (job, state) = ended(&server, &job, &id).await;
    assert_eq!((job.state, state), (JobState::Failed, IncidentState::Open));
    assert!(job.message.contains("fault of Lineup"), "{}", job.message);
    assert!(server.worker.run_one(at(-1)).await.unwrap());
    let job = server.store.jobs(&second).await.unwrap().remove(0);
    let (job, state) = ended(&server, &job, &second).await;
    assert_eq!((job.state, state), (JobState::Done, IncidentState::Open));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_pull_can_be_cancelled() {
    let begun = Arc::new(Notify::new());
    let (server, id, job) = queued(Script::UntilCancelled(begun.clone())).await;
    let worker = server.worker.clone();
    let working = tokio::spawn(async move { worker.run_one(at(-1)).await });
    begun.notified().await;
    server
        .state
        .backend
        .cancel_job(&Caller::LocalUser, &job.id)
        .await
        .unwrap();
    assert!(working.await.unwrap().unwrap());
    let (job, state) = ended(&server, &job, &id).await;
    assert_eq!(
        (job.state, state),
        (JobState::Cancelled, IncidentState::Open)
    );
    assert!(
        server
            .store
            .evidence(&id)
            .await
            .unwrap()
            .unwrap()
            .series
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_pull_can_be_cancelled_too() {
    let (server, id, job) = queued(Script::Partly).await;
    server
        .state
        .backend
        .cancel_job(&Caller::LocalUser, &job.id)
        .await
        .unwrap();
    assert!(
        !server.worker.run_one(at(-1)).await.unwrap(),
        "a cancelled job was taken"
    );
    let (_, state) = ended(&server, &job, &id).await;
    assert_eq!(state, IncidentState::Open);
}

/// What somebody else makes of an incident meanwhile: another title, and its state.
async fn change(store: &dyn Store, id: &IncidentId, state: IncidentState) {
    let change = move |incident: &Incident| {
        Some(Incident {
            title: "It was the disk".into(),
            state,
            ..incident.clone()
        })
    };
    assert!(store.change_incident(id, &change).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_the_work_of_a_closed_incident_leaves_it_closed() {
    let (server, id, job) = queued(Script::Partly).await;
    change(&*server.store, &id, IncidentState::Closed).await;
    let backend = &server.state.backend;
    backend
        .cancel_job(&Caller::LocalUser, &job.id)
        .await
        .unwrap();
    let (job, state) = ended(&server, &job, &id).await;
    assert_eq!(
        (job.state, state),
        (JobState::Cancelled, IncidentState::Closed)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_filled_as_long_as_any_work_for_it_waits() {
    let (server, id, job) = queued(Script::Partly).await;
    let other = Job {
        id: "e".repeat(32),
        ..job.clone()
    };
    server.store.enqueue(&other).await.unwrap();
    let backend = &server.state.backend;
    for (id_of_job, left) in [
        (&job.id, IncidentState::Collecting),
        (&other.id, IncidentState::Open),
    ] {
        backend
            .cancel_job(&Caller::LocalUser, id_of_job)
            .await
            .unwrap();
        let (_, state) = ended(&server, &job, &id).await;
        assert_eq!(state, left);
    }
}

/// A clock; when it is first looked at, somebody changes the incident.
struct Meanwhile {
    store: Arc<dyn Store>,
    id: IncidentId,
    state: IncidentState,
    once: Once,
}

impl Clock for Meanwhile {
    fn now(&self) -> Timestamp {
        self.once.call_once(|| {
            tokio::task::block_in_place(|| {
                let changed = change(&*self.store, &self.id, self.state);
                tokio::runtime::Handle::current().block_on(changed);
            });
        });
        at(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_change_while_a_pull_is_tried_again_stays() {
    for state in [IncidentState::Open, IncidentState::Closed] {
        let (server, id, job) = queued(Script::Fails).await;
        server.worker.run_one(at(-1)).await.unwrap();
        let meanwhile = Meanwhile {
            store: server.store.clone(),
            id: id.clone(),
            state,
            once: Once::new(),
        };
        let backend = ServerBackend::new(
            server.store.clone(),
            Arc::new(meanwhile),
            Arc::new(Counting::from(1_000)),
            server.worker.clone(),
            Arc::default(),
            &Config::default(),
        );
        let tried = backend.retry_job(&Caller::LocalUser, &job.id).await;
        let incident = server.store.incident(&id).await.unwrap().unwrap();
        assert_eq!(incident.title, "It was the disk");
        let jobs = server.store.jobs(&id).await.unwrap();
        if state == IncidentState::Closed {
            let refused = tried.unwrap_err().to_string();
            assert!(refused.contains("the incident is closed"), "{refused}");
            assert_eq!((incident.state, jobs.len()), (IncidentState::Closed, 1));
        } else {
            tried.unwrap();
            assert_eq!((incident.state, jobs.len()), (IncidentState::Collecting, 2));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_quick_clicks_try_again_once() {
    let (server, id, job) = queued(Script::Fails).await;
    server.worker.run_one(at(-1)).await.unwrap();
    let backend = &server.state.backend;
    let click = || backend.retry_job(&Caller::LocalUser, &job.id);
    let (one, other) = tokio::join!(click(), click());
    one.and(other).unwrap();
    click().await.unwrap();
    let jobs = server.store.jobs(&id).await.unwrap();
    assert_eq!(jobs.len(), 2, "{jobs:?}");
    let log = server.store.activity(&id, None, 99).await.unwrap();
    let retried = log.iter().filter(|(_, did)| did.deed == Deed::Retried);
    assert_eq!(retried.count(), 1, "{log:?}");
    // A click that comes late leaves what is done as it is; what failed once more can be tried once more.
    server.worker.run_one(at(-1)).await.unwrap();
    click().await.unwrap();
    let incident = server.store.incident(&id).await.unwrap().unwrap();
    assert_eq!(incident.state, IncidentState::Open);
    let again = jobs.iter().find(|j| j.id != job.id).unwrap();
    let more = backend.retry_job(&Caller::LocalUser, &again.id);
    more.await.unwrap();
    assert_eq!(server.store.jobs(&id).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_cut_off_by_a_restart_is_taken_up_again() {
    let (server, id, job) = queued(Script::Partly).await;
    // A process took it and died.
    let taken = server.store.take_job(at(0), at(-1)).await.unwrap().unwrap();
    assert_eq!(taken.id, job.id);
    assert!(
        !server.worker.run_one(at(-1)).await.unwrap(),
        "a job at work is left alone"
    );
    server.forward(2 * server::jobs::STALE_MS);
    assert!(server.worker.run_one(at(1)).await.unwrap());
    let (job, _) = ended(&server, &job, &id).await;
    assert_eq!(job.state, JobState::Done);
}
