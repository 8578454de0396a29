//! A heavy job runs into the busy hours: everything that needs the database waits until it is done.

use super::{Family, effect::Effect, stage::Stage};
use model::{
    EventKind,
    time::{DAY, HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "job_overlap",
    about: "a job runs longer than ever, and the database with it",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.45, 0.8);
    let onset = at.plus(stage.random.whole(10, 200) * SECOND);
    let length = stage.random.whole(40, 330) * MINUTE;
    let end = at.plus(length).min(stage.window.end.plus(-HOUR));
    let service = stage.town.services[2].clone();
    // In every second incident the job runs each day, and has done no harm so far.
    if stage.random.chance(0.5) {
        let mut earlier = at.plus(-DAY);
        while earlier > stage.window.start {
            let usual = stage.random.whole(5, 15) * MINUTE;
            let run = stage.job(earlier, usual, &service.namespace, "nightly-export");
            stage.push(run);
            earlier = earlier.plus(-DAY);
        }
    }
    let job = stage.job(at, end.since(at), &service.namespace, "nightly-export");
    let key = stage.push(job);
    let size = stage.size();
    let effect = Effect::step(onset, size).until(Some(end));
    stage.affect("db.cpu", effect.times(0.7));
    stage.affect("db.read_latency", effect.times(1.2));
    stage.slow(2, effect);
    stage.kind = EventKind::JobRun;
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        "db.cpu".into(),
        "db.read_latency".into(),
        stage.series_of(0, "latency"),
    ];
    stage.shift = Some((at, onset));
    stage.cause(vec![key]);
}
