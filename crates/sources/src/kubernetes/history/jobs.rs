//! Runs of jobs.

use super::{
    kept::{About, Sight, Tracked},
    pending::{Pending, event_id},
    rate::Began,
    when::When,
};
use crate::kubernetes::{
    jobs,
    meta::{owned, set},
    object::{Content, Object},
};
use model::Event;
use serde::{Deserialize, Serialize};

/// What is remembered of a job: its run as it was last written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct JobState {
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Box<Event>>,
}

impl Tracked for JobState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Job(job) = &object.content else {
            return false;
        };
        if sight.first {
            out.edges(owned(sight.listing, "Job", &job.metadata));
        }
        let Some(mut run) = jobs::event_of(job, sight.listing) else {
            return false;
        };
        run.id = event_id(&["job", object.uid()]);
        let known = self.run.as_deref();
        let older = known.is_some_and(|known| !sight.newest || known.end > run.end);
        if older || known == Some(&run) {
            return false;
        }
        if known.is_none_or(|known| known.start.is_none()) {
            let since = run.start_bounds().0;
            let began = run.start.map(Began::At).or(since.map(Began::Since));
            out.job_runs.extend(began);
        }
        out.event(run.clone());
        self.run = Some(Box::new(run));
        true
    }

    fn gone(&mut self, _: &About<'_>, when: When, out: &mut Pending) {
        // A run that was not over when its job was deleted ended with it.
        if let Some(run) = self.run.as_deref_mut().filter(|run| run.end.is_none()) {
            when.end(run);
            run.title = format!("{}, {}", run.title, when.gone());
            set(run, "deleted", true);
            out.event(run.clone());
        }
    }
}
