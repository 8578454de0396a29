//! How an event hangs together with what people feel: by the edges of the topology, and where there
//! are none, by namespaces and by names (`cart-config` and `cart-7d9f-x2x` are about `cart`).

use crate::{case::Case, driver::Found, topology::Topology};
use model::{Event, EventKind, time::MINUTE};
use std::collections::{BTreeMap, BTreeSet};

/// How near an event is to the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    /// Nothing leads from one to the other, though both are known.
    Apart,
    /// Nobody says.
    Unknown,
    /// The same namespace.
    Beside,
    /// Something that it needs, or that uses what ran out.
    Needed,
    /// The very thing.
    Own,
}

impl Relation {
    /// How much more often than others such an event is the cause, where one is: a judgement in
    /// orders of magnitude.
    pub(crate) fn share(self) -> f64 {
        match self {
            Self::Own => 1.0,
            Self::Needed => 0.7,
            Self::Beside => 0.3,
            Self::Unknown => 0.2,
            Self::Apart => 0.04,
        }
    }
}

/// What the incident is about, ready for looking events up.
#[derive(Default)]
pub(crate) struct Relations {
    /// Resources with their relation: by id, and by their own name in plain letters.
    ids: BTreeMap<String, Relation>,
    names: BTreeMap<String, Relation>,
    /// Workloads by namespace and name.
    workloads: BTreeMap<(String, String), Relation>,
    namespaces: BTreeSet<String>,
    /// Services of the provider that are measured (`rds`).
    services: BTreeSet<String>,
    /// Everything that is measured, by its name: whether it moved when the trouble began.
    measured: BTreeMap<String, bool>,
    /// Whether the topology knows nodes.
    nodes: bool,
    edges: bool,
    /// Whether burst credits are behind it.
    physical: bool,
}

