//! Pulls into a new incident.

use super::{Fields, LONGEST_PULL_DAYS, optional};
use crate::{
    ApiError,
    backend::{NewIncident, PullMetrics},
};
use model::time::DAY;
use std::collections::BTreeMap;

/// A pull of chosen metrics out of its form.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn pull_metrics(
    source: String,
    title: &str,
    start: &str,
    end: &str,
    choices: Vec<String>,
    statistics: &str,
    agreed: bool,
) -> Result<PullMetrics, ApiError> {
    let mut fields = Fields::default();
    let title = fields.title(title);
    let window = fields.window(start, end);
    if choices.is_empty() {
        fields.read::<()>("choices", Err("choose at least one metric".into()));
    }
    match (title, window) {
        (Some(title), Some(window)) if fields.0.is_empty() => Ok(PullMetrics {
            source,
            title,
            window,
            choices,
            statistics: statistics
                .split([',', ' '])
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            agreed,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// Most resources of one kind in a pull: what `CloudWatch` takes of presets in one configuration.
const MOST_RESOURCES: usize = 200;

/// The texts of the form that asks `CloudWatch`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullForm {
    /// Title.
    pub title: String,
    /// First instant of the window.
    pub start: String,
    /// First instant after it.
    pub end: String,
    /// AWS region.
    pub region: String,
    /// Resources by the id of their kind (`efs`, `alb`…), several with commas or blanks between them.
    pub resources: BTreeMap<String, String>,
    /// Profile; empty: the default chain.
    pub profile: String,
    /// Endpoint; empty: AWS.
    pub endpoint: String,
    /// Whether a cost above the usual was agreed to.
    pub agreed: bool,
}

impl PullForm {
    /// The form as it stands in an address, `?title=…&resources[efs]=…`; `None` where it does not.
    pub fn of_query(query: &[(String, String)]) -> Option<Self> {
        let mut form = Self::default();
        let mut there = false;
        for (name, value) in query {
            let kind = name
                .strip_prefix("resources[")
                .and_then(|rest| rest.strip_suffix(']'));
            let value = value.clone();
            match (name.as_str(), kind) {
                (_, Some(kind)) => {
                    form.resources.insert(kind.to_owned(), value);
                }
                ("title", _) => form.title = value,
                ("start", _) => form.start = value,
                ("end", _) => form.end = value,
                ("region", _) => form.region = value,
                ("profile", _) => form.profile = value,
                ("endpoint", _) => form.endpoint = value,
                _ => continue,
            }
            there = true;
        }
        there.then_some(form)
    }

    /// The name of the input for resources of a kind.
    pub fn input_of(kind: &str) -> String {
        format!("resources[{kind}]")
    }

    /// The pull that the form asks for. What a resource has to look like is the source's to say.
    ///
    /// # Errors
    /// [`ApiError::Fields`], one line an input.
    pub fn read(&self) -> Result<NewIncident, ApiError> {
        let mut fields = Fields::default();
        let title = fields.title(&self.title);
        let window = fields.window(&self.start, &self.end);
        if let Some(window) = window
            && window.millis() > LONGEST_PULL_DAYS * DAY
        {
            let message = format!("CloudWatch keeps metrics for {LONGEST_PULL_DAYS} days at most");
            fields.read::<()>("end", Err(message));
        }
        let region = fields.read("region", region(&self.region));
        let resources = self.named(&mut fields);
        let endpoint = fields.read("endpoint", endpoint(&self.endpoint));
        match (title, window, region, endpoint) {
            (Some(title), Some(window), Some(region), Some(endpoint)) if fields.0.is_empty() => {
                Ok(NewIncident {
                    title,
                    start: window.start,
                    end: window.end,
                    region,
                    resources,
                    profile: optional(&self.profile),
                    endpoint,
                    agreed: self.agreed,
                })
            }
            _ => Err(ApiError::Fields(fields.0)),
        }
    }

    fn named(&self, fields: &mut Fields) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for (kind, text) in &self.resources {
            let parts = text
                .split(|c: char| c == ',' || c.is_whitespace())
                .filter(|part| !part.is_empty());
            let before = named.len();
            named.extend(parts.map(|part| (kind.clone(), part.to_owned())));
            if named.len() - before > MOST_RESOURCES {
                let message = format!("at most {MOST_RESOURCES} fit into one pull");
                fields.read::<()>(&Self::input_of(kind), Err(message));
            }
        }
        if named.is_empty() {
            let message = "name at least one resource, such as fs-0123456789abcdef0";
            fields.read::<()>("resources", Err(message.into()));
        }
        named
    }
}

fn region(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.len() >= 5 && text.contains('-') && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("an AWS region is needed, such as eu-west-1".into())
    }
}

fn endpoint(text: &str) -> Result<Option<String>, String> {
    match optional(text) {
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            Err("an address with http:// or https:// is needed, or nothing for AWS".into())
        }
        endpoint => Ok(endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> PullForm {
        let resources = [("efs", "fs-0123456789abcdef0, fs-1"), ("alb", " ")];
        PullForm {
            title: "Slow sites".into(),
            start: "2020-05-19 00:00".into(),
            end: "2020-05-23 00:00".into(),
            region: "eu-west-1".into(),
            resources: resources.map(|(a, b)| (a.into(), b.into())).into(),
            profile: " ".into(),
            endpoint: "http://127.0.0.1:5000".into(),
            agreed: false,
        }
    }

    #[test]
    fn every_input_of_a_pull_that_cannot_be_used_is_named() {
        let error = PullForm::default().read().unwrap_err();
        for field in ["title", "start", "end", "region", "resources"] {
            assert!(error.field(field).is_some(), "{field}");
        }
        assert_eq!(error.field("endpoint"), None);
        let request = good().read().unwrap();
        assert_eq!(request.profile, None);
        assert_eq!(request.endpoint.as_deref(), Some("http://127.0.0.1:5000"));
        let efs = |id: &str| ("efs".to_owned(), id.to_owned());
        assert_eq!(
            request.resources,
            [efs("fs-0123456789abcdef0"), efs("fs-1")]
        );
        let many = vec!["fs-1"; MOST_RESOURCES + 1].join(" ");
        let reversed = PullForm {
            end: "2020-05-18 00:00".into(),
            endpoint: "file:///etc/passwd".into(),
            resources: [("efs".to_owned(), many)].into(),
            ..good()
        };
        let error = reversed.read().unwrap_err();
        assert!(error.field("end").unwrap().contains("later"));
        assert!(error.field("endpoint").is_some());
        assert!(error.field("resources[efs]").unwrap().contains("200"));
    }

    #[test]
    fn a_form_in_an_address_is_the_same_form() {
        let form = good();
        let mut query: Vec<(String, String)> = [
            ("__path", "/api/start_pull"),
            ("title", &form.title),
            ("start", &form.start),
            ("end", &form.end),
            ("region", &form.region),
            ("profile", &form.profile),
            ("endpoint", &form.endpoint),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (kind, text) in &form.resources {
            query.push((PullForm::input_of(kind), text.clone()));
        }
        assert_eq!(PullForm::of_query(&query), Some(form));
        assert_eq!(PullForm::of_query(&query[..1]), None);
    }
}
