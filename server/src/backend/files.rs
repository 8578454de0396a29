//! Raw files of an incident: listed, added, and read again when somebody says what they do not.

use super::{ServerBackend, unavailable};
use crate::{case, compute};
use app::{
    ApiError, FieldError,
    backend::{FileAnswer, FileRow},
};
use model::{
    Batch, Evidence, IncidentId, Provenance,
    bundle::{Columns, QuestionField, RawFile},
};
use sources::{
    bundle::limits::{MAX_FILES, MAX_TOTAL_BYTES},
    files::{FileKind, is_copy, is_read_together, kind_of, kind_of_source},
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

impl ServerBackend {
    /// The files of an incident, with what the evidence says of them.
    pub(super) async fn file_rows(
        &self,
        id: &IncidentId,
        evidence: &Evidence,
    ) -> Result<Vec<FileRow>, ApiError> {
        let list = self
            .store
            .file_list(id)
            .await
            .map_err(|e| unavailable(&e))?;
        Ok(list
            .into_iter()
            .map(|(file, bytes)| {
                let of_file = |p: &&Provenance| p.query == file.path;
                let provenance = evidence.provenance.iter().rfind(of_file);
                row(file.clone(), bytes, provenance)
            })
            .collect())
    }

    pub(super) async fn add_raw_files(
        &self,
        id: &IncidentId,
        files: Vec<RawFile>,
    ) -> Result<(), ApiError> {
        self.incident(id).await?;
        let list = self
            .store
            .file_list(id)
            .await
            .map_err(|e| unavailable(&e))?;
        let there: u64 = list.iter().map(|(_, bytes)| bytes).sum();
        let new: u64 = files.iter().map(|f| f.content.len() as u64).sum();
        if list.len() + files.len() > MAX_FILES || there + new > MAX_TOTAL_BYTES {
            return Err(ApiError::Invalid(format!(
                "an incident may have {MAX_FILES} files of {MAX_TOTAL_BYTES} bytes together"
            )));
        }
        let mut taken: Vec<String> = list.into_iter().map(|(file, _)| file.path).collect();
        for mut file in files {
            if self.has_already(id, &file).await? {
                continue;
            }
            file.path = free(&taken, &file.path);
            taken.push(file.path.clone());
            self.read_file(id, file).await?;
        }
        self.conclude(id).await
    }

    /// Whether an incident has a file of that name with the same bytes, and nobody says anything else of this
    /// one: who sends a file again, since an answer was lost, means it once.
    async fn has_already(&self, id: &IncidentId, file: &RawFile) -> Result<bool, ApiError> {
        let list = self.store.file_list(id).await;
        for (other, bytes) in list.map_err(|e| unavailable(&e))? {
            if bytes != file.content.len() as u64 || !is_named_alike(&other.path, &file.path) {
                continue;
            }
            // One that cannot be loaded is none.
            let other = self.store.file(id, &other.path).await.ok().flatten();
            if other.is_some_and(|other| is_copy(file, &other)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn answer_raw_file(
        &self,
        id: &IncidentId,
        answer: FileAnswer,
    ) -> Result<(), ApiError> {
        self.incident(id).await?;
        if let Some(zone) = answer
            .timezone
            .as_deref()
            .filter(|z| !sources::files::is_zone(z))
        {
            let shown: String = zone.chars().take(40).collect();
            return Err(ApiError::Fields(vec![FieldError::new(
                "timezone",
                format!("'{shown}' is no time zone: write UTC, +02:00 or Europe/Berlin"),
            )]));
        }
        let file = self.store.file(id, &answer.path).await;
        let mut file = file
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)?;
        file.observed_at = answer.observed_at;
        file.timezone = answer.timezone;
        file.columns = answer.columns;
        self.read_again(id, file).await?;
        self.conclude(id).await
    }

    /// Reads a file again, and those that share an event with it: all of them or none.
    async fn read_again(&self, id: &IncidentId, file: RawFile) -> Result<(), ApiError> {
        let evidence = self.evidence(id).await?;
        let path = file.path.clone();
        let (sharing, evidence) = compute::run(move || {
            let mut paths = sources::bundle::sharing_events(&evidence, &path);
            paths.insert(path);
            let rest = sources::bundle::without_events_of(evidence, &paths);
            (paths, rest)
        })
        .await;
        let mut files = BTreeMap::from([(file.path.clone(), file)]);
        for path in sharing {
            if let Entry::Vacant(place) = files.entry(path) {
                let other = self.store.file(id, place.key()).await;
                if let Some(other) = other.map_err(|e| unavailable(&e))? {
                    place.insert(other);
                }
            }
        }
        let mut evidence = Arc::new(evidence);
        let mut batches = Vec::new();
        for file in files.into_values() {
            let read = self.read_beside(id, &evidence, file).await?;
            for batch in &read {
                sources::bundle::take_in(Arc::make_mut(&mut evidence), batch);
            }
            batches.extend(read);
        }
        self.replace(id, &batches).await
    }

    async fn evidence(&self, id: &IncidentId) -> Result<Evidence, ApiError> {
        let evidence = self.store.evidence(id).await;
        let evidence = evidence.map_err(|e| unavailable(&e))?;
        evidence.ok_or(ApiError::NotFound)
    }

    /// Reads a file into the incident, in the place of what it had given.
    async fn read_file(&self, id: &IncidentId, file: RawFile) -> Result<(), ApiError> {
        let evidence = Arc::new(self.evidence(id).await?);
        let batches = self.read_beside(id, &evidence, file).await?;
        self.replace(id, &batches).await
    }

    async fn replace(&self, id: &IncidentId, batches: &[Batch]) -> Result<(), ApiError> {
        let path = |batch: &'_ Batch| batch.files.first().map(|file| file.path.clone());
        let paths: Vec<Option<String>> = batches.iter().map(path).collect();
        let files = paths.iter().zip(batches);
        let files: Vec<(&str, &Batch)> = files
            .filter_map(|(path, batch)| Some((path.as_deref()?, batch)))
            .collect();
        let replaced = self.store.replace_files(id, &files).await;
        replaced.map_err(|e| unavailable(&e))
    }

    /// What a file says beside evidence that is there.
    async fn read_beside(
        &self,
        id: &IncidentId,
        evidence: &Arc<Evidence>,
        file: RawFile,
    ) -> Result<Vec<Batch>, ApiError> {
        // A log of 256 MB takes seconds: not on a thread that serves others.
        let (file, together) = compute::run(move || {
            let together = is_read_together(&file.content).then(|| kind_of(&file.content));
            (file, together)
        })
        .await;
        let others = match together {
            Some(kind) => self.others(id, evidence, &file.path, kind).await?,
            None => Vec::new(),
        };
        let path = file.path.clone();
        let evidence = evidence.clone();
        let read = move || sources::bundle::with_file(&evidence, file, others);
        match compute::attempt(read).await {
            Ok(read) => read.map_err(|error| ApiError::Invalid(error.to_string())),
            Err(fault) => Err(ApiError::Fault(format!(
                "Reading {path}, nothing of which was stored: {fault}."
            ))),
        }
    }

    /// The other files that may be of a kind: what is known to be of another one is not even loaded.
    async fn others(
        &self,
        id: &IncidentId,
        evidence: &Evidence,
        path: &str,
        kind: FileKind,
    ) -> Result<Vec<RawFile>, ApiError> {
        let list = self.store.file_list(id).await;
        let mut others = Vec::new();
        for (other, _) in list.map_err(|e| unavailable(&e))? {
            let of_file = |p: &&Provenance| p.query == other.path;
            let said = evidence.provenance.iter().rfind(of_file);
            let known = said.and_then(|p| kind_of_source(&p.source));
            if other.path == path || known.is_some_and(|known| known != kind) {
                continue;
            }
            let file = self.store.file(id, &other.path).await;
            others.extend(file.map_err(|e| unavailable(&e))?);
        }
        Ok(others)
    }

    async fn conclude(&self, id: &IncidentId) -> Result<(), ApiError> {
        let concluded = case::conclude(&*self.store, id, self.clock.now())
            .await
            .map_err(|e| unavailable(&e))?;
        self.cache.forget(id);
        match concluded.and_then(|c| c.failed) {
            None => Ok(()),
            Some(what) => Err(ApiError::Fault(format!(
                "What was read is stored, but of {what}: {}.",
                compute::Fault
            ))),
        }
    }
}

fn row(file: RawFile, bytes: u64, provenance: Option<&Provenance>) -> FileRow {
    let none = Provenance::default();
    let said = provenance.unwrap_or(&none);
    let mut proposed = file.clone();
    for question in &said.questions {
        match question.field {
            QuestionField::ObservedAt => {
                let at = question.proposal.parse().ok();
                // A contradicted observation is asked again: the proposal takes its place.
                proposed.observed_at = at.or(proposed.observed_at);
            }
            QuestionField::Timezone => proposed.timezone = Some(question.proposal.clone()),
            QuestionField::Columns => {
                let columns: Option<Columns> = serde_json::from_str(&question.proposal).ok();
                proposed.columns = columns.or(proposed.columns.take());
            }
        }
    }
    let kind = kind_of_source(&said.source);
    FileRow {
        proposed,
        bytes,
        kind: kind.map_or("a file", FileKind::label).to_owned(),
        series: said.series.len(),
        events: said.events,
        missing: said.gaps.iter().map(|gap| gap.reason.clone()).collect(),
        questions: said.questions.clone(),
        is_table: kind == Some(FileKind::Table),
        is_one_series: kind == Some(FileKind::SeriesCsv),
        file,
    }
}

/// The path, or `files/2-NAME` and so on where it is taken.
/// Whether a path is another one, or what [`free`] made of it.
fn is_named_alike(path: &str, wanted: &str) -> bool {
    let name = |path: &'_ str| path.strip_prefix("files/").unwrap_or(path).to_owned();
    let (name, wanted) = (name(path), name(wanted));
    let numbered = name.split_once('-');
    name == wanted
        || numbered.is_some_and(|(n, rest)| rest == wanted && n.bytes().all(|b| b.is_ascii_digit()))
}

fn free(taken: &[String], path: &str) -> String {
    let is_taken = |path: &str| taken.iter().any(|t| t == path);
    if !is_taken(path) {
        return path.to_owned();
    }
    let name = path.strip_prefix("files/").unwrap_or(path);
    // One of these is free, since there are more of them than paths.
    (2..taken.len() + 3)
        .map(|n| format!("files/{n}-{name}"))
        .find(|path| !is_taken(path))
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::bundle::Question;

    #[test]
    fn a_path_is_never_taken_twice() {
        let taken = ["files/a".to_owned(), "files/2-a".to_owned()];
        assert_eq!(free(&taken, "files/a"), "files/3-a");
        assert_eq!(free(&taken, "files/b"), "files/b");
    }

    #[test]
    fn proposals_fill_the_form_and_nothing_else() {
        let question = |field, proposal: &str| Question {
            path: "files/a".into(),
            field,
            why: "why".into(),
            proposal: proposal.into(),
        };
        let provenance = Provenance {
            source: "csv".into(),
            questions: vec![
                question(QuestionField::Timezone, "UTC"),
                question(QuestionField::Columns, r#"{"time":"when"}"#),
                question(QuestionField::ObservedAt, ""),
            ],
            ..Provenance::default()
        };
        let row = row(RawFile::default(), 3, Some(&provenance));
        assert!(row.is_table);
        assert_eq!(row.file, RawFile::default());
        assert_eq!(row.proposed.timezone.as_deref(), Some("UTC"));
        assert_eq!(row.proposed.columns.unwrap().time, "when");
        assert_eq!(row.proposed.observed_at, None);
    }
}
