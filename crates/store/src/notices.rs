//! The outbox: what is to be told outside. It lives in the database, so that a restart loses nothing and of
//! several processes one sends.

use crate::{
    StoreError, actions,
    database::Database,
    driver::{Row, Sql, Transaction, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{
    ActionItem, IncidentId, Timestamp,
    notice::{Notice, Outgoing},
};

/// Notices by id.
#[async_trait]
pub trait Notices {
    /// Keeps notices, to be sent from now on; those whose id is known stay as they are. Those of an
    /// incident that is not there are left out. Returns how many are new.
    async fn put_notices(&self, notices: &[Notice]) -> Result<u64, StoreError>;

    /// [`crate::Actions::put_action`] and [`Notices::put_notices`] in one: both or neither.
    async fn put_action_telling(
        &self,
        incident: &IncidentId,
        action: &ActionItem,
        notices: &[Notice],
    ) -> Result<(), StoreError>;

    /// Takes the notice that is due for longest. Nobody else gets it before `until`; whoever took it says
    /// by then what became of it, or it is due again.
    async fn take_notice(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError>;

    /// A notice was delivered at `at`; `false` where there is none such, or it was before.
    async fn notice_sent(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// An attempt failed: it is tried again at `next`, or not any more. `false` where there is none such, or
    /// it was delivered.
    async fn notice_failed(
        &self,
        id: &str,
        error: &str,
        next: Option<Timestamp>,
    ) -> Result<bool, StoreError>;

    /// Notices of an incident in order of what they tell of, the delivered ones as well.
    async fn notices(&self, incident: &IncidentId) -> Result<Vec<Outgoing>, StoreError>;
}

const INSERT: Sql = sql(
    "notice",
    "INSERT INTO notices (id, incident, next_ms, body)
     SELECT $1, id, $3, $4 FROM incidents WHERE id = $2 AND archive IS NULL
     ON CONFLICT (id) DO NOTHING",
);
/// The outer condition is looked at again by whoever had to wait for the row: of two one takes it.
const TAKE: Sql = sql(
    "notice",
    "UPDATE notices SET next_ms = $2, attempts = attempts + 1
     WHERE next_ms <= $1 AND id =
         (SELECT id FROM notices WHERE next_ms <= $1 ORDER BY next_ms, id LIMIT 1)
     RETURNING body, attempts, next_ms, sent_ms, error",
);
const SENT: Sql = sql(
    "notice",
    "UPDATE notices SET sent_ms = $2, next_ms = NULL, error = '' WHERE id = $1 AND sent_ms IS NULL",
);
const FAILED: Sql = sql(
    "notice",
    "UPDATE notices SET error = $2, next_ms = $3 WHERE id = $1 AND sent_ms IS NULL",
);
const OF_INCIDENT: Sql = sql(
    "notice",
    "SELECT body, attempts, next_ms, sent_ms, error FROM notices WHERE incident = $1",
);

fn outgoing(row: &Row) -> Result<Outgoing, StoreError> {
    let time = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    Ok(Outgoing {
        notice: row.json(0)?,
        attempts: u32::try_from(row.count(1)?).unwrap_or(u32::MAX),
        next_at: time(row.maybe_int(2)?),
        sent_at: time(row.maybe_int(3)?),
        error: row.text(4)?.to_owned(),
    })
}

async fn insert(tx: &mut dyn Transaction, notices: &[Notice]) -> Result<u64, StoreError> {
    let mut new = 0;
    for notice in notices {
        let args = vec![
            plain("notice id", &notice.id)?.into(),
            notice.incident.0.as_str().into(),
            notice.at.millis().into(),
            json("notice", notice)?.into(),
        ];
        new += tx.execute(INSERT, args).await?;
    }
    Ok(new)
}

#[async_trait]
impl Notices for Database {
    async fn put_notices(&self, notices: &[Notice]) -> Result<u64, StoreError> {
        if notices.is_empty() {
            return Ok(0);
        }
        let mut tx = self.driver.write().await?;
        let new = insert(&mut *tx, notices).await?;
        tx.commit().await?;
        Ok(new)
    }

    async fn put_action_telling(
        &self,
        incident: &IncidentId,
        action: &ActionItem,
        notices: &[Notice],
    ) -> Result<(), StoreError> {
        let args = actions::columns(incident, action)?;
        let mut tx = self.driver.write().await?;
        if tx.execute(actions::PUT, args).await? == 0 {
            return Err(StoreError::missing("incident", incident));
        }
        Self::touch(&mut *tx, incident, Part::Notes).await?;
        insert(&mut *tx, notices).await?;
        tx.commit().await?;
        self.tell(incident);
        Ok(())
    }

    async fn take_notice(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError> {
        let args = vec![now.millis().into(), until.millis().into()];
        let row = self.write_returning(TAKE, args).await?;
        row.as_ref().map(outgoing).transpose()
    }

    async fn notice_sent(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let args = vec![id.into(), at.millis().into()];
        Ok(self.write(SENT, args).await? > 0)
    }

    async fn notice_failed(
        &self,
        id: &str,
        error: &str,
        next: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let args = vec![
            id.into(),
            error.replace('\0', "").into(),
            next.map(Timestamp::millis).into(),
        ];
        Ok(self.write(FAILED, args).await? > 0)
    }

    async fn notices(&self, incident: &IncidentId) -> Result<Vec<Outgoing>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        let mut all: Vec<Outgoing> = rows.iter().map(outgoing).collect::<Result<_, _>>()?;
        all.sort_by(|a, b| (a.notice.at, &a.notice.id).cmp(&(b.notice.at, &b.notice.id)));
        Ok(all)
    }
}
