//! `POST /import`: a bundle, or loose files and pasted text that become one. All of it is stored or
//! nothing. `POST /incidents/{id}/files`: the same for an incident that is there.

use super::{
    AppState,
    problem::{Problem, of_api, of_store},
};
use crate::case::{self, CaseError};
use app::backend::Caller;
use axum::{
    extract::{
        Multipart, Path, State,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use model::{
    Bundle, IncidentId, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
};
use std::io::Cursor;

/// Largest upload: a zip of the largest bundle that is read, with the form around it.
pub(super) const MAX_UPLOAD_BYTES: usize =
    sources::bundle::limits::MAX_ZIP_BYTES as usize + 64 * 1024;

/// What the form held.
#[derive(Default)]
struct Form {
    bundle: Option<Vec<u8>>,
    title: String,
    start: String,
    end: String,
    observed_at: String,
    timezone: String,
    text: String,
    files: Vec<(String, Vec<u8>)>,
}

pub(super) async fn import(State(state): State<AppState>, form: Multipart) -> Response {
    match store(&state, form).await {
        Ok(location) => Redirect::to(&location).into_response(),
        Err(problem) => problem.into_page().into_response(),
    }
}

/// Files for an incident that is there.
pub(super) async fn add(
    State(state): State<AppState>,
    Path(id): Path<String>,
    form: Multipart,
) -> Response {
    match added(&state, &id, form).await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}")).into_response(),
        Err(problem) => problem.into_page().into_response(),
    }
}

async fn added(state: &AppState, id: &str, multipart: Multipart) -> Result<(), Problem> {
    let form = read_form(multipart)
        .await
        .map_err(|e| too_large_or_broken(&e))?;
    let files = form.raw_files()?;
    if files.is_empty() {
        return Err(invalid("nothing was chosen: choose files, or paste text"));
    }
    let id = IncidentId(id.to_owned());
    state
        .backend
        .add_files(&Caller::LocalUser, &id, files)
        .await
        .map_err(|e| of_api(&e))
}

async fn store(state: &AppState, multipart: Multipart) -> Result<String, Problem> {
    let form = read_form(multipart)
        .await
        .map_err(|e| too_large_or_broken(&e))?;
    // Unpacking a large bundle is work for a thread of its own.
    let bundle = tokio::task::spawn_blocking(move || form.into_bundle())
        .await
        .map_err(|_| invalid("the upload could not be read"))??;
    match case::import(&*state.store, &bundle, &*state.clock).await {
        Ok(imported) => Ok(format!("/incidents/{}", imported.id)),
        Err(CaseError::Bundle(error)) => Err(invalid(error.to_string())),
        Err(CaseError::Store(error)) => Err(of_store(&error)),
    }
}

async fn read_form(mut multipart: Multipart) -> Result<Form, MultipartError> {
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "bundle" => {
                let bytes = field.bytes().await?;
                // A file input that was left empty sends an empty file.
                form.bundle = (!bytes.is_empty()).then(|| bytes.to_vec());
            }
            "files" => {
                let name = file_name(&field);
                let bytes = field.bytes().await?;
                if !bytes.is_empty() {
                    form.files.push((name, bytes.to_vec()));
                }
            }
            "title" => form.title = field.text().await?,
            "start" => form.start = field.text().await?,
            "end" => form.end = field.text().await?,
            "observed_at" => form.observed_at = field.text().await?,
            "timezone" => form.timezone = field.text().await?,
            "text" => form.text = field.text().await?,
            _ => drop(field.bytes().await?),
        }
    }
    Ok(form)
}

/// The last part of the name that the browser gave, with nothing in it that a path could misuse.
fn file_name(field: &Field<'_>) -> String {
    clean_name(field.file_name().unwrap_or_default())
}

fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    if clean.trim_matches('.').is_empty() {
        "file".to_owned()
    } else {
        clean
    }
}

