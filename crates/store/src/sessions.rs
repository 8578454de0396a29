//! Who is signed in where. Only hashes of the tokens are stored.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    record::{plain, token_hash},
};
use async_trait::async_trait;
use model::{
    Timestamp,
    person::{Person, PersonId, Session, TeamId},
};

/// A session, whose it is, and the teams that they are in.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub person: Person,
    /// Their teams.
    pub teams: Vec<TeamId>,
}

/// Sessions by the hash of their token, and by person.
#[async_trait]
pub trait Sessions {
    /// Stores a new session. [`StoreError::Missing`] where there is no such person or they may not
    /// sign in any more, [`StoreError::Conflict`] where its id or hash is taken,
    /// [`StoreError::Invalid`] where `token_hash` is no SHA-256 (a token by mistake).
    async fn put_session(&self, session: &Session) -> Result<(), StoreError>;

    /// The session whose token has this SHA-256 (hexadecimal), whether it still holds or not, of a
    /// person who may sign in.
    async fn session_by_hash(&self, token_hash: &str) -> Result<Option<SignedIn>, StoreError>;

    /// The sessions of a person, the newest first.
    async fn sessions(&self, person: &PersonId) -> Result<Vec<Session>, StoreError>;

    /// Notes that a session was used at `at`.
    async fn touch_session(&self, id: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Ends one session of a person; `false` where there was none.
    async fn end_session(&self, person: &PersonId, id: &str) -> Result<bool, StoreError>;

    /// Ends all sessions of a person, but for the one called `but`; how many there were.
    async fn end_sessions(&self, person: &PersonId, but: Option<&str>) -> Result<u64, StoreError>;

    /// Forgets the sessions that had expired before `before`; how many there were.
    async fn sweep_sessions(&self, before: Timestamp) -> Result<u64, StoreError>;
}

const INSERT: Sql = sql(
    "session",
    "INSERT INTO sessions (id, token_hash, person, created_at, seen_at, expires_at, about)
     SELECT $1, $2, id, $4, $5, $6, $7 FROM people WHERE id = $3 AND disabled_at IS NULL",
);
const BY_HASH: Sql = sql(
    "session",
    "SELECT s.id, s.token_hash, s.person, s.created_at, s.seen_at, s.expires_at, s.about,
            p.body, m.team
     FROM sessions s
     JOIN people p ON p.id = s.person
     LEFT JOIN members m ON m.person = s.person
     WHERE s.token_hash = $1 AND p.disabled_at IS NULL",
);
const OF_PERSON: Sql = sql(
    "session",
    "SELECT id, token_hash, person, created_at, seen_at, expires_at, about FROM sessions
     WHERE person = $1 ORDER BY created_at DESC, id",
);
const TOUCH: Sql = sql(
    "session",
    "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2",
);
const END: Sql = sql(
    "session",
    "DELETE FROM sessions WHERE person = $1 AND id = $2",
);
const END_ALL: Sql = sql(
    "session",
    "DELETE FROM sessions WHERE person = $1 AND id <> $2",
);
const SWEEP: Sql = sql("session", "DELETE FROM sessions WHERE expires_at < $1");

fn session(row: &Row) -> Result<Session, StoreError> {
    let time = |column| Ok::<_, StoreError>(Timestamp::from_millis(row.int(column)?));
    Ok(Session {
        id: row.text(0)?.to_owned(),
        token_hash: row.text(1)?.to_owned(),
        person: PersonId(row.text(2)?.to_owned()),
        created_at: time(3)?,
        seen_at: time(4)?,
        expires_at: time(5)?,
        about: row.text(6)?.to_owned(),
    })
}

#[async_trait]
impl Sessions for Database {
    async fn put_session(&self, session: &Session) -> Result<(), StoreError> {
        // PostgreSQL's text has no place for U+0000, and this one comes from a header.
        let about = session.about.replace('\0', "\u{fffd}");
        let args = vec![
            plain("session id", &session.id)?.into(),
            token_hash("session", &session.token_hash)?.into(),
            session.person.0.as_str().into(),
            session.created_at.millis().into(),
            session.seen_at.millis().into(),
            session.expires_at.millis().into(),
            about.into(),
        ];
        match self.write(INSERT, args).await {
            Ok(0) => Err(StoreError::missing("person", &session.person)),
            Ok(_) => Ok(()),
            Err(e) if e.is_taken() => Err(StoreError::conflict("session", &session.id)),
            Err(e) => Err(e),
        }
    }

    async fn session_by_hash(&self, token_hash: &str) -> Result<Option<SignedIn>, StoreError> {
        let rows = self.driver.fetch(BY_HASH, vec![token_hash.into()]).await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let mut teams = Vec::new();
        for row in &rows {
            teams.extend(row.maybe_text(8)?.map(|team| TeamId(team.to_owned())));
        }
        teams.sort();
        Ok(Some(SignedIn {
            session: session(first)?,
            person: first.json(7)?,
            teams,
        }))
    }

    async fn sessions(&self, person: &PersonId) -> Result<Vec<Session>, StoreError> {
        let args = vec![person.0.as_str().into()];
        let rows = self.driver.fetch(OF_PERSON, args).await?;
        rows.iter().map(session).collect()
    }

    async fn touch_session(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        let args = vec![id.into(), at.millis().into()];
        self.write(TOUCH, args).await.map(drop)
    }

    async fn end_session(&self, person: &PersonId, id: &str) -> Result<bool, StoreError> {
        let args = vec![person.0.as_str().into(), id.into()];
        Ok(self.write(END, args).await? > 0)
    }

    async fn end_sessions(&self, person: &PersonId, but: Option<&str>) -> Result<u64, StoreError> {
        // No session has an empty id.
        let args = vec![person.0.as_str().into(), but.unwrap_or_default().into()];
        self.write(END_ALL, args).await
    }

    async fn sweep_sessions(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(SWEEP, vec![before.millis().into()]).await
    }
}
