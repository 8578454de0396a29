//! A pull from CloudWatch that no source is configured for: checked once more on this side (server
//! functions are public addresses, whatever the form has checked before), priced, queued.

use super::{ServerBackend, metrics::NOTABLE_USD, unavailable};
use crate::{
    config::Aws,
    jobs::{self, PullSpec},
};
use app::{
    ApiError, FieldError,
    backend::{NewIncident, PullKind, PullPrice},
    input::{LONGEST_PULL_DAYS, PullForm},
};
use model::{
    Incident, IncidentId, Timestamp, Window,
    incident::{IncidentState, Job},
    source::Follow,
    time::DAY,
};
use serde::Serialize;
use sources::cloudwatch::{self, CloudWatchConfig, PresetChoice, cost, presets};

impl ServerBackend {
    /// The price of a pull; what is wrong with it, as for the pull itself.
    pub(super) fn pull_price(&self, request: &NewIncident) -> Result<PullPrice, ApiError> {
        let spec = check_pull(request, &self.aws)?;
        price(&spec, self.clock.now())
    }

    pub(super) async fn pull_started(&self, request: NewIncident) -> Result<IncidentId, ApiError> {
        let now = self.clock.now();
        let spec = check_pull(&request, &self.aws)?;
        let usd = price(&spec, now)?.usd;
        if usd > NOTABLE_USD && !request.agreed {
            return Err(ApiError::Fields(vec![FieldError::new(
                "agreed",
                format!(
                    "this pull costs about {usd:.2} US dollars: choose fewer resources or a shorter \
                     window, or agree to the cost"
                ),
            )]));
        }
        let incident = Incident {
            title: request.title.clone(),
            window: spec.window,
            ..Incident::default()
        };
        self.collect_anew(incident, |id, incident| {
            jobs::pull_job(id, incident, &spec, now)
        })
        .await
    }

    /// Stores a new incident of that title and window, and queues the job that collects its evidence.
    pub(super) async fn collect_anew(
        &self,
        incident: Incident,
        job: impl FnOnce(String, &IncidentId) -> Job,
    ) -> Result<IncidentId, ApiError> {
        let incident = Incident {
            id: IncidentId(self.new_id()?),
            title: incident.title.trim().to_owned(),
            state: IncidentState::Collecting,
            created_at: self.clock.now(),
            ..incident
        };
        let job = job(self.new_id()?, &incident.id);
        self.store
            .create_incident(&incident)
            .await
            .map_err(|e| unavailable(&e))?;
        self.store
            .enqueue(&job)
            .await
            .map_err(|e| unavailable(&e))?;
        self.worker.wake();
        Ok(incident.id)
    }
}

/// What can be pulled without further questions.
pub(super) fn kinds() -> Vec<PullKind> {
    let kind = |preset: &presets::Preset| PullKind {
        id: preset.id,
        title: preset.title,
        expected: preset.expected,
        example: preset.example,
    };
    presets::PRESETS.iter().map(kind).collect()
}

fn price(spec: &PullSpec, now: Timestamp) -> Result<PullPrice, ApiError> {
    let wrong = |e: sources::source::SourceError| ApiError::Invalid(e.to_string());
    let once = cost::estimate(&spec.cloudwatch, spec.window, now).map_err(wrong)?;
    let (every_s, again_s) = match cloudwatch::FACTS.follow {
        Follow::Poll { every_s, again_s } => (every_s, again_s),
        Follow::Never | Follow::Watch => (DAY_S, 0),
    };
    let month = cost::per_month(&spec.cloudwatch, every_s, again_s, now).map_err(wrong)?;
    Ok(PullPrice {
        metrics: once.metrics,
        calls: once.requests,
        usd: once.usd,
        usd_per_month: month.usd,
        every_s,
        open: once.open,
        configuration: configuration(&spec.cloudwatch),
    })
}

/// Seconds of a day: how often a source that is not followed is asked, at least.
const DAY_S: u32 = 86_400;

/// The `[[source]]` that follows the same.
fn configuration(settings: &CloudWatchConfig) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        source: [Entry<'a>; 1],
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        name: &'static str,
        kind: &'static str,
        #[serde(flatten)]
        settings: &'a CloudWatchConfig,
    }
    let entry = Entry {
        name: "aws",
        kind: cloudwatch::FACTS.kind,
        settings,
    };
    // Plain texts and lists of them always have a form in TOML.
    toml::to_string(&File { source: [entry] }).unwrap_or_default()
}

