//! Whose incidents are, and who may see them. Apart from the incident itself, so that a job that
//! writes an incident back as it read it can never open a private one again, and so that neither
//! bundle nor share link carries it.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    revisions::Part,
};
use async_trait::async_trait;
use model::{
    IncidentId,
    person::{Owned, Ownership, TeamId},
};

/// Ownerships by incident.
#[async_trait]
pub trait Ownerships {
    /// Whose an incident is; also of one that is not there, which is nobody's.
    async fn ownership(&self, incident: &IncidentId) -> Result<Ownership, StoreError>;

    /// Every incident that is somebody's.
    async fn ownerships(&self) -> Result<Vec<Owned>, StoreError>;

    /// Says whose an incident is. It counts as a change of the incident, so that whoever follows it
    /// is asked anew whether they may. [`StoreError::Missing`] where there is no such incident or
    /// team, [`StoreError::Invalid`] where it is private and nobody's.
    async fn set_ownership(
        &self,
        incident: &IncidentId,
        ownership: &Ownership,
    ) -> Result<(), StoreError>;

    /// The incident that a share link opens, by the link's id.
    async fn incident_of_share(&self, share: &str) -> Result<Option<IncidentId>, StoreError>;
}

const OF_INCIDENT: Sql = sql(
    "ownership",
    "SELECT incident, team, private FROM ownerships WHERE incident = $1",
);
const ALL: Sql = sql(
    "ownership",
    "SELECT incident, team, private FROM ownerships",
);
const PUT: Sql = sql(
    "ownership",
    "INSERT INTO ownerships (incident, team, private)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET team = excluded.team, private = excluded.private",
);
const OF_SHARE: Sql = sql("share link", "SELECT incident FROM shares WHERE id = $1");

fn owned(row: &Row) -> Result<Owned, StoreError> {
    let ownership = Ownership {
        team: row.maybe_text(1)?.map(|id| TeamId(id.to_owned())),
        private: row.int(2)? != 0,
    };
    Ok((IncidentId(row.text(0)?.to_owned()), ownership))
}

#[async_trait]
impl Ownerships for Database {
    async fn ownership(&self, incident: &IncidentId) -> Result<Ownership, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let row = self.fetch_one(OF_INCIDENT, args).await?;
        Ok(row.as_ref().map(owned).transpose()?.unwrap_or_default().1)
    }

    async fn ownerships(&self) -> Result<Vec<Owned>, StoreError> {
        let rows = self.driver.fetch(ALL, Vec::new()).await?;
        rows.iter().map(owned).collect()
    }

    async fn set_ownership(
        &self,
        incident: &IncidentId,
        ownership: &Ownership,
    ) -> Result<(), StoreError> {
        if ownership.private && ownership.team.is_none() {
            return Err(StoreError::Invalid {
                what: "ownership".to_owned(),
                reason: "a private incident needs a team, or nobody could see it".to_owned(),
            });
        }
        let team = ownership.team.as_ref();
        let args = vec![
            incident.0.as_str().into(),
            team.map(|team| team.0.as_str()).into(),
            i64::from(ownership.private).into(),
        ];
        match self.write_part(incident, Part::Evidence, PUT, args).await {
            Ok(0) => Err(StoreError::missing("incident", incident)),
            Ok(_) => Ok(()),
            Err(e) if e.is_orphan() => Err(StoreError::missing(
                "team",
                team.map_or("", |team| team.0.as_str()),
            )),
            Err(e) => Err(e),
        }
    }

    async fn incident_of_share(&self, share: &str) -> Result<Option<IncidentId>, StoreError> {
        let row = self.fetch_one(OF_SHARE, vec![share.into()]).await?;
        row.map(|row| Ok(IncidentId(row.text(0)?.to_owned())))
            .transpose()
    }
}
