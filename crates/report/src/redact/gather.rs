//! Which names there are: from what events, series, edges and provenance say of themselves, and by
//! their looks from every text.

mod kinds;

use super::{
    escapes,
    scan::{account_of, host_of, image_of, scan, tokens},
};
use kinds::{is_like_a_stand_in, kind_of};
use model::{
    Annotation, Edge, Event, EventKind, Evidence, Extra, Provenance, SeriesMeta,
    share::RedactionRules,
};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

pub use kinds::NameKind;
pub(super) use kinds::is_trivial;

/// Values of dimensions that name nothing.
const NOTHING: [&str; 6] = ["all", "none", "unknown", "true", "false", "null"];

/// Names so far, in the order in which they were met.
#[derive(Clone, Debug)]
pub(super) struct Names {
    rules: RedactionRules,
    patterns: Vec<String>,
    keep: BTreeSet<String>,
    seen: BTreeSet<String>,
    /// Each with its kind.
    pub(super) list: Vec<(NameKind, String)>,
    /// Words that look like stand-ins and were there before.
    pub(super) taken: HashSet<String>,
    /// Names of workloads, whether they are replaced or not.
    pub(super) workloads: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(rules: &RedactionRules) -> Self {
        let lower = |words: &[String]| -> Vec<String> {
            let words = words.iter().map(|w| w.trim().to_lowercase());
            words.filter(|w| !w.is_empty()).collect()
        };
        let mut names = Self {
            rules: rules.clone(),
            patterns: lower(&rules.patterns),
            keep: lower(&rules.keep).into_iter().collect(),
            seen: BTreeSet::new(),
            list: Vec::new(),
            taken: HashSet::new(),
            workloads: BTreeSet::new(),
        };
        // What has no star is a name as it is, spaces included.
        let plain: Vec<String> = names
            .patterns
            .iter()
            .filter(|p| !p.contains('*'))
            .cloned()
            .collect();
        for pattern in plain {
            names.add(NameKind::Hidden, &pattern);
        }
        names.patterns.retain(|p| p.contains('*'));
        names
    }

    /// Takes a name on, unless its kind may be shown or it tells nothing.
    pub(super) fn add(&mut self, kind: NameKind, name: &str) {
        let name = match kind {
            NameKind::Host => host_of(name.trim()).unwrap_or_default(),
            NameKind::Image => image_of(name.trim()),
            _ => name.trim(),
        };
        let account = (kind == NameKind::Account).then(|| account_of(name));
        let account = account.flatten();
        let name = account.as_deref().unwrap_or(name);
        if kind == NameKind::Workload {
            self.workloads.insert(name.to_lowercase());
        }
        if !kind.is_wanted(&self.rules) || is_trivial(name) {
            return;
        }
        let lower = name.to_lowercase();
        if !self.keep.contains(&lower) && self.seen.insert(lower) {
            self.list.push((kind, name.to_owned()));
        }
    }

