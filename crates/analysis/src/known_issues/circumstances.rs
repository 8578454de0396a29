//! What is the case around an incident, for issues that no message shows.

use crate::case::Case;
use model::{EventKind, analysis::StuckPod, time::HOUR};
use serde::Deserialize;

/// What may be the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Circumstance {
    /// Pods stay in Terminating.
    StuckPods,
    /// A file system of EFS is measured.
    Efs,
    /// NFS is measured or named, and no EFS.
    NfsWithoutEfs,
    /// Jobs run often: at least one an hour.
    ManyJobs,
}

/// What is the case.
pub(super) struct Circumstances {
    /// Ids of the events of stuck pods.
    pub pods: Vec<String>,
    efs: bool,
    nfs: bool,
    jobs: bool,
    /// Versions of the kubelets, as the nodes' events say.
    kubelets: Vec<String>,
}

impl Circumstances {
    pub(super) fn of(case: &Case<'_>, stuck: &[StuckPod]) -> Self {
        let events = &case.evidence.events;
        let named = |word: &str| {
            case.signals.iter().any(|s| {
                let meta = &s.meta;
                let text = format!("{} {} {}", meta.namespace, meta.name, meta.source);
                text.to_ascii_lowercase().contains(word)
            })
        };
        let hours = (case.window.millis() / HOUR).max(1);
        let jobs = events
            .iter()
            .filter(|e| e.kind == EventKind::JobRun && e.touches(case.window));
        let mut kubelets: Vec<String> = events
            .iter()
            .filter_map(|e| {
                let joined = e.attribute("kubelet");
                let changed = || {
                    let kubelet = e.attribute("what").is_some_and(|w| w == "kubelet");
                    e.attribute("to").filter(|_| kubelet)
                };
                joined.or_else(changed)
            })
            .collect();
        kubelets.sort();
        kubelets.dedup();
        Self {
            pods: stuck.iter().map(|p| p.event.clone()).take(20).collect(),
            efs: named("aws/efs"),
            nfs: named("nfs"),
            jobs: i64::try_from(jobs.count()).is_ok_and(|n| n >= hours),
            kubelets,
        }
    }

    /// Words for a circumstance that holds.
    pub(super) fn holds(&self, what: Circumstance) -> Option<&'static str> {
        let (holds, words) = match what {
            Circumstance::StuckPods => (!self.pods.is_empty(), "pods stay in Terminating"),
            Circumstance::Efs => (self.efs, "EFS is mounted"),
            Circumstance::NfsWithoutEfs => (self.nfs && !self.efs, "NFS is mounted"),
            Circumstance::ManyJobs => (self.jobs, "jobs run every hour or more often"),
        };
        holds.then_some(words)
    }

    /// Whether every kubelet that is known has the fix.
    pub(super) fn is_fixed(&self, fixed: &str) -> bool {
        !self.kubelets.is_empty()
            && self
                .kubelets
                .iter()
                .all(|k| version(k).zip(version(fixed)).is_some_and(|(k, f)| k >= f))
    }

    /// What the versions add, in words.
    pub(super) fn version(&self, fixed: &str) -> String {
        if self.kubelets.is_empty() {
            format!(
                " (kubelets from {fixed} on have the fix; which version the nodes run is unknown)"
            )
        } else {
            format!(
                " (kubelets {}; {fixed} has the fix)",
                self.kubelets.join(", ")
            )
        }
    }
}

/// Whether a version comes before another; what cannot be read does not.
pub(crate) fn is_older(version_is: &str, than: &str) -> bool {
    version(version_is)
        .zip(version(than))
        .is_some_and(|(is, than)| is < than)
}

/// Major and minor version: `v1.14.9-eks-1f0ca9` is 1 and 14.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim_start_matches('v').split('.');
    let mut next = || -> Option<u32> {
        let digits: String = parts
            .next()?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    };
    Some((next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version("v1.14.9-eks-1f0ca9"), Some((1, 14)));
        assert!(version("v1.9.0") < version("1.15"));
        assert_eq!(version("later"), None);
    }
}
