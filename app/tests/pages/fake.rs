//! A backend that holds one incident in memory.

mod judging;
mod sharing;
mod sourcing;
mod writing;

use app::{
    ApiError,
    backend::{
        AnnotationDraft, Asking, Backend, Caller, Case, Coverage, EventsAsk, EventsPage,
        FileAnswer, FileRow, IncidentRow, LaneRow, LanesAsk, LanesGiven, Overview, Revision,
        ShareRow, SourceCard,
    },
};
use async_trait::async_trait;
use model::{
    Annotation, Event, EventKind, Evidence, Gap, Incident, IncidentId, ObjectRef, Provenance,
    Samples, Series, SeriesMeta, Timestamp, Window,
    analysis::{
        Credit, CreditState, EvidenceItem, Explained, Forecast, RuledOut, StuckPod, Suspect,
        UnknownHypothesis,
    },
    bundle::{Columns, Question, QuestionField, RawFile},
    incident::{Job, JobState},
    share::ShareLink,
    source::{Follow, Holding, Need, SourceClock, SourceFacts, SourceHealth, SourceStatus, Stamp},
    time::{HOUR, MINUTE},
};
use std::sync::Mutex;

/// Id of the incident that there is.
pub(crate) const ID: &str = "0123456789abcdef0123456789abcdef";

/// Id of the incident that makes the backend panic.
pub(crate) const FAULTY: &str = "deaddeaddeaddeaddeaddeaddeaddead";

/// The token of the link that opens.
const TOKEN: &str = "open-sesame";

/// A title that would run if it were not escaped.
pub(crate) const HOSTILE: &str = "<script>alert('title')</script>&\"";

/// What must be said about the evidence.
pub(crate) const NOTICE: &str = "Simulated data";

/// The present.
pub(crate) fn now() -> Timestamp {
    at("2020-05-22T12:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One incident, or none.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) cases: Vec<Case>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Fake {
    /// A backend with the incident.
    pub(crate) fn with_case() -> Self {
        Self {
            cases: vec![case()],
            asked: Mutex::default(),
        }
    }

    pub(crate) fn asks(&self, who: &Caller, what: &str) {
        self.asked.lock().unwrap().push(format!("{who:?} {what}"));
    }

    pub(crate) fn find(&self, id: &IncidentId) -> Result<&Case, ApiError> {
        assert_ne!(id.0, FAULTY, "a fault that a test plays");
        self.cases
            .iter()
            .find(|c| c.incident.id == *id)
            .ok_or(ApiError::NotFound)
    }
}

#[async_trait]
impl Backend for Fake {
    async fn overview(&self, who: &Caller) -> Result<Overview, ApiError> {
        self.asks(who, "overview");
        Ok(Overview::of(&self.cases, None, now()))
    }

    async fn incidents(&self, who: &Caller) -> Result<Vec<IncidentRow>, ApiError> {
        self.asks(who, "incidents");
        Ok(Overview::of(&self.cases, None, now()).incidents)
    }

    async fn case(&self, who: &Caller, id: &IncidentId) -> Result<Case, ApiError> {
        self.asks(who, "case");
        self.find(id).cloned()
    }

    async fn put_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: AnnotationDraft,
    ) -> Result<Annotation, ApiError> {
        self.asks(who, &format!("note {}", draft.text));
        self.find(id)?;
        Ok(Annotation::default())
    }

    async fn delete_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("remove {annotation}"));
        self.find(id).map(drop)
    }

    async fn freeze(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.asks(who, "freeze");
        self.find(id).map(drop)
    }

    async fn set_closed(
        &self,
        who: &Caller,
        id: &IncidentId,
        closed: bool,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("closed {closed}"));
        self.find(id).map(drop)
    }

    async fn rename(&self, who: &Caller, id: &IncidentId, title: &str) -> Result<(), ApiError> {
        self.asks(who, &format!("rename {title}"));
        self.find(id).map(drop)
    }

    async fn delete_incident(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.asks(who, "delete the incident");
        self.find(id).map(drop)
    }

    async fn window(&self, who: &Caller, id: &IncidentId) -> Result<Window, ApiError> {
        self.asks(who, "window");
        self.find(id).map(|case| case.incident.window)
    }

    fn now(&self) -> Timestamp {
        now()
    }

    async fn retry_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.asks(who, &format!("retry {id}"));
        Ok(())
    }

    async fn add_files(
        &self,
        who: &Caller,
        id: &IncidentId,
        files: Vec<RawFile>,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("add {}", files.len()));
        self.find(id).map(drop)
    }

    async fn answer_file(
        &self,
        who: &Caller,
        id: &IncidentId,
        answer: FileAnswer,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("answer {answer:?}"));
        self.find(id).map(drop)
    }

    async fn job(&self, who: &Caller, id: &str) -> Result<Job, ApiError> {
        self.asks(who, &format!("job {id}"));
        self.cases
            .iter()
            .flat_map(|c| &c.jobs)
            .find(|j| j.id == id)
            .cloned()
            .ok_or(ApiError::NotFound)
    }

    async fn cancel_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.asks(who, &format!("cancel {id}"));
        Ok(())
    }

    async fn revision(&self, who: &Caller, id: &IncidentId) -> Result<Revision, ApiError> {
        self.asks(who, "revision");
        self.find(id).map(|_| Revision::default())
    }

    async fn changed(
        &self,
        who: &Caller,
        id: &IncidentId,
        known: Revision,
    ) -> Result<Revision, ApiError> {
        self.asks(who, "changed");
        self.find(id).map(|_| known)
    }

    async fn lanes(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: LanesAsk,
    ) -> Result<LanesGiven, ApiError> {
        self.asks(who, &format!("lanes {}", ask.lanes.join(" ")));
        let window = ask.window.unwrap_or(self.find(id)?.incident.window);
        Ok(LanesGiven {
            slice: chart::Slice {
                window,
                columns: ask.columns,
                lanes: Vec::new(),
            },
            compared: None,
        })
    }

    async fn comparable(
        &self,
        who: &Caller,
        id: &IncidentId,
    ) -> Result<Vec<IncidentRow>, ApiError> {
        self.asks(who, "comparable");
        self.find(id).map(|_| Vec::new())
    }

    async fn lane_list(&self, who: &Caller, id: &IncidentId) -> Result<Vec<LaneRow>, ApiError> {
        self.asks(who, "lane list");
        self.find(id).map(|_| Vec::new())
    }

    async fn events(
        &self,
        who: &Caller,
        id: &IncidentId,
        _ask: EventsAsk,
    ) -> Result<EventsPage, ApiError> {
        self.asks(who, "events");
        self.find(id).map(|_| EventsPage::default())
    }
}

