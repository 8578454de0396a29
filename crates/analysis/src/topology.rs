//! What hangs together: reachability along the edges, and which resource an event is about.

use model::{Edge, EdgeKind, Event, EventKind, Series, SeriesMeta};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Farthest that a dependency is followed.
const DEPTH: usize = 12;

/// The edges as a graph of what depends on what.
pub(crate) struct Topology {
    needs: BTreeMap<String, BTreeSet<String>>,
    calls: BTreeMap<String, BTreeSet<String>>,
    rests_on: BTreeMap<String, BTreeSet<String>>,
    /// Resources that series measure, by their plain own name.
    measured: BTreeMap<String, BTreeSet<String>>,
}

impl Topology {
    /// Reads the edges. `calls`, `mounts`, `runs_on`: `from` needs `to`; `owns`: `from` and `to`
    /// need each other, because a change of the owner changes what it owns. Notes which resources
    /// the series measure.
    pub(crate) fn of(edges: &[Edge], series: &[Series]) -> Self {
        let mut out = Self {
            needs: BTreeMap::new(),
            calls: BTreeMap::new(),
            rests_on: BTreeMap::new(),
            measured: BTreeMap::new(),
        };
        for resource in series.iter().filter_map(|s| s.meta.resource.as_ref()) {
            let alike = out.measured.entry(own_name(resource)).or_default();
            alike.insert(resource.clone());
        }
        for edge in edges {
            let mut add = |from: &str, to: &str| {
                out.needs
                    .entry(from.to_owned())
                    .or_default()
                    .insert(to.to_owned());
            };
            add(&edge.from, &edge.to);
            match edge.kind {
                EdgeKind::Owns => add(&edge.to, &edge.from),
                EdgeKind::Calls => {
                    let calls = out.calls.entry(edge.from.clone()).or_default();
                    calls.insert(edge.to.clone());
                }
                EdgeKind::Mounts | EdgeKind::RunsOn => {
                    let below = out.rests_on.entry(edge.from.clone()).or_default();
                    below.insert(edge.to.clone());
                }
                EdgeKind::Other(_) => {}
            }
        }
        out
    }

    /// Whether there are no edges at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// Number of resources that series measure.
    pub(crate) fn measured_count(&self) -> usize {
        self.measured.values().map(BTreeSet::len).sum()
    }

    /// The measured resources that an event is about.
    pub(crate) fn measured(&self, event: &Event) -> Vec<&String> {
        let mut found: Vec<&String> = names(event)
            .filter_map(|name| self.measured.get(&name))
            .flatten()
            .filter(|r| is_about(event, r))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// What a resource calls.
    pub(crate) fn callees(&self, resource: &str) -> impl Iterator<Item = &String> {
        self.calls.get(resource).into_iter().flatten()
    }

    /// What a resource mounts or runs on.
    pub(crate) fn ground(&self, resource: &str) -> impl Iterator<Item = &String> {
        self.rests_on.get(resource).into_iter().flatten()
    }

    /// Everything that a resource needs, itself included, with the number of steps.
    pub(crate) fn reach(&self, from: &str) -> BTreeMap<String, usize> {
        let mut seen = BTreeMap::from([(from.to_owned(), 0)]);
        let mut queue = VecDeque::from([from.to_owned()]);
        while let Some(at) = queue.pop_front() {
            let depth = seen.get(&at).copied().unwrap_or(0);
            if depth >= DEPTH {
                continue;
            }
            for next in self.needs.get(&at).into_iter().flatten() {
                if !seen.contains_key(next) {
                    seen.insert(next.clone(), depth + 1);
                    queue.push_back(next.clone());
                }
            }
        }
        seen
    }

    /// Who needs a resource, so many steps away at most; itself left out.
    pub(crate) fn dependents(&self, of: &str, steps: usize) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut last = BTreeSet::from([of.to_owned()]);
        for _ in 0..steps {
            let users = self.needs.iter().filter(|(_, to)| !to.is_disjoint(&last));
            last = users.map(|(from, _)| from.clone()).collect();
            out.extend(last.iter().cloned());
        }
        out.remove(of);
        out
    }

    /// Whether any resource's id contains this.
    pub(crate) fn knows(&self, part: &str) -> bool {
        self.needs.values().flatten().any(|id| id.contains(part))
    }

    /// Whether the thing behind one series needs the thing behind the other; `None`: nobody says.
    pub(crate) fn related(&self, symptom: &SeriesMeta, other: &SeriesMeta) -> Option<bool> {
        let (from, to) = (symptom.resource.as_ref()?, other.resource.as_ref()?);
        if from == to {
            return Some(true);
        }
        if self.is_empty() {
            // Without edges the namespace has to do, where it says so.
            let same = namespace_of(from)
                .zip(namespace_of(to))
                .map(|(a, b)| a == b);
            return same.filter(|same| *same);
        }
        self.needs
            .contains_key(from)
            .then(|| self.reach(from).contains_key(to))
    }
}

