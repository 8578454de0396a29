//! Share links. Only hashes of their tokens are stored.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    record::{json, plain},
};
use async_trait::async_trait;
use model::{
    IncidentId, Timestamp,
    share::{RedactionRules, ShareLink, ShareViews},
    time::{DAY, MINUTE},
};
use serde::{Deserialize, Serialize};

/// How long it is kept how often a link was opened in each minute, milliseconds. How often in all
/// stays as long as the link.
const VIEWS_KEPT: i64 = 90 * DAY;

/// Most minutes that [`Shares::share_views`] lists.
const MOST_MINUTES: i64 = 500;

/// Views of a link in one minute, counted elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedViews {
    /// The link's id.
    pub share: String,
    /// In which minute, and how often.
    pub views: ShareViews,
    /// When the last of them was.
    pub last: Timestamp,
}

/// Share links by id and by the hash of their token.
#[async_trait]
pub trait Shares {
    /// Stores a new link. [`StoreError::Conflict`] where its id or hash is taken,
    /// [`StoreError::Missing`] where there is no such incident, [`StoreError::Invalid`] where
    /// `token_hash` is not 64 lower-case hexadecimal digits (a token by mistake).
    async fn put_share(&self, share: &ShareLink) -> Result<(), StoreError>;

    /// Links of an incident in order of their making, the revoked and the expired as well.
    async fn shares(&self, incident: &IncidentId) -> Result<Vec<ShareLink>, StoreError>;

    /// The link whose token has this SHA-256 (hexadecimal), open or not.
    async fn share_by_hash(&self, token_hash: &str) -> Result<Option<ShareLink>, StoreError>;

    /// The link of that id, open or not.
    async fn share(&self, id: &str) -> Result<Option<ShareLink>, StoreError>;

    /// Counts one opening of a link at `at`, in one step with the question whether it may be opened
    /// then: `false`, and nothing is counted, where it is revoked, over or used up. Of any number of
    /// callers at once no more than the link's `max_views` are ever told `true`.
    async fn take_view(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Adds views that were counted elsewhere, all together or not at all. Those of links that are
    /// gone are forgotten.
    async fn count_views(&self, counted: &[CountedViews]) -> Result<(), StoreError>;

    /// How often a link was opened, minute by minute, the newest first.
    async fn share_views(&self, id: &str) -> Result<Vec<ShareViews>, StoreError>;

    /// Revokes a link at `at`; `false` where there is none or it was revoked before.
    async fn revoke_share(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
}

// What opens and closes a link is in columns; `body` is what it opens.
const INSERT: Sql = sql(
    "share link",
    "INSERT INTO shares (id, incident, token_hash, created_at, expires_at, revoked_at, max_views,
         views, last_view_at, body)
     SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10 FROM incidents
     WHERE id = $2 AND archive IS NULL",
);
const OF_INCIDENT: Sql = sql(
    "share link",
    "SELECT id, incident, token_hash, created_at, expires_at, revoked_at, max_views, views,
         last_view_at, body FROM shares
     WHERE incident = $1 ORDER BY created_at, id",
);
const BY_HASH: Sql = sql(
    "share link",
    "SELECT id, incident, token_hash, created_at, expires_at, revoked_at, max_views, views,
         last_view_at, body FROM shares
     WHERE token_hash = $1",
);
const BY_ID: Sql = sql(
    "share link",
    "SELECT id, incident, token_hash, created_at, expires_at, revoked_at, max_views, views,
         last_view_at, body FROM shares
     WHERE id = $1",
);
const REVOKE: Sql = sql(
    "share link",
    "UPDATE shares SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
);
const TAKE: Sql = sql(
    "share link",
    "UPDATE shares SET views = views + 1, last_view_at = $2
     WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
         AND (max_views IS NULL OR views < max_views)",
);
const ADD: Sql = sql(
    "share link",
    "UPDATE shares SET views = views + $2,
         last_view_at = CASE WHEN last_view_at > $3 THEN last_view_at ELSE $3 END
     WHERE id = $1",
);
const ADD_MINUTE: Sql = sql(
    "views of a share link",
    "INSERT INTO share_views (share, minute, views)
     SELECT id, $2, $3 FROM shares WHERE id = $1
     ON CONFLICT (share, minute) DO UPDATE SET views = share_views.views + excluded.views",
);
const TRIM: Sql = sql(
    "views of a share link",
    "DELETE FROM share_views WHERE share = $1 AND minute < $2",
);
const MINUTES: Sql = sql(
    "views of a share link",
    "SELECT minute, views FROM share_views WHERE share = $1 ORDER BY minute DESC LIMIT $2",
);

/// What does not change of a link.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Body {
    version: Option<u32>,
    lane: Option<String>,
    password_hash: Option<String>,
    rules: RedactionRules,
    made_by: String,
}

