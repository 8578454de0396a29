//! What hangs together: resources and the edges between them.
//!
//! Resource ids are free strings; by convention `k8s:<cluster>/<namespace>/<Kind>/<name>`
//! (namespace empty for nodes) and `aws:<file system, instance or ARN>`.

use crate::Extra;
use serde::{Deserialize, Serialize};

/// How two resources hang together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// `from` sends requests to `to`.
    Calls,
    /// `from` mounts the file system `to`.
    Mounts,
    /// `from` runs on the node `to`.
    RunsOn,
    /// `from` owns `to`.
    Owns,
    /// Any other kind, as written.
    #[serde(untagged)]
    Other(String),
}

/// One edge, as one line of a bundle's `topology.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Resource id.
    pub from: String,
    /// Resource id.
    pub to: String,
    /// How they hang together.
    pub kind: EdgeKind,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Resource id of a Kubernetes object.
pub fn k8s_id(cluster: &str, namespace: &str, kind: &str, name: &str) -> String {
    format!("k8s:{cluster}/{namespace}/{kind}/{name}")
}

/// Whether a text is a resource id after the convention: a known scheme and something behind it.
pub fn is_id(text: &str) -> bool {
    let name = text
        .strip_prefix("aws:")
        .or_else(|| text.strip_prefix("k8s:"));
    name.is_some_and(|name| !name.is_empty())
}

/// Resource id of something in AWS.
pub fn aws_id(name: &str) -> String {
    format!("aws:{name}")
}
