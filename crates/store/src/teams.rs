//! Teams and their members.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::plain,
};
use async_trait::async_trait;
use model::{
    Timestamp,
    person::{PersonId, Team, TeamId},
};

/// Teams by id.
#[async_trait]
pub trait Teams {
    /// Stores a new team with its members, or gives one another name (its members stay).
    /// [`StoreError::Conflict`] where the name is taken.
    async fn put_team(&self, team: &Team) -> Result<(), StoreError>;

    /// Every team with its members, in order of their names.
    async fn teams(&self) -> Result<Vec<Team>, StoreError>;

    /// Removes a team; `false` where there is none. [`StoreError::Conflict`] where incidents belong
    /// to it: they have to be given to another first.
    async fn delete_team(&self, id: &TeamId) -> Result<bool, StoreError>;

    /// Makes a person a member, who may be one already; `false` where there is no such team or
    /// person.
    async fn add_member(&self, team: &TeamId, person: &PersonId) -> Result<bool, StoreError>;

    /// Makes a person a member no more; `false` where they were none.
    async fn remove_member(&self, team: &TeamId, person: &PersonId) -> Result<bool, StoreError>;
}

const PUT: Sql = sql(
    "team",
    "INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name",
);
const ALL: Sql = sql(
    "team",
    "SELECT t.id, t.name, t.created_at, m.person FROM teams t
     LEFT JOIN members m ON m.team = t.id",
);
const OWNS: Sql = sql("team", "SELECT COUNT(*) FROM ownerships WHERE team = $1");
const DELETE: Sql = sql("team", "DELETE FROM teams WHERE id = $1");
pub(crate) const ADD_MEMBER: Sql = sql(
    "member",
    "INSERT INTO members (team, person)
     SELECT t.id, p.id FROM teams t, people p WHERE t.id = $1 AND p.id = $2
     ON CONFLICT (team, person) DO UPDATE SET person = excluded.person",
);
const REMOVE_MEMBER: Sql = sql(
    "member",
    "DELETE FROM members WHERE team = $1 AND person = $2",
);

#[async_trait]
impl Teams for Database {
    async fn put_team(&self, team: &Team) -> Result<(), StoreError> {
        let args = vec![
            plain("team id", &team.id.0)?.into(),
            plain("name of a team", &team.name)?.into(),
            team.created_at.millis().into(),
        ];
        let mut tx = self.driver.write().await?;
        match tx.execute(PUT, args).await {
            Err(e) if e.is_taken() => return Err(StoreError::conflict("team", &team.name)),
            done => done?,
        };
        for person in &team.members {
            let args = vec![team.id.0.as_str().into(), person.0.as_str().into()];
            tx.execute(ADD_MEMBER, args).await?;
        }
        tx.commit().await
    }

    async fn teams(&self) -> Result<Vec<Team>, StoreError> {
        let rows = self.driver.fetch(ALL, Vec::new()).await?;
        let mut teams: Vec<Team> = Vec::new();
        for row in &rows {
            let id = TeamId(row.text(0)?.to_owned());
            let member = row.maybe_text(3)?.map(|id| PersonId(id.to_owned()));
            if let Some(team) = teams.iter_mut().find(|team| team.id == id) {
                team.members.extend(member);
                continue;
            }
            teams.push(Team {
                id,
                name: row.text(1)?.to_owned(),
                members: member.into_iter().collect(),
                created_at: Timestamp::from_millis(row.int(2)?),
            });
        }
        for team in &mut teams {
            team.members.sort();
        }
        teams.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(teams)
    }

    async fn delete_team(&self, id: &TeamId) -> Result<bool, StoreError> {
        let mut tx = self.driver.write().await?;
        let rows = tx.fetch(OWNS, vec![id.0.as_str().into()]).await?;
        let owned = rows.first().map_or(Ok(0), |row| row.count(0))?;
        if owned > 0 {
            return Err(StoreError::conflict("incident of team", id));
        }
        let deleted = tx.execute(DELETE, vec![id.0.as_str().into()]).await;
        let deleted = match deleted {
            // It was given one in between.
            Err(e) if e.is_orphan() => return Err(StoreError::conflict("incident of team", id)),
            deleted => deleted?,
        };
        tx.commit().await?;
        Ok(deleted > 0)
    }

    async fn add_member(&self, team: &TeamId, person: &PersonId) -> Result<bool, StoreError> {
        let args = vec![team.0.as_str().into(), person.0.as_str().into()];
        Ok(self.write(ADD_MEMBER, args).await? > 0)
    }

    async fn remove_member(&self, team: &TeamId, person: &PersonId) -> Result<bool, StoreError> {
        let args = vec![team.0.as_str().into(), person.0.as_str().into()];
        Ok(self.write(REMOVE_MEMBER, args).await? > 0)
    }
}
