//! AWS CloudTrail: who changed which resource.
//!
//! Asked by `LookupEvents`: management events that write, of the last 90 days, in one region. An
//! event's instant is when the call was made; CloudTrail shows it up to 15 minutes later. Global
//! services (IAM, Route 53, CloudFront) are recorded in us-east-1 only.

mod event;

use crate::aws::{
    Askable, Asks as _, Connected, Pages, Service, askable, asks, batch, cancellable, explain,
    invalid, pause,
};
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{Event as Entry, LookupAttribute, LookupAttributeKey};
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::time::{DAY, MINUTE};
use model::words::count_are;
use model::{Batch, Gap, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Name of the source.
pub const NAME: &str = "cloudtrail";

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "AWS CloudTrail",
    needs: &[Need {
        permission: "cloudtrail:LookupEvents",
        purpose: "who changed which resource",
        optional: false,
    }],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 15 * 60,
        skew_s: 0,
        kept: &[(90 * 86_400, 0)],
    },
    follow: Follow::Poll {
        every_s: 300,
        again_s: 30 * 60,
    },
};

const SERVICE: Service = Service {
    source: NAME,
    prefix: "cloudtrail",
    host: "cloudtrail",
};
const KEPT: i64 = 90 * DAY;
const DELAY: i64 = 15 * MINUTE;
/// Two lookups a second are allowed to an account in a region; others may ask as well.
const BETWEEN: Duration = Duration::from_millis(550);
const PAGE: i32 = 50;
/// Pages of one lookup: 10,000 events take almost two minutes.
const MAX_PAGES: usize = 200;

/// What agents of AWS write by themselves, several times an hour on each instance.
const HEARTBEATS: [&str; 3] = [
    "UpdateInstanceInformation",
    "CreateLogStream",
    "PutInventory",
];

