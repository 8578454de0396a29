//! `/proc/self/mountstats` (proc(5); the numbers are written by `net/sunrpc/stats.c` of Linux): for
//! each NFS mount, operations with the time that the server took and the time that the program
//! waited.
//!
//! Several copies in one file are several samples. Their times come from lines before them, or from
//! `age`, the seconds since the mount, counted back from the observation.

use super::{
    clock::{Clock, Written},
    moments,
    nfs::{Counters, Earlier, Place, Placed, Sample, Spent, host_of, resource_of},
    reading::Reading,
};
use crate::BundleError;
use model::{Batch, Timestamp, Window, bundle::RawFile, time::SECOND};
use std::collections::BTreeMap;

/// The `source` of what comes from mountstats.
pub(crate) const SOURCE: &str = "mountstats";

/// Mounts, in all samples together, that are read.
const MAX_MOUNTS: usize = 20_000;
/// Operations of one mount (NFS 4.2 has 70).
const MAX_OPERATIONS: usize = 200;

/// Whether a line begins the part of an NFS mount.
pub(crate) fn is_head(line: &str) -> bool {
    head(line).is_some()
}

/// `device SERVER:/EXPORT mounted on /MOUNT with fstype nfs4 statvers=1.1`.
fn head(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix("device ")?;
    let (export, rest) = rest.split_once(" mounted on ")?;
    let (mount, kind) = rest.split_once(" with fstype ")?;
    kind.starts_with("nfs").then_some((export, mount))
}

/// One mount at one time.
#[derive(Clone, Debug, Default)]
struct Mount {
    line: u64,
    export: String,
    point: String,
    written: Option<Written>,
    age_s: Option<i64>,
    host: Option<String>,
    operations: BTreeMap<String, (f64, Spent)>,
    at: Option<Timestamp>,
}

/// How its samples are read.
pub(super) const COUNTERS: Counters = Counters {
    source: SOURCE,
    samples,
};

/// Reads one or more copies by themselves.
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    COUNTERS.read(file, window, &Earlier::default())
}

/// The samples of each mount.
fn samples(reading: &mut Reading<'_>, window: Window) -> Result<Placed, BundleError> {
    let file = reading.file;
    let text = crate::bundle::text(&file.path, &file.content)?;
    let clock = Clock::of(file);
    let mut by_place: BTreeMap<(String, String), Vec<Mount>> = BTreeMap::new();
    for mount in parse(text, reading) {
        let key = (mount.export.clone(), mount.point.clone());
        by_place.entry(key).or_default().push(mount);
    }
    if by_place.values().flatten().all(|m| m.operations.is_empty()) {
        let expected = "mountstats with an NFS mount and its per-op statistics";
        return Err(BundleError::file(&file.path, expected));
    }
    date(&mut by_place, reading, &clock, window);
    let placed = by_place.into_iter().map(|((export, mount), samples)| {
        let place = Place {
            dimensions: BTreeMap::from([
                ("mount".to_owned(), mount.clone()),
                ("export".to_owned(), export.clone()),
            ]),
            name: mount,
            resource: resource_of(&export),
        };
        (place, samples.into_iter().map(sample).collect())
    });
    Ok(placed.collect())
}

fn sample(mount: Mount) -> Sample {
    let (mut counts, mut times) = (BTreeMap::new(), BTreeMap::new());
    for (name, (count, spent)) in mount.operations {
        counts.insert(name.clone(), count);
        times.insert(name, spent);
    }
    Sample {
        line: mount.line,
        at: mount.at,
        counts,
        times,
        age_s: mount.age_s,
        host: mount.host,
        ..Sample::default()
    }
}

/// Gives each sample its instant.
fn date(
    by_place: &mut BTreeMap<(String, String), Vec<Mount>>,
    reading: &mut Reading<'_>,
    clock: &Clock,
    window: Window,
) {
    let mut asked = false;
    let mut unknown = false;
    let mut observed = None;
    for samples in by_place.values_mut() {
        let newest = samples.iter().filter_map(|m| m.age_s).max();
        let single = samples.len() == 1;
        for mount in samples {
            if let Some(at) = mount.written {
                mount.at = moments::instant(reading, clock, at, &mut asked);
                continue;
            }
            let observed =
                *observed.get_or_insert_with(|| moments::observed(reading, window, "mountstats"));
            mount.at = match (observed, mount.age_s, newest) {
                (Some(at), _, _) if single => Some(at),
                (Some(at), Some(age), Some(newest)) => {
                    Some(at.plus((age - newest).saturating_mul(SECOND)))
                }
                _ => None,
            };
            unknown |= mount.at.is_none() && observed.is_some();
        }
    }
    if unknown {
        reading.gap("samples without a time and without their age stand at no time");
    }
}

