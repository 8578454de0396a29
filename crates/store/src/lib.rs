//! The store: frozen evidence and what people and the analysis made of it, in SQLite (embedded,
//! the default) or PostgreSQL (teams, several processes).
//!
//! One trait per aggregate ([`Incidents`], [`EvidenceStore`], [`Archives`], [`Annotations`],
//! [`Judgements`], [`Actions`], [`Notices`], [`Documents`], [`Fingerprints`], [`Reports`], [`Shares`],
//! [`Jobs`], [`Collectors`], [`Revisions`], [`Accounts`], [`Invitations`], [`Sessions`], [`Teams`],
//! [`Ownerships`], [`Versions`], [`Reviews`], [`Comments`], [`Activity`], [`SigningKeys`]), each with its
//! implementation in its file.
//! Both databases run the same SQL text: `$1` placeholders, integer milliseconds for times, JSON as
//! text, `ON CONFLICT` and `RETURNING`, which both know. The few statements that must differ stand side by side in
//! `driver::Dialect`; `sqlite` and `postgres` hold pools, transactions and the conversion of
//! values. `tests/conformance.rs` runs every story on both.
//!
//! Samples are stored as compressed chunks, one for each series and UTC day ([`chunk`]), with their
//! sums by half hour and day beside them (`pyramid`).
//!
//! This crate knows no source, no analysis and no clock: the time comes with each call.
//!
//! **To add a query**: a method in the trait of its aggregate, its SQL as a constant in the same
//! file, a story in `tests/conformance/`. **To change a table**: one new file of the same name in
//! `migrations/sqlite` and `migrations/postgres`; never edit one that was released.

mod accounts;
mod actions;
mod activity;
mod annotations;
mod archives;
pub mod chunk;
mod collectors;
mod columns;
mod comments;
mod database;
mod documents;
mod driver;
mod error;
mod evidence;
mod fingerprints;
mod incidents;
mod invitations;
mod jobs;
mod judgements;
mod notices;
mod ownerships;
mod postgres;
mod provenance;
mod pyramid;
mod record;
mod reports;
mod reviews;
mod revisions;
mod sessions;
mod shares;
mod signing_keys;
mod sqlite;
mod teams;
mod versions;

pub use accounts::{Accounts, Kept};
pub use actions::Actions;
pub use activity::Activity;
pub use annotations::Annotations;
pub use archives::Archives;
pub use collectors::Collectors;
pub use comments::Comments;
pub use documents::Documents;
pub use error::{ChunkError, RecordError, StoreError};
pub use evidence::{Bucket, EvidenceStore};
pub use fingerprints::Fingerprints;
pub use incidents::{Change, Imported, Incidents, Said};
pub use invitations::Invitations;
pub use jobs::Jobs;
pub use judgements::Judgements;
pub use notices::Notices;
pub use ownerships::Ownerships;
pub use reports::Reports;
pub use reviews::Reviews;
pub use revisions::{Revision, Revisions};
pub use sessions::{Sessions, SignedIn};
pub use shares::{CountedViews, Shares};
pub use signing_keys::SigningKeys;
pub use teams::Teams;
pub use versions::Versions;

use async_trait::async_trait;
use database::Database;
use std::sync::Arc;

/// Everything that a store does.
#[async_trait]
pub trait Store:
    Incidents
    + EvidenceStore
    + Archives
    + Annotations
    + Judgements
    + Actions
    + Documents
    + Notices
    + Fingerprints
    + Reports
    + Shares
    + Jobs
    + Collectors
    + Revisions
    + Accounts
    + Invitations
    + Sessions
    + Teams
    + Ownerships
    + Versions
    + Reviews
    + Comments
    + Activity
    + SigningKeys
    + Send
    + Sync
{
    /// `sqlite` or `postgres`.
    fn backend(&self) -> &'static str;

    /// Closes every connection once its work is done. Nothing is lost without it; SQLite folds
    /// its write-ahead log into the database file.
    async fn close(&self);
}

/// Opens a database and brings it to this version's form.
///
/// - `sqlite:PATH` makes the file (readable by its owner only) and its folder where there are
///   none; `sqlite::memory:` lives as long as the store.
/// - `postgres://USER:PASSWORD@HOST/NAME`, over TLS where the server offers it (`?sslmode=` as in
///   libpq). What the address leaves out comes from libpq's environment variables.
///
/// # Errors
/// [`StoreError::Url`], [`StoreError::File`], [`StoreError::Unavailable`],
/// [`StoreError::TooNew`] where a later version has changed the database, and
/// [`StoreError::Migration`].
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    opened(url, sqlite::Missing::Make).await
}

/// As [`open`], for what only looks at a database: an SQLite file that is not there is not made.
///
/// # Errors
/// [`StoreError::NoDatabase`] where there is no such file, else those of [`open`].
pub async fn open_existing(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    opened(url, sqlite::Missing::Refuse).await
}

async fn opened(url: &str, missing: sqlite::Missing) -> Result<Arc<dyn Store>, StoreError> {
    let driver = match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => sqlite::open(url, missing).await?,
        Some("postgres" | "postgresql") => postgres::open(url).await?,
        _ => {
            return Err(StoreError::Url {
                url: database::without_password(url),
                reason: "it names neither SQLite nor PostgreSQL".to_owned(),
            });
        }
    };
    Ok(Arc::new(Database::new(driver)))
}
