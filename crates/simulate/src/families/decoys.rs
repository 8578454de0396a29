//! Events and shifts that have nothing to do with the incident.

use super::{
    effect::Effect,
    stage::Stage,
    town::{Service, pod_name},
};
use crate::log::{event, object, with};
use model::{
    Event, EventKind, Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// Share of the innocent events that happen to the application that people feel.
const CLOSE: f64 = 0.15;

/// Adds them all.
pub(super) fn add(stage: &mut Stage) {
    let mut left = stage.decoys;
    left = left.saturating_sub(cron_jobs(stage, left / 3));
    left = left.saturating_sub(near(stage));
    left = left.saturating_sub(red_herrings(stage));
    for _ in 0..left {
        let at = stage.moment(0.0, 1.0);
        let service = anybody(stage);
        any(stage, at, &service);
    }
}

/// A service: usually one of the others.
fn anybody(stage: &mut Stage) -> Service {
    if stage.random.chance(CLOSE) {
        let k = stage.random.index(stage.town.services.len());
        stage.town.services[k].clone()
    } else {
        other(stage)
    }
}

fn other(stage: &mut Stage) -> Service {
    let k = stage.random.index(stage.town.others.len());
    stage.town.others[k].clone()
}

/// Something of a usual week.
fn any(stage: &mut Stage, at: Timestamp, service: &Service) {
    let drawn = stage.random.whole(0, 99);
    match drawn {
        0..28 => {
            of_kind(stage, &EventKind::Rollout, at, service);
        }
        28..40 => {
            of_kind(stage, &EventKind::ConfigChange, at, service);
        }
        40..52 => {
            of_kind(stage, &EventKind::Scale, at, service);
        }
        52..64 => {
            let pod = pod_name(&mut stage.random, &service.name);
            let mut restart = stage.on(EventKind::ContainerRestart, at, service, "restarted");
            restart.object = object("Pod", &pod);
            stage.push(with(restart, "reason", "Error"));
        }
        64..80 => {
            let pod = pod_name(&mut stage.random, &service.name);
            let mut gone = stage.on(EventKind::PodTerminating, at, service, "terminating");
            gone.object = object("Pod", &pod);
            gone.end = Some(at.plus(stage.random.whole(2, 90) * SECOND));
            stage.push(gone);
        }
        80..85 => {
            of_kind(stage, &EventKind::NodeNotReady, at, service);
        }
        85..92 => {
            let length = stage.random.whole(1, 20) * MINUTE;
            let mut alert = event(EventKind::Alert, "alertmanager", at, "HighLoad".into());
            alert.namespace.clone_from(&service.namespace);
            alert.object = object("Deployment", &service.name);
            alert.end = Some(at.plus(length));
            stage.push(alert);
        }
        92..98 => {
            let mut line = event(EventKind::LogPattern, "logs", at, "retrying".into());
            line.namespace.clone_from(&service.namespace);
            line.object = object("Deployment", &service.name);
            stage.push(line);
        }
        _ => {
            of_kind(stage, &EventKind::ProviderIncident, at, service);
        }
    }
}

/// An event of that kind, on something of that service.
fn of_kind(stage: &mut Stage, kind: &EventKind, at: Timestamp, service: &Service) {
    let event = match kind {
        EventKind::ConfigChange => {
            let mut change = stage.on(kind.clone(), at, service, "configuration changed");
            change.object = object("ConfigMap", &format!("{}-config", service.name));
            with(change, "user", "deploy-bot")
        }
        EventKind::Scale => {
            let (from, to) = (stage.random.whole(2, 9), stage.random.whole(2, 9));
            let scale = stage.on(kind.clone(), at, service, "scaled");
            with(with(scale, "from", from), "to", to)
        }
        EventKind::NodeNotReady | EventKind::NodeReboot | EventKind::NodeRemoved => {
            // One of the town's that carries nothing of the application, else one beside it.
            let carrying: Vec<&String> = stage
                .town
                .services
                .iter()
                .flat_map(|s| s.pods.iter().map(|p| &p.1))
                .collect();
            let idle = stage.town.nodes.iter().find(|n| !carrying.contains(n));
            let node = idle.cloned().unwrap_or_else(|| "ip-10-200-0-1".to_owned());
            let mut event = stage.on_node(kind.clone(), at, &node, "was not ready");
            event.end = Some(at.plus(stage.random.whole(1, 9) * MINUTE));
            event
        }
        EventKind::JobRun => {
            let length = stage.random.whole(1, 40) * MINUTE;
            stage.job(
                at,
                length,
                &service.namespace,
                &format!("{}-sync", service.name),
            )
        }
        EventKind::ProviderIncident => provider(stage, at, "sqs", "us-east-2"),
        _ => stage.rollout(at, service),
    };
    stage.push(event);
}

/// What the provider posts about a service in a region.
pub(super) fn provider(stage: &mut Stage, at: Timestamp, service: &str, region: &str) -> Event {
    let title = format!("Increased error rates of {service} in {region}");
    let mut incident = event(EventKind::ProviderIncident, "aws-health", at, title);
    incident.end = Some(at.plus(stage.random.whole(20, 200) * MINUTE));
    let incident = with(incident, "provider", "aws");
    with(with(incident, "service", service), "region", region)
}

/// Jobs at their hours: at most so many runs.
fn cron_jobs(stage: &mut Stage, most: usize) -> usize {
    let mut count = 0;
    for every in [HOUR, 6 * HOUR, DAY] {
        let service = anybody(stage);
        let offset = stage.random.whole(0, every / MINUTE - 1) * MINUTE;
        let length = stage.random.whole(1, 25) * MINUTE;
        let name = format!("{}-cron", service.name);
        let mut at = stage.window.start.floor_to(DAY).plus(offset);
        while at < stage.window.end && count < most {
            if at >= stage.window.start {
                let length = length + stage.random.whole(0, 60) * SECOND;
                let run = stage.job(at, length, &service.namespace, &name);
                stage.push(run);
                count += 1;
            }
            at = at.plus(every);
        }
    }
    count
}

/// Innocent events between the cause and the symptom's shift, of the culprit's kind and others.
fn near(stage: &mut Stage) -> usize {
    let Some((cause, shift)) = stage.shift else {
        return 0;
    };
    let count = if stage.hard {
        stage.random.whole(2, 4)
    } else {
        stage.random.whole(1, 2)
    };
    let kind = stage.kind.clone();
    for k in 0..count {
        // Nearer to the shift than the cause, but for one in six.
        let first = cause.max(shift.plus(-20 * MINUTE));
        let seconds = (shift.since(first) / SECOND).max(40);
        let back = stage.random.whole(5, seconds - 10);
        let service = other(stage);
        let kind = if k == 0 || stage.random.chance(0.5) {
            kind.clone()
        } else {
            EventKind::Rollout
        };
        if stage.random.chance(0.85) {
            of_kind(stage, &kind, shift.plus(-back * SECOND), &service);
        }
    }
    // Where the symptom comes hours after its cause, the application itself is changed just before.
    if shift.since(cause) > 2 * HOUR && stage.random.chance(0.6) {
        let k = stage.random.index(stage.town.services.len());
        let service = stage.town.services[k].clone();
        let back = stage.random.whole(60, 1500);
        of_kind(
            stage,
            &EventKind::Rollout,
            shift.plus(-back * SECOND),
            &service,
        );
    }
    count as usize
}

/// The most striking shifts belong to somebody else's rollout.
fn red_herrings(stage: &mut Stage) -> usize {
    let count = stage.random.whole(1, 3);
    for _ in 0..count {
        let service = other(stage);
        let at = stage.moment(0.1, 0.95);
        let felt = stage.shift.map(|(_, felt)| felt);
        if felt.is_some_and(|felt| at.since(felt).abs() < 2 * HOUR) {
            continue;
        }
        let size = stage.random.between(4.0, 30.0);
        let length = stage.random.whole(2, 60) * HOUR;
        let effect = Effect::step(at, size).until(Some(at.plus(length)));
        stage.affect(&format!("{}.queue_depth", service.name), effect);
        let back = stage.random.whole(20, 300) * SECOND;
        of_kind(stage, &EventKind::Rollout, at.plus(-back), &service);
    }
    count as usize
}