impl Body {
    fn of(link: &ShareLink) -> Self {
        Self {
            version: link.version,
            lane: link.lane.clone(),
            password_hash: link.password_hash.clone(),
            rules: link.rules.clone(),
            made_by: link.made_by.clone(),
        }
    }
}

fn share(row: &Row) -> Result<ShareLink, StoreError> {
    let time = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    let body: Body = row.json(9)?;
    Ok(ShareLink {
        id: row.text(0)?.to_owned(),
        incident: IncidentId(row.text(1)?.to_owned()),
        token_hash: row.text(2)?.to_owned(),
        created_at: Timestamp::from_millis(row.int(3)?),
        expires_at: time(row.maybe_int(4)?),
        revoked_at: time(row.maybe_int(5)?),
        max_views: row
            .maybe_int(6)?
            .map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        views: u64::try_from(row.int(7)?).unwrap_or_default(),
        last_view_at: time(row.maybe_int(8)?),
        version: body.version,
        lane: body.lane,
        password_hash: body.password_hash,
        rules: body.rules,
        made_by: body.made_by,
    })
}

/// A count as the databases hold it.
fn held(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Refuses what is no SHA-256, so that no token is ever written by mistake.
fn hash(text: &str) -> Result<&str, StoreError> {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() == 64 && text.bytes().all(digit) {
        Ok(text)
    } else {
        Err(StoreError::Invalid {
            what: "share link".to_owned(),
            reason: "its token hash is not 64 lower-case hexadecimal digits".to_owned(),
        })
    }
}

#[async_trait]
impl Shares for Database {
    async fn put_share(&self, share: &ShareLink) -> Result<(), StoreError> {
        let args = vec![
            plain("share link id", &share.id)?.into(),
            share.incident.0.as_str().into(),
            hash(&share.token_hash)?.into(),
            share.created_at.millis().into(),
            share.expires_at.map(Timestamp::millis).into(),
            share.revoked_at.map(Timestamp::millis).into(),
            share.max_views.map(i64::from).into(),
            held(share.views).into(),
            share.last_view_at.map(Timestamp::millis).into(),
            json("share link", &Body::of(share))?.into(),
        ];
        match self.write_of(&share.incident, INSERT, args).await {
            Err(e) if e.is_taken() => Err(StoreError::conflict("share link", &share.id)),
            done => done,
        }
    }

    async fn shares(&self, incident: &IncidentId) -> Result<Vec<ShareLink>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        rows.iter().map(share).collect()
    }

    async fn share_by_hash(&self, token_hash: &str) -> Result<Option<ShareLink>, StoreError> {
        let row = self.fetch_one(BY_HASH, vec![token_hash.into()]).await?;
        row.as_ref().map(share).transpose()
    }

    async fn share(&self, id: &str) -> Result<Option<ShareLink>, StoreError> {
        let row = self.fetch_one(BY_ID, vec![id.into()]).await?;
        row.as_ref().map(share).transpose()
    }

    async fn take_view(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.driver.write().await?;
        let taken = tx
            .execute(TAKE, vec![id.into(), at.millis().into()])
            .await?
            > 0;
        if taken {
            let minute = at.floor_to(MINUTE).millis();
            let args = vec![id.into(), minute.into(), 1_i64.into()];
            tx.execute(ADD_MINUTE, args).await?;
        }
        tx.commit().await?;
        Ok(taken)
    }

    async fn count_views(&self, counted: &[CountedViews]) -> Result<(), StoreError> {
        if counted.is_empty() {
            return Ok(());
        }
        let mut tx = self.driver.write().await?;
        for CountedViews { share, views, last } in counted {
            let n = held(views.views);
            let args = vec![share.as_str().into(), n.into(), last.millis().into()];
            tx.execute(ADD, args).await?;
            let minute = views.minute.millis();
            let args = vec![share.as_str().into(), minute.into(), n.into()];
            tx.execute(ADD_MINUTE, args).await?;
            let old = last.plus(-VIEWS_KEPT).millis();
            tx.execute(TRIM, vec![share.as_str().into(), old.into()])
                .await?;
        }
        tx.commit().await
    }

    async fn share_views(&self, id: &str) -> Result<Vec<ShareViews>, StoreError> {
        let args = vec![id.into(), MOST_MINUTES.into()];
        let rows = self.driver.fetch(MINUTES, args).await?;
        rows.iter()
            .map(|row| {
                Ok(ShareViews {
                    minute: Timestamp::from_millis(row.int(0)?),
                    views: u64::try_from(row.int(1)?).unwrap_or_default(),
                })
            })
            .collect()
    }

    async fn revoke_share(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let args = vec![id.into(), at.millis().into()];
        Ok(self.write(REVOKE, args).await? > 0)
    }
}
