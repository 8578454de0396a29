//! Keys that servers sign with. They live in the database, so that what was signed before a restart, or by
//! another process, is still known as ours.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::plain,
};
use async_trait::async_trait;

/// Keys by what they are for.
#[async_trait]
pub trait SigningKeys {
    /// The key for that purpose. Where there is none yet, `drawn` becomes it; of several that come at once
    /// all get the same. Not to be logged.
    async fn signing_key(&self, purpose: &str, drawn: &[u8]) -> Result<Vec<u8>, StoreError>;
}

const KEEP: Sql = sql(
    "signing key",
    "INSERT INTO signing_keys (purpose, secret) VALUES ($1, $2) ON CONFLICT (purpose) DO NOTHING",
);
const KEY: Sql = sql(
    "signing key",
    "SELECT secret FROM signing_keys WHERE purpose = $1",
);

#[async_trait]
impl SigningKeys for Database {
    async fn signing_key(&self, purpose: &str, drawn: &[u8]) -> Result<Vec<u8>, StoreError> {
        let purpose = plain("purpose of a signing key", purpose)?;
        if let Some(row) = self.fetch_one(KEY, vec![purpose.into()]).await? {
            return Ok(row.blob(0)?.to_vec());
        }
        let args = vec![purpose.into(), drawn.to_vec().into()];
        self.write(KEEP, args).await?;
        // Another process may have been first.
        let row = self.fetch_one(KEY, vec![purpose.into()]).await?;
        let row = row.ok_or_else(|| StoreError::missing("signing key", purpose))?;
        Ok(row.blob(0)?.to_vec())
    }
}
