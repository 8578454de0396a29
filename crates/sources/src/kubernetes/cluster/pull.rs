//! One look at a cluster: what it is, what may be read, and everything that it has.

use super::{
    Cluster, NAME,
    api::{Api, Page},
    follow::{item_of, shown},
    trouble::Trouble,
};
use crate::{
    kubernetes::{
        history::{History, Stream, Told},
        part::{Part, Resource},
    },
    source::{Progress, SourceError},
};
use model::{Batch, Gap, Timestamp, Window};
use serde::Deserialize;
use std::{sync::atomic::AtomicI64, time::Duration};

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
    let skew = AtomicI64::new(0);
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
        Err(trouble) => return Err(trouble.explain("the version", "/version", &cluster.endpoint)),
    };
    let (mut good, mut refused, mut last) = (Vec::new(), Vec::new(), None);
    for stream in cluster.streams() {
        match first_of(&api, &stream, 1).await {
            Ok(_) => good.push(stream.shown()),
            Err((_, Trouble::Forbidden { .. } | Trouble::NotFound))
                if stream.part.is_extension() => {}
            Err((resource, trouble)) => {
                refused.push(shown(resource));
                last = Some(trouble.explain(&stream.shown(), &shown(resource), &cluster.endpoint));
            }
        }
    }
    match last {
        Some(error) if good.is_empty() => Err(error),
        _ => Ok(summary(&version.git_version, cluster, &good, &refused)),
    }
}

fn summary(version: &str, cluster: &Cluster, good: &[String], refused: &[String]) -> String {
    let version = if version.is_empty() {
        "Kubernetes"
    } else {
        version
    };
    let mut text = format!(
        "{version} at {}: {} may be read",
        cluster.endpoint,
        good.join(", ")
    );
    if !refused.is_empty() {
        let what = refused.join(", ");
        text = format!(
            "{text}; not {what}: allow list and watch of these, see docs/permissions/kubernetes.yaml"
        );
    }
    text
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
    let skew = AtomicI64::new(0);
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
                let error = trouble.explain(&stream.shown(), &shown(resource), &cluster.endpoint);
                if stream.part == Part::Nodes {
                    let reason = error.to_string();
                    history.observe(stream, now, Told::Refused { reason });
                }
                gaps.push(Gap {
                    what: stream.part.name().to_owned(),
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
    batch.events.retain(|event| event.touches(window));
    let provenance = &mut batch.provenance;
    provenance.query = format!("list of everything in cluster {}", cluster.name());
    provenance.window = Some(window);
    provenance.events = batch.events.len();
    provenance
        .gaps
        .retain(|gap| !gaps.iter().any(|g| g.what == gap.what));
    provenance.gaps.extend(gaps);
    let skew = skew.into_inner();
    provenance
        .gaps
        .extend(super::skew_text(skew).map(|reason| Gap {
            what: "clock".to_owned(),
            window: None,
            reason,
        }));
    Ok(batch)
}

async fn list(
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
