//! A database fails over: connections break, caches are cold, and it takes an hour to be itself.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::{event, object, with};
use model::{
    EventKind,
    time::{HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "failover",
    about: "a database fails over and comes back cold",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let onset = stage.moment(0.3, 0.85);
    // The provider writes it down when it is done, within a minute or two.
    let at = onset.plus(stage.random.whole(-60, 90) * SECOND);
    let kind = EventKind::Other("failover".into());
    let title = format!("Multi-AZ failover of {} completed", stage.town.database);
    let mut failover = event(kind, "rds", at, title);
    failover.object = object("DBInstance", &stage.town.database);
    let key = stage.push(with(failover, "reason", "host replacement"));
    let length = stage.random.whole(30, 240) * MINUTE;
    let end = onset.plus(length).min(stage.window.end.plus(-HOUR));
    let size = stage.size();
    let effect = Effect::step(onset, size).until(Some(end));
    stage.affect("db.read_latency", effect.times(2.0));
    stage.affect("db.connections", effect.times(0.5));
    stage.slow(2, effect);
    let errors = stage.series_of(0, "errors");
    stage.affect(
        &errors,
        Effect::step(onset, 4.0).until(Some(onset.plus(12 * MINUTE))),
    );
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        "db.read_latency".into(),
        "db.connections".into(),
        stage.series_of(0, "latency"),
    ];
    stage.shift = Some((onset.plus(-4 * MINUTE), onset));
    stage.cause(vec![key]);
}
