//! A rollout that raises I/O by itself: no pod hangs, the new version reads or writes too much.

use super::{
    Family,
    file_system::{self, Extra, Plan},
    stage::Stage,
};
use model::time::{DAY, HOUR, MINUTE, SECOND};

pub(super) const FAMILY: Family = Family {
    name: "rollout_io",
    about: "a new version reads or writes too much and spends the credits",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.1, 0.45);
    let onset = at.plus(stage.random.whole(20, 240) * SECOND);
    let room = stage.window.end.since(at) * 8 / 10;
    let least = if stage.hard { 12 * HOUR } else { 4 * HOUR };
    let lag = stage
        .random
        .whole(least / MINUTE, room.min(2 * DAY) / MINUTE)
        * MINUTE;
    let mut plan = Plan::new(stage);
    let rate = plan.rate_for(stage, at, lag);
    let service = stage.town.mounting[stage.random.index(stage.town.mounting.len())];
    let service = stage.town.services[service].clone();
    let rollout = stage.rollout(at, &service);
    let key = stage.push(rollout);
    let writes = stage.random.chance(0.5);
    let asks = |on: bool| match (on, writes) {
        (false, _) => Extra::default(),
        (true, true) => Extra {
            write: rate,
            ..Extra::default()
        },
        (true, false) => Extra {
            read: 3.0 * rate,
            ..Extra::default()
        },
    };
    let gone = file_system::gone_by(stage, &plan, |t| asks(t >= onset));
    let back = gone.plus(stage.random.whole(60, 400) * MINUTE);
    let back = (stage.random.chance(0.6) && back < stage.window.end.plus(-HOUR)).then_some(back);
    if let Some(back) = back {
        let undo = stage.rollout(back, &service);
        stage.push(undo);
    }
    let (exhausted, pressure) = file_system::run(stage, &plan, |t| {
        asks(t >= onset && back.is_none_or(|end| t < end.plus(MINUTE)))
    });
    stage.truth.onset = Some(onset);
    stage.truth.exhausted_at = exhausted;
    stage.truth.drivers = vec![if writes { "efs.write" } else { "efs.read" }.into()];
    stage.shift = file_system::felt(stage, &pressure).map(|felt| (at, felt));
    stage.cause(vec![key]);
}
