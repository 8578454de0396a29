//! One look at a cluster: what it is, what may be read, and everything that it has.

use super::{
    Cluster, NAME,
    api::{Api, Page},
    follow::item_of,
    trouble::{Tried, Trouble},
};
use crate::{
    kubernetes::{
        history::{History, LIFE, Stream, Told},
        part::{Part, Resource},
    },
    skew::Skew,
    source::{Progress, SourceError},
};
use model::{Batch, Event, Gap, Timestamp, Window};
use serde::Deserialize;
use std::time::Duration;

/// Objects of one page.
const PAGE: u32 = 500;
/// A page is asked for so many times before it is given up.
const ATTEMPTS: u32 = 3;

/// What `/version` says.
#[derive(Default, Deserialize)]
struct Version {
    #[serde(default, rename = "gitVersion")]
    git_version: String,
}

/// Tries everything with one object each.
pub(super) async fn check(cluster: &Cluster) -> Result<String, SourceError> {
    let still = || Timestamp::MIN;
    let skew = Skew::of_still();
    let api = Api {
        client: cluster.client().await,
        now: &still,
        skew: &skew,
    };
    let version = api.get("/version").await;
    let version: Version = match version {
        Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
        // Not everybody may ask; what matters is tried below.
        Err(Trouble::Forbidden { .. } | Trouble::NotFound) => Version::default(),
        Err(trouble) => return Err(trouble.explain(Tried::version(&cluster.endpoint))),
    };
    let mut tried = Outcome::default();
    let mut last = None;
    for stream in cluster.streams() {
        match may_follow(&api, &stream).await {
            Ok(()) => tried.good.push(stream.shown()),
            Err((resource, _, Trouble::Forbidden { .. } | Trouble::NotFound))
                if stream.part.is_extension() =>
            {
                tried.absent.push(stream.in_namespace(&resource.shown()));
            }
            Err((resource, verb, trouble)) => {
                let refused = matches!(trouble, Trouble::Forbidden { .. });
                let what = stream.in_namespace(&resource.shown());
                let about = Tried::reading(verb, resource, &stream, &cluster.endpoint);
                let error = trouble.explain(about);
                if refused {
                    tried.refused.push(format!("{verb} {what}"));
                } else {
                    tried.failed.push(error.to_string());
                }
                last = Some(error);
            }
        }
    }
    match last {
        Some(error) if tried.good.is_empty() => Err(error),
        _ => Ok(tried.summary(&version.git_version, &cluster.endpoint)),
    }
}

/// Whether a stream may be listed and watched; otherwise which of the two failed, and why.
async fn may_follow(
    api: &Api<'_>,
    stream: &Stream,
) -> Result<(), (&'static Resource, &'static str, Trouble)> {
    let (resource, page) = first_of(api, stream, 1)
        .await
        .map_err(|(resource, trouble)| (resource, "list", trouble))?;
    let items = page
        .items()
        .map_err(|trouble| (resource, "list", trouble))?;
    let version = &items.metadata.resource_version;
    match api.watch(resource, &stream.namespace, version).await {
        // What the watch would say is of no interest here.
        Ok(_) | Err(Trouble::Gone) => Ok(()),
        Err(trouble) => Err((resource, "watch", trouble)),
    }
}

/// What came of trying everything.
#[derive(Default)]
struct Outcome {
    good: Vec<String>,
    refused: Vec<String>,
    failed: Vec<String>,
    /// What a cluster need not have.
    absent: Vec<String>,
}

impl Outcome {
    fn summary(&self, version: &str, endpoint: &str) -> String {
        let version = if version.is_empty() {
            "Kubernetes"
        } else {
            version
        };
        let mut text = format!(
            "{version} at {endpoint}: {} may be read",
            self.good.join(", ")
        );
        if !self.refused.is_empty() {
            let what = self.refused.join(", ");
            text =
                format!("{text}; may not {what}: allow it, see docs/permissions/kubernetes.yaml");
        }
        for failure in &self.failed {
            text = format!("{text}; {failure}");
        }
        if !self.absent.is_empty() {
            let what = self.absent.join(", ");
            text = format!(
                "{text}; not there, or not permitted, and needed by nobody who does not use them: {what}"
            );
        }
        text
    }
}

/// The first page of a stream, from wherever the server has it.
async fn first_of(
    api: &Api<'_>,
    stream: &Stream,
    limit: u32,
) -> Result<(&'static Resource, Page), (&'static Resource, Trouble)> {
    let mut refused = None;
    for resource in stream.part.resources() {
        match patiently(api, resource, &stream.namespace, limit, "").await {
            Ok(page) => return Ok((resource, page)),
            Err(trouble @ (Trouble::NotFound | Trouble::Forbidden { .. })) => {
                // What the preferred place said is what has to be mended.
                refused = refused.or(Some((resource, trouble)));
            }
            Err(trouble) => return Err((resource, trouble)),
        }
    }
    let none = || (&stream.part.resources()[0], Trouble::NotFound);
    Err(refused.unwrap_or_else(none))
}

