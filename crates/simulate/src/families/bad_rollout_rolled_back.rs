//! Several services are rolled out within a quarter of an hour; errors rise, and end with the
//! rollback of one of them.

use super::{Family, effect::Effect, stage::Stage};
use model::time::{HOUR, MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "bad_rollout_rolled_back",
    about: "of several rollouts one is rolled back, and the errors end",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.75);
    let onset = at.plus(stage.lag());
    let length = stage.random.whole(25, 300) * MINUTE;
    let end = onset.plus(length).min(stage.window.end.plus(-HOUR));
    let guilty = stage.random.index(stage.town.services.len());
    for k in 0..stage.town.services.len() {
        if k != guilty && stage.random.chance(0.6) {
            let service = stage.town.services[k].clone();
            let near = onset.plus(-stage.random.whole(10, 900) * SECOND);
            let other = stage.rollout(near, &service);
            stage.push(other);
        }
    }
    let service = stage.town.services[guilty].clone();
    let bad = stage.rollout(at, &service);
    let key = stage.push(bad);
    let back = end.plus(-stage.random.whole(15, 200) * SECOND);
    let undo = stage.rollout(back, &service);
    stage.push(undo);
    let size = stage.size();
    let effect = Effect::step(onset, size).until(Some(end));
    stage.slow(guilty, effect.times(0.8));
    let errors = stage.series_of(0, "errors");
    stage.affect(&errors, effect.times(3.0));
    stage.symptom.push(errors);
    stage.truth.onset = Some(onset);
    stage.truth.drivers = stage.symptom.clone();
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