fn parse(text: &str, reading: &mut Reading<'_>) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    let mut moment = None;
    let mut host = None;
    let mut open = false;
    for (line, number) in text.lines().zip(1_u64..) {
        let trimmed = line.trim();
        if let Some((export, mount)) = head(trimmed) {
            if mounts.len() >= MAX_MOUNTS {
                reading.gap(&format!(
                    "mounts beyond the first {MAX_MOUNTS} are left out"
                ));
                break;
            }
            open = true;
            mounts.push(Mount {
                line: number,
                export: export.to_owned(),
                point: mount.to_owned(),
                written: moment,
                host: host.clone(),
                ..Mount::default()
            });
        } else if trimmed.starts_with("device ") {
            open = false;
        } else if let Some(at) = moments::of_line(trimmed) {
            moment = Some(at);
        } else if let Some(found) = host_of(trimmed) {
            host = Some(found);
        } else if let (Some(mount), true) = (mounts.last_mut(), open) {
            if let Some(age) = trimmed.strip_prefix("age:") {
                mount.age_s = age.trim().parse().ok().filter(|s| (0..1 << 40).contains(s));
            } else if let Some((name, operation)) = operation(trimmed)
                && mount.operations.len() < MAX_OPERATIONS
            {
                mount.operations.insert(name, operation);
            }
        }
    }
    mounts
}

/// `READDIR: ops transmissions timeouts sent received queue rtt execute [errors]`; times are
/// milliseconds, all calls together.
fn operation(line: &str) -> Option<(String, (f64, Spent))> {
    let (name, numbers) = line.split_once(':')?;
    let named = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    let numbers: Option<Vec<f64>> = numbers
        .split_whitespace()
        .map(|n| n.parse::<u64>().ok().map(|n| n as f64))
        .collect();
    match numbers?.as_slice() {
        [count, _, _, _, _, _, rtt, execute] | [count, _, _, _, _, _, rtt, execute, _] if named => {
            let spent = Spent {
                rtt_ms: *rtt,
                execute_ms: *execute,
            };
            Some((name.to_ascii_lowercase(), (*count, spent)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(age: u64, readdir: u64) -> String {
        format!(
            "device /dev/xvda1 mounted on / with fstype xfs\n\
             device fs-0123456789abcdef0.efs.eu-west-1.amazonaws.com:/ mounted on /mnt/efs with fstype nfs4 statvers=1.1\n\
             \topts:\trw,vers=4.1\n\tage:\t{age}\n\
             \tRPC iostats version: 1.1  p/v: 100003/4 (nfs)\n\
             \txprt:\ttcp 0 1 2 0 11 3 3 0 3 0 2 0 0\n\tper-op statistics\n\
             \t        READ: 1000 1000 0 176000 4096000 5 4000 4100 0\n\
             \t     READDIR: {readdir} {readdir} 0 1 1 7 {} {}\n",
            readdir * 12,
            readdir * 14
        )
    }

    fn batch(content: String) -> Batch {
        let file = RawFile {
            path: "files/mountstats".into(),
            observed_at: Some("2020-05-28T10:00:00Z".parse().unwrap()),
            content: content.into_bytes(),
            ..RawFile::default()
        };
        read(&file, Window::default()).unwrap()
    }

    #[test]
    fn one_copy_gives_shares_and_means_of_each_mount() {
        let batch = batch(copy(5_000, 9_000));
        let title = "readdir is 90 % of NFS calls on /mnt/efs (9,000 of 10,000)";
        assert_eq!(batch.events[0].title, title);
        assert!(batch.provenance.questions.is_empty());
        let rtt = batch
            .series
            .iter()
            .find(|s| s.meta.name == "NFS readdir round trip, mean since the mount")
            .unwrap();
        assert_eq!(rtt.samples.values(), [0.012]);
        let resource = rtt.meta.resource.as_deref();
        assert_eq!(resource, Some("aws:fs-0123456789abcdef0"));
    }

    #[test]
    fn two_copies_are_dated_by_their_age_and_give_rates() {
        let batch = batch(copy(5_000, 9_000) + &copy(5_060, 69_000));
        let counter = batch
            .series
            .iter()
            .find(|s| s.meta.name == "NFS readdir calls");
        let counter = counter.unwrap();
        let times: Vec<String> = counter
            .samples
            .times()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(times, ["2020-05-28T09:59:00Z", "2020-05-28T10:00:00Z"]);
        assert_eq!(
            batch.events[0].title,
            "readdir is 100 % of NFS calls on /mnt/efs (60,000 of 60,000, 1,000 a second)"
        );
    }
}