/// Everything that the cluster has for a window, as of now.
pub(super) async fn pull(
    cluster: &Cluster,
    window: Window,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Batch, SourceError> {
    let skew = Skew::of_still();
    let still = move || now;
    let api = Api {
        client: cluster.client().await,
        now: &still,
        skew: &skew,
    };
    let mut history = History::new(cluster.name());
    let (mut gaps, mut came, mut last) = (Vec::new(), false, None);
    let streams = cluster.streams();
    for (done, stream) in streams.iter().enumerate() {
        progress.step(done as u32, streams.len() as u32, &stream.shown());
        if progress.cancelled() {
            return Err(SourceError::Cancelled { name: NAME });
        }
        match list(&api, stream, now, &mut history, progress).await {
            Ok(()) => came = true,
            Err((_, Trouble::Forbidden { .. } | Trouble::NotFound))
                if stream.part.is_extension() => {}
            Err((resource, trouble)) => {
                let tried = Tried::reading("list", resource, stream, &cluster.endpoint);
                let error = trouble.explain(tried);
                // What came of it until then is all that there is.
                history.observe(stream, now, Told::Disconnected);
                if stream.part == Part::Nodes {
                    let reason = error.to_string();
                    history.observe(stream, now, Told::Refused { reason });
                }
                gaps.push(Gap {
                    what: stream.shown(),
                    window: None,
                    reason: error.to_string(),
                });
                last = Some(error);
            }
        }
    }
    if let Some(error) = last.filter(|_| !came) {
        return Err(error);
    }
    let mut batch = history.take(now).batch;
    batch
        .events
        .retain(|event| event.touches(window) || lives_in(event, window));
    let provenance = &mut batch.provenance;
    provenance.query = format!("list of everything in cluster {}", cluster.name());
    provenance.window = Some(window);
    provenance.events = batch.events.len();
    provenance.gaps.retain(|gap| !gaps.contains(gap));
    provenance.gaps.extend(gaps);
    let skew = skew.known().unwrap_or(0);
    provenance
        .gaps
        .extend(super::skew_text(skew).map(|reason| Gap {
            what: "clock".to_owned(),
            window: None,
            reason,
        }));
    Ok(batch)
}

/// Whether it is the life of a pod that was there before the window and still is. No kind that
/// goes on by definition, since a bundle's event of another kind without an end is an instant.
fn lives_in(event: &Event, window: Window) -> bool {
    let begun = event.start.is_none_or(|start| start < window.end);
    event.kind.as_str() == LIFE && event.end.is_none() && begun
}

/// Lists a stream. A list whose version expires between two pages begins anew.
async fn list(
    api: &Api<'_>,
    stream: &Stream,
    now: Timestamp,
    history: &mut History,
    progress: &dyn Progress,
) -> Result<(), (&'static Resource, Trouble)> {
    let mut attempt = 1;
    loop {
        match list_once(api, stream, now, history, progress).await {
            Err((_, Trouble::Gone)) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

async fn list_once(
    api: &Api<'_>,
    stream: &Stream,
    now: Timestamp,
    history: &mut History,
    progress: &dyn Progress,
) -> Result<(), (&'static Resource, Trouble)> {
    let (resource, mut page) = first_of(api, stream, PAGE).await?;
    history.observe(stream, now, Told::Begin { asked_at: now });
    loop {
        let (version, more) = {
            let items = page.items().map_err(|trouble| (resource, trouble))?;
            for item in &items.items {
                history.observe(stream, now, item_of(stream.part, resource, item.get()));
            }
            (items.metadata.resource_version, items.metadata.more)
        };
        if more.is_empty() || progress.cancelled() {
            history.observe(stream, now, Told::End { version });
            return Ok(());
        }
        let next = patiently(api, resource, &stream.namespace, PAGE, &more).await;
        page = next.map_err(|trouble| (resource, trouble))?;
    }
}

/// One page of a list; what may go well the next time is tried again.
async fn patiently(
    api: &Api<'_>,
    resource: &Resource,
    namespace: &str,
    limit: u32,
    more: &str,
) -> Result<Page, Trouble> {
    let mut attempt = 1;
    loop {
        let pause_s = match api.list(resource, namespace, limit, more).await {
            Err(Trouble::TooMany { after_s }) if attempt < ATTEMPTS => {
                after_s.unwrap_or(1).clamp(1, 30)
            }
            Err(Trouble::Server { .. } | Trouble::Broken { .. } | Trouble::TimedOut { .. })
                if attempt < ATTEMPTS =>
            {
                1
            }
            other => return other,
        };
        tokio::time::sleep(Duration::from_secs(pause_s)).await;
        attempt += 1;
    }
}
