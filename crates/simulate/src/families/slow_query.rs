//! A migration of the database: a query loses its index, and everything that asks it waits.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::{object, with};
use model::{
    EventKind,
    time::{MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "slow_query",
    about: "a migration makes a query slow",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.8);
    let onset = at.plus(stage.random.whole(20, 400) * SECOND);
    let service = stage.town.services[2].clone();
    let as_job = stage.random.chance(0.5);
    let number = stage.random.whole(100, 999);
    let key = if as_job {
        let length = stage.random.whole(20, 200) * SECOND;
        let job = stage.job(at, length, &service.namespace, &format!("migrate-{number}"));
        stage.push(job)
    } else {
        let mut change = stage.on(EventKind::ConfigChange, at, &service, "schema migrated");
        change.object = object("DBInstance", &stage.town.database);
        stage.push(with(change, "reason", format!("migration {number}")))
    };
    let end = stage.ending(onset);
    if let Some(end) = end {
        let mut undo = stage.on(
            EventKind::ConfigChange,
            end.plus(-MINUTE),
            &service,
            "index added",
        );
        undo.object = object("DBInstance", &stage.town.database);
        stage.push(undo);
    }
    let size = stage.size();
    let effect = Effect::step(onset, size).until(end);
    stage.affect("db.cpu", effect.times(0.8));
    stage.affect("db.read_latency", effect.times(1.5));
    stage.affect("db.connections", effect.times(0.4));
    stage.slow(2, effect);
    stage.kind = if as_job {
        EventKind::JobRun
    } else {
        EventKind::ConfigChange
    };
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        "db.read_latency".into(),
        "db.cpu".into(),
        stage.series_of(0, "latency"),
    ];
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
