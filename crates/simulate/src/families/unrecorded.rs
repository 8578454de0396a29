//! A service gets slower, and whatever did it is not among the recorded events.

use super::{Family, effect::Effect, stage::Stage};
use model::time::MINUTE;

pub(super) const FAMILY: Family = Family {
    name: "unrecorded",
    about: "a service gets slower for a reason that nobody recorded",
    has_culprit: false,
    tell,
};

fn tell(stage: &mut Stage) {
    let onset = stage.moment(0.3, 0.8);
    let end = stage.ending(onset);
    let k = stage.random.index(stage.town.services.len());
    let size = stage.size();
    stage.slow(k, Effect::step(onset, size).until(end));
    if stage.random.chance(0.4) {
        stage.affect("db.cpu", Effect::step(onset, 0.6 * size).until(end));
    }
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![stage.series_of(0, "latency"), stage.series_of(k, "latency")];
    stage.shift = Some((onset.plus(-10 * MINUTE), onset));
}
