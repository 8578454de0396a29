//! A rollout deep in the calls: people feel it at the front, where something else was rolled out
//! just before.

use super::{Family, effect::Effect, stage::Stage};
use model::time::{MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "downstream",
    about: "a callee gets slower; its callers, changed just before, only pass it on",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.8);
    let onset = at.plus(stage.lag());
    let k = 2 + stage.random.index(stage.town.services.len() - 2);
    let service = stage.town.services[k].clone();
    let rollout = stage.rollout(at, &service);
    let key = stage.push(rollout);
    for caller in 0..2 {
        if stage.random.chance(0.8) {
            let front = stage.town.services[caller].clone();
            let near = onset.plus(-stage.random.whole(60, 1500) * SECOND);
            let decoy = stage.rollout(near, &front);
            stage.push(decoy);
        }
    }
    let size = stage.size().max(0.6);
    let end = stage.ending(onset);
    if let Some(end) = end {
        let undo = stage.rollout(end.plus(-MINUTE), &service);
        stage.push(undo);
    }
    stage.slow(k, Effect::step(onset, size).until(end));
    let cpu = stage.series_of(k, "cpu");
    stage.affect(&cpu, Effect::step(onset, 0.4 * size).until(end));
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![stage.series_of(k, "latency"), stage.series_of(0, "latency")];
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