/// Letters and digits in lower case: how names of different spelling are compared.
fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A resource's own name, plain: the last part of a Kubernetes id, else all of it.
fn own_name(resource: &str) -> String {
    let own = resource.strip_prefix("aws:").unwrap_or(resource);
    plain(if own.starts_with("k8s:") {
        own.rsplit('/').next().unwrap_or(own)
    } else {
        own
    })
}

/// The plain names of what an event may be about: its object, its `service`, its `resource`.
fn names(event: &Event) -> impl Iterator<Item = String> {
    [
        Some(plain(&event.object.name)),
        event.attribute("service").map(|n| own_name(&n)),
        event.attribute("resource").map(|n| own_name(&n)),
    ]
    .into_iter()
    .flatten()
    .filter(|n| !n.is_empty())
}

/// Whether an event is about a resource: the same id, or the resource's own name is the object's or
/// the `service` or `resource` attribute, and both are not known to be of different namespaces.
pub(crate) fn is_about(event: &Event, resource: &str) -> bool {
    if event.resource().as_deref() == Some(resource) {
        return true;
    }
    let own = own_name(resource);
    let elsewhere =
        namespace_of(resource).is_some_and(|n| !event.namespace.is_empty() && n != event.namespace);
    !elsewhere && names(event).any(|n| n == own)
}

/// Fewest digits of the number that a `CronJob` gives each of its runs: minutes since 1970.
const RUN_DIGITS: usize = 6;

/// The name that an event's object has in common with those of its other runs: `report-27483920` is a
/// run of `report`, and `report-27483920-x7k2p` a pod of that run. Any other object is itself:
/// `web-1` and `web-2` are two.
pub(crate) fn lasting_name(event: &Event) -> &str {
    let name = event.object.name.as_str();
    let without_number = |name: &'_ str| -> usize {
        name.trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end_matches('-')
            .len()
    };
    let is_run =
        event.kind == EventKind::JobRun || matches!(event.object.kind.as_str(), "Job" | "CronJob");
    let cut = if is_run {
        without_number(name)
    } else {
        let number = |run: &&str| {
            let digits = run.rsplit_once('-').map_or("", |(_, number)| number);
            digits.len() >= RUN_DIGITS && digits.chars().all(|c| c.is_ascii_digit())
        };
        let made = std::iter::once(name)
            .chain(name.rsplit_once('-').map(|(run, _)| run))
            .find(number);
        made.map_or(name.len(), without_number)
    };
    match name.get(..cut) {
        Some(short) if !short.is_empty() => short,
        _ => name,
    }
}

/// Whether an event's object is named after a resource of the same namespace: `cart-config` and
/// `cart-7d9f-x2x` belong to `cart`.
pub(crate) fn belongs_to(event: &Event, resource: &str) -> bool {
    let Some((rest, name)) = resource.rsplit_once('/') else {
        return false;
    };
    let namespace = rest.split('/').nth(1).unwrap_or("");
    let object = event.object.name.as_str();
    !name.is_empty()
        && namespace == event.namespace
        && object
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Namespace of a Kubernetes resource, where it has one.
pub(crate) fn namespace_of(resource: &str) -> Option<&str> {
    let name = resource.strip_prefix("k8s:")?.split('/').nth(1)?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ObjectRef;

    #[test]
    fn only_runs_of_a_job_lose_their_number() {
        let named = |kind: EventKind, object: &str, name: &str| {
            let event = Event {
                kind,
                object: ObjectRef {
                    kind: object.into(),
                    name: name.into(),
                },
                ..Event::default()
            };
            lasting_name(&event).to_owned()
        };
        for (kind, object, name, lasting) in [
            (EventKind::JobRun, "Job", "report-27483920", "report"),
            (EventKind::JobRun, "CronJob", "report", "report"),
            (EventKind::JobRun, "", "2024", "2024"),
            (EventKind::OomKill, "Pod", "report-27483920-x7k2p", "report"),
            (EventKind::Rollout, "Deployment", "web-1", "web-1"),
            (
                EventKind::NodeReboot,
                "Node",
                "ip-10-20-16-236",
                "ip-10-20-16-236",
            ),
            (EventKind::OomKill, "Pod", "db-0", "db-0"),
            (
                EventKind::OomKill,
                "Pod",
                "web-56dc6d7dbd-wcc5q",
                "web-56dc6d7dbd-wcc5q",
            ),
        ] {
            assert_eq!(named(kind, object, name), lasting, "{name}");
        }
    }
}
