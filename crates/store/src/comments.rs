//! Threads of comments.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Value, sql},
    record::{json, plain},
};
use async_trait::async_trait;
use model::{
    IncidentId,
    review::comment::{Comment, Thread},
};
use std::collections::BTreeMap;

/// Threads by incident and id, each with its comments. A comment is never changed nor removed.
#[async_trait]
pub trait Comments {
    /// Threads of an incident in order of their beginning, then of their id; comments in order of
    /// time.
    async fn threads(&self, incident: &IncidentId) -> Result<Vec<Thread>, StoreError>;

    /// Stores a thread, in the place of the one with the same id if there is one, together with those
    /// of its comments that are not there yet. [`StoreError::Missing`] where there is no such
    /// incident.
    async fn put_thread(&self, incident: &IncidentId, thread: &Thread) -> Result<(), StoreError>;

    /// Adds a comment to a thread; `false` where there is no such thread.
    async fn add_comment(
        &self,
        incident: &IncidentId,
        thread: &str,
        comment: &Comment,
    ) -> Result<bool, StoreError>;
}

const PUT: Sql = sql(
    "thread",
    "INSERT INTO threads (incident, id, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident, id) DO UPDATE SET body = excluded.body",
);
const ADD: Sql = sql(
    "comment",
    "INSERT INTO comments (incident, thread, id, at, body)
     SELECT incident, id, $3, $4, $5 FROM threads WHERE incident = $1 AND id = $2
     ON CONFLICT (incident, thread, id) DO NOTHING",
);
const THREADS: Sql = sql("thread", "SELECT body FROM threads WHERE incident = $1");
const COMMENTS: Sql = sql(
    "comment",
    "SELECT thread, body FROM comments WHERE incident = $1 ORDER BY at, id",
);

/// Columns in the order of [`ADD`].
fn columns(
    incident: &IncidentId,
    thread: &str,
    comment: &Comment,
) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        incident.0.as_str().into(),
        thread.into(),
        plain("comment id", &comment.id)?.into(),
        comment.at.millis().into(),
        json("comment", comment)?.into(),
    ])
}

#[async_trait]
impl Comments for Database {
    async fn threads(&self, incident: &IncidentId) -> Result<Vec<Thread>, StoreError> {
        let of = || vec![incident.0.as_str().into()];
        let mut tx = self.driver.snapshot().await?;
        let threads = tx.fetch(THREADS, of()).await?;
        let comments = tx.fetch(COMMENTS, of()).await?;
        let mut said: BTreeMap<&str, Vec<Comment>> = BTreeMap::new();
        for row in &comments {
            said.entry(row.text(0)?).or_default().push(row.json(1)?);
        }
        let mut all: Vec<Thread> = threads
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        for thread in &mut all {
            thread.comments = said.remove(thread.id.as_str()).unwrap_or_default();
        }
        all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(all)
    }

    async fn put_thread(&self, incident: &IncidentId, thread: &Thread) -> Result<(), StoreError> {
        let args = vec![
            incident.0.as_str().into(),
            plain("thread id", &thread.id)?.into(),
            json("thread", thread)?.into(),
        ];
        let mut tx = self.driver.write().await?;
        let put = tx.execute(PUT, args).await;
        if put.map_err(|e| e.orphan_of(incident))? == 0 {
            return Err(StoreError::missing("incident", incident));
        }
        for comment in &thread.comments {
            tx.execute(ADD, columns(incident, &thread.id, comment)?)
                .await?;
        }
        tx.commit().await
    }

    async fn add_comment(
        &self,
        incident: &IncidentId,
        thread: &str,
        comment: &Comment,
    ) -> Result<bool, StoreError> {
        let args = columns(incident, thread, comment)?;
        Ok(self.write(ADD, args).await? > 0)
    }
}
