//! A canary: a new version takes a tenth of the traffic, then all of it. The effect is small at
//! first.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::with;
use model::time::{MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "canary",
    about: "a new version gets a part of the traffic, then all of it",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let first = stage.moment(0.35, 0.75);
    let full = first.plus(stage.random.whole(15, 90) * MINUTE);
    let lag = stage.random.whole(30, 240) * SECOND;
    let k = stage.random.index(stage.town.services.len());
    let service = stage.town.services[k].clone();
    let canary = with(stage.rollout(first, &service), "reason", "canary");
    let canary = stage.push(canary);
    let promoted = with(stage.rollout(full, &service), "reason", "promoted");
    let promoted = stage.push(promoted);
    let end = stage.ending(full.plus(lag));
    if let Some(end) = end {
        let back = end.plus(-stage.random.whole(20, 200) * SECOND);
        let undo = stage.rollout(back, &service);
        stage.push(undo);
    }
    let size = stage.size();
    let felt = full.plus(lag);
    stage.slow(k, Effect::step(first.plus(lag), 0.15 * size).until(end));
    stage.slow(k, Effect::step(felt, 0.75 * size).until(end));
    stage.truth.onset = Some(first.plus(lag));
    stage.truth.drivers = vec![stage.series_of(k, "latency"), stage.series_of(0, "latency")];
    stage.shift = Some((full, felt));
    stage.cause(vec![canary, promoted]);
}
