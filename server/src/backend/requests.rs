//! What a caller asked for, checked once more on this side: server functions are public addresses,
//! whatever the form in the browser has checked before.

use crate::jobs::PullSpec;
use app::{
    ApiError, FieldError,
    backend::{AnnotationDraft, NewIncident},
    input::{LONGEST_NOTE, LONGEST_PULL_DAYS, LONGEST_TITLE},
};
use model::{Window, time::DAY};
use sources::cloudwatch::CloudWatchConfig;

/// A note needs a text of a bearable length and an end that is not before its start.
pub(super) fn check_note(draft: &AnnotationDraft) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    let length = draft.text.trim().chars().count();
    if length == 0 {
        wrong.push(FieldError::new("text", "write what the note says"));
    } else if length > LONGEST_NOTE {
        wrong.push(FieldError::new(
            "text",
            format!("{length} characters are too many: {LONGEST_NOTE} at most"),
        ));
    }
    if draft.end.is_some_and(|end| end < draft.start) {
        wrong.push(FieldError::new("end", "the end lies before the start"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Fields(wrong))
    }
}

/// A pull needs a window that CloudWatch can still have, names that are names, and an endpoint that
/// the configuration allows: nothing is ever sent anywhere else.
pub(super) fn check_pull(
    request: &NewIncident,
    endpoints: &[String],
) -> Result<PullSpec, ApiError> {
    let mut wrong = Vec::new();
    let title = request.title.trim().chars().count();
    if title == 0 || title > LONGEST_TITLE {
        wrong.push(FieldError::new(
            "title",
            format!("expected 1 to {LONGEST_TITLE} characters"),
        ));
    }
    let window = Window {
        start: request.start,
        end: request.end,
    };
    if window.millis() <= 0 {
        wrong.push(FieldError::new("end", "the end must lie after the start"));
    } else if window.millis() > LONGEST_PULL_DAYS * DAY {
        wrong.push(FieldError::new(
            "end",
            format!("CloudWatch keeps {LONGEST_PULL_DAYS} days: choose a shorter window"),
        ));
    }
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if !word(request.region.trim()) {
        wrong.push(FieldError::new(
            "region",
            "expected an AWS region such as eu-west-1",
        ));
    }
    let file_system = request.file_system_id.trim();
    if !word(file_system) || !file_system.starts_with("fs-") {
        wrong.push(FieldError::new(
            "file_system_id",
            "expected the id of a file system such as fs-0123456789abcdef0",
        ));
    }
    let endpoint = request
        .endpoint
        .as_deref()
        .map(str::trim)
        .filter(|e| !e.is_empty());
    if let Some(endpoint) = endpoint.filter(|e| !endpoints.iter().any(|known| known == e)) {
        wrong.push(FieldError::new(
            "endpoint",
            format!("{endpoint} is not configured: add it to `endpoints` under [aws] in the configuration file"),
        ));
    }
    if !wrong.is_empty() {
        return Err(ApiError::Fields(wrong));
    }
    Ok(PullSpec {
        window,
        cloudwatch: CloudWatchConfig {
            region: request.region.trim().to_owned(),
            profile: request.profile.clone().filter(|p| !p.trim().is_empty()),
            endpoint: endpoint.map(str::to_owned),
            file_system_id: file_system.to_owned(),
            ..CloudWatchConfig::default()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn request() -> NewIncident {
        NewIncident {
            title: "Slow sites".into(),
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_100_000),
            region: "eu-west-1".into(),
            file_system_id: "fs-12345678".into(),
            profile: None,
            endpoint: None,
        }
    }

    #[test]
    fn a_good_request_passes_and_a_bad_one_names_every_field() {
        assert!(check_pull(&request(), &[]).is_ok());
        let bad = NewIncident {
            title: "  ".into(),
            end: request().start,
            region: "eu west".into(),
            file_system_id: "vol-1".into(),
            endpoint: Some("http://169.254.169.254".into()),
            ..request()
        };
        let Err(ApiError::Fields(fields)) = check_pull(&bad, &[]) else {
            panic!("accepted")
        };
        let named: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            ["title", "end", "region", "file_system_id", "endpoint"]
        );
    }

    #[test]
    fn an_endpoint_must_be_configured() {
        let endpoint = "http://127.0.0.1:5000".to_owned();
        let with = NewIncident {
            endpoint: Some(endpoint.clone()),
            ..request()
        };
        assert!(check_pull(&with, &[]).is_err());
        assert_eq!(
            check_pull(&with, std::slice::from_ref(&endpoint))
                .unwrap()
                .cloudwatch
                .endpoint,
            Some(endpoint)
        );
    }
}
