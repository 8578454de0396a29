//! A certificate or a name expires: nobody did anything, and nothing is in the events.

use super::{Family, effect::Effect, gauge::Gauge, stage::Stage};
use model::time::{HOUR, MINUTE};

pub(super) const FAMILY: Family = Family {
    name: "certificate_expiry",
    about: "a certificate expires; no event says so",
    has_culprit: false,
    tell,
};

fn tell(stage: &mut Stage) {
    // Certificates end on the full hour more often than not.
    let onset = stage.moment(0.3, 0.8);
    let onset = if stage.random.chance(0.6) {
        onset.floor_to(HOUR)
    } else {
        onset
    };
    let end = stage.ending(onset);
    let size = stage.size();
    let errors = stage.series_of(0, "errors");
    stage.affect(&errors, Effect::step(onset, 4.0 * size).until(end));
    stage.slow(0, Effect::step(onset, size).until(end));
    stage.symptom.push(errors.clone());
    if stage.random.chance(0.4) {
        let gauge = Gauge {
            id: "tls.handshake_errors".into(),
            name: "tls_handshake_errors",
            source: "prometheus",
            namespace: "ingress".into(),
            stat: "Sum",
            unit: "Count",
            resource: None,
            level: 3.0,
            season: 0.4,
            noise: 0.3,
            places: 0,
        };
        stage.affect(&gauge.id, Effect::step(onset, 30.0).until(end));
        stage.record(&gauge);
    }
    stage.truth.onset = Some(onset);
    stage.truth.drivers = vec![
        errors,
        stage.series_of(0, "latency"),
        "tls.handshake_errors".into(),
    ];
    stage.shift = Some((onset.plus(-10 * MINUTE), onset));
}