fn link() -> ShareRow {
    let link = ShareLink {
        id: "link-1".into(),
        incident: IncidentId(ID.into()),
        token_hash: "never shown".into(),
        created_at: at("2020-05-22T10:00:00Z"),
        expires_at: Some(at("2020-05-29T10:00:00Z")),
        ..ShareLink::default()
    };
    ShareRow::of(&link, now())
}

fn window() -> Window {
    Window {
        start: at("2020-05-20T00:00:00Z"),
        end: at("2020-05-22T06:00:00Z"),
    }
}

/// A small incident with a suspect, a zombie, a balance, a note and a gap.
pub(crate) fn case() -> Case {
    let mut case = Case {
        incident: Incident {
            id: IncidentId(ID.into()),
            title: HOSTILE.into(),
            window: window(),
            notice: Some(NOTICE.into()),
            created_at: now(),
            ..Incident::default()
        },
        evidence: evidence(),
        annotations: vec![Annotation {
            id: "note-1".into(),
            start: at("2020-05-22T03:00:00Z"),
            text: "<img src=x onerror=alert(1)>".into(),
            ..Annotation::default()
        }],
        jobs: vec![Job {
            id: "job-1".into(),
            state: JobState::Running,
            done: 3,
            total: 9,
            message: "MetadataIOBytes".into(),
            spec: "the job's parameters stay on the server".into(),
            ..Job::default()
        }],
        coverage: vec![covered()],
        freezable: true,
        asking: Asking {
            once: Some(0.25),
            going_on: Some(0.02),
        },
        files: vec![log_file(), table_file()],
        ..Case::default()
    };
    let analysis = &mut case.analysis;
    analysis.suspects = vec![suspect()];
    analysis.stuck_pods = vec![StuckPod {
        event: "zombie".into(),
        namespace: "shop".into(),
        pod: "web-797fbbbc6d-whjpp".into(),
        node: "node-a".into(),
        age_s: Some(7_200),
        since: Some(at("2020-05-20T09:35:00Z")),
        until: None,
    }];
    analysis.credits = vec![Credit {
        series: "burst".into(),
        resource: Some("aws:fs-1".into()),
        state: CreditState::Draining,
        balance: Some(1024.0 * 1024.0),
        forecast: Some(Forecast {
            exhausts_at: at("2020-05-22T15:30:00Z"),
            low: at("2020-05-22T14:00:00Z"),
            high: at("2020-05-22T17:00:00Z"),
        }),
        ..Credit::default()
    }];
    analysis.ruled_out = vec![RuledOut {
        hypothesis: "traffic".into(),
        reason: "Requests stay at 100 a minute.".into(),
        series: Vec::new(),
        events: Vec::new(),
    }];
    analysis.unknown = vec![UnknownHypothesis {
        hypothesis: "database".into(),
        missing: "No database metrics: import them as CSV.".into(),
    }];
    case
}

/// A log that is read but for its times.
fn log_file() -> FileRow {
    let file = RawFile {
        path: "files/<kubelet>.log".into(),
        ..RawFile::default()
    };
    FileRow {
        proposed: RawFile {
            observed_at: Some(at("2020-05-22T04:00:00Z")),
            timezone: Some("UTC".into()),
            ..file.clone()
        },
        file,
        bytes: 3_200_000,
        kind: "a log".into(),
        events: 4,
        missing: vec!["the times of its lines are unknown".into()],
        questions: vec![Question {
            path: "files/<kubelet>.log".into(),
            field: QuestionField::ObservedAt,
            why: "the times of this log have no year: when does it end?".into(),
            proposal: "2020-05-22T04:00:00Z".into(),
        }],
        ..FileRow::default()
    }
}