/// A pull needs a window that CloudWatch can still have, names that are names, and an endpoint that
/// the configuration allows: nothing is ever sent anywhere else.
fn check_pull(request: &NewIncident, aws: &Aws) -> Result<PullSpec, ApiError> {
    let mut wrong = Vec::new();
    if let Err(message) = app::input::title(&request.title) {
        wrong.push(FieldError::new("title", message));
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
    let presets = check_resources(&request.resources, &mut wrong);
    let endpoint = request
        .endpoint
        .as_deref()
        .map(str::trim)
        .filter(|e| !e.is_empty());
    if let Some(endpoint) = endpoint.filter(|e| !aws.endpoints.iter().any(|known| known == e)) {
        wrong.push(FieldError::new(
            "endpoint",
            format!("{endpoint} is not configured: add it to `endpoints` under [aws] in the configuration file"),
        ));
    }
    if !wrong.is_empty() {
        return Err(ApiError::Fields(wrong));
    }
    let cloudwatch = CloudWatchConfig {
        region: request.region.trim().to_owned(),
        profile: request.profile.clone().filter(|p| !p.trim().is_empty()),
        endpoint: endpoint.map(str::to_owned),
        proxy: aws.proxy.clone(),
        presets,
        ..CloudWatchConfig::default()
    };
    match cloudwatch.validate() {
        Ok(()) => Ok(PullSpec { window, cloudwatch }),
        Err(error) => Err(ApiError::Invalid(error.to_string())),
    }
}

fn check_resources(
    resources: &[(String, String)],
    wrong: &mut Vec<FieldError>,
) -> Vec<PresetChoice> {
    if resources.is_empty() {
        wrong.push(FieldError::new("resources", "name at least one resource"));
    }
    let mut presets = Vec::with_capacity(resources.len());
    for (kind, resource) in resources {
        let input = PullForm::input_of(kind);
        let Some(preset) = presets::find(kind) else {
            wrong.push(FieldError::new(&input, "there is no such kind of resource"));
            continue;
        };
        let Some(resource) = (preset.normalize)(resource) else {
            let shown: String = resource.chars().take(100).collect();
            let message = format!("'{shown}' is not what is expected: {}", preset.expected);
            wrong.push(FieldError::new(&input, message));
            continue;
        };
        presets.push(PresetChoice {
            preset: preset.id.to_owned(),
            resource,
        });
    }
    presets
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_590_200_000);

    fn request() -> NewIncident {
        NewIncident {
            title: "Slow sites".into(),
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_100_000),
            region: "eu-west-1".into(),
            resources: vec![("efs".into(), "fs-12345678".into())],
            profile: None,
            endpoint: None,
            agreed: false,
        }
    }

    #[test]
    fn a_good_request_passes_and_a_bad_one_names_every_field() {
        assert!(check_pull(&request(), &Aws::default()).is_ok());
        let bad = NewIncident {
            title: "  ".into(),
            end: request().start,
            region: "eu west".into(),
            resources: vec![
                ("efs".into(), "vol-1".into()),
                ("moon".into(), "tranquility".into()),
            ],
            endpoint: Some("http://169.254.169.254".into()),
            ..request()
        };
        let Err(ApiError::Fields(fields)) = check_pull(&bad, &Aws::default()) else {
            panic!("accepted")
        };
        let named: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
        let expected = [
            "title",
            "end",
            "region",
            "resources[efs]",
            "resources[moon]",
            "endpoint",
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn an_endpoint_must_be_configured() {
        let endpoint = "http://127.0.0.1:5000".to_owned();
        let with = NewIncident {
            endpoint: Some(endpoint.clone()),
            ..request()
        };
        assert!(check_pull(&with, &Aws::default()).is_err());
        let aws = Aws {
            endpoints: vec![endpoint.clone()],
            proxy: Some("http://proxy:3128".into()),
        };
        let asked = check_pull(&with, &aws).unwrap().cloudwatch;
        assert_eq!((asked.endpoint, asked.proxy), (Some(endpoint), aws.proxy));
    }

    #[test]
    fn a_price_says_pull_month_and_how_to_follow() {
        let spec = check_pull(&request(), &Aws::default()).unwrap();
        let price = price(&spec, NOW).unwrap();
        assert!((20..60).contains(&price.metrics), "{price:?}");
        assert!(price.usd > 0.0 && price.usd_per_month > 1.0 && !price.open);
        // What the page says to write is read as what was priced.
        let file: crate::config::Config = toml::from_str(&price.configuration).unwrap();
        let registry =
            crate::registry::Registry::of(&file, std::path::Path::new("lineup.toml")).unwrap();
        let month = registry.get("aws").unwrap().per_month(NOW).unwrap();
        assert!((month - price.usd_per_month).abs() < 1e-9);
    }

    #[test]
    fn pods_and_nodes_leave_the_price_open() {
        let cluster = NewIncident {
            resources: vec![("container-insights".into(), "shop".into())],
            ..request()
        };
        let spec = check_pull(&cluster, &Aws::default()).unwrap();
        assert!(price(&spec, NOW).unwrap().open);
        assert_eq!(kinds().len(), presets::PRESETS.len());
    }
}
