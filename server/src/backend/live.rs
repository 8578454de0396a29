//! What the pages ask of the configured sources: how each is doing, a test of one, a window on what
//! they have given, an incident out of it.

use super::{ServerBackend, unavailable};
use crate::{
    collect,
    config::Freeze,
    jobs::{self, FreezeSpec},
    live,
    registry::Registry,
};
use app::{
    ApiError, FieldError,
    backend::{
        Asking, Case, Coverage, ExploreAsk, Explored, NotShown, OpenIncident, SourceCard,
        SourcesView, WhyNotShown, sources::coverage,
    },
    input::LONGEST_PULL_DAYS,
};
use model::{
    Event, Evidence, Incident, IncidentId, Series, Timestamp, Window,
    incident::IncidentState,
    source::{Follow, SourceHealth, SourceStatus},
    time::{DAY, HOUR, MINUTE},
};

/// The window that the explore page opens with.
const LAST: i64 = 6 * HOUR;
/// The window that the dashboard looks at: a drain of two days and the day before it.
const OVERVIEW: i64 = 3 * DAY;
/// Longest window that is explored: a page is answered within a second.
const LONGEST_EXPLORED: i64 = 31 * DAY;

impl ServerBackend {
    pub(super) async fn source_cards(&self) -> Result<SourcesView, ApiError> {
        let now = self.clock.now();
        let statuses = self.store.statuses().await.map_err(|e| unavailable(&e))?;
        let holdings = self.store.holdings().await.map_err(|e| unavailable(&e))?;
        let card = |s: &crate::registry::Configured| SourceCard {
            name: s.name().to_owned(),
            facts: s.facts,
            live: s.entry.live && s.facts.follow != Follow::Never,
            status: statuses.iter().find(|t| t.name == s.name()).cloned(),
            holding: holdings.iter().find(|h| h.name == s.name()).cloned(),
            keep_days: s.entry.keep_days,
            keep_mib: s.entry.keep_mib,
            searchable: s.searchable(),
            search_usd: s.search_usd(),
            usd_per_month: s.per_month(now).filter(|_| s.entry.live),
            testable: true,
        };
        let mut configured: Vec<SourceCard> = self.registry.all().iter().map(card).collect();
        if self.hooks.is_open() {
            configured.push(SourceCard {
                name: sources::hooks::NAME.to_owned(),
                facts: sources::hooks::FACTS,
                live: true,
                status: statuses
                    .iter()
                    .find(|t| t.name == sources::hooks::NAME)
                    .cloned(),
                holding: holdings
                    .iter()
                    .find(|h| h.name == sources::hooks::NAME)
                    .cloned(),
                keep_days: self.hooks.keep_days,
                keep_mib: self.hooks.keep_mib,
                searchable: false,
                search_usd: None,
                usd_per_month: None,
                testable: false,
            });
        }
        Ok(SourcesView {
            configured,
            kinds: Registry::kinds().collect(),
            now,
        })
    }

    /// Tries a source and keeps what it said as its state.
    pub(super) async fn try_source(&self, name: &str) -> Result<String, ApiError> {
        let source = self.registry.get(name).ok_or(ApiError::NotFound)?;
        let answer = collect::check(source).await;
        let now = self.clock.now();
        let before = self.store.statuses().await.map_err(|e| unavailable(&e))?;
        let before = before.into_iter().find(|s| s.name == name);
        if before
            .as_ref()
            .is_some_and(|s| s.health == SourceHealth::Stopped)
        {
            // What is in the way is on this side; whoever follows the source says when it is gone.
            return Ok(answer.unwrap_or_else(|message| message));
        }
        let (health, message) = match answer {
            Ok(message) => (SourceHealth::Good, message),
            Err(message) => (SourceHealth::Failing, message),
        };
        let status = SourceStatus {
            name: name.to_owned(),
            kind: source.facts.kind.to_owned(),
            health,
            message: message.clone(),
            tried_at: Some(now),
            ..before.unwrap_or_default()
        };
        let status = SourceStatus {
            succeeded_at: if health == SourceHealth::Good {
                Some(now)
            } else {
                status.succeeded_at
            },
            ..status
        };
        self.store
            .put_status(&status)
            .await
            .map_err(|e| unavailable(&e))?;
        Ok(message)
    }

    /// What all archives have inside a window, as one piece of evidence.
    pub(super) async fn live_evidence(
        &self,
        window: Window,
    ) -> Result<(Evidence, Vec<String>), ApiError> {
        let mut all = Evidence {
            window,
            ..Evidence::default()
        };
        let mut names = Vec::new();
        for holding in self.store.holdings().await.map_err(|e| unavailable(&e))? {
            let archive = self
                .store
                .archive(&holding.name)
                .await
                .map_err(|e| unavailable(&e))?;
            let part = self
                .store
                .evidence_between(&archive, window)
                .await
                .map_err(|e| unavailable(&e))?;
            let part = jobs::named(part, &holding.name, &self.registry);
            all.series.extend(part.series);
            all.events.extend(part.events);
            all.topology.extend(part.topology);
            all.provenance.extend(part.provenance);
            names.push(holding.name);
        }
        all.sort();
        Ok((all, names))
    }

