//! A node goes: what runs there is slow or gone until it is back or replaced. The cluster notices
//! after forty seconds or so.

use super::{Family, effect::Effect, stage::Stage};
use crate::log::with;
use model::{
    EventKind,
    time::{HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "node_failure",
    about: "a node that carries a service fails",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let onset = stage.moment(0.3, 0.85);
    let at = onset.plus(stage.random.whole(20, 60) * SECOND);
    let k = stage.random.index(stage.town.services.len());
    let pods = &stage.town.services[k].pods;
    let node = pods[stage.random.index(pods.len())].1.clone();
    let length = stage.random.whole(20, 240) * MINUTE;
    let end = onset.plus(length).min(stage.window.end.plus(-HOUR));
    let mut gone = stage.on_node(EventKind::NodeNotReady, at, &node, "was not ready");
    gone.end = Some(end.plus(-stage.random.whole(10, 120) * SECOND));
    let key = stage.push(with(gone, "reason", "KubeletStopped"));
    if stage.random.chance(0.4) {
        let reboot = stage.on_node(
            EventKind::NodeReboot,
            end.plus(-3 * MINUTE),
            &node,
            "rebooted",
        );
        stage.push(reboot);
    }
    let size = stage.size();
    let effect = Effect::step(onset, size).until(Some(end));
    stage.slow(k, effect);
    let errors = stage.series_of(0, "errors");
    stage.affect(&errors, effect.times(1.5));
    stage.kind = EventKind::NodeNotReady;
    stage.needs_edges = true;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        stage.series_of(k, "latency"),
        stage.series_of(0, "latency"),
        errors,
    ];
    stage.shift = Some((onset.plus(-4 * MINUTE), onset));
    stage.cause(vec![key]);
}
