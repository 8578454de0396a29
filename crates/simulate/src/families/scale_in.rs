//! An autoscaler takes too much away: what is left of a service cannot keep up.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::with;
use model::{EventKind, time::SECOND};

pub(super) const FAMILY: Family = Family {
    name: "scale_in",
    about: "a service is scaled in too far",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.35, 0.8);
    let onset = at.plus(stage.random.whole(30, 300) * SECOND);
    let k = stage.random.index(stage.town.services.len());
    let service = stage.town.services[k].clone();
    let scale = |stage: &mut Stage, at, from: i64, to: i64| {
        let event = stage.on(EventKind::Scale, at, &service, "scaled");
        stage.push(with(with(event, "from", from), "to", to))
    };
    let (many, few) = (stage.random.whole(6, 12), stage.random.whole(1, 3));
    let key = scale(stage, at, many, few);
    let end = stage.ending(onset);
    if let Some(end) = end {
        let back = end.plus(-stage.random.whole(20, 200) * SECOND);
        scale(stage, back, few, many);
    }
    let size = stage.size();
    let effect = Effect::step(onset, size).until(end);
    stage.slow(k, effect);
    let cpu = stage.series_of(k, "cpu");
    stage.affect(&cpu, effect.times(0.8));
    stage.kind = EventKind::Scale;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        cpu,
        stage.series_of(k, "latency"),
        stage.series_of(0, "latency"),
    ];
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
