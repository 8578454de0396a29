//! People and the ways in which they prove who they are.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, Value, sql},
    record::{json, plain},
};
use async_trait::async_trait;
use model::{
    Timestamp,
    person::{Identity, Person, PersonId, Role},
};

/// What became of a change to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was made.
    Changed,
    /// Nobody of that id.
    Nobody,
    /// It was not made: nobody would be left who manages people.
    LastAdmin,
}

/// People by id; identities by provider and subject.
#[async_trait]
pub trait Accounts {
    /// Stores a new person with a first identity, both or neither. [`StoreError::Conflict`] where
    /// the id, the login or the identity is taken.
    async fn create_person(&self, person: &Person, identity: &Identity) -> Result<(), StoreError>;

    /// Everybody, also who may not sign in any more, in order of their login.
    async fn people(&self) -> Result<Vec<Person>, StoreError>;

    /// The person of that id.
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError>;

    /// Replaces what is known of a person. Who is disabled is signed out everywhere in the same
    /// transaction. The last active admin stays one. [`StoreError::Conflict`] where the login is
    /// taken.
    async fn update_person(&self, person: &Person) -> Result<Kept, StoreError>;

    /// The identity that a provider knows by that subject.
    async fn identity(&self, provider: &str, subject: &str)
    -> Result<Option<Identity>, StoreError>;

    /// The identities of a person, in order of their provider and subject.
    async fn identities(&self, person: &PersonId) -> Result<Vec<Identity>, StoreError>;

    /// Adds an identity, or sets its secret anew. `false` where it is another person's or there is
    /// no such person.
    async fn put_identity(&self, identity: &Identity) -> Result<bool, StoreError>;
}

pub(crate) const INSERT: Sql = sql(
    "person",
    "INSERT INTO people (id, login, role, disabled_at, body) VALUES ($1, $2, $3, $4, $5)",
);
const ALL: Sql = sql("person", "SELECT body FROM people");
const BY_ID: Sql = sql("person", "SELECT body FROM people WHERE id = $1");
const LOCK: Sql = sql(
    "person",
    "UPDATE people SET login = login WHERE role = 'admin' AND disabled_at IS NULL",
);
const OTHER_ADMIN: Sql = sql(
    "person",
    "SELECT id FROM people WHERE id <> $1 AND role = 'admin' AND disabled_at IS NULL",
);
const UPDATE: Sql = sql(
    "person",
    "UPDATE people SET login = $2, role = $3, disabled_at = $4, body = $5 WHERE id = $1",
);
const SIGN_OUT: Sql = sql("session", "DELETE FROM sessions WHERE person = $1");
pub(crate) const PUT_IDENTITY: Sql = sql(
    "identity",
    "INSERT INTO identities (provider, subject, person, secret, changed_at)
     SELECT $1, $2, id, $4, $5 FROM people WHERE id = $3
     ON CONFLICT (provider, subject) DO UPDATE SET
         secret = excluded.secret, changed_at = excluded.changed_at
     WHERE identities.person = excluded.person",
);
const IDENTITY: Sql = sql(
    "identity",
    "SELECT provider, subject, person, secret, changed_at FROM identities
     WHERE provider = $1 AND subject = $2",
);
const IDENTITIES: Sql = sql(
    "identity",
    "SELECT provider, subject, person, secret, changed_at FROM identities WHERE person = $1",
);

/// Columns in the order of the statements.
pub(crate) fn columns(person: &Person) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        plain("person id", &person.id.0)?.into(),
        plain("login", &person.login)?.into(),
        person.role.name().into(),
        person.disabled_at.map(Timestamp::millis).into(),
        json("person", person)?.into(),
    ])
}

pub(crate) fn identity_columns(identity: &Identity) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        plain("provider of an identity", &identity.provider)?.into(),
        plain("subject of an identity", &identity.subject)?.into(),
        identity.person.0.as_str().into(),
        identity.secret.as_str().into(),
        identity.changed_at.millis().into(),
    ])
}

pub(crate) fn taken(person: &Person, error: StoreError) -> StoreError {
    if error.is_taken() {
        StoreError::conflict("login", &person.login)
    } else {
        error
    }
}

fn identity(row: &Row) -> Result<Identity, StoreError> {
    Ok(Identity {
        provider: row.text(0)?.to_owned(),
        subject: row.text(1)?.to_owned(),
        person: PersonId(row.text(2)?.to_owned()),
        secret: row.text(3)?.to_owned(),
        changed_at: Timestamp::from_millis(row.int(4)?),
    })
}

#[async_trait]
impl Accounts for Database {
    async fn create_person(&self, person: &Person, identity: &Identity) -> Result<(), StoreError> {
        let mut tx = self.driver.write().await?;
        let inserted = tx.execute(INSERT, columns(person)?).await;
        inserted.map_err(|e| taken(person, e))?;
        let written = tx
            .execute(PUT_IDENTITY, identity_columns(identity)?)
            .await?;
        if written == 0 {
            return Err(StoreError::conflict("login", &identity.subject));
        }
        tx.commit().await
    }

    async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let rows = self.driver.fetch(ALL, Vec::new()).await?;
        let mut people: Vec<Person> = rows
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        // Not by the database, whose order of texts depends on its locale.
        people.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(people)
    }

    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError> {
        let row = self.fetch_one(BY_ID, vec![id.0.as_str().into()]).await?;
        row.map(|row| row.json(0)).transpose()
    }

    async fn update_person(&self, person: &Person) -> Result<Kept, StoreError> {
        let mut tx = self.driver.write().await?;
        let id: Value = person.id.0.as_str().into();
        let before = tx.fetch(BY_ID, vec![id.clone()]).await?;
        let Some(before) = before.first() else {
            return Ok(Kept::Nobody);
        };
        let before: Person = before.json(0)?;
        let manages = |p: &Person| p.is_active() && p.role == Role::Admin;
        if manages(&before) && !manages(person) {
            // Of two who take each other's rights away at the same time, the second waits here.
            tx.execute(LOCK, Vec::new()).await?;
            if tx.fetch(OTHER_ADMIN, vec![id.clone()]).await?.is_empty() {
                return Ok(Kept::LastAdmin);
            }
        }
        let updated = tx.execute(UPDATE, columns(person)?).await;
        updated.map_err(|e| taken(person, e))?;
        if !person.is_active() {
            tx.execute(SIGN_OUT, vec![id]).await?;
        }
        tx.commit().await?;
        Ok(Kept::Changed)
    }

    async fn identity(
        &self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<Identity>, StoreError> {
        let args = vec![provider.into(), subject.into()];
        let row = self.fetch_one(IDENTITY, args).await?;
        row.as_ref().map(identity).transpose()
    }

    async fn identities(&self, person: &PersonId) -> Result<Vec<Identity>, StoreError> {
        let args = vec![person.0.as_str().into()];
        let rows = self.driver.fetch(IDENTITIES, args).await?;
        let mut all: Vec<Identity> = rows.iter().map(identity).collect::<Result<_, _>>()?;
        all.sort_by(|a, b| (&a.provider, &a.subject).cmp(&(&b.provider, &b.subject)));
        Ok(all)
    }

    async fn put_identity(&self, identity: &Identity) -> Result<bool, StoreError> {
        let args = identity_columns(identity)?;
        Ok(self.write(PUT_IDENTITY, args).await? > 0)
    }
}
