//! Alerts without an incident: single bad minutes, and alarms that flap.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::{event, object};
use model::{EventKind, time::MINUTE};

pub(super) const FAMILY: Family = Family {
    name: "alert_noise",
    about: "alerts over single bad minutes",
    has_culprit: false,
    tell,
};

fn tell(stage: &mut Stage) {
    let service = stage.town.services[0].clone();
    let latency = stage.series_of(0, "latency");
    for _ in 0..stage.random.whole(3, 12) {
        let at = stage.moment(0.02, 0.98).floor_to(stage.period);
        if stage.random.chance(0.6) {
            let size = stage.random.between(0.5, 3.0);
            let length = stage.random.whole(1, 2) * stage.period.min(2 * MINUTE);
            stage.affect(
                &latency,
                Effect::step(at, size).until(Some(at.plus(length))),
            );
        }
        let mut alert = event(
            EventKind::Alert,
            "alertmanager",
            at.plus(MINUTE),
            format!("{} is slow", service.name),
        );
        alert.namespace.clone_from(&service.namespace);
        alert.object = object("Deployment", &service.name);
        alert.end = Some(at.plus(stage.random.whole(2, 9) * MINUTE));
        stage.push(alert);
    }
}
