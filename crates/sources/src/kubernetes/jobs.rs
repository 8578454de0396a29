//! Jobs: from when to when they ran.

use super::{
    Listing,
    meta::{controller, event, set, set_bounds, shown, time},
};
use k8s_openapi::api::batch::v1::Job;
use model::{Event, EventKind};

/// The run of a job that has started.
pub fn event_of(job: &Job, listing: &Listing) -> Option<Event> {
    let status = job.status.as_ref()?;
    let mut run = event(listing, EventKind::JobRun, "Job", &job.metadata);
    run.start = time(status.start_time.as_ref());
    if run.start.is_none() {
        let created = time(job.metadata.creation_timestamp.as_ref());
        // Suspended or not yet taken up by the controller: it did not run.
        created.filter(|_| status.active.unwrap_or(0) > 0)?;
        set_bounds(&mut run, created, listing.observed_at);
    }
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let failed = conditions
        .iter()
        .find(|c| c.type_ == "Failed" && c.status == "True");
    run.end = time(status.completion_time.as_ref())
        .or_else(|| time(failed.and_then(|c| c.last_transition_time.as_ref())))
        .filter(|end| run.start.is_none_or(|start| start <= *end));
    let how = match (failed, run.end) {
        (Some(_), _) => "failed",
        (None, Some(_)) => "ran",
        (None, None) => "started",
    };
    run.title = format!("Job {} {how}", shown(&job.metadata));
    set(&mut run, "succeeded", status.succeeded);
    set(&mut run, "failed", status.failed);
    set(&mut run, "reason", failed.and_then(|c| c.reason.clone()));
    if let Some(owner) = controller(&job.metadata) {
        set(&mut run, "owner", format!("{}/{}", owner.kind, owner.name));
    }
    Some(run)
}
