//! Evidence: what a source gave for a window, and where it came from.

use crate::{
    Edge, Event, Impact, Series, SeriesMeta, Timestamp, Window,
    bundle::{Question, RawFile},
};
use serde::{Deserialize, Serialize};

/// A span or a thing that a source could not give, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing: a series id, a metric name, a kind of object, or empty for all of it.
    #[serde(default)]
    pub what: String,
    /// From when to when; `None`: the whole window.
    #[serde(default)]
    pub window: Option<Window>,
    /// Why, and what can be done.
    pub reason: String,
}

/// Where a batch of evidence came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Source: `cloudwatch`, `kubernetes-json`, `kubectl-table`, `bundle`…
    pub source: String,
    /// Name of the source in the configuration; empty where it came by no configured source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What was asked, so that anybody can ask again.
    pub query: String,
    /// When it was asked; `None` where a bundle does not say.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
    /// Window that was asked for.
    #[serde(default)]
    pub window: Option<Window>,
    /// Resolution got, seconds per sample.
    #[serde(default)]
    pub resolution_s: Option<u32>,
    /// What did not come.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// What was asked for and does not exist at the source, with a word on what that may mean. No gap:
    /// nothing is missing that was there; no sign of health either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Series that came with it.
    #[serde(default)]
    pub series: Vec<String>,
    /// Number of events that came with it.
    #[serde(default)]
    pub events: usize,
    /// What has to be known to read all of it, and is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
}

impl Provenance {
    /// The query of what is no answer: nobody asked the source about the spans of its gaps.
    pub const UNASKED: &str = "not asked";

    /// The words of a question to a source as a whole, for an answer that nothing came with.
    pub fn everything(window: Window) -> String {
        format!("{EVERYTHING} {} to {}", window.start, window.end)
    }

    /// Whether it only says that nobody asked: its gaps say about which spans and why.
    pub fn is_unasked(&self) -> bool {
        self.query == Self::UNASKED && self.brought_nothing()
    }

    /// Whether the source was not asked, or could not be asked at all: its gaps say for which span and
    /// why.
    pub fn is_of_nothing(&self) -> bool {
        self.is_unasked() || (self.query.starts_with(EVERYTHING) && self.brought_nothing())
    }

    fn brought_nothing(&self) -> bool {
        self.window.is_none() && self.series.is_empty() && self.events == 0
    }
}

/// How the question to a source as a whole begins.
const EVERYTHING: &str = "everything from";

/// One answer of a source. Writing it twice changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Where it came from.
    pub provenance: Provenance,
    /// Series, samples included.
    pub series: Vec<Series>,
    /// Events.
    pub events: Vec<Event>,
    /// Edges between resources.
    pub topology: Vec<Edge>,
    /// Raw files that were read for it.
    pub files: Vec<RawFile>,
}

/// Everything inside one window, on one clock: the input of the analysis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The window that is looked at.
    pub window: Window,
    /// When people felt it, where somebody said so.
    #[serde(default)]
    pub impact: Option<Impact>,
    /// Ids of the series that show what people felt, where somebody said so.
    #[serde(default)]
    pub symptom: Vec<String>,
    /// Series in order of their id.
    pub series: Vec<Series>,
    /// Events in order of [`Event::at`], then of id.
    pub events: Vec<Event>,
    /// Edges between resources.
    #[serde(default)]
    pub topology: Vec<Edge>,
    /// Where it all came from.
    #[serde(default)]
    pub provenance: Vec<Provenance>,
}

impl Evidence {
    /// Puts series and events in their order, so that equal evidence is equal to the byte.
    pub fn sort(&mut self) {
        self.series.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        self.events
            .sort_by(|a, b| (a.at(), &a.id).cmp(&(b.at(), &b.id)));
    }

    /// The series of that id.
    pub fn series(&self, id: &str) -> Option<&Series> {
        self.series.iter().find(|s| s.meta.id == id)
    }

    /// What people call a series, told apart from the others of that name and statistic: by the
    /// dimensions that differ among them, else by what it measures, else by its id.
    pub fn label(&self, meta: &SeriesMeta) -> String {
        let plain = meta.label();
        let namesakes: Vec<&SeriesMeta> = self
            .series
            .iter()
            .map(|s| &s.meta)
            .filter(|m| m.id != meta.id && m.name == meta.name && m.label() == plain)
            .collect();
        if namesakes.is_empty() {
            return plain;
        }
        let differing = meta.dimensions.iter().filter(|(key, value)| {
            namesakes
                .iter()
                .any(|m| m.dimensions.get(*key) != Some(*value))
        });
        let values: Vec<&str> = differing.map(|(_, value)| value.as_str()).collect();
        let resource = meta.resource.as_deref().filter(|own| {
            namesakes
                .iter()
                .all(|m| m.resource.as_deref() != Some(*own))
        });
        match (values.is_empty(), resource) {
            (false, _) => format!("{plain} of {}", values.join(" ")),
            (true, Some(resource)) => format!("{plain} of {resource}"),
            (true, None) => format!("{plain} of {}", meta.id),
        }
    }

    /// The event of that id.
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(id: &str, name: &str, dimension: Option<&str>, resource: Option<&str>) -> Series {
        Series {
            meta: SeriesMeta {
                id: id.into(),
                name: name.into(),
                stat: "Sum".into(),
                dimensions: dimension
                    .map(|value| ("LoadBalancer".to_owned(), value.to_owned()))
                    .into_iter()
                    .chain([("Zone".to_owned(), "a".to_owned())])
                    .collect(),
                resource: resource.map(String::from),
                ..SeriesMeta::default()
            },
            ..Series::default()
        }
    }

    #[test]
    fn series_of_one_name_are_told_apart() {
        let evidence = Evidence {
            series: vec![
                series("a", "RequestCount", Some("app/web"), None),
                series("b", "RequestCount", Some("app/mail"), None),
                series("c", "Errors", None, Some("aws:one")),
                series("d", "Errors", None, Some("aws:two")),
                series("e", "Bytes", None, None),
                series("f", "Bytes", None, None),
                series("g", "Alone", Some("app/web"), None),
            ],
            ..Evidence::default()
        };
        let labels: Vec<String> = evidence
            .series
            .iter()
            .map(|s| evidence.label(&s.meta))
            .collect();
        assert_eq!(
            labels,
            [
                "RequestCount (Sum) of app/web",
                "RequestCount (Sum) of app/mail",
                "Errors (Sum) of aws:one",
                "Errors (Sum) of aws:two",
                "Bytes (Sum) of e",
                "Bytes (Sum) of f",
                "Alone (Sum)",
            ]
        );
    }
}
