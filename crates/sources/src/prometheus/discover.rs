//! Who answers, and what there is to ask.

use super::answer::{BuildInfo, Metadata, MetricInfo};
use super::asked::{Asked, selected};
use super::call::{Api, Failure};
use super::config::invalid;
use super::labels::Labels;
use super::series::base_of;
use super::{NAME, Prometheus};
use crate::source::SourceError;
use model::{Gap, Window};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// Metrics that a search gives at most.
const MAX_FOUND: usize = 200;
/// Labels, values or series that are listed at most.
const MAX_LISTED: usize = 10_000;

/// A metric that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name, which is also the query for it.
    pub metric: String,
    /// What the server says of it, where it says anything (VictoriaMetrics does not).
    pub info: Option<MetricInfo>,
}

impl Prometheus {
    /// Metrics whose name or help holds every word of the text, in any spelling of case; at most 200,
    /// by name.
    pub async fn search(&self, text: &str) -> Result<Vec<Found>, SourceError> {
        let api = self.open().await?;
        let names = values(&api, "__name__", &[]).await?;
        // Nobody needs types to search by name.
        let metadata: Metadata = match api.get("api/v1/metadata", &[]).await {
            Ok(reply) => reply.data,
            Err(_) => Metadata::new(),
        };
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<Found> = names
            .into_iter()
            .map(|metric| Found {
                info: metadata
                    .get(&metric)
                    .or_else(|| metadata.get(base_of(&metric)))
                    .and_then(|infos| infos.first())
                    .cloned(),
                metric,
            })
            .filter(|found| {
                let help = found.info.as_ref().map_or("", |info| info.help.as_str());
                let all = format!("{} {help}", found.metric).to_lowercase();
                words.iter().all(|word| all.contains(word))
            })
            .collect();
        found.sort_by(|a, b| a.metric.cmp(&b.metric));
        found.truncate(MAX_FOUND);
        Ok(found)
    }

    /// Names of labels inside a window; of the series of a selector, where one is given.
    pub async fn labels(
        &self,
        selector: Option<&str>,
        window: Window,
    ) -> Result<Vec<String>, SourceError> {
        let api = self.open().await?;
        let form = form(selector, window);
        let reply = api.post("api/v1/labels", &borrowed(&form)).await;
        let mut labels: Vec<String> = reply.map_err(Failure::into_error)?.data;
        labels.truncate(MAX_LISTED);
        Ok(labels)
    }

    /// Values of a label inside a window; of the series of a selector, where one is given.
    pub async fn label_values(
        &self,
        label: &str,
        selector: Option<&str>,
        window: Window,
    ) -> Result<Vec<String>, SourceError> {
        let api = self.open().await?;
        let form = form(selector, window);
        let mut values = values(&api, label, &borrowed(&form)).await?;
        values.truncate(MAX_LISTED);
        Ok(values)
    }

    /// Labels of the series of a selector inside a window.
    pub async fn series(
        &self,
        selector: &str,
        window: Window,
    ) -> Result<Vec<BTreeMap<String, String>>, SourceError> {
        let api = self.open().await?;
        let form = form(Some(selector), window);
        let reply = api.post("api/v1/series", &borrowed(&form)).await;
        let mut series: Vec<Labels> = reply.map_err(Failure::into_error)?.data;
        series.truncate(MAX_LISTED);
        Ok(series)
    }
}

fn form(selector: Option<&str>, window: Window) -> Vec<(&'static str, String)> {
    let mut form = vec![
        ("start", window.start.seconds().to_string()),
        ("end", window.end.seconds().to_string()),
    ];
    form.extend(selector.map(|s| ("match[]", s.to_owned())));
    form
}

fn borrowed<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|(k, v)| (*k, v.as_str())).collect()
}

async fn values(api: &Api, label: &str, form: &[(&str, &str)]) -> Result<Vec<String>, SourceError> {
    let good = !label.is_empty()
        && !label.starts_with(|c: char| c.is_ascii_digit())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        let expected = "a label's name of letters, digits and '_'";
        return Err(invalid("label", label, expected));
    }
    let path = format!("api/v1/label/{label}/values");
    let reply = api.get(&path, form).await;
    Ok(reply.map_err(Failure::into_error)?.data)
}

/// Types and units of the metrics that are selected as they are; what cannot be had is said.
pub(super) async fn infos(
    api: &Api,
    asked: &[Asked],
) -> (BTreeMap<String, MetricInfo>, Option<Gap>) {
    let mut infos = BTreeMap::new();
    let bare = asked.iter().filter(|a| a.stat.is_empty());
    for metric in bare.filter_map(|a| selected(&a.query)) {
        let base = base_of(metric);
        let wanted = [metric, base];
        for name in wanted.iter().take(1 + usize::from(base != metric)) {
            if infos.contains_key(*name) {
                continue;
            }
            match api
                .get::<Metadata>("api/v1/metadata", &[("metric", name)])
                .await
            {
                Ok(reply) => {
                    let info = reply.data.get(*name).and_then(|all| all.first());
                    infos.insert((*name).to_owned(), info.cloned().unwrap_or_default());
                }
                Err(failure) => {
                    let reason = format!(
                        "{}; counters are known by the ending _total alone",
                        failure.into_error()
                    );
                    let gap = Gap {
                        what: "types of metrics".into(),
                        window: None,
                        reason,
                    };
                    return (infos, Some(gap));
                }
            }
        }
    }
    (infos, None)
}

/// The answer to an instant query.
#[derive(Debug, Deserialize)]
struct Vector {
    result: Vec<Instant>,
}

#[derive(Debug, Deserialize)]
struct Instant {
    metric: Labels,
    #[serde(rename = "value")]
    _value: IgnoredAny,
}

/// Whether an answer is that of an instant query.
pub(super) fn is_vector(answer: &crate::http::Answer) -> bool {
    super::attempt::read::<Vector>(answer).is_ok()
}

/// Who answers queries there: `Prometheus 2.42.0`.
pub(super) async fn who(api: &Api) -> Result<String, SourceError> {
    let path = "api/v1/query";
    let probe = api.post::<Vector>(path, &[("query", "vector(1)")]).await;
    let probe = probe.map_err(Failure::into_error)?;
    if probe.data.result.len() != 1 {
        return Err(SourceError::Failed {
            name: NAME,
            action: path.into(),
            attempts: 1,
            detail: "vector(1) has no answer: check url, another program may answer there".into(),
            cause: None,
        });
    }
    if probe.victoria {
        // Its build information names the Prometheus that it stands for; its own version is a
        // metric, where it scrapes itself.
        let own = api
            .post::<Vector>(path, &[("query", "vm_app_version")])
            .await;
        let version = own.ok().and_then(|reply| {
            let labels = reply.data.result.into_iter().next()?.metric;
            let version = labels
                .get("short_version")
                .or_else(|| labels.get("version"));
            version.filter(|v| !v.is_empty()).cloned()
        });
        return Ok(match version {
            Some(version) => format!("VictoriaMetrics {version}"),
            None => "VictoriaMetrics (version untold)".into(),
        });
    }
    // Thanos and proxies may not have it.
    let info = api.get::<BuildInfo>("api/v1/status/buildinfo", &[]).await;
    let info = info.map(|reply| reply.data).unwrap_or_default();
    let product = match info.application.as_str() {
        "" => "Prometheus",
        application => application,
    };
    Ok(match info.version.as_str() {
        "" => format!("{product} (version untold)"),
        version => format!("{product} {version}"),
    })
}
