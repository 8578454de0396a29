//! What hangs together: reachability along the edges, and which resource an event is about.

use model::{Edge, EdgeKind, Event, SeriesMeta};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Farthest that a dependency is followed.
const DEPTH: usize = 12;

/// The edges as a graph of what depends on what.
pub(crate) struct Topology {
    needs: BTreeMap<String, BTreeSet<String>>,
    calls: BTreeMap<String, BTreeSet<String>>,
}

impl Topology {
    /// Reads the edges. `calls`, `mounts`, `runs_on`: `from` needs `to`; `owns`: `from` and `to`
    /// need each other, because a change of the owner changes what it owns.
    pub(crate) fn of(edges: &[Edge]) -> Self {
        let mut out = Self {
            needs: BTreeMap::new(),
            calls: BTreeMap::new(),
        };
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
                _ => {}
            }
        }
        out
    }

    /// Whether there are no edges at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// What a resource calls.
    pub(crate) fn callees(&self, resource: &str) -> impl Iterator<Item = &String> {
        self.calls.get(resource).into_iter().flatten()
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

    /// Whether the thing behind one series needs the thing behind the other; `None`: nobody says.
    pub(crate) fn related(&self, symptom: &SeriesMeta, other: &SeriesMeta) -> Option<bool> {
        let (from, to) = (symptom.resource.as_ref()?, other.resource.as_ref()?);
        if from == to {
            return Some(true);
        }
        (!self.is_empty() && self.needs.contains_key(from))
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

/// Whether an event is about a resource: the same id, or the resource's own name is the object's or
/// the `service` or `resource` attribute.
pub(crate) fn is_about(event: &Event, resource: &str) -> bool {
    if event.resource().as_deref() == Some(resource) {
        return true;
    }
    let own = resource.strip_prefix("aws:").unwrap_or(resource);
    let own = if own.starts_with("k8s:") {
        own.rsplit('/').next().unwrap_or(own)
    } else {
        own
    };
    let own = plain(own);
    let names = [
        Some(event.object.name.clone()),
        event.attribute("service"),
        event.attribute("resource"),
    ];
    !own.is_empty() && names.into_iter().flatten().any(|n| plain(&n) == own)
}

/// Ids of the resources that an event can be about, among those given.
pub(crate) fn resources_of<'r>(
    event: &Event,
    all: impl Iterator<Item = &'r String>,
) -> Vec<&'r String> {
    all.filter(|r| is_about(event, r)).collect()
}
