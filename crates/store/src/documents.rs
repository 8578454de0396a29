//! What people wrote into postmortems: section by section, every state kept.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, Transaction, Value, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{Document, IncidentId, document::DocumentSection};

/// Documents by incident. A section's state of the highest revision is the one that stands; none is
/// ever changed or removed.
#[async_trait]
pub trait Documents {
    /// The document of an incident as it stands, without its history; an empty one where nobody wrote
    /// anything.
    async fn document(&self, incident: &IncidentId) -> Result<Document, StoreError>;

    /// The document with every state that its sections ever had.
    async fn whole_document(&self, incident: &IncidentId) -> Result<Document, StoreError>;

    /// Keeps which template the document follows: [`Document::template`] and [`Document::layout`],
    /// and fields of later versions. [`StoreError::Missing`] where there is no such incident.
    async fn put_template(
        &self,
        incident: &IncidentId,
        document: &Document,
    ) -> Result<(), StoreError>;

    /// Adds states of sections, all of them or none. [`StoreError::Conflict`] where one of them has
    /// that revision already: somebody else was quicker, and nobody's words go over another's.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn add_sections(
        &self,
        incident: &IncidentId,
        sections: &[DocumentSection],
    ) -> Result<(), StoreError>;

    /// Every state that a section ever had, the newest first.
    async fn section_history(
        &self,
        incident: &IncidentId,
        section: &str,
    ) -> Result<Vec<DocumentSection>, StoreError>;

    /// A state of a section.
    async fn section_at(
        &self,
        incident: &IncidentId,
        section: &str,
        revision: u64,
    ) -> Result<Option<DocumentSection>, StoreError>;
}

const PUT: Sql = sql(
    "document",
    "INSERT INTO documents (incident, body)
     SELECT id, $2 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET body = excluded.body",
);
const OF_INCIDENT: Sql = sql("document", "SELECT body FROM documents WHERE incident = $1");
const ADD: Sql = sql(
    "section",
    "INSERT INTO document_sections (incident, section, revision, body)
     SELECT id, $2, $3, $4 FROM incidents WHERE id = $1 AND archive IS NULL",
);
const CURRENT: Sql = sql(
    "section",
    "SELECT body FROM document_sections AS s WHERE incident = $1 AND revision =
         (SELECT MAX(revision) FROM document_sections WHERE incident = s.incident AND section = s.section)
     ORDER BY section",
);
const EVERY: Sql = sql(
    "section",
    "SELECT body FROM document_sections WHERE incident = $1 ORDER BY section, revision",
);
const HISTORY: Sql = sql(
    "section",
    "SELECT body FROM document_sections WHERE incident = $1 AND section = $2 ORDER BY revision DESC",
);
const AT: Sql = sql(
    "section",
    "SELECT body FROM document_sections WHERE incident = $1 AND section = $2 AND revision = $3",
);

/// The record without the sections, which have rows of their own.
fn head(document: &Document) -> Document {
    Document {
        sections: Vec::new(),
        history: Vec::new(),
        ..document.clone()
    }
}

fn columns(incident: &IncidentId, section: &DocumentSection) -> Result<Vec<Value>, StoreError> {
    let revision = i64::try_from(section.revision)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| StoreError::Invalid {
            what: format!("section {}", section.id),
            reason: "its revision is not at least 1".to_owned(),
        })?;
    Ok(vec![
        incident.0.as_str().into(),
        plain("section id", &section.id)?.into(),
        revision.into(),
        json("section", section)?.into(),
    ])
}

/// Stores a whole document inside of a transaction: what an import brings.
pub(crate) async fn import(
    tx: &mut dyn Transaction,
    incident: &IncidentId,
    document: &Document,
) -> Result<(), StoreError> {
    let args = vec![
        incident.0.as_str().into(),
        json("document", &head(document))?.into(),
    ];
    tx.execute(PUT, args).await?;
    for section in document.states() {
        tx.execute(ADD, columns(incident, section)?).await?;
    }
    Ok(())
}

fn sections(rows: &[Row]) -> Result<Vec<DocumentSection>, StoreError> {
    rows.iter().map(|row| row.json(0)).collect()
}

#[async_trait]
impl Documents for Database {
    async fn document(&self, incident: &IncidentId) -> Result<Document, StoreError> {
        // One moment: a section is never newer than the template that it follows.
        let mut tx = self.driver.snapshot().await?;
        let args = || vec![incident.0.as_str().into()];
        let head = tx.fetch(OF_INCIDENT, args()).await?;
        let mut document: Document = match head.first() {
            Some(row) => row.json(0)?,
            None => Document::default(),
        };
        document.sections = sections(&tx.fetch(CURRENT, args()).await?)?;
        Ok(document)
    }

    async fn whole_document(&self, incident: &IncidentId) -> Result<Document, StoreError> {
        let mut document = self.document(incident).await?;
        let args = vec![incident.0.as_str().into()];
        let every = sections(&self.driver.fetch(EVERY, args).await?)?;
        let stands = |s: &DocumentSection| {
            let of = document.section(&s.id);
            of.is_some_and(|of| of.revision <= s.revision)
        };
        document.history = every.into_iter().filter(|s| !stands(s)).collect();
        Ok(document)
    }

    async fn put_template(
        &self,
        incident: &IncidentId,
        document: &Document,
    ) -> Result<(), StoreError> {
        let args = vec![
            incident.0.as_str().into(),
            json("document", &head(document))?.into(),
        ];
        self.write_part_of(incident, Part::Notes, PUT, args).await
    }

    async fn add_sections(
        &self,
        incident: &IncidentId,
        sections: &[DocumentSection],
    ) -> Result<(), StoreError> {
        if sections.is_empty() {
            return Ok(());
        }
        let mut tx = self.driver.write().await?;
        for section in sections {
            let added = tx.execute(ADD, columns(incident, section)?).await;
            let added = added.map_err(|e| {
                if e.is_taken() {
                    let what = format!("revision {} of section", section.revision);
                    StoreError::conflict(&what, &section.id)
                } else {
                    e.orphan_of(incident)
                }
            })?;
            if added == 0 {
                return Err(StoreError::missing("incident", incident));
            }
        }
        Self::touch(&mut *tx, incident, Part::Notes).await?;
        tx.commit().await?;
        self.tell(incident);
        Ok(())
    }

    async fn section_history(
        &self,
        incident: &IncidentId,
        section: &str,
    ) -> Result<Vec<DocumentSection>, StoreError> {
        let args = vec![incident.0.as_str().into(), section.into()];
        sections(&self.driver.fetch(HISTORY, args).await?)
    }

    async fn section_at(
        &self,
        incident: &IncidentId,
        section: &str,
        revision: u64,
    ) -> Result<Option<DocumentSection>, StoreError> {
        let Ok(revision) = i64::try_from(revision) else {
            return Ok(None);
        };
        let args = vec![incident.0.as_str().into(), section.into(), revision.into()];
        let row = self.fetch_one(AT, args).await?;
        row.map(|row| row.json(0)).transpose()
    }
}
