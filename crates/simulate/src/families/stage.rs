//! The stage of one incident: what every family draws alike, and what it is turned into.

use super::{
    Case, CaseTruth,
    effect::Effect,
    gauge::{self, Gauge, Season},
    town::{Service, Town},
};
use crate::{
    log::{Key, Log, event, object, with},
    random::Random,
};
use model::{
    Event, EventKind, Evidence, Impact, Series, Timestamp, Window,
    time::{DAY, HOUR, MINUTE, SECOND},
};
use std::collections::BTreeMap;

/// 2024-01-01T00:00:00Z, a Monday.
const NEW_YEAR: i64 = 1_704_067_200;

/// One incident in the making.
pub(super) struct Stage {
    /// What the family draws from.
    pub random: Random,
    /// What is looked at.
    pub window: Window,
    /// Milliseconds between samples.
    pub period: i64,
    /// Small effect, long lag or many innocent events.
    pub hard: bool,
    /// Services and nodes.
    pub town: Town,
    /// The visitors' day.
    pub season: Season,
    /// Whether the truth of this incident needs the edges to be seen.
    pub needs_edges: bool,
    /// Kind of the culprit: what stands near the symptom's shift by chance is of that kind too.
    pub kind: EventKind,
    /// When the cause happened and when the symptom shifted.
    pub shift: Option<(Timestamp, Timestamp)>,
    /// The truth, but for ids.
    pub truth: CaseTruth,
    /// Series that the family recorded itself.
    pub series: Vec<Series>,
    /// Ids of the series in which people feel it; named in four of five incidents.
    pub symptom: Vec<String>,
    /// Number of innocent events.
    pub decoys: usize,
    causes: Vec<Vec<Key>>,
    stuck: Vec<Key>,
    effects: BTreeMap<String, Vec<Effect>>,
    /// Factors by minute.
    curves: BTreeMap<String, Vec<f64>>,
    family: &'static str,
    seed: u64,
    skew: i64,
    log: Log,
}

impl Stage {
    pub(super) fn new(family: &'static str, seed: u64) -> Self {
        let mut random = Random::new(seed, family);
        let days = random.whole(2, 8);
        let start = Timestamp::from_seconds(NEW_YEAR)
            .plus(random.whole(0, 360) * DAY + random.whole(0, 23) * HOUR);
        let period = if days > 3 && random.chance(0.5) { 5 } else { 1 } * MINUTE;
        let hard = random.chance(0.42);
        // From 10 to 500, alike on a scale of logarithms; more where it is hard.
        let least: f64 = if hard { 60.0 } else { 10.0 };
        let most: f64 = if hard { 500.0 } else { 200.0 };
        let decoys = least * (most / least).powf(random.unit());
        let skew = if random.chance(0.6) {
            random.whole(-120, 120)
        } else {
            0
        };
        let town = Town::new(&mut random);
        let front = &town.services[0].name;
        Self {
            symptom: vec![format!("{front}.latency")],
            window: Window {
                start,
                end: start.plus(days * DAY),
            },
            season: Season::new(&mut random),
            skew: skew * SECOND,
            truth: CaseTruth {
                hard,
                ..CaseTruth::default()
            },
            decoys: decoys as usize,
            random,
            period,
            hard,
            town,
            needs_edges: false,
            kind: EventKind::Rollout,
            shift: None,
            series: Vec::new(),
            causes: Vec::new(),
            stuck: Vec::new(),
            effects: BTreeMap::new(),
            curves: BTreeMap::new(),
            family,
            seed,
            log: Log::default(),
        }
    }

    /// The seed of the noise.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// An instant at that share of the window, to the second.
    pub(super) fn moment(&mut self, low: f64, high: f64) -> Timestamp {
        let share = self.random.between(low, high);
        let seconds = (self.window.millis() / SECOND) as f64 * share;
        self.window.start.plus(seconds as i64 * SECOND)
    }

    /// Start of the minute of that number.
    pub(super) fn minute(&self, number: usize) -> Timestamp {
        let number = i64::try_from(number).unwrap_or(i64::MAX / MINUTE);
        self.window.start.plus(number * MINUTE)
    }

    /// A size: one to four times the level on top, a half to nine tenths where it is hard.
    pub(super) fn size(&mut self) -> f64 {
        if self.hard {
            self.random.between(0.5, 0.9)
        } else {
            self.random.between(0.8, 4.0)
        }
    }

    /// From a cause to its effect: half a minute to six.
    pub(super) fn lag(&mut self) -> i64 {
        self.random.whole(30, 360) * SECOND
    }

    /// When an incident that began then ends: two of three inside the window, 40 minutes to eight
    /// hours later.
    pub(super) fn ending(&mut self, from: Timestamp) -> Option<Timestamp> {
        let end = from.plus(self.random.whole(40, 480) * MINUTE);
        (self.random.chance(0.66) && end < self.window.end.plus(-HOUR)).then_some(end)
    }

    /// Adds an effect to a series.
    pub(super) fn affect(&mut self, series: &str, effect: Effect) {
        self.effects
            .entry(series.to_owned())
            .or_default()
            .push(effect);
    }

    /// Multiplies a series by a factor of each minute.
    pub(super) fn follow(&mut self, series: &str, factors: Vec<f64>) {
        self.curves.insert(series.to_owned(), factors);
    }

