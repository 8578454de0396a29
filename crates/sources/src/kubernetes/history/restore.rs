//! A history that goes on where the last one stopped.

use super::{
    History,
    rate::{self, JobRate},
    stream::{Stream, StreamState},
};
use model::words::count;

impl History {
    /// Of a cluster that was watched before, from what was remembered. What cannot be read any more
    /// is left out, and named in a gap: it is learned anew.
    pub fn restore(cluster: &str, memory: &[(String, String)]) -> Self {
        let mut history = Self::new(cluster);
        let prefix = format!("k8s:{cluster}/");
        let mut unread = 0_usize;
        for (key, saved) in memory {
            let read = match (Stream::of_key(key), key.strip_prefix(&prefix)) {
                (Some(stream), _) => StreamState::restore(saved).map(|state| {
                    history.streams.insert(stream, state);
                }),
                (None, Some(rest)) => history.restore_object(rest, saved),
                (None, None) if key == rate::KEY => JobRate::restore(saved).map(|rate| {
                    history.job_rate = rate;
                }),
                (None, None) => continue, // of another cluster
            };
            unread += usize::from(read.is_err());
        }
        for (key, claim) in history.claims.iter() {
            claim.join(key, &mut history.behind);
        }
        for (key, volume) in history.volumes.iter() {
            volume.join(key, &mut history.behind);
        }
        if unread > 0 {
            let reason = format!(
                "what was remembered of {} cannot be read by this version: it is learned anew, and what happened while nobody watched is not known",
                count(unread, "object")
            );
            history.out.gap("", None, reason);
        }
        history
    }

    fn restore_object(&mut self, rest: &str, saved: &str) -> Result<(), serde_json::Error> {
        let mut parts = rest.splitn(3, '/');
        let mut part = || parts.next().unwrap_or("");
        let (namespace, kind, name) = (part(), part(), part());
        let key = format!("{namespace}/{name}");
        let w = &mut self.workloads;
        match kind {
            "Pod" => self.pods.restore(&key, saved),
            "Node" => self.nodes.restore(&key, saved),
            "Deployment" => w.deployments.restore(&key, saved),
            "StatefulSet" => w.stateful_sets.restore(&key, saved),
            "DaemonSet" => w.daemon_sets.restore(&key, saved),
            "CronJob" => w.cron_jobs.restore(&key, saved),
            "ReplicaSet" => w.replica_sets.restore(&key, saved),
            "ControllerRevision" => w.controller_revisions.restore(&key, saved),
            "Job" => self.jobs.restore(&key, saved),
            "PersistentVolumeClaim" => self.claims.restore(&key, saved),
            "PersistentVolume" => self.volumes.restore(&key, saved),
            "Application" => self.applications.restore(&key, saved),
            "Kustomization" => self.kustomizations.restore(&key, saved),
            "HelmRelease" => self.helm_releases.restore(&key, saved),
            "Secret" => self.helm_revisions.restore(&key, saved),
            _ => Ok(()),
        }
    }
}
