//! `kube_pod_deletion_timestamp` as events: who is Terminating since when, and until when.

use super::NAME;
use super::config::PrometheusConfig;
use super::labels::{self, Labels, METRIC};
use super::series::Collected;
use model::time::SECOND;
use model::topology::k8s_id;
use model::{Edge, EdgeKind, Event, EventKind, Extra, ObjectRef, Timestamp, Window};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Pod by cluster, namespace and name.
type Pod = (String, String, String);

/// Edges from pods to their nodes.
pub(super) fn edges(placement: &Collected, config: &PrometheusConfig) -> Vec<Edge> {
    let edge = |((cluster, namespace, pod), node): (Pod, String)| Edge {
        from: k8s_id(&cluster, &namespace, "Pod", &pod),
        to: k8s_id(&cluster, "", "Node", &node),
        kind: EdgeKind::RunsOn,
        extra: Extra::new(),
    };
    nodes(placement, config).into_iter().map(edge).collect()
}

fn nodes(placement: &Collected, config: &PrometheusConfig) -> BTreeMap<Pod, String> {
    let rows = placement.rows.keys();
    rows.filter_map(|labels| {
        let node = labels::node(labels)?.to_owned();
        Some((pod(labels, config)?, node))
    })
    .collect()
}

fn pod(labels: &Labels, config: &PrometheusConfig) -> Option<Pod> {
    Some((
        labels::cluster(labels, &config.cluster).to_owned(),
        labels::namespace(labels).to_owned(),
        labels::pod(labels)?.to_owned(),
    ))
}

/// When somebody looked at the pods at all: without that, a series that is gone says nothing.
pub(super) struct Looked<'a> {
    /// Instants at which the exporter was there.
    pub(super) alive: &'a BTreeSet<Timestamp>,
    /// Spans for which the question about deletion timestamps was answered.
    pub(super) answered: &'a [Window],
    /// When the samples were taken that stand at the instants of the answer, where that is known.
    pub(super) seen: Option<&'a Collected>,
}

impl Looked<'_> {
    /// The first instant after this one at which the pod would have been seen.
    fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let later = self.alive.range(at.plus(1)..);
        let asked = |t: &&Timestamp| self.answered.iter().any(|w| w.contains(**t));
        later.into_iter().find(asked).copied()
    }

    /// When the sample was taken that stands at this instant: it may be a repeated one.
    fn taken(&self, labels: &Labels, at: Timestamp) -> Timestamp {
        let mut labels = labels.clone();
        // A function's result has no name.
        labels.remove(METRIC);
        let rows = self.seen.and_then(|seen| seen.rows.get(&labels));
        let sample = rows.and_then(|samples| samples.iter().find(|(t, _)| *t == at));
        sample.map_or(at, |(_, seconds)| {
            Timestamp::from_millis((seconds * 1000.0).round() as i64).min(at)
        })
    }
}

/// The events: one a pod and deletion timestamp.
pub(super) fn events(
    terminating: &Collected,
    placement: Option<&Collected>,
    looked: &Looked<'_>,
    config: &PrometheusConfig,
) -> Vec<Event> {
    let nodes = placement.map_or_else(BTreeMap::new, |placement| nodes(placement, config));
    let mut out = Vec::new();
    for (labels, samples) in &terminating.rows {
        let Some(pod) = pod(labels, config) else {
            continue;
        };
        // By deletion timestamp: a name without a unique id may come again.
        let mut seen: BTreeMap<i64, Timestamp> = BTreeMap::new();
        for (at, value) in samples {
            let millis = (value * 1000.0).round() as i64;
            let good = Timestamp::MIN.millis() < millis && millis <= Timestamp::MAX.millis();
            if good {
                let last = seen.entry(millis).or_insert(*at);
                *last = (*last).max(*at);
            }
        }
        let node = nodes.get(&pod).map(String::as_str);
        let node = node.or_else(|| labels::node(labels)).unwrap_or_default();
        for (since, last) in seen {
            let gone = looked.next_after(last);
            let since = Timestamp::from_millis(since);
            let last = looked.taken(labels, last);
            out.push(event(labels, &pod, node, since, last, gone));
        }
    }
    out
}

