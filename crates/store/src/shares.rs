//! Share links. Only hashes of their tokens are stored.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    record::plain,
};
use async_trait::async_trait;
use model::{IncidentId, Timestamp, incident::ShareLink};

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

    /// Revokes a link at `at`; `false` where there is none or it was revoked before.
    async fn revoke_share(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
}

const INSERT: Sql = sql(
    "share link",
    "INSERT INTO shares (id, incident, token_hash, created_at, expires_at, revoked_at)
     SELECT $1, id, $3, $4, $5, $6 FROM incidents WHERE id = $2 AND archive IS NULL",
);
const OF_INCIDENT: Sql = sql(
    "share link",
    "SELECT id, incident, token_hash, created_at, expires_at, revoked_at FROM shares
     WHERE incident = $1 ORDER BY created_at, id",
);
const BY_HASH: Sql = sql(
    "share link",
    "SELECT id, incident, token_hash, created_at, expires_at, revoked_at FROM shares
     WHERE token_hash = $1",
);
const REVOKE: Sql = sql(
    "share link",
    "UPDATE shares SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
);

fn share(row: &Row) -> Result<ShareLink, StoreError> {
    let time = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    Ok(ShareLink {
        id: row.text(0)?.to_owned(),
        incident: IncidentId(row.text(1)?.to_owned()),
        token_hash: row.text(2)?.to_owned(),
        created_at: Timestamp::from_millis(row.int(3)?),
        expires_at: time(row.maybe_int(4)?),
        revoked_at: time(row.maybe_int(5)?),
    })
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

    async fn revoke_share(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let args = vec![id.into(), at.millis().into()];
        Ok(self.write(REVOKE, args).await? > 0)
    }
}
