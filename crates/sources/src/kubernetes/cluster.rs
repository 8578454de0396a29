//! A live Kubernetes cluster: looked at once, or followed for good.
//!
//! Nothing is ever sent but GET requests: get, list and watch. The content of secrets is never asked
//! for, although Helm keeps its releases in them. What Helm rolled out shows in the labels of what it
//! made (`helm.sh/chart`, `app.kubernetes.io/managed-by`), which go into the rollouts; and where the
//! configuration says `helm_releases`, in the metadata of these secrets. That is a choice, because a
//! role that may list the metadata of secrets may list their content as well: Kubernetes has no
//! smaller permission.
//!
//! Instants are the API server's, or of the nodes where they report them; removals, which have no
//! time of their own, are dated by when they were seen, corrected by the difference of the clocks as
//! the `Date` of the answers shows it. Events of the API are kept for an hour by most clusters
//! (`--event-ttl`); for anything older somebody has to have watched.

mod api;
mod connect;
mod follow;
mod gathering;
mod pull;
mod trouble;

pub use connect::contexts;
pub use gathering::Gathering;

use super::{
    history::{History, Stream, Told},
    part::{NEEDS, Part},
};
use crate::skew::Skew;
use crate::source::{Keeper, Now, Progress, Source, SourceError, Watch};
use api::Api;
use async_trait::async_trait;
use follow::Following;
use kube::Client;
use model::{
    Batch, Timestamp, Window,
    source::{Follow, SourceClock, SourceFacts, Stamp},
    time::{HOUR, SECOND, span_text},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio::sync::RwLock;
use trouble::{Tried, Trouble};

/// Name of the source.
pub const NAME: &str = "kubernetes";

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Kubernetes",
    needs: NEEDS,
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 1,
        // Instants of objects are written in whole seconds.
        skew_s: 1,
        // Events; everything else is there for as long as its object.
        kept: &[((HOUR / SECOND) as u32, 0)],
    },
    follow: Follow::Watch,
};

/// Which cluster, and which namespaces of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfig {
    /// What the cluster is called in events and resource ids.
    pub name: String,
    /// The kubeconfig; absent: what kubectl would read.
    #[serde(default)]
    pub kubeconfig: Option<PathBuf>,
    /// Its context; absent: the current one.
    #[serde(default)]
    pub context: Option<String>,
    /// Use the service account of the pod that this runs in, and no kubeconfig.
    #[serde(default)]
    pub in_cluster: bool,
    /// Namespaces to look at; empty: all.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Also follow Helm's own releases, by the metadata of the secrets that hold them.
    #[serde(default)]
    pub helm_releases: bool,
}

impl ClusterConfig {
    /// Whether it makes sense at all.
    fn validate(&self) -> Result<(), SourceError> {
        let invalid = |field, value: String, expected| SourceError::Invalid {
            name: NAME,
            field,
            value,
            expected,
        };
        if self.name.is_empty() || self.name.contains('/') {
            let expected = "a name without '/'";
            return Err(invalid("name", self.name.clone(), expected));
        }
        if self.in_cluster && (self.kubeconfig.is_some() || self.context.is_some()) {
            let expected = "false, or no kubeconfig and no context";
            return Err(invalid("in_cluster", "true".to_owned(), expected));
        }
        let good =
            |n: &str| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if let Some(bad) = self.namespaces.iter().find(|n| !good(n)) {
            let expected = "names of namespaces";
            return Err(invalid("namespaces", bad.clone(), expected));
        }
        Ok(())
    }
}

/// A cluster that is configured.
pub struct Cluster {
    config: ClusterConfig,
    client: RwLock<Client>,
    endpoint: String,
    /// Whether the client came from the configuration, and can be made anew from it.
    configured: bool,
    /// Milliseconds that the API server's clock is ahead of ours.
    skew: Skew,
}

impl Cluster {
    /// Prepares the connection; nothing is asked yet. Credential programs and token files of the
    /// kubeconfig work as they do for kubectl.
    ///
    /// # Errors
    /// [`SourceError::Invalid`] or [`SourceError::NotFound`] for a configuration that makes no sense,
    /// [`SourceError::NoCredentials`] for a login that does not work.
    pub async fn connect(config: ClusterConfig) -> Result<Self, SourceError> {
        config.validate()?;
        let (client, endpoint) = connect::client(&config).await?;
        Ok(Self {
            configured: true,
            ..Self::with_client(config, client, endpoint)
        })
    }