fn event(
    labels: &Labels,
    (cluster, namespace, name): &Pod,
    node: &str,
    since: Timestamp,
    last: Timestamp,
    gone: Option<Timestamp>,
) -> Event {
    let mut attributes = Extra::new();
    let mut set = |name: &str, value: String| {
        attributes.insert(name.to_owned(), value.into());
    };
    let uid = labels::uid(labels).unwrap_or_default();
    if !uid.is_empty() {
        set("uid", uid.to_owned());
    }
    set("observed_at", last.to_string());
    if let Some(gone) = gone {
        set("end_earliest", last.max(since).to_string());
        set("end_latest", gone.max(since).to_string());
        set("uncertainty_s", (gone.since(last) / SECOND).to_string());
    }
    let key = [cluster, namespace, name, uid, &since.to_string()].join("\u{0}");
    let hash = model::bundle::hex(&Sha256::digest(key));
    Event {
        id: format!("{NAME}.terminating.{}", hash.get(..24).unwrap_or(&hash)),
        kind: EventKind::PodTerminating,
        start: Some(since),
        end: gone.map(|gone| gone.max(since)),
        title: format!(
            "Pod {namespace}/{name} Terminating since {}",
            since.minute()
        ),
        cluster: cluster.clone(),
        namespace: namespace.clone(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: name.clone(),
        },
        node: node.to_owned(),
        source: NAME.into(),
        attributes,
        extra: Extra::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(minute * 60)
    }

    fn row(labels: &[(&str, &str)], minutes: std::ops::Range<i64>, value: f64) -> Collected {
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        let samples = minutes.map(|m| (at(m), value)).collect();
        Collected {
            rows: [(labels.iter().map(owned).collect(), samples)].into(),
            ..Collected::default()
        }
    }

    fn looked_at(
        samples: std::ops::Range<i64>,
        alive: std::ops::Range<i64>,
        answered: (i64, i64),
    ) -> Event {
        let pods = row(
            &[("namespace", "shop"), ("pod", "a"), ("uid", "u")],
            samples,
            120.0,
        );
        let place = row(
            &[("namespace", "shop"), ("pod", "a"), ("node", "n1")],
            0..1,
            1.0,
        );
        let alive: BTreeSet<Timestamp> = alive.map(at).collect();
        let answered = [Window {
            start: at(answered.0),
            end: at(answered.1),
        }];
        let looked = Looked {
            alive: &alive,
            answered: &answered,
            seen: None,
        };
        let config = PrometheusConfig::new("http://localhost");
        let mut events = events(&pods, Some(&place), &looked, &config);
        assert_eq!(events.len(), 1);
        events.remove(0)
    }

    #[test]
    fn a_pod_that_vanished_while_others_were_seen_is_gone() {
        let event = looked_at(5..20, 0..60, (0, 61));
        assert_eq!((event.start, event.end), (Some(at(2)), Some(at(20))));
        assert_eq!(event.node, "n1");
        assert_eq!(event.attribute_time("end_earliest"), Some(at(19)));
        assert_eq!(event.attribute_time("end_latest"), Some(at(20)));
        assert_eq!(event.attribute("uncertainty_s").as_deref(), Some("60"));
        assert_eq!(event.resource().as_deref(), Some("k8s:/shop/Pod/a"));
    }

    #[test]
    fn a_pod_that_nobody_looked_for_is_not_gone() {
        // Seen to the end; the exporter went with it; the question failed from there on.
        assert_eq!(looked_at(5..61, 0..61, (0, 61)).end, None);
        assert_eq!(looked_at(5..20, 0..20, (0, 61)).end, None);
        assert_eq!(looked_at(5..20, 0..60, (0, 20)).end, None);
    }

    #[test]
    fn the_end_is_as_uncertain_as_the_time_without_a_look() {
        let pods = row(&[("pod", "a")], 5..20, 120.0);
        let alive: BTreeSet<Timestamp> = (0..20).chain(30..60).map(at).collect();
        let answered = [Window {
            start: at(0),
            end: at(61),
        }];
        // The sample at minute 19 is a repetition of that of minute 15.
        let seen = row(&[("pod", "a")], 19..20, 15.0 * 60.0);
        let looked = Looked {
            alive: &alive,
            answered: &answered,
            seen: Some(&seen),
        };
        let config = PrometheusConfig::new("http://localhost");
        let event = events(&pods, None, &looked, &config).remove(0);
        assert_eq!(event.end, Some(at(30)));
        assert_eq!(event.attribute_time("end_earliest"), Some(at(15)));
        assert_eq!(event.attribute("uncertainty_s").as_deref(), Some("900"));
    }

    #[test]
    fn the_same_pod_has_the_same_event_whenever_it_is_asked() {
        let open = looked_at(5..61, 0..61, (0, 61));
        let closed = looked_at(5..20, 0..60, (0, 61));
        assert_eq!(open.id, closed.id);
        assert!(crate::bundle::is_id(&open.id), "{}", open.id);
    }

    #[test]
    fn edges_name_pod_and_node() {
        let config = PrometheusConfig {
            cluster: "prod".into(),
            ..PrometheusConfig::new("http://localhost")
        };
        let place = row(
            &[("namespace", "s"), ("pod", "a"), ("node", "n1")],
            0..1,
            1.0,
        );
        let edge = edges(&place, &config).remove(0);
        assert_eq!(
            (edge.from.as_str(), edge.to.as_str()),
            ("k8s:prod/s/Pod/a", "k8s:prod//Node/n1")
        );
        let nowhere = row(&[("namespace", "s"), ("pod", "a"), ("node", "")], 0..1, 1.0);
        assert!(super::edges(&nowhere, &config).is_empty());
    }
}
