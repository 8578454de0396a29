//! `time touch PATH` as pasted from a shell: bash, POSIX `time -p`, zsh and GNU time.

use super::{clock::Clock, moments, reading::Reading};
use crate::BundleError;
use model::{Batch, Event, EventKind, Samples, Timestamp, Window, bundle::RawFile};
use std::collections::BTreeMap;

/// The `source` of what comes from such a paste.
pub(crate) const SOURCE: &str = "time-touch";

/// Measurements of one file that are read.
const MAX_MEASURED: usize = 100_000;
/// How many times as long a touch must take to be worth an event. The story's was 33 times; NFS
/// over a healthy network is some milliseconds against fractions of one on a local disk, so
/// that a smaller factor says little.
const TIMES: f64 = 5.0;
/// A touch below this is in order whatever it is compared with: "single-digit latencies"
/// (milliseconds) is what EFS promises.
const SLOW_S: f64 = 0.010;

/// Whether a line is the command.
pub(crate) fn is_head(line: &str) -> bool {
    path_of(line).is_some()
}

/// `[prompt] time [-p] touch [options] PATH`: the path.
fn path_of(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("time ")?;
    let before = before.trim_end();
    // A prompt, a folder such as `/usr/bin/`, or nothing: not the middle of a sentence.
    let prompt = before.is_empty() || before.ends_with(['$', '#', '%', '>', '/']);
    let mut words = after
        .split_whitespace()
        .skip_while(|word| word.starts_with('-'));
    let touch = words
        .next()
        .filter(|word| *word == "touch" || word.ends_with("/touch"));
    touch.filter(|_| prompt)?;
    words.find(|word| !word.starts_with('-'))
}

/// One touch.
struct Measured<'a> {
    line: u64,
    path: &'a str,
    at: Option<Timestamp>,
    seconds: f64,
}

/// Reads a paste.
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let text = crate::bundle::text(&file.path, &file.content)?;
    let mut reading = Reading::new(file, SOURCE);
    let clock = Clock::of(file);
    let mut measured = parse(text, &mut reading, &clock);
    if measured.is_empty() {
        let expected = "`time touch PATH` with the line 'real 0m0.334s' below it";
        return Err(BundleError::file(&file.path, expected));
    }
    if measured.iter().any(|m| m.at.is_none()) {
        let at = moments::observed(&mut reading, window, "`time touch`");
        for one in &mut measured {
            one.at = one.at.or(at);
        }
    }
    let mut by_path: BTreeMap<&str, Vec<&Measured<'_>>> = BTreeMap::new();
    for one in &measured {
        by_path.entry(one.path).or_default().push(one);
    }
    for (path, all) in &by_path {
        let mut meta = reading.meta(&format!("touch {path}"));
        meta.unit = "Seconds".into();
        meta.dimensions.insert("path".into(), (*path).to_owned());
        meta.period_s = None;
        reading.series(meta, samples(all));
    }
    compare(&mut reading, &by_path);
    Ok(reading.finish())
}

