//! What follows from a trouble: what is done about it, what is said of it, and how long to wait.

use super::{Following, Thread};
use crate::kubernetes::{
    cluster::trouble::{Tried, Trouble},
    history::Told,
    part::{Part, Resource},
};

/// First pause after a failure; it doubles with each further one.
const PAUSE_MS: u64 = 800;
/// Longest pause after a failure.
const LONGEST_PAUSE_MS: u64 = 30_000;
/// A kind that may not be read is tried again after this time: somebody may have permitted it.
const FORBIDDEN_MS: u64 = 60_000;
/// A kind that the cluster does not have is looked for again after this time.
const MISSING_MS: u64 = 600_000;
/// Longest time that a server may send us away for.
const LONGEST_RETRY_AFTER_S: u64 = 300;

/// A place of the API that may not be read, although another may.
pub(super) struct Refusal {
    resource: &'static Resource,
    verb: &'static str,
    trouble: Trouble,
}

impl Following<'_> {
    /// Reports a trouble where it is one, and says how many milliseconds to wait.
    pub(super) async fn cope(
        &self,
        thread: &mut Thread,
        resource: &'static Resource,
        trouble: Trouble,
    ) -> u64 {
        let part = thread.stream.part;
        let next = part.resources().get(thread.choice + 1).is_some();
        match trouble {
            Trouble::Gone => {
                thread.relist = true;
                thread.gone += 1;
                // Once is nothing out of the ordinary. A server that says it each time is left alone.
                return match thread.gone {
                    0..=1 => 0,
                    times => pause(times - 1, part),
                };
            }
            Trouble::NotFound | Trouble::Forbidden { .. } if next => {
                // Both show the very same objects and count the very same versions, so that whoever
                // was told up to one of them goes on from it at the other place.
                thread.refuse(resource, trouble);
                thread.choice += 1;
                return 0;
            }
            Trouble::TooLarge { .. } if thread.page > 1 => {
                thread.page = (thread.page / 4).max(1);
                return 0;
            }
            _ => {}
        }
        let refused = matches!(trouble, Trouble::Forbidden { .. } | Trouble::NotFound);
        let (resource, verb, trouble) = if refused {
            thread.choice = 0;
            thread.refuse(resource, trouble);
            match thread.refused.take() {
                Some(first) => (first.resource, first.verb, first.trouble),
                None => (resource, thread.verb, Trouble::NotFound),
            }
        } else {
            (resource, thread.verb, trouble)
        };
        if refused && part.is_extension() {
            let message = absent(&resource.shown(), &trouble);
            self.keeper.absent(&thread.stream.shown(), message);
            return MISSING_MS;
        }
        if matches!(trouble, Trouble::Unauthorized { .. }) {
            self.cluster.log_in_again().await;
        }
        thread.failures += 1;
        let pause = match &trouble {
            Trouble::Forbidden { .. } => FORBIDDEN_MS,
            Trouble::NotFound => MISSING_MS,
            Trouble::TooMany {
                after_s: Some(seconds),
            } => seconds.clamp(&1, &LONGEST_RETRY_AFTER_S) * 1000,
            _ => pause(thread.failures, part),
        };
        let tried = Tried::reading(verb, resource, &thread.stream, &self.cluster.endpoint);
        let error = trouble.explain(tried);
        if refused {
            let reason = error.to_string();
            self.tell(&thread.stream, vec![Told::Refused { reason }]);
        }
        if refused && part == Part::Nodes {
            self.settled.send_replace(true);
        }
        let name = thread.stream.shown();
        tracing::warn!(cluster = self.cluster.name(), part = name, %error, "watch");
        self.keeper.report(&name, Err(&error));
        pause
    }
}

impl Thread {
    /// Remembers the first refusal: that is what has to be mended. That something is forbidden says
    /// more than that something else is not there.
    fn refuse(&mut self, resource: &'static Resource, trouble: Trouble) {
        let better = match &self.refused {
            None => true,
            Some(known) => {
                matches!(known.trouble, Trouble::NotFound)
                    && matches!(trouble, Trouble::Forbidden { .. })
            }
        };
        if better {
            self.refused = Some(Refusal {
                resource,
                verb: self.verb,
                trouble,
            });
        }
    }
}

/// What is said of a kind that a cluster need not have.
fn absent(name: &str, trouble: &Trouble) -> String {
    if matches!(trouble, Trouble::NotFound) {
        return format!("this cluster has no {name}: there is nothing to read");
    }
    format!(
        "{name} are not installed, or may not be read: where they are used, allow list and watch of them (docs/permissions/kubernetes.yaml)"
    )
}

/// The pause after a failure. Parts differ by a little, so that they do not all come back at once.
fn pause(failures: u32, part: Part) -> u64 {
    let doubled = PAUSE_MS.saturating_mul(1 << failures.saturating_sub(1).min(10));
    let place = Part::ALL.iter().position(|p| *p == part).unwrap_or(0) as u64;
    let pause = doubled.min(LONGEST_PAUSE_MS);
    pause + pause * place / 60
}