/// Which changes, and where. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudTrailConfig {
    /// Region, e.g. `eu-central-1`; empty: the environment's or the profile's.
    #[serde(default)]
    pub region: String,
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the CloudTrail API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`; `None`: none, whatever the environment
    /// says.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Services whose changes count, as CloudTrail names them: `elasticfilesystem.amazonaws.com`;
    /// empty: all. Each is a lookup of its own.
    #[serde(default)]
    pub event_sources: Vec<String>,
}

impl CloudTrailConfig {
    /// Whether it makes sense, before anybody is asked; the region may come from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)?;
        let good = |s: &&String| {
            s.ends_with(".amazonaws.com")
                && s.len() <= 100
                && s.chars()
                    .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        };
        match self.event_sources.iter().find(|s| !good(s)) {
            None => Ok(()),
            Some(bad) => {
                let expected = "a service such as elasticfilesystem.amazonaws.com";
                Err(invalid(NAME, "event_sources", bad, expected))
            }
        }
    }

    /// One attribute can be looked up by in a call. Whoever wants all services asks for what
    /// writes; of one service, what reads is left out afterwards.
    fn lookups(&self) -> Vec<(LookupAttributeKey, String)> {
        if self.event_sources.is_empty() {
            return vec![(LookupAttributeKey::ReadOnly, "false".into())];
        }
        let sources = self.event_sources.iter();
        sources
            .map(|s| (LookupAttributeKey::EventSource, s.clone()))
            .collect()
    }
}

/// A connection to CloudTrail.
pub type CloudTrail = Connected<CloudTrailConfig>;

asks!(CloudTrailConfig, aws_sdk_cloudtrail, SERVICE);

impl CloudTrail {
    /// One lookup, page by page, newest first. What came stays in `out` where a page fails.
    async fn lookup(
        &self,
        (key, value): &(LookupAttributeKey, String),
        window: Option<Window>,
        max_pages: usize,
        out: &mut Vec<Entry>,
        progress: &dyn Progress,
    ) -> Result<bool, SourceError> {
        let context = self.link.context();
        let mut pages = Pages::default();
        let mut token: Option<String> = None;
        for page in 0..max_pages {
            if page > 0 {
                pause(NAME, progress, BETWEEN).await?;
            }
            progress.step(page as u32, 0, &format!("{} events came", out.len()));
            let attribute = LookupAttribute::builder()
                .attribute_key(key.clone())
                .attribute_value(value)
                .build()
                .map_err(|e| SourceError::Failed {
                    name: NAME,
                    action: "LookupEvents".into(),
                    attempts: 0,
                    detail: e.to_string(),
                    cause: None,
                })?;
            let at = |t: Timestamp| DateTime::from_millis(t.millis());
            let request = self
                .client
                .lookup_events()
                .lookup_attributes(attribute)
                .set_start_time(window.map(|w| at(w.start)))
                .set_end_time(window.map(|w| at(w.end)))
                .max_results(PAGE)
                .set_next_token(token.take());
            let answer = cancellable(NAME, progress, request.send())
                .await?
                .map_err(|e| explain(e, "LookupEvents", &context))?;
            out.extend_from_slice(answer.events());
            token = pages.next(answer.next_token(), "LookupEvents", &context)?;
            if token.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl Source for CloudTrail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        let region = self.link.region()?;
        self.config.validate()?;
        let mut found = Vec::new();
        for lookup in self.config.lookups().iter().take(1) {
            self.lookup(lookup, None, 1, &mut found, &Unattended)
                .await?;
        }
        let newest = found
            .iter()
            .filter_map(|e| e.event_time()?.to_millis().ok())
            .max();
        Ok(match newest {
            Some(at) => format!(
                "newest change in {region} at {}",
                Timestamp::from_millis(at)
            ),
            None => format!("no change in {region} within 90 days"),
        })
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let region = self.link.region()?;
        self.config.validate()?;
        let Askable {
            window: asked,
            mut gaps,
        } = askable(NAME, window, now, KEPT, DELAY)?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut failure = None;
        for (number, lookup) in self.config.lookups().iter().enumerate() {
            if number > 0 {
                pause(NAME, progress, BETWEEN).await?;
            }
            let mut found = Vec::new();
            let all = self
                .lookup(lookup, Some(asked), MAX_PAGES, &mut found, progress)
                .await;
            let reason = match all {
                Ok(true) => None,
                Ok(false) => Some(format!(
                    "more than {} events: the earlier ones were not asked; pull a shorter \
                     window, or name event_sources",
                    found.len()
                )),
                Err(error @ SourceError::Cancelled { .. }) => return Err(error),
                Err(error) => {
                    let said = error.to_string();
                    failure.get_or_insert(error);
                    Some(said)
                }
            };
            if let Some(reason) = reason {
                let oldest = found
                    .iter()
                    .filter_map(|e| e.event_time()?.to_millis().ok())
                    .min();
                let until = oldest.map_or(asked.end, Timestamp::from_millis);
                gaps.push(Gap {
                    what: if self.config.event_sources.is_empty() {
                        String::new()
                    } else {
                        lookup.1.clone()
                    },
                    window: Window::new(asked.start, until),
                    reason,
                });
            }
            entries.extend(found);
        }
        if let Some(failure) = failure.filter(|_| entries.is_empty()) {
            return Err(failure);
        }
        let heartbeat = |e: &Entry| HEARTBEATS.contains(&e.event_name().unwrap_or_default());
        let before = entries.len();
        entries.retain(|e| e.read_only() != Some("true"));
        let writes = entries.len();
        entries.retain(|e| !heartbeat(e));
        if entries.len() < writes {
            gaps.push(Gap {
                what: HEARTBEATS.join(", "),
                window: None,
                reason: format!(
                    "{} of {} what agents write by themselves: left out",
                    writes - entries.len(),
                    count_are(before, "event")
                ),
            });
        }
        let mut events = Vec::new();
        for entry in &entries {
            match event::of(entry, region) {
                Some((event, bad)) => {
                    events.push(event);
                    gaps.extend(bad);
                }
                None => gaps.push(Gap {
                    what: entry.event_id().unwrap_or_default().to_owned(),
                    window: None,
                    reason: "CloudTrail gave an event without id or time: left out".into(),
                }),
            }
        }
        let (key, value) = self.config.lookups().swap_remove(0);
        let query = format!(
            "aws cloudtrail lookup-events --region {region} --lookup-attributes \
             AttributeKey={},AttributeValue={value} --start-time {} --end-time {}",
            key.as_str(),
            asked.start,
            asked.end
        );
        Ok(batch(NAME, query, (window, now), gaps, events))
    }
}
