//! Detectors, one file a problem. Each takes a prepared series and says what it found; the list
//! below is all of them.

pub(crate) mod anomalies;
pub(crate) mod bursts;
pub(crate) mod change_points;
pub(crate) mod gaps;
pub(crate) mod ramp;
pub(crate) mod segmentation;
pub(crate) mod snap;
pub(crate) mod spread;

use crate::{Detection, Settings, series::Prepared};

/// A detector: adds what it finds in a series to the detection.
type Detector = fn(&Prepared, &Settings, &mut Detection);

/// Every detector, in order: anomalies look at the change points that are already there.
const DETECTORS: [Detector; 2] = [change_points::detect, anomalies::detect];

/// Runs every detector over a series.
pub(crate) fn run(series: &Prepared, settings: &Settings) -> Detection {
    let mut found = Detection::default();
    if series.len() >= settings.fewest_samples.max(5) {
        for detector in DETECTORS {
            detector(series, settings, &mut found);
        }
    }
    found
}
