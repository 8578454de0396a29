//! The provider's database service has errors. It says so ten minutes to an hour later; that event
//! is the culprit (`bundle.md`: "often posted after its effect began").

use super::{Family, decoys, effect::Effect, stage::Stage};
use model::{
    EventKind,
    time::{HOUR, MINUTE},
};

pub(super) const FAMILY: Family = Family {
    name: "provider_outage",
    about: "the provider fails, and says so after the effect began",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let onset = stage.moment(0.3, 0.8);
    let posted = onset.plus(stage.random.whole(10, 55) * MINUTE);
    let length = stage.random.whole(70, 400) * MINUTE;
    let end = onset.plus(length).min(stage.window.end.plus(-HOUR));
    let mut incident = decoys::provider(stage, posted, "rds", "eu-west-1");
    incident.end = Some(end.plus(stage.random.whole(-5, 15) * MINUTE));
    let key = stage.push(incident);
    let size = stage.size();
    let effect = Effect::step(onset, size).until(Some(end));
    stage.affect("db.read_latency", effect.times(2.0));
    stage.slow(2, effect);
    let errors = stage.series_of(0, "errors");
    stage.affect(&errors, effect.times(1.5));
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        "db.read_latency".into(),
        stage.series_of(0, "latency"),
        errors,
    ];
    stage.kind = EventKind::Rollout;
    stage.shift = Some((onset.plus(-15 * MINUTE), onset));
    stage.cause(vec![key]);
}
