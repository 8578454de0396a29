//! Counters that go on from file to file: the sample before a file's first is in another file.
//!
//! Two samples are of one counter only where the same machine counted. mountstats says how old a
//! mount is, and so when it was mounted, which two machines hardly share. `nfsstat` does not say
//! where it ran unless the prompt was copied as well: where nothing contradicts it the files of one
//! incident are taken for one machine's, and the provenance says that they were.

use super::{Counters, Place, Placed, Sample};
use crate::files::reading::Reading;
use model::{
    Timestamp, Window,
    bundle::RawFile,
    time::{MINUTE, SECOND},
};
use std::collections::BTreeMap;

/// How far two times of mounting may differ and be one: an observation is often written down to
/// the minute, and some minutes late.
const SAME_MOUNT_MS: i64 = 10 * MINUTE;

/// A sample, and the file that it stands in.
struct Known {
    path: String,
    at: Timestamp,
    sample: Sample,
}

/// Samples of all files that are read together, by what was counted.
#[derive(Default)]
pub(in crate::files) struct Earlier(BTreeMap<String, Vec<Known>>);

/// Why two samples are not of one counter.
enum Apart {
    Host,
    Mount,
}

impl Earlier {
    /// Notes the samples of a file. One that cannot be read says so when it is read itself.
    pub(in crate::files) fn note(&mut self, counters: Counters, file: &RawFile, window: Window) {
        let mut reading = Reading::new(file, counters.source);
        let placed: Placed = (counters.samples)(&mut reading, window).unwrap_or_default();
        for (place, samples) in placed {
            let known = self.0.entry(key(counters.source, &place)).or_default();
            known.extend(samples.into_iter().filter_map(|sample| {
                Some(Known {
                    path: file.path.clone(),
                    at: sample.at?,
                    sample,
                })
            }));
        }
    }

    /// A file's samples with the one before them, where another file has it.
    pub(super) fn before(
        &self,
        reading: &mut Reading<'_>,
        place: &Place,
        mut own: Vec<Sample>,
    ) -> Vec<Sample> {
        let file = reading.file;
        let path = file.path.as_str();
        let first = own.iter().find_map(|sample| Some((sample.at?, sample)));
        let Some((at, first)) = first else { return own };
        let Some(all) = self.0.get(&key(reading.source(), place)) else {
            return own;
        };
        let mut earlier: Vec<&Known> = all
            .iter()
            .filter(|known| known.path != path && known.at < at)
            .collect();
        // The nearest last; of two at one time the one whose path comes later.
        earlier.sort_by(|a, b| (a.at, &a.path).cmp(&(b.at, &b.path)));
        let mut apart = None;
        while let Some(known) = earlier.pop() {
            let Some(why) = differ(&known.sample, first) else {
                say_assumed(reading, place, known, first);
                own.insert(0, known.sample.clone());
                return own;
            };
            apart = apart.or(Some((known, why)));
        }
        if let Some((known, why)) = apart {
            let why = match why {
                Apart::Host => "another machine's",
                Apart::Mount => {
                    "of another time of mounting: another machine's, or mounted anew since"
                }
            };
            reading.gap_of(
                Window::new(known.at, at),
                &format!(
                    "no rates of {} since {} of {}: that sample is {why}",
                    place.name,
                    known.at.minute(),
                    known.path
                ),
            );
        }
        own
    }
}

/// Says where nothing but the files themselves says that they are one machine's.
fn say_assumed(reading: &mut Reading<'_>, place: &Place, known: &Known, first: &Sample) {
    let sure = (known.sample.age_s.is_some() && first.age_s.is_some())
        || (known.sample.host.is_some() && first.host.is_some());
    if !sure {
        reading.gap_of(
            Window::new(known.at, first.at.unwrap_or(known.at)),
            &format!(
                "rates of {} count from {}: neither file says which machine it is of, and they \
                 are taken for one's",
                place.name, known.path
            ),
        );
    }
}

fn key(source: &str, place: &Place) -> String {
    format!("{source}\n{}\n{:?}", place.name, place.dimensions)
}

/// What shows that two samples were not counted by one counter; that it began anew in between shows
/// in the counts themselves.
fn differ(a: &Sample, b: &Sample) -> Option<Apart> {
    if let (Some(a), Some(b)) = (&a.host, &b.host)
        && a != b
    {
        return Some(Apart::Host);
    }
    let mounted = |sample: &Sample| {
        let age = sample.age_s?.saturating_mul(SECOND);
        Some(sample.at?.millis().saturating_sub(age))
    };
    let (a, b) = (mounted(a)?, mounted(b)?);
    (a.abs_diff(b) > SAME_MOUNT_MS.unsigned_abs()).then_some(Apart::Mount)
}
