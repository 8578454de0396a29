//! `nfsstat -c`: how often a client asked for what.
//!
//! The output has, for each protocol version, lines of names and below each a line of counts with
//! their share in percent; how many columns a line has depends on the version of nfs-utils and on
//! the length of the names. Several outputs in one file, each with a line of `date` before it, are
//! several samples.

use super::{
    clock::{Clock, Written},
    moments,
    nfs::{Counters, Earlier, Place, Placed, Sample, host_of},
    reading::Reading,
};
use crate::BundleError;
use model::{Batch, Window, bundle::RawFile};
use std::collections::BTreeMap;

/// The `source` of what comes from `nfsstat`.
pub(crate) const SOURCE: &str = "nfsstat";

/// Samples of one file that are read.
const MAX_SAMPLES: usize = 10_000;

/// Whether a line begins such an output.
pub(crate) fn is_head(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Client rpc stats") || line.starts_with("Client nfs")
}

/// One output: calls, and counts by protocol version.
#[derive(Default)]
struct Output {
    line: u64,
    written: Option<Written>,
    host: Option<String>,
    calls: Option<f64>,
    versions: BTreeMap<String, Sample>,
}

/// How its samples are read.
pub(super) const COUNTERS: Counters = Counters {
    source: SOURCE,
    samples,
};

/// Reads the output by itself.
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    COUNTERS.read(file, window, &Earlier::default())
}

/// The samples of each protocol version. Lines that are none of it are left alone.
fn samples(reading: &mut Reading<'_>, window: Window) -> Result<Placed, BundleError> {
    let file = reading.file;
    let text = crate::bundle::text(&file.path, &file.content)?;
    let mut outputs = parse(text);
    let clock = Clock::of(file);
    outputs.retain(|o| o.versions.values().any(|v| !v.counts.is_empty()));
    if outputs.is_empty() {
        let expected = "a table of `nfsstat -c`, with names of operations and counts below them";
        return Err(BundleError::file(&file.path, expected));
    }
    if outputs.len() > MAX_SAMPLES {
        reading.gap(&format!(
            "outputs beyond the first {MAX_SAMPLES} are left out"
        ));
        outputs.truncate(MAX_SAMPLES);
    }
    let alone = outputs.len() == 1;
    let mut asked = false;
    let mut untimed = 0;
    let mut places: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for output in outputs {
        let at = match output.written {
            Some(at) => moments::instant(reading, &clock, at, &mut asked),
            None if alone => moments::observed(reading, window, "nfsstat"),
            None => None,
        };
        untimed += usize::from(at.is_none());
        for (version, sample) in output.versions {
            let sample = Sample {
                at,
                calls: output.calls,
                host: output.host.clone(),
                ..sample
            };
            places.entry(version).or_default().push(sample);
        }
    }
    if untimed > 0 && !alone {
        reading.gap(&format!(
            "{untimed} outputs have no line with their time before them: no rates of them"
        ));
    }
    let placed = places.into_iter().map(|(version, samples)| {
        let place = Place {
            dimensions: BTreeMap::from([("version".to_owned(), version.clone())]),
            name: version,
            resource: None,
        };
        (place, samples)
    });
    Ok(placed.collect())
}

fn parse(text: &str) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    let mut moment = None;
    let mut host = None;
    let mut version: Option<String> = None;
    let mut names: Vec<String> = Vec::new();
    let mut rpc = false;
    for (line, number) in text.lines().zip(1_u64..) {
        let trimmed = line.trim();
        if let Some(at) = moments::of_line(trimmed).filter(|_| names.is_empty()) {
            moment = Some(at);
            continue;
        }
        if let Some(found) = host_of(trimmed) {
            host = Some(found);
            continue;
        }
        if is_head(trimmed) || trimmed.starts_with("Server ") {
            rpc = trimmed.starts_with("Client rpc");
            version = trimmed
                .strip_prefix("Client nfs ")
                .map(|v| v.trim_end_matches(':').trim().to_owned());
            names.clear();
            // A head of a kind that this output has already begins the next output.
            let known = outputs.last().is_some_and(|o| {
                version.as_ref().is_some_and(|v| o.versions.contains_key(v))
                    || (rpc && (o.calls.is_some() || !o.versions.is_empty()))
            });
            if (rpc || version.is_some()) && (outputs.is_empty() || known) {
                outputs.push(Output {
                    line: number,
                    written: moment.take(),
                    host: host.clone(),
                    ..Output::default()
                });
            }
            if let (Some(output), Some(version)) = (outputs.last_mut(), &version) {
                let line = output.line;
                let sample = output.versions.entry(version.clone()).or_default();
                sample.line = line;
            }
            continue;
        }
        let Some(output) = outputs.last_mut() else {
            continue;
        };
        if is_names(trimmed) {
            names = trimmed
                .split_whitespace()
                .map(str::to_ascii_lowercase)
                .collect();
        } else if !names.is_empty() {
            let cells = cells(trimmed);
            if rpc {
                output.calls = cells.first().map(|(count, _)| *count).or(output.calls);
            } else if let Some(sample) = version.as_ref().and_then(|v| output.versions.get_mut(v)) {
                for (name, (count, share)) in names.drain(..).zip(cells) {
                    if let Some(share) = share {
                        sample.shares.insert(name.clone(), share);
                    }
                    sample.counts.insert(name, count);
                }
            }
            names.clear();
        }
    }
    outputs
}

