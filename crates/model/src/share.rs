//! What people outside may read: share links, and what is replaced before it leaves.

use crate::{IncidentId, Timestamp};
use serde::{Deserialize, Serialize};

/// Which names are replaced by stand-ins before a report leaves. Everything off replaces nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, a box to tick in the form"
)]
pub struct RedactionRules {
    /// Namespaces: `namespace-1`.
    pub namespaces: bool,
    /// Deployments and everything else that has a name in a cluster: `app-1`.
    pub workloads: bool,
    /// Pods, those of one workload recognisable as such: `app-1-pod-2`.
    pub pods: bool,
    /// Nodes and instances, with their addresses: `node-A`.
    pub nodes: bool,
    /// Hosts, addresses, load balancers, databases: `host-1`.
    pub hosts: bool,
    /// Clusters: `cluster-1`.
    pub clusters: bool,
    /// Ids of accounts: `account-1`.
    pub accounts: bool,
    /// File systems and volumes: `fs-1`.
    pub file_systems: bool,
    /// Images, but for their tags: `image-1`.
    pub images: bool,
    /// People and their addresses: `person-1`.
    pub people: bool,
    /// Further words, in any spelling of case; `*` stands for any characters of one word: `hidden-1`.
    pub patterns: Vec<String>,
    /// Names that may be shown all the same.
    pub keep: Vec<String>,
}

impl RedactionRules {
    /// Everything that has a rule of its own.
    pub fn all() -> Self {
        Self {
            namespaces: true,
            workloads: true,
            pods: true,
            nodes: true,
            hosts: true,
            clusters: true,
            accounts: true,
            file_systems: true,
            images: true,
            people: true,
            patterns: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        *self
            == Self {
                keep: self.keep.clone(),
                ..Self::default()
            }
    }
}

/// A link that opens one incident's report, or one picture of it, read-only. The token itself is never
/// stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShareLink {
    /// Id, for listing and revoking.
    pub id: String,
    /// The incident it opens.
    pub incident: IncidentId,
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// The frozen version that it opens; `None`: the latest.
    #[serde(default)]
    pub version: Option<u32>,
    /// The one lane whose picture it opens and nothing else; `None`: the report with all its pictures.
    #[serde(default)]
    pub lane: Option<String>,
    /// How often it opens; `None`: as often as anybody likes.
    #[serde(default)]
    pub max_views: Option<u32>,
    /// The password's hash, as a PHC string; `None`: it opens without one.
    #[serde(default)]
    pub password_hash: Option<String>,
    /// What is replaced in what it opens.
    #[serde(default)]
    pub rules: RedactionRules,
    /// Who made it.
    #[serde(default)]
    pub made_by: String,
    /// How often it was opened.
    #[serde(default)]
    pub views: u64,
    /// When it was opened last.
    #[serde(default)]
    pub last_view_at: Option<Timestamp>,
}

impl ShareLink {
    /// Whether the link opens at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && self.expires_at.is_none_or(|end| now < end)
            && !self.is_used_up()
    }

    /// Whether it was opened as often as it may be.
    pub fn is_used_up(&self) -> bool {
        self.max_views
            .is_some_and(|most| self.views >= u64::from(most))
    }

    /// Whether whoever has the address may read it as often as they like: neither a password nor a
    /// number of views bounds it.
    pub fn is_free(&self) -> bool {
        self.max_views.is_none() && self.password_hash.is_none()
    }
}

/// How often a link was opened in one minute. Nothing is kept of who opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareViews {
    /// The minute's beginning.
    pub minute: Timestamp,
    /// How often.
    pub views: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_until_it_is_over_revoked_or_used_up() {
        let at = Timestamp::from_seconds;
        let link = ShareLink {
            expires_at: Some(at(100)),
            max_views: Some(2),
            ..ShareLink::default()
        };
        assert!(link.is_open(at(99)) && !link.is_open(at(100)) && !link.is_free());
        let used = ShareLink {
            views: 2,
            ..link.clone()
        };
        assert!(!used.is_open(at(0)) && used.is_used_up());
        let revoked = ShareLink {
            revoked_at: Some(at(1)),
            ..link
        };
        assert!(!revoked.is_open(at(2)));
    }

    #[test]
    fn rules_of_an_older_version_are_read() {
        let rules: RedactionRules = serde_json::from_str(r#"{"pods":true,"later":1}"#).unwrap();
        assert!(rules.pods && !rules.nodes && !rules.is_empty());
        let kept = RedactionRules {
            keep: vec!["a".into()],
            ..RedactionRules::default()
        };
        assert!(kept.is_empty());
    }
}
