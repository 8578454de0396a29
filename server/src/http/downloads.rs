//! An incident to take away: the report in five formats, each with its evidence, and the bundle.

use super::{
    AppState,
    problem::{Problem, of_store},
    session::Who,
};
use crate::{
    case,
    cli::Format,
    compute,
    export::{ExportError, Package, zip},
};
use app::ApiError;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::IncidentId;

pub(super) async fn html(state: State<AppState>, who: Who, id: Path<String>) -> Response {
    report(state, who, id, Format::Html).await
}

pub(super) async fn markdown(state: State<AppState>, who: Who, id: Path<String>) -> Response {
    report(state, who, id, Format::Md).await
}

pub(super) async fn markdown_zip(state: State<AppState>, who: Who, id: Path<String>) -> Response {
    report(state, who, id, Format::MdZip).await
}

pub(super) async fn pdf(state: State<AppState>, who: Who, id: Path<String>) -> Response {
    report(state, who, id, Format::Pdf).await
}

pub(super) async fn json(state: State<AppState>, who: Who, id: Path<String>) -> Response {
    report(state, who, id, Format::Json).await
}

/// The report as anybody may have it who has the evidence, since it carries that: it names no other
/// incident.
async fn report(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    format: Format,
) -> Response {
    let id = IncidentId(id);
    if let Err(error) = state.backend.may_see(&who, &id).await {
        return refused(&error).into_response();
    }
    let (incident, dossier) = match case::load(&*state.store, &id, state.clock.now()).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return Problem::not_found().into_response(),
        Err(error) => return of_store(&error).into_response(),
    };
    let files = match state.store.files(&id).await {
        Ok(files) => files,
        Err(error) => return of_store(&error).into_response(),
    };
    let title = incident.title.clone();
    let made = compute::run(move || -> Result<Vec<u8>, ExportError> {
        Package::of_incident(&incident, &dossier, files)?.render(format)
    });
    let (kind, ending) = match format {
        Format::Html => ("text/html; charset=utf-8", "html"),
        Format::Md => ("text/markdown; charset=utf-8", "md"),
        Format::MdZip => ("application/zip", "md.zip"),
        Format::Pdf => ("application/pdf", "pdf"),
        Format::Json => ("application/json", "json"),
    };
    match made.await {
        Ok(bytes) => attachment(kind, &file_name(&title, ending), bytes),
        Err(error) => unwritable(&error.to_string()),
    }
}

pub(super) async fn bundle(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
) -> Response {
    let id = IncidentId(id);
    if let Err(error) = state.backend.may_see(&who, &id).await {
        return refused(&error).into_response();
    }
    let exported = match case::export(&*state.store, &id).await {
        Ok(Some(bundle)) => bundle,
        Ok(None) => return Problem::not_found().into_response(),
        Err(case::CaseError::Store(error)) => return of_store(&error).into_response(),
        Err(error) => return unwritable(&error.to_string()),
    };
    match zip(&exported) {
        Ok(bytes) => attachment(
            "application/zip",
            &file_name(&exported.header.title, "zip"),
            bytes,
        ),
        Err(error) => unwritable(&error.to_string()),
    }
}

fn unwritable(reason: &str) -> Response {
    tracing::error!(reason, "a bundle could not be written");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The file could not be written",
        reason,
    )
    .into_response()
}

fn refused(error: &ApiError) -> Problem {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Problem::new(status, "The report could not be made", error.to_string())
}

/// A file to save. It is not shown inside the application, so its own inline style is harmless,
/// and the sandbox keeps it from being anything but a document.
fn attachment(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
    ];
    (headers, bytes).into_response()
}

/// `slow-sites-of-22-may.html`: ASCII letters and digits of the title.
fn file_name(title: &str, ending: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .take(10)
        .collect();
    let stem = if words.is_empty() {
        "incident".to_owned()
    } else {
        words.join("-")
    };
    format!("{}.{ending}", stem.chars().take(80).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain() {
        assert_eq!(
            file_name("Slow sites, \"22 May\"\r\n../x", "md"),
            "slow-sites-22-may-x.md"
        );
        assert_eq!(file_name("🙂", "zip"), "incident.zip");
    }
}