/// Words, none of which is a number.
fn is_names(line: &str) -> bool {
    let mut words = line.split_whitespace().peekable();
    words.peek().is_some()
        && words.all(|word| {
            word.starts_with(|c: char| c.is_ascii_alphabetic())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

/// `2 0% 97 0% 56490 0%`: counts, each with its share where there is one.
fn cells(line: &str) -> Vec<(f64, Option<f64>)> {
    let mut cells: Vec<(f64, Option<f64>)> = Vec::new();
    for word in line.split_whitespace() {
        if let Some(share) = word.strip_suffix('%') {
            if let (Some(last), Ok(share)) = (cells.last_mut(), share.parse::<u32>()) {
                last.1 = Some(f64::from(share));
            }
        } else if let Ok(count) = word.parse::<u64>() {
            cells.push((count as f64, None));
        } else {
            break;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    const STORY: &str = "Client rpc stats:
calls      retrans    authrefrsh
7557659    10         7560157

Client nfs v4:
[...]
symlink      create       pathconf     statfs       readlink     readdir      
2         0% 97        0% 56490     0% 169612    2% 0         0% 2287316  31%
[...]
";

    fn batch(content: &str, observed_at: Option<&str>) -> Batch {
        let file = RawFile {
            path: "files/nfsstat.txt".into(),
            observed_at: observed_at.map(|t| t.parse().unwrap()),
            content: content.into(),
            ..RawFile::default()
        };
        read(&file, Window::default()).unwrap()
    }

    #[test]
    fn the_readdir_of_the_story_stands_out() {
        let batch = batch(STORY, Some("2020-05-28T10:00:00Z"));
        assert_eq!(batch.events.len(), 1);
        let event = &batch.events[0];
        assert_eq!(
            event.title,
            "readdir is 31 % of NFS calls (2,287,316 of 7,557,659)"
        );
        assert_eq!(event.id, "files/nfsstat.txt#1");
        let shares: Vec<_> = batch.series.iter().map(|s| s.meta.name.as_str()).collect();
        assert_eq!(
            shares,
            ["NFS readdir, share of calls", "NFS statfs, share of calls"]
        );
        assert_eq!(batch.series[0].samples.values(), [31.0]);
    }

    #[test]
    fn without_a_time_it_is_asked_for_and_the_event_stays() {
        let batch = batch(STORY, None);
        assert_eq!(batch.events[0].start, None);
        assert!(batch.series.is_empty());
        assert_eq!(batch.provenance.questions.len(), 1);
        assert_eq!(batch.provenance.gaps.len(), 1);
    }

    #[test]
    fn two_samples_give_counters_and_a_rate() {
        let later = STORY
            .replace("7557659", "7857659")
            .replace("2287316", "2527316");
        let text = format!("2020-05-28T10:00:00Z\n{STORY}\n2020-05-28T10:01:00Z\n{later}");
        let batch = batch(&text, None);
        let counter = batch
            .series
            .iter()
            .find(|s| s.meta.stat == "Counter" && s.meta.name == "NFS readdir calls")
            .unwrap();
        assert_eq!(counter.samples.values(), [2_287_316.0, 2_527_316.0]);
        assert_eq!(counter.meta.period_s, Some(60));
        let event = &batch.events[0];
        assert_eq!(
            event.title,
            "readdir is 80 % of NFS calls (240,000 of 300,000, 4,000 a second)"
        );
        assert_eq!(
            event.start,
            Some("2020-05-28T10:01:00Z".parse::<Timestamp>().unwrap())
        );
    }

    #[test]
    fn an_ordinary_mix_of_version_3_stands_out_nowhere() {
        let text = "Client nfs v3:\n\
            null         getattr      setattr      lookup       access       readlink\n\
            0         0% 25915812  66% 450431    1% 2082760   5% 6102928  15% 21567     0%\n";
        let batch = batch(text, Some("2020-05-28T10:00:00Z"));
        assert!(batch.events.is_empty());
        assert_eq!(batch.series.len(), 4);
    }
}