/// Of touches at one instant (those that only the observation dates) the median stands for all.
fn samples(all: &[&Measured<'_>]) -> Samples {
    let mut by_time: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    for one in all {
        if let Some(at) = one.at {
            by_time.entry(at).or_default().push(one.seconds);
        }
    }
    let points = by_time
        .into_iter()
        .filter_map(|(at, all)| Some((at, median(all)?)));
    Samples::from_unordered(points.collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The slowest path against the fastest.
fn compare(reading: &mut Reading<'_>, by_path: &BTreeMap<&str, Vec<&Measured<'_>>>) {
    let medians: Vec<(&str, f64, &Measured<'_>)> = by_path
        .iter()
        .filter_map(|(path, all)| {
            let median = median(all.iter().map(|m| m.seconds).collect())?;
            Some((*path, median, *all.last()?))
        })
        .collect();
    let by = |a: &&(&str, f64, &Measured<'_>), b: &&(&str, f64, &Measured<'_>)| a.1.total_cmp(&b.1);
    let (Some(fast), Some(slow)) = (medians.iter().min_by(by), medians.iter().max_by(by)) else {
        return;
    };
    // Shells print milliseconds: a time of zero is at most one.
    let factor = slow.1 / fast.1.max(0.001);
    if slow.1 <= SLOW_S || factor < TIMES {
        return;
    }
    let ms = |seconds: f64| format!("{} ms", (seconds * 1_000.0).round());
    let mut event = Event {
        kind: EventKind::Other("measurement".into()),
        start: slow.2.at,
        title: format!(
            "touch on {} took {}, {} times as long as on {} ({})",
            slow.0,
            ms(slow.1),
            factor.floor(),
            fast.0,
            ms(fast.1)
        ),
        ..Event::default()
    };
    for (name, value) in [
        ("path", serde_json::Value::from(slow.0)),
        ("seconds", slow.1.into()),
        ("compared_with", fast.0.into()),
        ("compared_seconds", fast.1.into()),
        ("factor", factor.into()),
    ] {
        event.attributes.insert(name.into(), value);
    }
    reading.event(slow.2.line, event);
}

fn parse<'a>(text: &'a str, reading: &mut Reading<'_>, clock: &Clock) -> Vec<Measured<'a>> {
    let mut all: Vec<Measured<'a>> = Vec::new();
    let mut open: Option<(u64, &'a str)> = None;
    let mut moment = None;
    let mut asked = false;
    for (line, number) in text.lines().zip(1_u64..) {
        if let Some(path) = path_of(line) {
            open = Some((number, path));
        } else if let Some(at) = moments::of_line(line) {
            moment = moments::instant(reading, clock, at, &mut asked);
        } else if let (Some(seconds), Some((line, path))) = (real(line), open) {
            if all.len() >= MAX_MEASURED {
                reading.gap(&format!(
                    "touches beyond the first {MAX_MEASURED} are left out"
                ));
                break;
            }
            open = None;
            let at = moment;
            all.push(Measured {
                line,
                path,
                at,
                seconds,
            });
        }
    }
    all
}

/// Seconds of `real 0m0.334s`, `real 0,33`, `… 0.334 total` (zsh), `…0:00.33elapsed` (GNU time).
fn real(line: &str) -> Option<f64> {
    let line = line.trim();
    if let Some(text) = line.strip_prefix("real") {
        let text = text.trim();
        return match text.strip_suffix('s').and_then(|t| t.split_once('m')) {
            Some((minutes, seconds)) => Some(number(minutes)? * 60.0 + number(seconds)?),
            None => number(text),
        };
    }
    if let Some(text) = line.strip_suffix("total") {
        return clock_seconds(text.split_whitespace().last()?);
    }
    let word = line
        .split_whitespace()
        .find_map(|w| w.strip_suffix("elapsed"))?;
    clock_seconds(word)
}

/// `0.334`, `1:02.50`.
fn clock_seconds(text: &str) -> Option<f64> {
    match text.rsplit_once(':') {
        Some((minutes, seconds)) => Some(number(minutes)? * 60.0 + number(seconds)?),
        None => number(text),
    }
}

/// A number of digits with a point or a comma.
fn number(text: &str) -> Option<f64> {
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
    let number: f64 = text.replace(',', ".").parse().ok()?;
    (plain && number < 1e7).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "$ time touch /path/to/app/source/testFile

real    0m0.010s
user    0m0.001s
sys     0m0.000s
$ time touch /path/mounted/to/EFS/testFile

real\t0m0,334s
";

    fn batch(text: &str, observed_at: Option<&str>) -> Batch {
        let file = RawFile {
            path: "files/touch.txt".into(),
            observed_at: observed_at.map(|t| t.parse().unwrap()),
            content: text.into(),
            ..RawFile::default()
        };
        read(&file, Window::default()).unwrap()
    }

    #[test]
    fn the_touch_of_the_story_is_33_times_as_slow() {
        let batch = batch(STORY, Some("2020-05-22T04:00:00Z"));
        assert_eq!(
            batch.events[0].title,
            "touch on /path/mounted/to/EFS/testFile took 334 ms, 33 times as long as on \
             /path/to/app/source/testFile (10 ms)"
        );
        assert_eq!(batch.series.len(), 2);
        assert_eq!(batch.series[0].samples.values(), [0.334]);
        assert!(batch.provenance.questions.is_empty());
    }

    #[test]
    fn without_a_time_it_is_asked_for() {
        let batch = batch(STORY, None);
        assert_eq!(batch.provenance.questions.len(), 1);
        assert!(batch.series.is_empty());
        assert_eq!(batch.events[0].start, None);
    }

    #[test]
    fn every_shell_has_its_own_words() {
        for (line, seconds) in [
            ("real 0.33", Some(0.33)),
            ("real\t1m2.500s", Some(62.5)),
            (
                "touch /x  0.00s user 0.00s system 3% cpu 0.334 total",
                Some(0.334),
            ),
            ("0.00user 0.00system 0:00.33elapsed 3%CPU", Some(0.33)),
            ("user 0m0.001s", None),
            ("really 5", None),
            ("real NaN", None),
        ] {
            assert_eq!(real(line), seconds, "{line}");
        }
        assert_eq!(
            path_of("[ec2-user@ip-10-0-0-1 ~]$ time touch /mnt/x"),
            Some("/mnt/x")
        );
        assert_eq!(
            path_of("root# /usr/bin/time -p touch -c /mnt/x"),
            Some("/mnt/x")
        );
        assert_eq!(path_of("it is time to touch base"), None);
    }
}