    /// Names that a text shows by their looks, and those that patterns find in it.
    pub(super) fn text(&mut self, text: &str) {
        let mut found = Vec::new();
        scan(text, &mut |kind, name| found.push((kind, name.to_owned())));
        self.fitting(text, &mut found);
        if let Some(read) = escapes::unescaped(text) {
            self.fitting(&read.text, &mut found);
        }
        for (kind, name) in found {
            self.add(kind, &name);
        }
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
            if word.ends_with(|c: char| c.is_ascii_alphanumeric()) && is_like_a_stand_in(word) {
                self.taken.insert(word.to_lowercase());
            }
        }
    }

    /// Words that patterns with a star fit.
    fn fitting(&self, text: &str, found: &mut Vec<(NameKind, String)>) {
        if self.patterns.is_empty() {
            return;
        }
        for token in tokens(text) {
            let words = token.split(['/', ':', '=', '@', '?', '#', '&']);
            for word in std::iter::once(token).chain(words) {
                let lower = word.to_lowercase();
                if self.patterns.iter().any(|p| fits(p, &lower)) {
                    found.push((NameKind::Hidden, word.to_owned()));
                }
            }
        }
    }

    /// Whether no rule asks for anything.
    pub(super) fn is_idle(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a name, in lower case, may be shown.
    pub(super) fn is_kept(&self, lower: &str) -> bool {
        self.keep.contains(lower)
    }

    pub(super) fn evidence(&mut self, evidence: &Evidence) {
        for event in &evidence.events {
            self.event(event);
        }
        for series in &evidence.series {
            self.series(&series.meta);
        }
        for edge in &evidence.topology {
            self.edge(edge);
        }
        for provenance in &evidence.provenance {
            self.provenance(provenance);
        }
    }

    pub(super) fn annotation(&mut self, note: &Annotation) {
        self.add(NameKind::Person, &note.author);
        self.text(&note.text);
        self.extra(&note.extra);
    }

    fn event(&mut self, event: &Event) {
        self.add(NameKind::Namespace, &event.namespace);
        let object = match event.object.kind.to_ascii_lowercase().as_str() {
            "pod" => NameKind::Pod,
            "node" => NameKind::Node,
            "namespace" => NameKind::Namespace,
            "" if event.kind == EventKind::PodTerminating => NameKind::Pod,
            _ => NameKind::Workload,
        };
        // What a provider calls its own services is public.
        let public = event.kind == EventKind::ProviderIncident;
        if !public {
            self.add(object, &event.object.name);
        }
        self.add(NameKind::Node, &event.node);
        self.add(NameKind::Cluster, &event.cluster);
        for (key, value) in &event.attributes {
            if let (Some(text), false) = (value.as_str(), public) {
                self.named(key, text);
            }
        }
        for text in [&event.id, &event.title, &event.object.name] {
            self.text(text);
        }
        self.extra(&event.attributes);
        self.extra(&event.extra);
    }

    fn series(&mut self, meta: &SeriesMeta) {
        for (key, value) in &meta.dimensions {
            self.named(key, value);
            self.text(value);
        }
        if let Some(resource) = &meta.resource {
            self.resource(resource);
        }
        self.text(&meta.id);
        self.text(&meta.name);
        self.extra(&meta.extra);
    }

    fn edge(&mut self, edge: &Edge) {
        self.resource(&edge.from);
        self.resource(&edge.to);
        self.extra(&edge.extra);
    }

    fn provenance(&mut self, provenance: &Provenance) {
        self.text(&provenance.name);
        self.text(&provenance.query);
        let gaps = provenance.gaps.iter().flat_map(|g| [&g.what, &g.reason]);
        for text in gaps.chain(&provenance.absent) {
            self.text(text);
        }
    }

    /// A resource id after the convention (see `model::topology`).
    fn resource(&mut self, id: &str) {
        self.text(id);
        if let Some(object) = id.strip_prefix("k8s:") {
            let mut parts = object.splitn(4, '/');
            let mut next = || parts.next().unwrap_or_default();
            let (cluster, namespace, kind, name) = (next(), next(), next(), next());
            self.add(NameKind::Cluster, cluster);
            self.add(NameKind::Namespace, namespace);
            let kind = match kind {
                "Pod" => NameKind::Pod,
                "Node" => NameKind::Node,
                _ => NameKind::Workload,
            };
            self.add(kind, name);
        } else if let Some(own) = id.strip_prefix("aws:") {
            let own = if own.starts_with("arn:") {
                own.rsplit(['/', ':']).next().unwrap_or(own)
            } else {
                own
            };
            // An id of a known form has been told by its looks already, as what it is.
            self.add(NameKind::Host, own);
        }
    }

    /// A value by the name of its dimension, label or attribute.
    fn named(&mut self, key: &str, value: &str) {
        if NOTHING.contains(&value.to_ascii_lowercase().as_str()) {
            return;
        }
        if key.eq_ignore_ascii_case("resource") && model::topology::is_id(value) {
            return self.resource(value);
        }
        if let Some(kind) = kind_of(key) {
            self.add(kind, value);
        }
    }

    fn extra(&mut self, extra: &Extra) {
        for value in extra.values() {
            self.value(value);
        }
    }

    /// Every text in a value.
    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|v| self.value(v)),
            Value::Object(fields) => fields.iter().for_each(|(key, v)| {
                if let Value::String(text) = v {
                    self.named(key, text);
                }
                self.value(v);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether a word fits a pattern whose stars stand for any characters; both in lower case.
fn fits(pattern: &str, word: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| word.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, word, is) in [
            ("acme*", "acme-web", true),
            ("*.acme.example", "db.acme.example", true),
            ("*acme*", "the-acme-1", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("acme*", "the-acme", false),
            ("*", "anything", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, &word.to_lowercase()), is, "{pattern} {word}");
        }
    }

    #[test]
    fn only_kinds_that_are_asked_for_are_gathered() {
        let rules = RedactionRules {
            namespaces: true,
            keep: vec!["Monitoring".into()],
            patterns: vec!["Project Falcon".into()],
            ..RedactionRules::default()
        };
        let mut names = Names::new(&rules);
        for name in ["shop", "monitoring", "default", "7", "x", "SHOP"] {
            names.add(NameKind::Namespace, name);
        }
        names.add(NameKind::Pod, "shop-0");
        assert_eq!(
            names.list,
            [
                (NameKind::Hidden, "project falcon".to_owned()),
                (NameKind::Namespace, "shop".to_owned())
            ]
        );
    }
}