    /// Makes a service of the application slower, and its callers with it, each a little less.
    pub(super) fn slow(&mut self, service: usize, effect: Effect) {
        let id = self.series_of(service, "latency");
        self.affect(&id, effect);
        let mut passed = effect;
        for caller in Town::callers(service) {
            passed = passed.times(self.random.between(0.65, 0.95));
            let id = self.series_of(caller, "latency");
            self.affect(&id, passed);
        }
    }

    /// Id of a series of a service of the application.
    pub(super) fn series_of(&self, service: usize, measure: &str) -> String {
        format!("{}.{measure}", self.town.services[service].name)
    }

    /// Adds an event.
    pub(super) fn push(&mut self, event: Event) -> Key {
        self.log.push(event)
    }

    /// Ends an event.
    pub(super) fn end(&mut self, key: Key, at: Timestamp) {
        self.log.end(key, at);
    }

    /// These events are one cause.
    pub(super) fn cause(&mut self, events: Vec<Key>) {
        self.causes.push(events);
    }

    /// These pods are stuck.
    pub(super) fn stuck(&mut self, pods: &[Key]) {
        self.stuck.extend(pods);
    }

    /// An event of a service.
    pub(super) fn on(
        &self,
        kind: EventKind,
        at: Timestamp,
        service: &Service,
        what: &str,
    ) -> Event {
        let title = format!("{} {what}", service.name);
        Event {
            cluster: self.town.cluster.clone(),
            namespace: service.namespace.clone(),
            object: object("Deployment", &service.name),
            ..event(kind, "kubernetes", at, title)
        }
    }

    /// A rollout of a service by somebody.
    pub(super) fn rollout(&mut self, at: Timestamp, service: &Service) -> Event {
        const USERS: [&str; 4] = ["deploy-bot", "argo", "anna", "gitlab"];
        let event = self.on(EventKind::Rollout, at, service, "rolled out");
        let revision = self.random.whole(4, 300);
        let user = USERS[self.random.index(USERS.len())];
        let event = with(event, "revision", revision);
        let image = format!("registry/{}:{}", service.name, 100 + revision);
        with(with(event, "image", image), "user", user)
    }

    /// An event of a node.
    pub(super) fn on_node(&self, kind: EventKind, at: Timestamp, node: &str, what: &str) -> Event {
        Event {
            cluster: self.town.cluster.clone(),
            object: object("Node", node),
            node: node.to_owned(),
            ..event(kind, "kubernetes", at, format!("{node} {what}"))
        }
    }

    /// A run of a job.
    pub(super) fn job(&self, at: Timestamp, length: i64, namespace: &str, name: &str) -> Event {
        let run = at.millis().div_euclid(MINUTE);
        Event {
            cluster: self.town.cluster.clone(),
            namespace: namespace.to_owned(),
            object: object("Job", &format!("{name}-{run}")),
            end: Some(at.plus(length)),
            ..event(EventKind::JobRun, "kubernetes", at, format!("{name} ran"))
        }
    }

    /// Records a gauge with the effects that were named for it.
    pub(super) fn record(&mut self, gauge: &Gauge) {
        if self.series.iter().any(|s| s.meta.id == gauge.id) {
            return;
        }
        let none = Vec::new();
        let effects = self.effects.get(&gauge.id).unwrap_or(&none);
        let (season, start) = (self.season, self.window.start);
        let curve = self.curves.get(&gauge.id);
        let value = |at: Timestamp| {
            let minute = (at.since(start) / MINUTE) as usize;
            let factor = curve.and_then(|c| c.get(minute)).copied().unwrap_or(1.0);
            factor * gauge::usual(gauge, season, effects, at)
        };
        let one = gauge::record(self.seed, self.window, self.period, gauge, value);
        self.series.push(one);
    }

    /// Whether something happens to a series.
    pub(super) fn is_affected(&self, series: &str) -> bool {
        self.effects.contains_key(series)
    }

    /// Adds what is usual and what is innocent, and gives ids.
    pub(super) fn finish(mut self) -> Case {
        super::decoys::add(&mut self);
        self.measure();
        let named = self.random.chance(0.8);
        let stated = self.random.chance(0.55);
        let edges = self.needs_edges || self.random.chance(0.75);
        let impact = self.shift.filter(|_| stated).map(|(_, at)| Impact {
            start: at.plus(self.random.whole(0, 10) * MINUTE).floor_to(MINUTE),
            end: None,
        });
        let skew = self.skew;
        let (mut events, ids) = self.log.finish();
        // The clock of the cluster is not the clock of the metrics.
        for event in events.iter_mut().filter(|e| e.source == "kubernetes") {
            event.start = event.start.map(|t| t.plus(skew));
            event.end = event.end.map(|t| t.plus(skew));
        }
        let mut truth = self.truth;
        truth.causes = self.causes.iter().map(|keys| ids.of(keys)).collect();
        truth.stuck_pods = ids.of(&self.stuck);
        truth.stuck_pods.sort();
        let mut evidence = Evidence {
            window: self.window,
            impact,
            symptom: if named { self.symptom } else { Vec::new() },
            series: self.series,
            events,
            topology: if edges { self.town.edges() } else { Vec::new() },
            provenance: Vec::new(),
        };
        evidence.sort();
        Case {
            family: self.family,
            seed: self.seed,
            evidence,
            truth,
        }
    }
}
