//! What Helm itself says that it released: one object a revision of a release.
//!
//! Helm keeps each revision in a secret that holds chart, values and manifests. Only its metadata is
//! asked for, and the labels there say enough: the release, its revision, how it stands. A revision's
//! object is made when Helm begins to roll it out.

use super::{
    kept::{About, Sight, Tracked},
    pending::{Pending, event_id},
    when::When,
};
use crate::kubernetes::{
    meta::{self, event_about, label, set, time},
    object::{Content, Object},
};
use model::{Event, EventKind};
use serde::{Deserialize, Serialize};

/// What is remembered of a revision of a release: its event as it was last written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HelmState {
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Box<Event>>,
    uninstalled: bool,
}

impl Tracked for HelmState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let labels = object.meta();
        let (Content::HelmRevision, Some(release), Some(revision)) = (
            &object.content,
            label(labels, "name"),
            label(labels, "version"),
        ) else {
            return false;
        };
        if !(sight.newest || sight.first) {
            return false;
        }
        let status = label(labels, "status").unwrap_or_default();
        let mut changed = false;
        if matches!(status, "uninstalling" | "uninstalled") && !self.uninstalled {
            self.uninstalled = true;
            changed = true;
            let mut event = about(object, release, sight);
            event.id = event_id(&["helm-release", object.uid(), "uninstalled"]);
            event.title = format!(
                "Helm uninstalled {}/{release}",
                meta::namespace(object.meta())
            );
            // One that was listed so may have been uninstalled long ago.
            let when = if sight.first {
                When::between(None, sight.when.latest)
            } else {
                sight.when
            };
            when.start(&mut event);
            out.event(event);
        }
        let event = self.revision(object, (release, revision, status), sight);
        if self.written.as_deref() != Some(&event) {
            out.event(event.clone());
            self.written = Some(Box::new(event));
            changed = true;
        }
        changed
    }

    /// Helm keeps the last ten revisions: that one is gone says nothing.
    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

impl HelmState {
    fn revision(
        &self,
        object: &Object,
        (release, revision, status): (&str, &str, &str),
        sight: &Sight<'_>,
    ) -> Event {
        let mut event = about(object, release, sight);
        event.id = event_id(&["helm-release", object.uid()]);
        event.start = time(object.meta().creation_timestamp.as_ref());
        // How it went is what it became first; that a later one took its place is another's doing.
        let known = self.written.as_ref().and_then(|e| e.attribute("status"));
        let over = matches!(
            status,
            "superseded" | "uninstalling" | "uninstalled" | "unknown"
        );
        let status = if over {
            known.unwrap_or_default()
        } else {
            status.to_owned()
        };
        let how = match status.as_str() {
            "failed" => ", which failed",
            status if status.starts_with("pending") => ", under way",
            _ => "",
        };
        event.title = format!(
            "Helm released {}/{release}, revision {revision}{how}",
            meta::namespace(object.meta())
        );
        set(&mut event, "revision", revision);
        set(&mut event, "status", status);
        event
    }
}

fn about(object: &Object, release: &str, sight: &Sight<'_>) -> Event {
    let named = (meta::namespace(object.meta()), release);
    let mut event = event_about(sight.listing, EventKind::ConfigChange, "HelmRelease", named);
    set(&mut event, "provider", "helm");
    event
}
