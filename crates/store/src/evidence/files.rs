//! Raw files: kept byte for byte, in pieces.
//!
//! A statement and its arguments are copied by the driver and by the database, several times. A file
//! may have 256 MiB, so that it is written and read in pieces, and the file itself is in memory once.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, Transaction, Value, sql},
    record::{json, plain},
};
use model::{IncidentId, bundle::RawFile};

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

const PUT: Sql = sql(
    "file",
    "INSERT INTO files (incident, path, body, content) VALUES ($1, $2, $3, $4)
     ON CONFLICT (incident, path) DO UPDATE SET body = excluded.body, content = excluded.content",
);
const DROP_PARTS: Sql = sql(
    "file",
    "DELETE FROM file_parts WHERE incident = $1 AND path = $2",
);
const PUT_PART: Sql = sql(
    "file",
    "INSERT INTO file_parts (incident, path, position, content) VALUES ($1, $2, $3, $4)",
);
/// Files of an incident, each with the first piece and how many follow.
macro_rules! files {
    ($and:literal) => {
        concat!(
            "SELECT files.body, content, path,
                 (SELECT COUNT(*) FROM file_parts
                  WHERE file_parts.incident = files.incident AND file_parts.path = files.path)
             FROM files JOIN incidents ON incidents.id = files.incident
             WHERE incident = $1 AND archive IS NULL ",
            $and
        )
    };
}
const FILES: Sql = sql("file", files!("ORDER BY path"));
const ONE: Sql = sql("file", files!("AND path = $2"));
const PART: Sql = sql(
    "file",
    "SELECT content FROM file_parts WHERE incident = $1 AND path = $2 AND position = $3",
);
const LIST: Sql = sql(
    "file",
    "SELECT body, CAST(length(content) + COALESCE(
         (SELECT SUM(length(file_parts.content)) FROM file_parts
          WHERE file_parts.incident = files.incident AND file_parts.path = files.path), 0) AS BIGINT)
     FROM files WHERE incident = $1 ORDER BY path",
);

/// Writes a file in the place of one of that path.
pub(crate) async fn write(
    tx: &mut dyn Transaction,
    incident: &IncidentId,
    file: &RawFile,
) -> Result<(), StoreError> {
    let id: Value = incident.0.as_str().into();
    let path = plain("file path", &file.path)?;
    let mut pieces = file.content.chunks(PIECE);
    let first = pieces.next().unwrap_or_default();
    let args = vec![
        id.clone(),
        path.into(),
        json("file", file)?.into(),
        first.to_vec().into(),
    ];
    tx.execute(PUT, args).await?;
    tx.execute(DROP_PARTS, vec![id.clone(), path.into()])
        .await?;
    for (position, piece) in (1_i64..).zip(pieces) {
        let args = vec![
            id.clone(),
            path.into(),
            position.into(),
            piece.to_vec().into(),
        ];
        tx.execute(PUT_PART, args).await?;
    }
    Ok(())
}

/// A file with all its pieces; the row holds the first and says how many follow.
async fn whole(
    tx: &mut dyn Transaction,
    incident: &Value,
    row: &Row,
) -> Result<RawFile, StoreError> {
    let (path, parts) = (row.text(2)?, row.int(3)?);
    let first = row.blob(1)?;
    let further = usize::try_from(parts).unwrap_or_default();
    let mut content = Vec::with_capacity(first.len() + further * PIECE);
    content.extend_from_slice(first);
    for position in 1..=parts {
        let args = vec![incident.clone(), path.into(), position.into()];
        let rows = tx.fetch(PART, args).await?;
        let part = rows
            .first()
            .ok_or_else(|| StoreError::missing("part of file", path))?;
        content.extend_from_slice(part.blob(0)?);
    }
    Ok(RawFile {
        content,
        ..row.json(0)?
    })
}

impl Database {
    /// Every file with its bytes.
    pub(super) async fn whole_files(
        &self,
        incident: &IncidentId,
    ) -> Result<Vec<RawFile>, StoreError> {
        let id: Value = incident.0.as_str().into();
        let mut tx = self.driver.snapshot().await?;
        let mut files = Vec::new();
        for row in tx.fetch(FILES, vec![id.clone()]).await? {
            files.push(whole(&mut *tx, &id, &row).await?);
        }
        Ok(files)
    }

    /// The file of that path with its bytes.
    pub(super) async fn whole_file(
        &self,
        incident: &IncidentId,
        path: &str,
    ) -> Result<Option<RawFile>, StoreError> {
        let id: Value = incident.0.as_str().into();
        let mut tx = self.driver.snapshot().await?;
        let rows = tx.fetch(ONE, vec![id.clone(), path.into()]).await?;
        match rows.first() {
            Some(row) => whole(&mut *tx, &id, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Every file without its bytes, and how many those are.
    pub(super) async fn list_files(
        &self,
        incident: &IncidentId,
    ) -> Result<Vec<(RawFile, u64)>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(LIST, args).await?;
        rows.iter()
            .map(|row| Ok((row.json(0)?, row.count(1)? as u64)))
            .collect()
    }
}
