//! AWS Health: incidents of AWS's own services, as the account sees them.
//!
//! Asked by `DescribeEvents` and `DescribeEventDetails`, for which the account's support plan has
//! to be Business or better: without it the pull gives nothing and says so, since nothing is wrong
//! with Lineup then. Events are kept for 90 days, and are often posted after their effect began:
//! the instants are those that AWS states. The service has one address, in us-east-1.

use crate::aws::{
    Askable, Asks as _, Connected, Context, Pages, Service, askable, asks, batch, cancellable,
    code_of, event_id, explain, invalid, is_word,
};
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use aws_sdk_health::primitives::DateTime;
use aws_sdk_health::types::{DateTimeRange, Event as Posted, EventFilter, EventTypeCategory};
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::time::DAY;
use model::words::count;
use model::{Batch, Event, EventKind, Extra, Gap, ObjectRef, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name of the source.
pub const NAME: &str = "aws-health";

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "AWS Health",
    needs: &[
        Need {
            permission: "health:DescribeEvents",
            purpose: "incidents of AWS services; needs a Business support plan or better",
            optional: false,
        },
        Need {
            permission: "health:DescribeEventDetails",
            purpose: "what AWS writes about them",
            optional: true,
        },
    ],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 3_600,
        skew_s: 0,
        kept: &[(90 * 86_400, 0)],
    },
    follow: Follow::Poll {
        every_s: 300,
        again_s: 7 * 86_400,
    },
};

const SERVICE: Service = Service {
    source: NAME,
    prefix: "health",
    host: "health",
};
/// Where the service is.
const HOME: &str = "us-east-1";
const KEPT: i64 = 90 * DAY;
const PAGE: i32 = 100;
const MAX_PAGES: usize = 20;
/// Events whose details one call gives.
const DETAILS: usize = 10;
/// Longest description that is kept, characters.
const MAX_DESCRIPTION: usize = 4_000;
const NO_PLAN: &str = "the account's support plan has no Health API (Business or better has): \
                       look at https://health.aws.amazon.com by hand";

