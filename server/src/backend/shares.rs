//! Share links: unguessable, stored hashed, read-only, only their incident's window and only what the
//! redaction lets through.

mod cache;
mod check;
mod pass;
mod show;
mod views;

use super::{
    ServerBackend,
    access::author_of,
    people::password::{Passwords, SALT},
    unavailable,
};
use crate::{compute, random};
use app::{
    ApiError, FieldError,
    backend::{
        Caller, Entered, FileKind, NewShare, ShareAsk, ShareDraft, SharePage, ShareRow,
        SharedBytes, StandIn, Visit, Visited, Wanted,
    },
};
use axum::body::Bytes;
use cache::{Cache, Made};
use check::{check, check_rules};
use model::{
    IncidentId, Timestamp,
    bundle::sha256_hex,
    review::Version,
    share::ShareLink,
    time::{DAY, MINUTE},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::Store;

pub(crate) use show::page;
pub(super) use show::said_of;
pub use views::Views;

/// How long the address of a new link can be shown, milliseconds; it is shown once.
const FRESH: i64 = 10 * MINUTE;

/// What the backend remembers of links.
pub(super) struct Sharing {
    pub(super) cache: Cache,
    pub(super) views: Arc<Views>,
    passwords: Passwords,
    tries: pass::Tries,
    /// Addresses of links that were just made, by id.
    fresh: Mutex<HashMap<String, (String, Timestamp)>>,
}

impl Sharing {
    pub(super) fn new(store: &dyn Store) -> Self {
        Self {
            cache: Cache::new(store.changes()),
            views: Arc::default(),
            passwords: Passwords::default(),
            tries: pass::Tries::default(),
            fresh: Mutex::default(),
        }
    }

    fn fresh(&self) -> std::sync::MutexGuard<'_, HashMap<String, (String, Timestamp)>> {
        // The addresses are whole between any two of their operations.
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerBackend {
    /// What the caller's link gives. Unknown, expired, used up and revoked links answer alike.
    pub(super) async fn visited(&self, who: &Caller, visit: Visit) -> Result<Visited, ApiError> {
        let Caller::Share(token) = who else {
            return Err(ApiError::NotFound);
        };
        let hash = sha256_hex(token.as_bytes());
        let now = self.clock.now();
        if let Some(ready) = self.sharing.cache.ready(&hash, now) {
            let bytes = self
                .of_link(&ready.link, &ready.made, &visit.wanted)
                .await?;
            self.count(&ready.link, &visit.wanted, now);
            return Ok(Visited::Open(bytes));
        }
        let found = self.open_link(&hash, now).await;
        if found.is_err() {
            self.sharing.cache.forget_token(&hash);
        }
        let link = found?;
        let passed = visit
            .pass
            .is_some_and(|pass| pass::is_pass(&link, &pass, now));
        if link.password_hash.is_some() && !passed {
            return Ok(Visited::Password);
        }
        let made = self.made(&link, token).await?;
        let bytes = self.of_link(&link, &made, &visit.wanted).await?;
        if link.max_views.is_none() {
            self.count(&link, &visit.wanted, now);
        } else if !self
            .store
            .take_view(&link.id, now)
            .await
            .map_err(|e| unavailable(&e))?
        {
            return Err(ApiError::NotFound);
        }
        if link.is_free() {
            self.sharing.cache.make_ready(link, made, now);
        }
        Ok(Visited::Open(bytes))
    }

    /// Tries a password at the caller's link.
    pub(super) async fn entered(
        &self,
        who: &Caller,
        password: String,
    ) -> Result<Entered, ApiError> {
        let Caller::Share(token) = who else {
            return Err(ApiError::NotFound);
        };
        let now = self.clock.now();
        let link = self.open_link(&sha256_hex(token.as_bytes()), now).await?;
        let Some(secret) = link.password_hash.clone() else {
            return Ok(pass::pass(&link, now));
        };
        let Sharing {
            tries, passwords, ..
        } = &self.sharing;
        if let Err(wait) = tries.begin(&link.id, now) {
            return Ok(Entered::TooMany(wait));
        }
        if !passwords.matches(password, Some(secret)).await {
            return Ok(Entered::Wrong);
        }
        tries.right(&link.id);
        Ok(pass::pass(&link, now))
    }

    async fn open_link(&self, token_hash: &str, now: Timestamp) -> Result<ShareLink, ApiError> {
        let found = self.store.share_by_hash(token_hash).await;
        found
            .map_err(|e| unavailable(&e))?
            .filter(|link| link.is_open(now))
            .ok_or(ApiError::NotFound)
    }

    /// Counts a view of a link that has no limit. A picture of a report is part of its view.
    fn count(&self, link: &ShareLink, wanted: &Wanted, now: Timestamp) {
        if *wanted == Wanted::Report || link.lane.is_some() {
            self.sharing.views.count(&link.id, now);
        }
    }

    /// What a link shows, made anew where the incident has changed.
    async fn made(&self, link: &ShareLink, token: &str) -> Result<Arc<Made>, ApiError> {
        let version = self.version_shown(&link.incident, link.version).await?;
        let stored = self.store.revision(&link.incident).await;
        let revision = stored
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)?;
        let place = self.sharing.cache.place(&link.id);
        let mut held = place.lock().await;
        if let Some(made) = &*held {
            let before = made.revision;
            let as_it_is = before.evidence >= revision.evidence && before.notes >= revision.notes;
            if as_it_is && made.version == version {
                return Ok(made.clone());
            }
        }
        let case = show::only_window(self.load(&link.incident).await?);
        let frozen = self.frozen(&link.incident, version).await?;
        let (of, token) = (link.clone(), token.to_owned());
        let shown = compute::run(move || show::shown(&case, frozen, &of, &token)).await;
        let bytes = shown.bytes();
        let made = Arc::new(Made::new(revision, version, shown));
        *held = Some(made.clone());
        self.sharing.cache.settle(&link.id, bytes);
        Ok(made)
    }

    /// What is asked for, of what the link opens.
    async fn of_link(
        &self,
        link: &ShareLink,
        made: &Arc<Made>,
        wanted: &Wanted,
    ) -> Result<SharedBytes, ApiError> {
        // Pictures of a report would open it more often than it may be opened.
        let pictures = link.lane.is_some() || link.max_views.is_none();
        match wanted {
            Wanted::Report if link.lane.is_none() => Ok(made.shown.whole()),
            Wanted::File(kind) if link.lane.is_none() => self.file(link, made, *kind).await,
            Wanted::Svg(lane) if pictures => {
                let svg = made.shown.charts.get(lane).cloned();
                svg.map(SharedBytes::plain).ok_or(ApiError::NotFound)
            }
            Wanted::Png(lane) if pictures => png(made, lane).await,
            _ => Err(ApiError::NotFound),
        }
    }

    /// The report as a file, written when somebody asks for it.
    async fn file(
        &self,
        link: &ShareLink,
        made: &Arc<Made>,
        kind: FileKind,
    ) -> Result<SharedBytes, ApiError> {
        let _turn = match made.file(kind) {
            Some(file) => return Ok(SharedBytes::plain(file)),
            None => made.writing.lock().await,
        };
        if let Some(file) = made.file(kind) {
            return Ok(SharedBytes::plain(file));
        }
        let case = show::only_window(self.load(&link.incident).await?);
        let frozen = self.frozen(&link.incident, made.version).await?;
        let rules = link.rules.clone();
        let written = compute::run(move || show::file(&case, frozen, &rules, kind)).await;
        let file = Bytes::from(written.map_err(|error| {
            tracing::error!(%error, link = link.id, "a shared report could not be written");
            ApiError::Unavailable("The file could not be written.".into())
        })?);
        made.keep_file(kind, file.clone());
        Ok(SharedBytes::plain(file))
    }

    /// The version that a link shows: its own, or the one that was published last; `None`: there is
    /// none yet, and it shows the draft.
    async fn version_shown(
        &self,
        incident: &IncidentId,
        own: Option<u32>,
    ) -> Result<Option<u32>, ApiError> {
        if own.is_some() {
            return Ok(own);
        }
        let (review, _) = self
            .store
            .review(incident)
            .await
            .map_err(|e| unavailable(&e))?;
        Ok(review.published)
    }

    /// A version, where one is asked for.
    async fn frozen(
        &self,
        incident: &IncidentId,
        version: Option<u32>,
    ) -> Result<Option<Version>, ApiError> {
        match version {
            None => Ok(None),
            Some(number) => match self.version_of(incident, number).await {
                Err(ApiError::NotFound) => Err(ApiError::Invalid(format!(
                    "there is no version {number} of this report: choose one of the list"
                ))),
                found => found.map(Some),
            },
        }
    }

    /// Numbers of the versions that there are.
    async fn version_numbers(&self, incident: &IncidentId) -> Result<Vec<u32>, ApiError> {
        let versions = self.version_list(incident).await?;
        Ok(versions.into_iter().map(|v| v.number).collect())
    }

    /// Makes a link; its token is in the answer and nowhere else.
    pub(super) async fn new_share(
        &self,
        who: &Caller,
        incident: &IncidentId,
        draft: ShareDraft,
    ) -> Result<NewShare, ApiError> {
        check(&draft)?;
        // A version that is not there is refused now, and not at its readers.
        let frozen = self.frozen(incident, draft.version).await?;
        if let Some(lane) = draft.lane.clone() {
            let case = show::only_window(self.load(incident).await?);
            let rules = draft.rules.clone();
            let there = compute::run(move || {
                let (report, _) = show::redacted(&case, frozen, &rules);
                show::charts(&report).any(|(id, ..)| id == lane)
            });
            if !there.await {
                return Err(ApiError::Fields(vec![FieldError::new(
                    "lane",
                    "the report, as it would be shown, has no such chart: choose one of the list",
                )]));
            }
        }
        let now = self.clock.now();
        let token = random::token(&*self.random).map_err(|e| no_randomness(&e))?;
        let password_hash = match draft.password {
            Some(password) => {
                let mut salt = [0; SALT];
                self.random.fill(&mut salt).map_err(|e| no_randomness(&e))?;
                let hash = self.sharing.passwords.hash(password, salt).await;
                Some(hash.ok_or_else(|| {
                    ApiError::Unavailable("The password could not be kept.".into())
                })?)
            }
            None => None,
        };
        let link = ShareLink {
            id: self.new_id()?,
            incident: incident.clone(),
            token_hash: sha256_hex(token.as_bytes()),
            created_at: now,
            expires_at: draft
                .expires_in_days
                .map(|days| now.plus(i64::from(days) * DAY)),
            version: draft.version,
            lane: draft.lane,
            max_views: draft.max_views,
            password_hash,
            rules: draft.rules,
            made_by: author_of(who),
            ..ShareLink::default()
        };
        self.store
            .put_share(&link)
            .await
            .map_err(|e| unavailable(&e))?;
        let link_path = match &link.lane {
            Some(lane) => format!("/s/{token}/charts/{lane}.svg"),
            None => format!("/s/{token}"),
        };
        let mut fresh = self.sharing.fresh();
        fresh.retain(|_, (_, at)| now.since(*at) < FRESH);
        fresh.insert(link.id.clone(), (link_path.clone(), now));
        Ok(NewShare {
            link_path,
            share: ShareRow::of(&link, now),
        })
    }

    /// The links of an incident, the newest first, with the views that are not written yet.
    pub(super) async fn share_rows(&self, id: &IncidentId) -> Result<Vec<ShareRow>, ApiError> {
        let mut links = self.store.shares(id).await.map_err(|e| unavailable(&e))?;
        links.sort_by_key(|l| std::cmp::Reverse(l.created_at));
        let now = self.clock.now();
        let mut rows = Vec::new();
        for link in &links {
            let mut row = ShareRow::of(link, now);
            let (more, last) = self.sharing.views.waiting(&link.id);
            row.views += more;
            row.last_view_at = row.last_view_at.max(last);
            let log = self.store.share_views(&link.id).await;
            row.log = log.map_err(|e| unavailable(&e))?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// The page that shares.
    pub(super) async fn page_that_shares(
        &self,
        id: &IncidentId,
        ask: ShareAsk,
    ) -> Result<SharePage, ApiError> {
        check_rules(&ask.rules)?;
        let links = self.share_rows(id).await?;
        let versions = self.version_numbers(id).await?;
        let case = show::only_window(self.load(id).await?);
        let version = self.version_shown(id, ask.version).await?;
        let frozen = self.frozen(id, version).await?;
        // The address of a new link is shown once, on the page of its own incident.
        let own = ask
            .made
            .as_ref()
            .filter(|made| links.iter().any(|l| l.id == **made));
        let made = own.and_then(|made| self.sharing.fresh().remove(made));
        let now = self.clock.now();
        let made = made.filter(|(_, at)| now.since(*at) < FRESH);
        let incident = case.incident.clone();
        let rules = ask.rules.clone();
        let (report_html, names, lanes) = compute::run(move || {
            let (report, names) = show::redacted(&case, frozen, &rules);
            let lanes = show::charts(&report).map(|(id, title, _)| (id.into(), title.into()));
            (report::html_fragment(&report), names, lanes.collect())
        })
        .await;
        Ok(SharePage {
            incident,
            report_html,
            names: names
                .into_iter()
                .map(|n| StandIn {
                    kind: n.kind.label(),
                    name: n.name,
                    stand_in: n.stand_in,
                })
                .collect(),
            versions,
            lanes,
            links,
            made: made.map(|(path, _)| path),
            ask,
        })
    }

    /// Revokes a link for good.
    pub(super) async fn share_revoked(&self, share: &str) -> Result<(), ApiError> {
        let revoked = self.store.revoke_share(share, self.clock.now()).await;
        self.sharing.cache.forget(share);
        if revoked.map_err(|e| unavailable(&e))? {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// Views of links that are not written yet, for who writes them.
    pub fn views(&self) -> Arc<Views> {
        self.sharing.views.clone()
    }
}

fn no_randomness(error: &std::io::Error) -> ApiError {
    tracing::error!(%error, "the operating system gives no randomness");
    ApiError::Unavailable("The server has no randomness to make a link from.".into())
}

/// A chart as PNG, drawn when somebody asks for it.
async fn png(made: &Arc<Made>, lane: &str) -> Result<SharedBytes, ApiError> {
    if let Some(png) = made.png(lane) {
        return Ok(SharedBytes::plain(png));
    }
    let svg = made.shown.charts.get(lane).cloned();
    let svg = svg.ok_or(ApiError::NotFound)?;
    let drawn = compute::run(move || {
        let svg = String::from_utf8_lossy(&svg);
        report::chart_png(&svg)
    });
    let png = Bytes::from(drawn.await.ok_or(ApiError::NotFound)?);
    made.keep_png(lane, png.clone());
    Ok(SharedBytes::plain(png))
}