/// The parts of a Kubernetes resource id: namespace, kind, name.
fn parts(id: &str) -> Option<(&str, &str, &str)> {
    let mut parts = id.strip_prefix("k8s:")?.splitn(4, '/').skip(1);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A resource's own name: the last part of a Kubernetes id, all of any other.
fn own_name(id: &str) -> &str {
    parts(id).map_or_else(
        || id.strip_prefix("aws:").unwrap_or(id),
        |(_, _, name)| name,
    )
}

/// Fewest letters of a word that can be a name.
const SHORTEST: usize = 3;
/// From how long before the onset to how long after the symptom something must have moved.
const MOVED: (i64, i64) = (10 * MINUTE, 30 * MINUTE);
/// Steps from what ran out to those who use it: a mount and its owner.
const USERS: usize = 2;

impl Relations {
    /// What hangs together with the driver and with the symptom.
    pub(crate) fn of(
        case: &Case<'_>,
        topology: &Topology,
        found: &Found,
        symptom: Option<&str>,
    ) -> Self {
        let mut out = Self {
            edges: !topology.is_empty(),
            physical: found.physical,
            ..Self::default()
        };
        let resource = |id: &str| case.signal(id).and_then(|s| s.meta.resource.clone());
        let driver = resource(&found.driver.series);
        let felt = symptom.and_then(resource);
        for target in [&felt, &driver].into_iter().flatten() {
            for id in topology.reach(target).keys() {
                out.add(id, Relation::Needed);
            }
        }
        if let Some(target) = driver.as_ref().filter(|_| found.physical) {
            for id in topology.dependents(target, USERS) {
                out.add(&id, Relation::Needed);
            }
        }
        for target in [&felt, &driver].into_iter().flatten() {
            out.add(target, Relation::Own);
        }
        for id in symptom.into_iter().chain([found.driver.series.as_str()]) {
            out.add_words(case, id);
        }
        for series in &case.signals {
            if let Some(service) = series.meta.namespace.strip_prefix("AWS/") {
                out.services.insert(service.to_ascii_lowercase());
            }
        }
        out.nodes = topology.knows("/Node/");
        out.look_around(case, found);
        out
    }

    /// What else is measured, by its name, and whether it moved when the trouble began: what was
    /// changed and shows nothing itself is hardly the cause.
    fn look_around(&mut self, case: &Case<'_>, found: &Found) {
        let onset = found.driver.onset;
        let felt = found.follows.iter().map(|f| f.1).max().unwrap_or(onset);
        let around = onset.plus(-MOVED.0)..=felt.max(onset).plus(MOVED.1);
        for signal in &case.signals {
            let moved = signal.sure(0.75).any(|c| around.contains(&c.at));
            let id = signal.meta.id.split(['.', '/', ':', '|']).next();
            let resource = signal.meta.resource.as_deref().map(own_name);
            let dimensions = signal.meta.dimensions.values().map(String::as_str);
            for word in dimensions.chain(id).chain(resource).map(plain) {
                if word.len() >= SHORTEST {
                    *self.measured.entry(word).or_default() |= moved;
                }
            }
        }
    }

    /// Whether the thing that an event is about moved when the trouble began; `None`: not measured.
    fn moved(&self, event: &Event) -> Option<bool> {
        let mut name = event.object.name.as_str();
        loop {
            if let Some(moved) = self.measured.get(&plain(name)) {
                return Some(*moved);
            }
            name = name.rsplit_once('-')?.0;
        }
    }

    /// The words by which a series says what it is about where it names no resource: the values of
    /// its dimensions, and the parts of its id.
    fn add_words(&mut self, case: &Case<'_>, id: &str) {
        let Some(meta) = case.signal(id).map(|s| &s.meta) else {
            return;
        };
        if meta.resource.is_some() {
            return;
        }
        let parts = meta.id.split(['.', '/', ':', '|', '_']);
        for word in meta.dimensions.values().map(String::as_str).chain(parts) {
            let word = plain(word);
            if word.len() >= SHORTEST {
                self.names.entry(word).or_insert(Relation::Own);
            }
        }
    }

    fn add(&mut self, id: &str, relation: Relation) {
        self.ids.insert(id.to_owned(), relation);
        self.names.insert(plain(own_name(id)), relation);
        let Some((namespace, kind, name)) = parts(id).filter(|p| !p.0.is_empty()) else {
            return;
        };
        self.namespaces.insert(namespace.to_owned());
        if !matches!(kind, "Pod" | "Node") {
            let key = (namespace.to_owned(), name.to_owned());
            self.workloads.insert(key, relation);
        }
    }

    /// How an event hangs together with it. What the incident needs, but showed nothing itself when
    /// the trouble began, passed nothing on; a node that is gone shows nothing either way, and I/O
    /// is felt long after it began.
    pub(crate) fn relation(&self, event: &Event) -> Relation {
        let relation = self.linked(event);
        let still = relation == Relation::Needed
            && !self.physical
            && event.object.kind != "Node"
            && self.moved(event) == Some(false);
        if still { Relation::Unknown } else { relation }
    }

    fn linked(&self, event: &Event) -> Relation {
        if let Some(relation) = event.resource().and_then(|id| self.ids.get(&id)) {
            return *relation;
        }
        let named = [
            Some(event.object.name.clone()),
            event.attribute("service"),
            event.attribute("resource"),
        ];
        let same_place = event.namespace.is_empty()
            || self.namespaces.is_empty()
            || self.namespaces.contains(&event.namespace);
        if same_place {
            let by_name = named.iter().flatten().filter_map(|n| self.by_word(n));
            if let Some(relation) = by_name.max() {
                return relation;
            }
        }
        if let Some(relation) = self.by_stem(event) {
            return relation;
        }
        if event.kind == EventKind::ProviderIncident {
            return self.of_provider(event);
        }
        if event.object.kind == "Node" {
            return if self.nodes {
                Relation::Apart
            } else {
                Relation::Unknown
            };
        }
        let moved = self.moved(event);
        match (event.namespace.is_empty(), self.namespaces.is_empty()) {
            (false, false) if self.namespaces.contains(&event.namespace) => Relation::Beside,
            (false, false) if moved == Some(true) => Relation::Unknown,
            (false, false) => Relation::Apart,
            _ => match moved {
                Some(true) => Relation::Needed,
                Some(false) if !self.names.is_empty() => Relation::Apart,
                _ => Relation::Unknown,
            },
        }
    }

    /// The relation of the longest part of a name that is known: of `cart-config` first all, then
    /// `cart`.
    fn by_word(&self, name: &str) -> Option<Relation> {
        let mut name = name;
        loop {
            if let Some(relation) = self.names.get(&plain(name)) {
                return Some(*relation);
            }
            name = name.rsplit_once('-')?.0;
        }
    }

    /// `cart-config`, `cart-7d9f` and `cart-7d9f-x2x` belong to `cart` of the same namespace.
    fn by_stem(&self, event: &Event) -> Option<Relation> {
        let mut name = event.object.name.as_str();
        loop {
            let key = (event.namespace.clone(), name.to_owned());
            if let Some(relation) = self.workloads.get(&key) {
                return Some(*relation);
            }
            name = name.rsplit_once('-')?.0;
        }
    }

    /// An incident of a service that is measured here may be about it; of another hardly.
    fn of_provider(&self, event: &Event) -> Relation {
        match event.attribute("service") {
            Some(service) if !self.services.is_empty() => {
                if self.services.contains(&service.to_ascii_lowercase()) {
                    Relation::Needed
                } else {
                    Relation::Apart
                }
            }
            _ => Relation::Unknown,
        }
    }

    /// Whether anything is known by which events could be told apart.
    pub(crate) fn is_blind(&self) -> bool {
        !self.edges && self.namespaces.is_empty() && self.names.is_empty()
    }
}