    /// The window on the live sources that the dashboard shows; `None` where nothing is followed.
    pub(super) async fn live_case(&self) -> Result<Option<Case>, ApiError> {
        let now = self.clock.now();
        let window = Window {
            start: now.plus(-OVERVIEW),
            end: now,
        };
        let (evidence, names) = self.live_evidence(window).await?;
        if names.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.as_case(evidence, now).await))
    }

    pub(super) async fn explored(&self, ask: ExploreAsk) -> Result<Explored, ApiError> {
        let now = self.clock.now();
        let window = ask.window.unwrap_or(Window {
            start: now.plus(-LAST),
            end: now,
        });
        if window.millis() > LONGEST_EXPLORED {
            return Err(ApiError::Fields(vec![FieldError::new(
                "start",
                format!("at most {} days are shown at once", LONGEST_EXPLORED / DAY),
            )]));
        }
        let asking = self.asking(window, now);
        let (mut evidence, sources) = self.live_evidence(window).await?;
        let not_shown = self.not_shown(&evidence).await?;
        // Of all that is there, whatever the words leave to be looked at.
        let coverage = covered(&evidence, now);
        let (series, events) = (evidence.series.len(), evidence.events.len());
        let words: Vec<String> = ask
            .words
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        if !words.is_empty() {
            evidence.series.retain(|s| holds(&words, &about_series(s)));
            evidence.events.retain(|e| holds(&words, &about_event(e)));
        }
        let case = Case {
            asking,
            coverage,
            ..self.as_case(evidence, now).await
        };
        Ok(Explored {
            case,
            series,
            events,
            sources,
            not_shown,
            now,
        })
    }

    /// What the configured sources may have of a window that the archives do not.
    async fn not_shown(&self, evidence: &Evidence) -> Result<Vec<NotShown>, ApiError> {
        let holdings = self.store.holdings().await.map_err(|e| unavailable(&e))?;
        let why = |source: &crate::registry::Configured| {
            let name = source.name();
            let held = holdings.iter().find(|h| h.name == name);
            let told = evidence.provenance.iter().filter(|p| p.name == name);
            let asked = told.filter_map(|p| p.window).map(|w| w.start);
            let first = asked
                .chain(held.and_then(|h| h.span).map(|s| s.start))
                .min();
            let followed = source.entry.live && source.facts.follow != Follow::Never;
            match first {
                // The first sample of a window may stand a period after its start.
                Some(first) if first <= evidence.window.start.plus(MINUTE) && followed => None,
                _ if !followed => Some(WhyNotShown::NotFollowed),
                Some(first) => Some(WhyNotShown::Before(first)),
                None => Some(WhyNotShown::NothingYet),
            }
        };
        let all = self.registry.all().iter();
        Ok(all
            .filter_map(|source| {
                let source_name = source.name().to_owned();
                why(source).map(|why| NotShown {
                    source: source_name,
                    why,
                })
            })
            .collect())
    }

    async fn as_case(&self, evidence: Evidence, now: Timestamp) -> Case {
        let (evidence, analysis) = crate::case::analysed(evidence, now).await;
        let incident = Incident {
            title: "Live sources".into(),
            window: evidence.window,
            ..Incident::default()
        };
        Case {
            coverage: covered(&evidence, now),
            incident,
            evidence,
            analysis,
            ..Case::default()
        }
    }

    pub(super) async fn opened(&self, request: OpenIncident) -> Result<IncidentId, ApiError> {
        let now = self.clock.now();
        let window = check_window(&request, now)?;
        self.anybody_to_ask().await?;
        let spec = FreezeSpec::of(window, self.margin, now);
        let incident = Incident {
            title: request.title,
            window,
            live: request.end.is_none(),
            ..Incident::default()
        };
        self.collect_anew(incident, |id, incident| {
            jobs::freeze_job(id, incident, &spec, now)
        })
        .await
    }

    /// What it costs to freeze a window, and an incident that is going on.
    pub(super) fn asking(&self, window: Window, now: Timestamp) -> Asking {
        asking(&self.registry, self.margin, window, now)
    }

    /// Queues the freeze of an incident's window with its margin, unless one is on its way; whether it did.
    pub(super) async fn freeze_now(&self, incident: &Incident) -> Result<bool, ApiError> {
        self.anybody_to_ask().await?;
        let now = self.clock.now();
        let spec = FreezeSpec::of(incident.window, self.margin, now);
        let jobs = self.store.jobs(&incident.id).await;
        let jobs = jobs.map_err(|e| unavailable(&e))?;
        if jobs.iter().any(|job| spec.is_on_its_way(job)) {
            return Ok(false);
        }
        let job = jobs::freeze_job(self.new_id()?, &incident.id, &spec, now);
        self.store
            .enqueue(&job)
            .await
            .map_err(|e| unavailable(&e))?;
        self.worker.wake();
        Ok(true)
    }

    async fn anybody_to_ask(&self) -> Result<(), ApiError> {
        let holdings = self.store.holdings().await.map_err(|e| unavailable(&e))?;
        if self.registry.all().is_empty() && holdings.is_empty() {
            return Err(ApiError::Invalid(
                "no source is configured: add one to the configuration file (the page Sources says \
                 how), or upload what you have"
                    .into(),
            ));
        }
        Ok(())
    }

    pub(super) async fn closed(&self, id: &IncidentId, closed: bool) -> Result<(), ApiError> {
        let state = if closed {
            IncidentState::Closed
        } else {
            IncidentState::Open
        };
        let change = move |incident: &Incident| {
            Some(Incident {
                state,
                ..incident.clone()
            })
        };
        let changed = self.store.change_incident(id, &change).await;
        match changed.map_err(|e| unavailable(&e))? {
            Some(_) => Ok(()),
            None => Err(ApiError::NotFound),
        }
    }
}