impl Form {
    fn into_bundle(self) -> Result<Bundle, Problem> {
        match self.bundle {
            Some(bytes) => sources::bundle::read_zip(Cursor::new(bytes))
                .map_err(|error| invalid(error.to_string())),
            None if self.files.is_empty() && self.text.trim().is_empty() => Err(invalid(
                "no file was chosen: choose a bundle (.zip), or files to make an incident of",
            )),
            None => self.loose_files(),
        }
    }

    fn loose_files(self) -> Result<Bundle, Problem> {
        let title = self.title.trim().to_owned();
        if title.is_empty() {
            return Err(invalid("title: expected a title for the incident"));
        }
        let length = title.chars().count();
        if length > app::input::LONGEST_TITLE {
            let most = app::input::LONGEST_TITLE;
            return Err(invalid(format!(
                "title: {length} characters are too many: {most} at most"
            )));
        }
        let start = required_time("start", &self.start)?;
        let end = required_time("end", &self.end)?;
        let window = Window::new(start, end)
            .ok_or_else(|| invalid("end: the window's end must lie after its start"))?;
        let files = self.raw_files()?;
        Ok(Bundle {
            header: IncidentHeader {
                schema: BUNDLE_SCHEMA.to_owned(),
                title,
                window,
                ..IncidentHeader::default()
            },
            files,
            ..Bundle::default()
        })
    }
}

impl Form {
    /// Files and pasted text, each with what the form says about all of them.
    fn raw_files(self) -> Result<Vec<RawFile>, Problem> {
        let observed_at = time("observed_at", &self.observed_at)?;
        let timezone = Some(self.timezone.trim().to_owned()).filter(|t| !t.is_empty());
        let mut named = self.files;
        if !self.text.trim().is_empty() {
            named.push(("pasted.txt".to_owned(), self.text.into_bytes()));
        }
        let mut files: Vec<RawFile> = Vec::new();
        for (name, content) in named {
            let path = free_path(&files, &name);
            files.push(RawFile {
                path,
                observed_at,
                timezone: timezone.clone(),
                content,
                ..RawFile::default()
            });
        }
        Ok(files)
    }
}

/// `files/NAME`, or `files/2-NAME` where two files have one name.
fn free_path(files: &[RawFile], name: &str) -> String {
    let taken = |path: &str| files.iter().any(|f| f.path == path);
    let first = format!("files/{name}");
    if !taken(&first) {
        return first;
    }
    // One of these is free, since there are more of them than files.
    (2..files.len() + 3)
        .map(|n| format!("files/{n}-{name}"))
        .find(|path| !taken(path))
        .unwrap_or(first)
}

/// A time from a form, in UTC as the form says; empty is none.
fn time(field: &str, text: &str) -> Result<Option<Timestamp>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    app::input::instant(text)
        .map(Some)
        .map_err(|wrong| invalid(format!("{field}: {wrong}")))
}

fn required_time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    time(field, text)?.ok_or_else(|| {
        invalid(format!(
            "{field}: expected a time such as 2020-05-22T03:00 (UTC)"
        ))
    })
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "This could not be imported",
        detail,
    )
}

fn too_large_or_broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too large to import",
            format!(
                "An upload may have {MAX_UPLOAD_BYTES} bytes. `lineup import` reads larger folders."
            ),
        )
    } else {
        invalid(format!(
            "the upload was cut off or is no form: {}",
            error.body_text()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_a_path_could_misuse() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\logs\\kube let.txt"), "kube_let.txt");
        assert_eq!(clean_name(".."), "file");
        assert_eq!(clean_name(""), "file");
    }

    #[test]
    fn times_of_a_form_are_utc() {
        let at = Timestamp::from_seconds(1_590_116_400);
        for text in [
            "2020-05-22 03:00",
            "2020-05-22T03:00",
            "2020-05-22T03:00:00",
            "2020-05-22T03:00:00Z",
        ] {
            assert_eq!(time("start", text).unwrap(), Some(at), "{text}");
        }
        assert!(time("start", "soon").is_err());
        assert_eq!(time("start", " ").unwrap(), None);
    }
}
