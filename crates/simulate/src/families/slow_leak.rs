//! A rollout that leaks memory: hours or days later containers are killed and people wait.

use super::{Family, effect::Effect, stage::Stage, town::pod_name};
use crate::log::{object, with};
use model::{
    EventKind,
    time::{DAY, HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "slow_leak",
    about: "memory grows from a rollout on; containers are killed hours or days later",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.15, 0.5);
    let room = stage.window.end.since(at) * 7 / 10;
    let lag = stage.random.whole(5 * 60, room.min(3 * DAY) / MINUTE) * MINUTE;
    let felt = at.plus(lag);
    let k = stage.random.index(stage.town.services.len());
    let service = stage.town.services[k].clone();
    let rollout = stage.rollout(at, &service);
    let key = stage.push(rollout);
    let end = felt.plus(stage.random.whole(60, 600) * MINUTE);
    let end = (stage.random.chance(0.6) && end < stage.window.end.plus(-HOUR)).then_some(end);
    if let Some(end) = end {
        let undo = stage.rollout(end.plus(-MINUTE), &service);
        stage.push(undo);
    }
    // What is full is killed and begins anew.
    let mut kill = felt;
    for _ in 0..stage.random.whole(2, 8) {
        if end.is_some_and(|end| kill >= end) || kill >= stage.window.end {
            break;
        }
        let pod = pod_name(&mut stage.random, &service.name);
        for kind in [EventKind::OomKill, EventKind::ContainerRestart] {
            let mut event = stage.on(kind, kill, &service, "was killed for its memory");
            event.object = object("Pod", &pod);
            stage.push(with(event, "reason", "OOMKilled"));
        }
        kill = kill.plus(stage.random.whole(300, 3600) * SECOND);
    }
    let grown = if stage.hard {
        stage.random.between(0.5, 1.0)
    } else {
        stage.random.between(1.0, 4.0)
    };
    let memory = stage.series_of(k, "memory_bytes");
    stage.affect(&memory, Effect::step(at, grown).over(lag).until(end));
    let size = stage.size();
    stage.slow(k, Effect::step(felt, size).until(end));
    stage.truth.onset = Some(at);
    stage.truth.drivers = vec![memory];
    stage.shift = Some((at, felt));
    stage.cause(vec![key]);
}
