//! Invitations. Only hashes of their tokens are stored, and each lets one person in.

use crate::{
    StoreError, accounts,
    database::Database,
    driver::{Row, Sql, sql},
    record::{json, plain, token_hash},
    teams,
};
use async_trait::async_trait;
use model::{
    Timestamp,
    person::{Identity, Invitation, Person},
};

/// Invitations by id and by the hash of their token.
#[async_trait]
pub trait Invitations {
    /// Stores a new invitation. [`StoreError::Conflict`] where its id or hash is taken,
    /// [`StoreError::Invalid`] where `token_hash` is no SHA-256 (a token by mistake).
    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError>;

    /// Those that were neither accepted nor revoked, the expired as well, in order of their making.
    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError>;

    /// The invitation whose token has this SHA-256 (hexadecimal), open or not.
    async fn invitation_by_hash(&self, token_hash: &str) -> Result<Option<Invitation>, StoreError>;

    /// Revokes an invitation at `at`; `false` where there is none, or it was accepted or revoked
    /// before.
    async fn revoke_invitation(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Lets a person in at `at` by the invitation whose token has this hash: the invitation is used
    /// up, the person and their identity are there, and they are in the invitation's team, where it
    /// names one that is still there; all of it or nothing. `false` where the invitation is not
    /// open (any more). [`StoreError::Conflict`] where the login is taken; then it stays open.
    async fn accept_invitation(
        &self,
        token_hash: &str,
        at: Timestamp,
        person: &Person,
        identity: &Identity,
    ) -> Result<bool, StoreError>;
}

const INSERT: Sql = sql(
    "invitation",
    "INSERT INTO invitations (id, token_hash, expires_at, body) VALUES ($1, $2, $3, $4)",
);
const WAITING: Sql = sql(
    "invitation",
    "SELECT body, token_hash, accepted_at, revoked_at FROM invitations
     WHERE accepted_at IS NULL AND revoked_at IS NULL",
);
const BY_HASH: Sql = sql(
    "invitation",
    "SELECT body, token_hash, accepted_at, revoked_at FROM invitations WHERE token_hash = $1",
);
const REVOKE: Sql = sql(
    "invitation",
    "UPDATE invitations SET revoked_at = $2
     WHERE id = $1 AND revoked_at IS NULL AND accepted_at IS NULL",
);
/// Of two who accept it at the same time one is second: it waits for the row of the first.
const ACCEPT: Sql = sql(
    "invitation",
    "UPDATE invitations SET accepted_at = $2
     WHERE token_hash = $1 AND revoked_at IS NULL AND accepted_at IS NULL AND expires_at > $2
     RETURNING body, token_hash, accepted_at, revoked_at",
);

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    let time = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    let body: Invitation = row.json(0)?;
    Ok(Invitation {
        token_hash: row.text(1)?.to_owned(),
        accepted_at: time(row.maybe_int(2)?),
        revoked_at: time(row.maybe_int(3)?),
        ..body
    })
}

#[async_trait]
impl Invitations for Database {
    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError> {
        let args = vec![
            plain("invitation id", &invitation.id)?.into(),
            token_hash("invitation", &invitation.token_hash)?.into(),
            invitation.expires_at.millis().into(),
            json("invitation", invitation)?.into(),
        ];
        match self.write(INSERT, args).await {
            Err(e) if e.is_taken() => Err(StoreError::conflict("invitation", &invitation.id)),
            done => done.map(drop),
        }
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let rows = self.driver.fetch(WAITING, Vec::new()).await?;
        let mut all: Vec<Invitation> = rows.iter().map(invitation).collect::<Result<_, _>>()?;
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn invitation_by_hash(&self, token_hash: &str) -> Result<Option<Invitation>, StoreError> {
        let row = self.fetch_one(BY_HASH, vec![token_hash.into()]).await?;
        row.as_ref().map(invitation).transpose()
    }

    async fn revoke_invitation(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let args = vec![id.into(), at.millis().into()];
        Ok(self.write(REVOKE, args).await? > 0)
    }

    async fn accept_invitation(
        &self,
        token_hash: &str,
        at: Timestamp,
        person: &Person,
        identity: &Identity,
    ) -> Result<bool, StoreError> {
        let mut tx = self.driver.write().await?;
        let args = vec![token_hash.into(), at.millis().into()];
        let rows = tx.fetch(ACCEPT, args).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let invited = invitation(row)?;
        let inserted = tx.execute(accounts::INSERT, accounts::columns(person)?);
        inserted.await.map_err(|e| accounts::taken(person, e))?;
        let args = accounts::identity_columns(identity)?;
        if tx.execute(accounts::PUT_IDENTITY, args).await? == 0 {
            return Err(StoreError::conflict("login", &identity.subject));
        }
        if let Some(team) = &invited.team {
            let args = vec![team.0.as_str().into(), person.id.0.as_str().into()];
            tx.execute(teams::ADD_MEMBER, args).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