/// A table that is read.
fn table_file() -> FileRow {
    let columns = Columns {
        time: "when".into(),
        time_format: "m/d/y".into(),
        decimal_comma: Some(true),
        ..Columns::default()
    };
    let file = RawFile {
        path: "files/table.csv".into(),
        columns: Some(columns),
        ..RawFile::default()
    };
    FileRow {
        proposed: file.clone(),
        file,
        bytes: 20,
        kind: "a table of samples".into(),
        series: 1,
        is_table: true,
        ..FileRow::default()
    }
}

fn suspect() -> Suspect {
    Suspect {
        rank: 1,
        events: vec!["rollout".into()],
        score: 0.937,
        explains: vec![Explained {
            series: "burst".into(),
            at: at("2020-05-20T10:05:00Z"),
            lag_s: 2_100,
        }],
        evidence: vec![EvidenceItem {
            factor: "precedes".into(),
            weight: 2.3,
            text: "It began 35 min before the onset.".into(),
            series: vec!["burst".into()],
            events: vec!["zombie".into()],
            span: None,
        }],
        title: "Rollout of shop/web left 1 pod Terminating".into(),
        start: Some(at("2020-05-20T09:30:00Z")),
        end: None,
    }
}

fn evidence() -> Evidence {
    let start = window().start;
    let points = (0..54 * 12)
        .map(|i| (start.plus(i * 5 * MINUTE), 2e12 - i as f64 * 1e9))
        .collect();
    let event = |id: &str, kind: EventKind, when: &str, name: &str| Event {
        id: id.into(),
        kind,
        start: Some(at(when)),
        title: format!("{id} of {name}"),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Deployment".into(),
            name: name.into(),
        },
        ..Event::default()
    };
    Evidence {
        window: window(),
        series: vec![Series {
            meta: SeriesMeta {
                id: "burst".into(),
                name: "BurstCreditBalance".into(),
                source: "cloudwatch".into(),
                namespace: "AWS/EFS".into(),
                stat: "Minimum".into(),
                unit: "Bytes".into(),
                period_s: Some(300),
                resource: Some("aws:fs-1".into()),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(points),
        }],
        events: vec![
            event("rollout", EventKind::Rollout, "2020-05-20T09:30:00Z", "web"),
            event(
                "zombie",
                EventKind::PodTerminating,
                "2020-05-20T09:35:00Z",
                "web-1",
            ),
        ],
        provenance: vec![Provenance {
            source: "cloudwatch".into(),
            query: "GetMetricData AWS/EFS".into(),
            asked_at: Some(now().plus(-HOUR)),
            gaps: vec![Gap {
                what: "ClientConnections".into(),
                window: None,
                reason: "no data in this window".into(),
            }],
            ..Provenance::default()
        }],
        ..Evidence::default()
    }
}

const FACTS: SourceFacts = SourceFacts {
    kind: "cloudwatch",
    title: "Amazon CloudWatch",
    needs: &[Need {
        permission: "cloudwatch:GetMetricData",
        purpose: "samples",
        optional: false,
    }],
    clock: SourceClock {
        stamp: Stamp::PeriodStart,
        delay_s: 180,
        skew_s: 2,
        kept: &[(1_296_000, 60)],
    },
    follow: Follow::Poll {
        every_s: 60,
        again_s: 900,
    },
};

fn source_card() -> SourceCard {
    SourceCard {
        name: "prod".into(),
        facts: FACTS,
        live: true,
        status: Some(SourceStatus {
            name: "prod".into(),
            kind: "cloudwatch".into(),
            health: SourceHealth::Failing,
            message: format!("credentials have expired: log in again {HOSTILE}"),
            tried_at: Some(now()),
            succeeded_at: Some(now().plus(-HOUR)),
            newest: Some(now().plus(-HOUR)),
            gaps: vec![Gap {
                what: "pods".into(),
                window: Some(window()),
                reason: "not watched".into(),
            }],
        }),
        holding: Some(Holding {
            name: "prod".into(),
            series: 14,
            samples: 20_160,
            events: 3,
            bytes: 70_000,
            span: Some(window()),
        }),
        keep_days: 30,
        keep_mib: Some(512),
        searchable: true,
        search_usd: None,
        usd_per_month: Some(4.38),
        testable: true,
    }
}

/// What the incident has of its source.
pub(crate) fn covered() -> Coverage {
    Coverage {
        absent: vec!["shop.queue (no such series)".into()],
        source: "prod".into(),
        span: Some(window()),
        share: 1.0,
        resolution_s: Some((60, 300)),
        series: 14,
        events: 0,
        gaps: Vec::new(),
        losing: vec![
            "1 min data of this window begin to leave Amazon CloudWatch in 3 d 4 h".into(),
        ],
    }
}
