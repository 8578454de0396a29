//! Two rollouts of two services within an hour, each of which makes things worse.

use super::{Family, effect::Effect, stage::Stage};
use model::time::{MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "two_causes",
    about: "two changes add up",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.75);
    let first = 2 + stage.random.index(2);
    let second = 4;
    let mut keys = Vec::new();
    let mut time = at;
    for k in [first, second] {
        let service = stage.town.services[k].clone();
        let rollout = stage.rollout(time, &service);
        keys.push(stage.push(rollout));
        let onset = time.plus(stage.random.whole(20, 300) * SECOND);
        let end = stage.ending(onset);
        if let Some(end) = end {
            let undo = stage.rollout(end.plus(-MINUTE), &service);
            stage.push(undo);
        }
        let size = stage.size().max(0.5);
        stage.slow(k, Effect::step(onset, size).until(end));
        if stage.truth.onset.is_none() {
            stage.truth.onset = Some(onset);
            stage.shift = Some((time, onset));
        }
        time = time.plus(stage.random.whole(0, 60) * MINUTE);
    }
    stage.truth.drivers = vec![
        stage.series_of(0, "latency"),
        stage.series_of(first, "latency"),
        stage.series_of(second, "latency"),
    ];
    for key in keys {
        stage.cause(vec![key]);
    }
}
