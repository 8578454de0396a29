//! `POST /import`: a bundle, or loose files and pasted text that become one. All of it is stored or
//! nothing. `POST /incidents/{id}/files`: the same for an incident that is there.

use super::{
    AppState,
    problem::{Problem, is_person, of_api, of_store},
    session::Who,
};
use crate::{
    case::{self, CaseError},
    compute,
    loose::{self, Said},
};
use app::backend::Caller;
use axum::{
    extract::{
        Multipart, Path, State,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use model::{Bundle, IncidentId, Timestamp, Window, bundle::RawFile};
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

pub(super) async fn import(
    State(state): State<AppState>,
    Who(who): Who,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let mut said = Vec::new();
    let form = match form {
        Ok(form) => form,
        Err(rejection) => return no_upload(&rejection).into_response(),
    };
    match store(&state, &who, form, &mut said).await {
        Ok(location) => Redirect::to(&location).into_response(),
        Err(problem) if is_person(&headers) && !problem.is_fault() => {
            problem.back_to("/incidents/new", app::IMPORT, &said)
        }
        Err(problem) => problem.into_response(),
    }
}

/// Files for an incident that is there.
pub(super) async fn add(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let form = match form {
        Ok(form) => form,
        Err(rejection) => return no_upload(&rejection).into_response(),
    };
    match added(&state, &who, &id, form).await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}")).into_response(),
        Err(problem) if is_person(&headers) && is_id(&id) && !problem.is_fault() => {
            problem.back_to(&format!("/incidents/{id}"), app::ADD_FILES, &[])
        }
        Err(problem) => problem.into_response(),
    }
}

/// Whether it can be part of an address: ids are letters and digits.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

async fn added(
    state: &AppState,
    who: &Caller,
    id: &str,
    multipart: Multipart,
) -> Result<(), Problem> {
    // Before the body: a stranger may not make the server read megabytes.
    state.backend.may_create(who).map_err(|e| of_api(&e))?;
    let seen = state.backend.may_see(who, &IncidentId(id.to_owned())).await;
    seen.map_err(|e| of_api(&e))?;
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
        .add_files(who, &id, files)
        .await
        .map_err(|e| of_api(&e))
}