/// What evidence has of each source in its own window.
fn covered(evidence: &Evidence, now: Timestamp) -> Vec<Coverage> {
    let incident = Incident {
        window: evidence.window,
        ..Incident::default()
    };
    coverage(&incident, evidence, Registry::facts_of_kind, now)
}

/// The same estimates as those of a pull, one for each source that anything is charged for.
fn asking(registry: &Registry, margin: Freeze, window: Window, now: Timestamp) -> Asking {
    let sum = |window| {
        let all = registry.all().iter();
        let each: Vec<f64> = all.filter_map(|s| s.estimate(window, now)).collect();
        (!each.is_empty()).then(|| each.iter().sum::<f64>())
    };
    Asking {
        once: sum(FreezeSpec::of(window, margin, now).window),
        going_on: sum(live::asked(now)).map(|usd| usd * 60.0),
    }
}

/// The window of a new incident: not in the future, not absurdly long.
fn check_window(request: &OpenIncident, now: Timestamp) -> Result<Window, ApiError> {
    let mut wrong = Vec::new();
    if let Err(message) = app::input::title(&request.title) {
        wrong.push(FieldError::new("title", message));
    }
    let end = request.end.unwrap_or(now);
    let window = Window {
        start: request.start,
        end,
    };
    if window.millis() <= 0 {
        let message = if request.end.is_none() {
            "the start lies in the future"
        } else {
            "the end must be later than the start"
        };
        wrong.push(FieldError::new("start", message));
    } else if window.millis() > LONGEST_PULL_DAYS * DAY {
        let message = format!("at most {LONGEST_PULL_DAYS} days fit into an incident");
        wrong.push(FieldError::new("start", message));
    }
    if wrong.is_empty() {
        Ok(window)
    } else {
        Err(ApiError::Fields(wrong))
    }
}

fn holds(words: &[String], about: &str) -> bool {
    let about = about.to_lowercase();
    words.iter().all(|word| about.contains(word))
}

fn about_series(series: &Series) -> String {
    let meta = &series.meta;
    let dimensions: Vec<String> = meta
        .dimensions
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    [
        meta.id.as_str(),
        &meta.name,
        &meta.namespace,
        &meta.stat,
        meta.resource.as_deref().unwrap_or_default(),
        &dimensions.join(" "),
    ]
    .join(" ")
}

fn about_event(event: &Event) -> String {
    [
        event.kind.as_str(),
        &event.title,
        &event.cluster,
        &event.namespace,
        &event.object.kind,
        &event.object.name,
        &event.node,
    ]
    .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn freezing_is_priced_as_a_pull_and_going_on_by_the_hour() {
        let now = Timestamp::from_seconds(1_772_438_400);
        let window = Window {
            start: now.plus(-DAY),
            end: now,
        };
        let registry = |toml: &str| {
            let file: crate::config::Config = toml::from_str(toml).unwrap();
            Registry::of(&file, Path::new("lineup.toml")).unwrap()
        };
        let aws = "[[source]]\nname = \"aws\"\nkind = \"cloudwatch\"\nregion = \"eu-west-1\"\n\
                   file_system_id = \"fs-12345678\"\n";
        let margin = Freeze::default();
        let priced = registry(aws);
        let Asking { once, going_on } = asking(&priced, margin, window, now);
        let pull = FreezeSpec::of(window, margin, now).window;
        let source = priced.get("aws").unwrap();
        assert_eq!(once, source.estimate(pull, now));
        assert!(once.unwrap() > 0.0);
        // As much as following it, which is asked for every minute as well, if for a longer part.
        let (hour, month) = (going_on.unwrap(), source.per_month(now).unwrap());
        assert!(
            hour * 730.0 >= month * 0.99,
            "{hour} an hour, {month} a month"
        );

        let free =
            registry("[[source]]\nname = \"c\"\nkind = \"cloudtrail\"\nregion = \"eu-west-1\"\n");
        assert_eq!(asking(&free, margin, window, now), Asking::default());
    }
}
