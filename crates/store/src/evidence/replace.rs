//! What came from one raw file, put in the place of what came from it before.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Transaction, Value, sql},
    record::plain,
    revisions::Part,
};
use model::{Batch, IncidentId, Provenance};
use std::collections::BTreeSet;

const PROVENANCE: Sql = sql(
    "provenance",
    "SELECT digest, body FROM provenance WHERE incident = $1 ORDER BY position",
);
const DROP_PROVENANCE: Sql = sql(
    "provenance",
    "DELETE FROM provenance WHERE incident = $1 AND digest = $2",
);
const DROP_SERIES: Sql = sql(
    "series",
    "DELETE FROM series WHERE incident = $1 AND series_id = $2",
);
/// Events of the file have its path, `#` and a line as their id; `$2` is path and `#`. The path of
/// another file may begin alike and hold a `#` too.
const DROP_EVENTS: Sql = sql(
    "event",
    "DELETE FROM events WHERE incident = $1 AND substr(id, 1, length($2)) = $2
     AND substr(id, length($2) + 1) NOT LIKE '%#%'",
);

impl Database {
    pub(super) async fn replace(
        &self,
        incident: &IncidentId,
        files: &[(&str, &Batch)],
    ) -> Result<(), StoreError> {
        let mut tx = self.driver.write().await?;
        let id: Value = incident.0.as_str().into();
        let lock = self.driver.dialect().lock_incident;
        if tx.fetch(lock, vec![id.clone()]).await?.is_empty() {
            return Err(StoreError::missing("incident", incident));
        }
        for (path, batch) in files {
            drop_derived(&mut *tx, &id, plain("file path", path)?).await?;
            self.write_batch(&mut *tx, incident, batch).await?;
        }
        Self::touch(&mut *tx, incident, Part::Evidence).await?;
        tx.commit().await?;
        self.tell(incident);
        Ok(())
    }
}

/// Series that another answer of a source has too stay: they were not this file's alone.
async fn drop_derived(
    tx: &mut dyn Transaction,
    incident: &Value,
    path: &str,
) -> Result<(), StoreError> {
    let (mut own, mut others) = (BTreeSet::new(), BTreeSet::new());
    for row in tx.fetch(PROVENANCE, vec![incident.clone()]).await? {
        let provenance: Provenance = row.json(1)?;
        if provenance.query == path {
            own.extend(provenance.series);
            let args = vec![incident.clone(), row.text(0)?.into()];
            tx.execute(DROP_PROVENANCE, args).await?;
        } else {
            others.extend(provenance.series);
        }
    }
    for series in own.difference(&others) {
        let args = vec![incident.clone(), series.as_str().into()];
        tx.execute(DROP_SERIES, args).await?;
    }
    let args = vec![incident.clone(), format!("{path}#").into()];
    tx.execute(DROP_EVENTS, args).await.map(drop)
}
