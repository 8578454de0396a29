//! A rollout of a service that makes it slower within minutes.

use super::{Family, effect::Effect, stage::Stage};
use model::time::{MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "rollout_latency",
    about: "a new version of a service is slower",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.8);
    // A hard one takes its time: pods are replaced one by one, caches are warm for a while.
    let slow_start = stage.hard && stage.random.chance(0.4);
    let lag = if slow_start {
        stage.random.whole(8, 30) * MINUTE
    } else {
        stage.lag()
    };
    let onset = at.plus(lag);
    let k = stage.random.index(stage.town.services.len());
    let service = stage.town.services[k].clone();
    let rollout = stage.rollout(at, &service);
    let key = stage.push(rollout);
    let end = stage.ending(onset);
    if let Some(end) = end {
        let back = end.plus(-stage.random.whole(20, 240) * SECOND);
        let undo = stage.rollout(back, &service);
        stage.push(undo);
    }
    let effect = Effect::step(onset, stage.size()).until(end);
    stage.slow(k, effect);
    if stage.random.chance(0.5) {
        let id = stage.series_of(k, "cpu");
        stage.affect(&id, effect.times(0.6));
    }
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![stage.series_of(k, "latency"), stage.series_of(0, "latency")];
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
