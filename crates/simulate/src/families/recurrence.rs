//! It comes back: pods hung once and were got rid of before anybody felt it; days later the same
//! rollout leaves some again, and this time the credits run out.

use super::{
    Family,
    file_system::{self, Extra, Plan},
    stage::Stage,
    zombie_pods::Wave,
};
use model::time::{HOUR, MINUTE};

pub(super) const FAMILY: Family = Family {
    name: "recurrence",
    about: "stuck pods once without effect, and again until the credits are gone",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let first = stage.moment(0.05, 0.15);
    let again = stage.moment(0.38, 0.5);
    let room = stage.window.end.since(again) * 8 / 10;
    let lag = stage.random.whole(6 * 60, room / MINUTE) * MINUTE;
    let mut plan = Plan::new(stage);
    let rate = plan.rate_for(stage, again, lag);
    let earlier = Wave::new(stage, first);
    let cured = first.plus(stage.random.whole(2 * 60, 6 * 60) * MINUTE);
    earlier.over(stage, Some(cured));
    let wave = Wave::new(stage, again);
    let gone = file_system::gone_by(stage, &plan, |t| wave.asks(t, None, rate, 0.0));
    let end = gone.plus(stage.random.whole(60, 300) * MINUTE);
    let end = (end < stage.window.end.plus(-HOUR)).then_some(end);
    wave.over(stage, end);
    let (exhausted, pressure) = file_system::run(stage, &plan, |t| {
        let old = earlier.asks(t, Some(cured), 0.3 * rate, 0.0);
        let new = wave.asks(t, end, rate, 0.0);
        Extra {
            requests: old.requests + new.requests,
            ..Extra::default()
        }
    });
    stage.truth.onset = Some(wave.onset);
    stage.truth.exhausted_at = exhausted;
    stage.truth.drivers = vec!["efs.metadata".into()];
    stage.shift = file_system::felt(stage, &pressure).map(|felt| (wave.onset, felt));
    stage.cause(wave.events());
}
