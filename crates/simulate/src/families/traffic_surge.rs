//! More visitors than ever, for a reason that nobody recorded: no event is to blame.

use super::{Family, effect::Effect, stage::Stage};
use model::time::MINUTE;

pub(super) const FAMILY: Family = Family {
    name: "traffic_surge",
    about: "visitors surge; no event is to blame",
    has_culprit: false,
    tell,
};

fn tell(stage: &mut Stage) {
    let onset = stage.moment(0.3, 0.8);
    let end = stage.ending(onset);
    let more = if stage.hard {
        stage.random.between(0.7, 1.2)
    } else {
        stage.random.between(1.0, 4.0)
    };
    let ramp = stage.random.whole(0, 15) * MINUTE;
    let surge = Effect::step(onset, more).over(ramp).until(end);
    for k in 0..2 {
        let (requests, cpu) = (stage.series_of(k, "requests"), stage.series_of(k, "cpu"));
        stage.affect(&requests, surge);
        stage.affect(&cpu, surge.times(0.8));
    }
    stage.affect("db.cpu", surge.times(0.5));
    let size = stage.size();
    stage.slow(1, Effect::step(onset, size).over(ramp).until(end));
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        stage.series_of(0, "requests"),
        stage.series_of(0, "latency"),
    ];
    stage.shift = Some((onset.plus(-10 * MINUTE), onset));
}