    /// With a client that somebody made otherwise; `endpoint` is what messages call it.
    pub fn with_client(config: ClusterConfig, client: Client, endpoint: String) -> Self {
        Self {
            config,
            client: RwLock::new(client),
            endpoint,
            configured: false,
            skew: Skew::default(),
        }
    }

    /// What the cluster is called.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Everything that is read: each kind of each namespace.
    fn streams(&self) -> Vec<Stream> {
        let all = [String::new()];
        let namespaces = &self.config.namespaces;
        let streams = |part: Part| {
            let of = if part.is_namespaced() && !namespaces.is_empty() {
                namespaces.as_slice()
            } else {
                &all
            };
            of.iter()
                .map(move |namespace| Stream {
                    part,
                    namespace: namespace.clone(),
                })
                .collect::<Vec<_>>()
        };
        Part::ALL
            .into_iter()
            .filter(|part| *part != Part::HelmRevisions || self.config.helm_releases)
            .flat_map(streams)
            .collect()
    }

    async fn client(&self) -> Client {
        self.client.read().await.clone()
    }

    async fn api<'a>(&'a self, now: &'a Now) -> Api<'a> {
        Api {
            client: self.client().await,
            now,
            skew: &self.skew,
        }
    }

    /// Reads the configuration again: its credentials may be others by now. What that says is said
    /// by the next request as well.
    async fn log_in_again(&self) {
        if !self.configured {
            return;
        }
        if let Ok((client, _)) = connect::client(&self.config).await {
            *self.client.write().await = client;
        }
    }

    /// Milliseconds that the API server's clock is ahead, 0 while nobody knows.
    fn skew(&self) -> i64 {
        self.skew.known().unwrap_or(0)
    }

    fn skew_text(&self) -> Option<String> {
        skew_text(self.skew())
    }
}

/// One line of a watch, as a history takes it in; `None` where it is none, or ends the watch.
pub fn told(part: Part, line: &str) -> Option<Told> {
    follow::read(part, part.resources().first()?, line).ok()?
}

/// What is said of an answer that is no success: a status, and the `Status` object that the API server
/// may have written. The way in for fuzzing.
pub fn refusal(part: Part, status: u16, body: &[u8]) -> Option<SourceError> {
    said(part, "list", Trouble::of_status(status, None, body))
}

/// What is said of a line of a watch that ends it; `None` where it does not. The way in for fuzzing.
pub fn end_of_watch(part: Part, line: &str) -> Option<SourceError> {
    let ended = follow::read(part, part.resources().first()?, line).err()?;
    said(part, "watch", ended)
}

fn said(part: Part, verb: &str, trouble: Trouble) -> Option<SourceError> {
    let stream = Stream {
        part,
        namespace: String::new(),
    };
    let resource = part.resources().first()?;
    let tried = Tried::reading(verb, resource, &stream, "https://fuzz");
    Some(trouble.explain(tried))
}

/// In words, how the clocks differ; `None` where they do not.
fn skew_text(skew: i64) -> Option<String> {
    let way = if skew > 0 { "ahead of" } else { "behind" };
    (skew != 0).then(|| {
        format!(
            "the API server's clock is {} {way} this machine's: times are the server's; check NTP on both",
            span_text(skew.abs())
        )
    })
}

#[async_trait]
impl Source for Cluster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        pull::check(self).await
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        pull::pull(self, window, now, progress).await
    }
}

#[async_trait]
impl Watch for Cluster {
    async fn watch(&self, keeper: &dyn Keeper, now: &Now) -> SourceError {
        let memory = match keeper.recall().await {
            Ok(memory) => memory,
            Err(cause) => {
                return SourceError::Failed {
                    name: NAME,
                    action: "recalling what was learned before".to_owned(),
                    attempts: 1,
                    detail: cause.to_string(),
                    cause: Some(cause),
                };
            }
        };
        let history = History::restore(self.name(), &memory);
        drop(memory);
        Following::new(self, keeper, now, history).run().await
    }
}