/// Stores what the form holds; `said` becomes what somebody wrote into it, to be there again where it is
/// refused.
async fn store(
    state: &AppState,
    who: &Caller,
    multipart: Multipart,
    said: &mut Vec<(&'static str, String)>,
) -> Result<String, Problem> {
    // Before the body, likewise.
    state.backend.may_create(who).map_err(|e| of_api(&e))?;
    let form = read_form(multipart)
        .await
        .map_err(|e| too_large_or_broken(&e))?;
    said.extend(form.said());
    // Unpacking a large bundle is work for a thread of its own.
    let bundle = compute::attempt(move || form.into_bundle())
        .await
        .map_err(|fault| Problem::fault(format!("reading the upload, {fault}")))??;
    let by = state.backend.name_of(who);
    match case::import_by(&by, &*state.store, &bundle, &*state.clock).await {
        Ok(imported) => Ok(format!("/incidents/{}", imported.id)),
        Err(CaseError::Bundle(error)) => Err(invalid(error.to_string())),
        Err(CaseError::Store(error)) => Err(of_store(&error)),
        Err(error @ CaseError::Concluding { .. }) => Err(Problem::fault(error.to_string())),
    }
}

async fn read_form(mut multipart: Multipart) -> Result<Form, MultipartError> {
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "bundle" => {
                let chosen = is_chosen(&field);
                let bytes = whole(field).await?;
                form.bundle = (chosen || !bytes.is_empty()).then_some(bytes);
            }
            "files" => {
                let (name, chosen) = (file_name(&field), is_chosen(&field));
                let bytes = whole(field).await?;
                if chosen || !bytes.is_empty() {
                    form.files.push((name, bytes));
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

/// What was sent as one field, gathered in one place: a file may be hundreds of megabytes, and a copy of
/// it as many again.
async fn whole(mut field: Field<'_>) -> Result<Vec<u8>, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Whether somebody chose a file: an input that was left empty sends an empty one without a name.
fn is_chosen(field: &Field<'_>) -> bool {
    field.file_name().is_some_and(|name| !name.is_empty())
}

/// The last part of the name that the browser gave, with nothing in it that a path could misuse.
fn file_name(field: &Field<'_>) -> String {
    loose::clean_name(field.file_name().unwrap_or_default())
}

/// Longest text of an input that is carried back.
const CARRIED: usize = 300;

impl Form {
    /// What was written, as it stands in the address of the page; files cannot be carried.
    fn said(&self) -> Vec<(&'static str, String)> {
        [
            ("upload[title]", &self.title),
            ("upload[start]", &self.start),
            ("upload[end]", &self.end),
            ("upload[observed_at]", &self.observed_at),
            ("upload[timezone]", &self.timezone),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name, text.chars().take(CARRIED).collect()))
        .collect()
    }

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
        let title = app::input::title(&self.title).map_err(|detail| wrong("title", detail))?;
        let start = required_time("start", &self.start)?;
        let end = required_time("end", &self.end)?;
        let window = Window::new(start, end)
            .ok_or_else(|| wrong("end", "the window's end must lie after its start"))?;
        Ok(loose::bundle(&title, window, self.raw_files()?))
    }
}

impl Form {
    /// Files and pasted text, each with what the form says about all of them.
    fn raw_files(self) -> Result<Vec<RawFile>, Problem> {
        let observed_at = time("observed_at", &self.observed_at)?;
        let timezone = Some(self.timezone.trim().to_owned()).filter(|t| !t.is_empty());
        if let Some(zone) = timezone.as_deref().filter(|z| !sources::files::is_zone(z)) {
            let shown: String = zone.chars().take(40).collect();
            return Err(wrong(
                "timezone",
                format!("'{shown}' is no time zone: write UTC, +02:00 or Europe/Berlin"),
            ));
        }
        let mut named = self.files;
        if !self.text.trim().is_empty() {
            named.push(("pasted.txt".to_owned(), self.text.into_bytes()));
        }
        let said = Said {
            observed_at,
            timezone,
        };
        Ok(loose::raw_files(named, &said))
    }
}

/// A time from a form, in UTC as the form says; empty is none.
fn time(field: &'static str, text: &str) -> Result<Option<Timestamp>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    app::input::instant(text)
        .map(Some)
        .map_err(|detail| wrong(field, detail))
}

fn required_time(field: &'static str, text: &str) -> Result<Timestamp, Problem> {
    time(field, text)?.ok_or_else(|| wrong(field, "expected a time such as 2020-05-22 03:00 (UTC)"))
}

/// Something is wrong with one input of the form.
fn wrong(field: &'static str, detail: impl Into<String>) -> Problem {
    invalid(detail).at(field)
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "This could not be imported",
        detail,
    )
}

/// What was sent is no form with files.
fn no_upload(rejection: &MultipartRejection) -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "This is no upload",
        format!(
            "Expected a body of the type multipart/form-data: nothing was stored ({}).",
            rejection.body_text()
        ),
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
    use axum::{body::Body, extract::FromRequest, http::Request};

    #[tokio::test]
    async fn an_empty_file_with_a_name_is_a_file_and_one_without_is_none() {
        let part = |input: &str, name: &str| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"{input}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n\r\n"
            )
        };
        let parts = [
            part("bundle", ""),
            part("files", "empty.log"),
            part("files", ""),
        ];
        let request = Request::post("/import")
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(format!("{}--x--\r\n", parts.concat())))
            .unwrap();
        let multipart = Multipart::from_request(request, &()).await.unwrap();
        let form = read_form(multipart).await.unwrap();
        assert!(form.bundle.is_none());
        assert_eq!(form.files, vec![("empty.log".to_owned(), Vec::<u8>::new())]);
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
