//! A pool is made smaller or a timeout longer: requests wait for connections from then on, people
//! from the next busy hour on.

use super::{Family, effect::Effect, gauge::Gauge, stage::Stage};
use crate::log::{object, with};
use model::{
    EventKind,
    time::{HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "config_change",
    about: "a pool or a timeout is changed; it is felt hours later",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.3, 0.7);
    let onset = at.plus(stage.random.whole(10, 150) * SECOND);
    let delay = stage.random.whole(20, 600) * MINUTE;
    let felt = onset.plus(delay).min(stage.window.end.plus(-2 * HOUR));
    let k = 1 + stage.random.index(2);
    let service = stage.town.services[k].clone();
    let change = |stage: &mut Stage, at, from: i64, to: i64| {
        let mut event = stage.on(EventKind::ConfigChange, at, &service, "pool changed");
        event.object = object("ConfigMap", &format!("{}-config", service.name));
        let event = with(with(event, "from", from), "to", to);
        stage.push(with(event, "user", "anna"))
    };
    let key = change(stage, at, 50, 10);
    let end = stage.ending(felt);
    if let Some(end) = end {
        change(stage, end.plus(-MINUTE), 10, 50);
    }
    let level = stage.random.between(5.0, 40.0);
    let size = stage.random.between(1.0, 4.0);
    let gauge = Gauge {
        id: stage.series_of(k, "pool_waiting"),
        name: "pool_waiting",
        source: "prometheus",
        namespace: service.namespace.clone(),
        stat: "Average",
        unit: "Count",
        resource: Some(stage.town.resource(&service)),
        level,
        season: 0.6,
        noise: 0.12,
        places: 2,
    };
    stage.affect(&gauge.id, Effect::step(onset, size).until(end));
    stage.record(&gauge);
    let slow = stage.size();
    stage.slow(k, Effect::step(felt, slow).until(end));
    stage.kind = EventKind::ConfigChange;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![gauge.id];
    stage.shift = Some((at, felt));
    stage.cause(vec![key]);
}