/// Whose events, and of which regions. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthConfig {
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the Health API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`; `None`: none, whatever the environment
    /// says.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Regions that matter; events of no region count always. Empty: all regions.
    #[serde(default)]
    pub regions: Vec<String>,
}

impl HealthConfig {
    /// Whether it makes sense, before anybody is asked; the region may come from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)?;
        match self.regions.iter().find(|r| !is_word(r, 40)) {
            None => Ok(()),
            Some(bad) => Err(invalid(
                NAME,
                "regions",
                bad,
                "a region such as eu-central-1",
            )),
        }
    }
}

/// A connection to AWS Health.
pub type Health = Connected<HealthConfig>;

asks!(HealthConfig, aws_sdk_health, SERVICE, in HOME);

/// What the account may ask.
enum Answer {
    Events {
        events: Vec<Posted>,
        /// Why the rest did not come.
        stopped: Option<String>,
    },
    NoPlan,
}

impl Health {
    async fn posted(
        &self,
        until: Option<Timestamp>,
        max_pages: usize,
        progress: &dyn Progress,
    ) -> Result<Answer, SourceError> {
        let context = self.link.context();
        let mut pages = Pages::default();
        let mut token: Option<String> = None;
        let mut events: Vec<Posted> = Vec::new();
        for page in 0..max_pages {
            progress.step(page as u32, 0, &format!("{} events came", events.len()));
            let request = self
                .client
                .describe_events()
                .filter(self.filter(until))
                .max_results(PAGE)
                .set_next_token(token.take());
            let answer = match cancellable(NAME, progress, request.send()).await? {
                Err(error) if code_of(&error).starts_with("SubscriptionRequired") => {
                    return Ok(Answer::NoPlan);
                }
                other => other.map_err(|e| explain(e, "DescribeEvents", &context)),
            };
            let next = answer.and_then(|answer| {
                events.extend_from_slice(answer.events());
                pages.next(answer.next_token(), "DescribeEvents", &context)
            });
            match next {
                Ok(next) => token = next,
                Err(error) if events.is_empty() => return Err(error),
                // What came before is kept.
                Err(error) => {
                    let stopped = Some(error.to_string());
                    return Ok(Answer::Events { events, stopped });
                }
            }
            if token.is_none() {
                let stopped = None;
                return Ok(Answer::Events { events, stopped });
            }
        }
        let stopped = Some(format!(
            "more than {} incidents: name regions",
            events.len()
        ));
        Ok(Answer::Events { events, stopped })
    }

    fn filter(&self, until: Option<Timestamp>) -> EventFilter {
        let mut filter = EventFilter::builder()
            .event_type_categories(EventTypeCategory::Issue)
            .event_type_categories(EventTypeCategory::Investigation);
        if let Some(until) = until {
            let to = DateTime::from_millis(until.millis());
            filter = filter.start_times(DateTimeRange::builder().to(to).build());
        }
        if !self.config.regions.is_empty() {
            for region in &self.config.regions {
                filter = filter.regions(region);
            }
            filter = filter.regions("global");
        }
        filter.build()
    }

    /// What AWS writes about these events, by ARN. What fails leaves a gap.
    async fn descriptions(
        &self,
        events: &[Posted],
        context: &Context<'_>,
        gaps: &mut Vec<Gap>,
        progress: &dyn Progress,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        let mut out = BTreeMap::new();
        let arns: Vec<&str> = events.iter().filter_map(Posted::arn).collect();
        for group in arns.chunks(DETAILS) {
            let wanted = group.iter().map(|a| (*a).to_owned()).collect();
            let request = self
                .client
                .describe_event_details()
                .set_event_arns(Some(wanted));
            match cancellable(NAME, progress, request.send()).await? {
                Ok(answer) => {
                    for details in answer.successful_set() {
                        let arn = details.event().and_then(Posted::arn);
                        let text = details
                            .event_description()
                            .and_then(|d| d.latest_description());
                        if let (Some(arn), Some(text)) = (arn, text) {
                            let text = text.chars().take(MAX_DESCRIPTION).collect();
                            out.insert(arn.to_owned(), text);
                        }
                    }
                }
                Err(error) => {
                    gaps.push(Gap {
                        what: "descriptions".into(),
                        window: None,
                        reason: explain(error, "DescribeEventDetails", context).to_string(),
                    });
                    return Ok(out);
                }
            }
        }
        Ok(out)
    }
}

#[async_trait]
impl Source for Health {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        self.link.region()?;
        self.config.validate()?;
        Ok(match self.posted(None, 1, &Unattended).await? {
            Answer::NoPlan => NO_PLAN.into(),
            Answer::Events { events, stopped } => {
                let least = stopped.map_or("", |_| "at least ");
                format!("{least}{} within 90 days", count(events.len(), "incident"))
            }
        })
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        self.link.region()?;
        self.config.validate()?;
        let context = self.link.context();
        let Askable {
            window: asked,
            mut gaps,
        } = askable(NAME, window, now, KEPT, 0)?;
        let query = format!(
            "aws health describe-events --region {HOME} --filter \
             eventTypeCategories=issue,investigation,startTimes=[{{to={}}}]",
            asked.end
        );
        let (posted, stopped) = match self.posted(Some(asked.end), MAX_PAGES, progress).await? {
            Answer::Events { events, stopped } => (events, stopped),
            Answer::NoPlan => {
                gaps.push(Gap {
                    what: String::new(),
                    window: None,
                    reason: NO_PLAN.into(),
                });
                return Ok(batch(NAME, query, (window, now), gaps, Vec::new()));
            }
        };
        gaps.extend(stopped.map(|reason| Gap {
            what: String::new(),
            window: None,
            reason,
        }));
        let touching = |p: &Posted| event(p, "").is_some_and(|e| e.touches(window));
        let posted: Vec<Posted> = posted.into_iter().filter(touching).collect();
        let texts = self
            .descriptions(&posted, &context, &mut gaps, progress)
            .await?;
        let text = |p: &Posted| {
            p.arn()
                .and_then(|arn| texts.get(arn))
                .map_or("", String::as_str)
        };
        let events = posted.iter().filter_map(|p| event(p, text(p))).collect();
        Ok(batch(NAME, query, (window, now), gaps, events))
    }
}

/// `None` where AWS says neither what nor when.
fn event(posted: &Posted, description: &str) -> Option<Event> {
    let instant = |t: &DateTime| t.to_millis().ok().map(Timestamp::from_millis);
    let arn = posted.arn()?;
    let start = posted.start_time().and_then(instant)?;
    let service = posted.service().unwrap_or_default();
    let region = posted.region().unwrap_or_default();
    let code = posted.event_type_code().unwrap_or_default();
    let mut attributes = Extra::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            attributes.insert(key.into(), value.into());
        }
    };
    put("provider", "aws");
    put("service", service);
    put("region", region);
    put(
        "availability_zone",
        posted.availability_zone().unwrap_or_default(),
    );
    put("code", code);
    put("status", posted.status_code().map_or("", |s| s.as_str()));
    put(
        "scope",
        posted.event_scope_code().map_or("", |s| s.as_str()),
    );
    put(
        "category",
        posted.event_type_category().map_or("", |c| c.as_str()),
    );
    put("description", description);
    if let Some(updated) = posted.last_updated_time().and_then(instant) {
        put("updated_at", &updated.to_string());
    }
    let place = if region.is_empty() {
        String::new()
    } else {
        format!(" in {region}")
    };
    Some(Event {
        // `arn:aws:health:REGION::event/SERVICE/CODE/ID`: what follows the event tells it apart.
        id: event_id(
            "health",
            arn.split_once("::event/").map_or(arn, |(_, rest)| rest),
        ),
        kind: EventKind::ProviderIncident,
        start: Some(start),
        end: posted.end_time().and_then(instant),
        title: format!(
            "AWS {service}{place}: {}",
            code.to_lowercase().replace('_', " ")
        ),
        object: ObjectRef {
            kind: "AwsService".into(),
            name: service.to_owned(),
        },
        source: NAME.into(),
        attributes,
        ..Event::default()
    })
}
