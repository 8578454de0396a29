//! The made-up incidents hold what they promise, judged from their bundles alone.

use model::{
    Bundle, EventKind, Series, Timestamp,
    time::{DAY, HOUR, MINUTE},
};
use simulate::{Simulated, recurrence, zombie_pods};
use std::collections::{BTreeMap, BTreeSet};

const CAP: f64 = 2_308_974_418_330.0;

const THREE: Timestamp = Timestamp::from_seconds(1_590_116_400); // 2020-05-22T03:00:00Z
const MAY_26: Timestamp = Timestamp::from_seconds(1_590_451_200);

fn series<'a>(bundle: &'a Bundle, id: &str) -> &'a Series {
    let found = bundle.series.iter().find(|s| s.meta.id == id);
    found.unwrap_or_else(|| panic!("no series {id}"))
}

fn at_times(series: &Series) -> BTreeMap<Timestamp, f64> {
    series.samples.iter().collect()
}

fn median(bundle: &Bundle, id: &str, from: Timestamp, to: Timestamp) -> f64 {
    let inside = series(bundle, id).samples.inside(model::Window {
        start: from,
        end: to,
    });
    let mut values = inside.1.to_vec();
    assert!(!values.is_empty(), "{id} is empty from {from} to {to}");
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn every_incident() -> Vec<Simulated> {
    (1..=4)
        .flat_map(|seed| [zombie_pods(seed), recurrence(seed)])
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bundle_and_another_seed_another() {
    for tell in [zombie_pods, recurrence] {
        let digests: Vec<String> = [1, 1, 2, 3].map(|s| tell(s).bundle.digest()).to_vec();
        assert_eq!(digests[0], digests[1]);
        assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), 3);
    }
}

#[test]
fn ids_are_valid_and_unique_and_everything_lies_in_the_window() {
    let valid = |id: &str| {
        (1..=128).contains(&id.len())
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    for Simulated { bundle, truth } in every_incident() {
        let window = bundle.header.window;
        let series_ids: BTreeSet<&str> = bundle.series.iter().map(|s| s.meta.id.as_str()).collect();
        let events: BTreeSet<&str> = bundle.events.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(series_ids.len(), bundle.series.len());
        assert_eq!(events.len(), bundle.events.len());
        assert!(series_ids.iter().chain(&events).all(|id| valid(id)));
        assert!(
            bundle
                .header
                .symptom
                .iter()
                .all(|id| series_ids.contains(id.as_str()))
        );
        for s in &bundle.series {
            assert!(s.samples.len() > 300, "{}", s.meta.id);
            let (first, last) = s.samples.span().unwrap();
            assert!(
                window.contains(first) && window.contains(last),
                "{}",
                s.meta.id
            );
            assert!(
                s.samples.values().iter().all(|v| *v >= 0.0),
                "{}",
                s.meta.id
            );
        }
        for event in &bundle.events {
            let start = event.start.unwrap();
            let old = truth.harmless_stuck_pods.contains(&event.id);
            assert!(window.contains(start) || old, "{} at {start}", event.id);
            assert!(event.end.is_none_or(|end| end >= start), "{}", event.id);
        }
        let named = [
            &truth.culprit,
            &truth.campaign,
            &truth.decoys,
            &truth.stuck_pods,
        ];
        assert!(
            named
                .into_iter()
                .flatten()
                .all(|id| events.contains(id.as_str()))
        );
        let guilty: BTreeSet<_> = truth.culprit.iter().collect();
        assert!(
            truth
                .decoys
                .iter()
                .chain(&truth.campaign)
                .all(|id| !guilty.contains(id))
        );
    }
}

/// In each unthrottled minute the balance moves by baseline minus metered traffic, up to the cap;
/// without credits the permitted throughput is the baseline.
#[test]
fn the_balance_follows_from_baseline_and_metered_traffic() {
    for Simulated { bundle, .. } in every_incident() {
        let balance = series(&bundle, "efs.burst_credit_balance");
        let metered = at_times(series(&bundle, "efs.metered_io_bytes.sum"));
        let permitted = at_times(series(&bundle, "efs.permitted_throughput"));
        let stored = series(&bundle, "efs.storage_bytes");
        let (mut checked, mut before): (u32, Option<(Timestamp, f64)>) = (0, None);
        for (at, now) in balance.samples.iter() {
            assert!((0.0..=CAP).contains(&now), "{at}: {now}");
            let Some(bytes) = stored.samples.value_at(at, 14 * MINUTE) else {
                continue;
            };
            let baseline = (bytes * 51_200.0 / f64::from(1 << 30)).floor();
            if let Some(permitted) = permitted.get(&at) {
                let want = if now == 0.0 { baseline } else { 104_857_600.0 };
                assert!(
                    (permitted - want).abs() < 0.5,
                    "{at}: {permitted}, not {want}"
                );
            }
            if let (Some((last, was)), Some(metered)) = (before, metered.get(&at))
                && at.since(last) == MINUTE
            {
                let free = was + baseline * 60.0 - metered;
                let slack = if now == 0.0 { 32_768.0 } else { 0.5 };
                assert!(
                    (free.min(CAP) - now).abs() <= slack,
                    "{at}: {now}, not {free}"
                );
                checked += 1;
            }
            before = Some((at, now));
        }
        assert!(checked > 6_000, "{checked} minutes checked");
    }
}

#[test]
fn the_credits_are_gone_around_three_in_the_night() {
    assert_eq!(zombie_pods(1).truth.exhausted_at, Some(THREE));
    let mut seen = BTreeSet::new();
    for seed in 1..=20 {
        let Simulated { bundle, truth } = zombie_pods(seed);
        let at = truth.exhausted_at.unwrap();
        assert!(at.since(THREE).abs() <= 15 * MINUTE, "seed {seed}: {at}");
        let balance = series(&bundle, "efs.burst_credit_balance");
        let measured = balance.samples.iter().find(|(_, v)| *v == 0.0).unwrap().0;
        assert!(
            measured.since(at).abs() <= 21 * MINUTE,
            "seed {seed}: {measured}"
        );
        seen.insert(at);
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn metadata_outweighs_read_and_write_several_hundred_times_while_the_credits_drain() {
    for seed in 1..=6 {
        let Simulated { bundle, truth } = zombie_pods(seed);
        let (from, to) = (truth.onset.plus(3 * HOUR), truth.exhausted_at.unwrap());
        let of = |id: &str, from, to| median(&bundle, id, from, to);
        let ratio = |from, to| {
            of("efs.metadata_io_bytes.sum", from, to)
                / (of("efs.data_read_io_bytes.sum", from, to)
                    + of("efs.data_write_io_bytes.sum", from, to))
        };
        let drain = ratio(from, to);
        assert!((200.0..1000.0).contains(&drain), "seed {seed}: {drain}");
        let before = ratio(bundle.header.window.start, truth.onset);
        assert!(before < 40.0, "seed {seed}: {before}");
    }
}

#[test]
fn sites_are_slow_while_throttled_and_not_before_or_after() {
    for seed in 1..=4 {
        let Simulated { bundle, truth } = zombie_pods(seed);
        let at = truth.exhausted_at.unwrap();
        let over = bundle.header.impact.unwrap().end.unwrap();
        assert!(
            over.since(at) > 6 * HOUR && over.since(at) < 11 * HOUR,
            "{over}"
        );
        let touch = |from, to| median(&bundle, "touch.efs", from, to);
        let slow = touch(at.plus(10 * MINUTE), at.plus(5 * HOUR));
        assert!((0.30..0.37).contains(&slow), "seed {seed}: {slow}");
        assert!(touch(at.plus(-12 * HOUR), at) < 0.035);
        assert!(touch(over.plus(HOUR), over.plus(12 * HOUR)) < 0.035);
        for id in &bundle.header.symptom {
            let before = median(&bundle, id, at.plus(-3 * HOUR), at);
            let during = median(&bundle, id, at.plus(10 * MINUTE), at.plus(3 * HOUR));
            assert!(
                during > 2.0 * before,
                "seed {seed}, {id}: {before} to {during}"
            );
        }
        for (id, factor) in [
            ("site.product-search.p95", 1.15),
            ("db.cpu", 1.3),
            ("touch.local", 1.1),
        ] {
            let before = median(&bundle, id, at.plus(-3 * HOUR), at);
            let during = median(&bundle, id, at.plus(10 * MINUTE), at.plus(3 * HOUR));
            assert!(
                during < factor * before,
                "seed {seed}, {id}: {before} to {during}"
            );
        }
    }
}

/// The cause is neither the nearest event nor beside the most striking shift.
#[test]
fn the_obvious_places_are_wrong() {
    for seed in 1..=8 {
        let Simulated { bundle, truth } = zombie_pods(seed);
        let at = truth.symptom_start.unwrap();
        let rollouts_before = bundle.events.iter().filter(|e| {
            let age = at.since(e.start.unwrap());
            e.kind == EventKind::Rollout && (0..2 * HOUR).contains(&age)
        });
        let near: Vec<&str> = rollouts_before.map(|e| e.id.as_str()).collect();
        assert!(near.len() >= 2, "seed {seed}: {near:?}");
        assert!(near.iter().all(|id| truth.decoys.iter().any(|d| d == id)));
        assert!(
            at.since(truth.onset) > DAY,
            "the cause is more than a day back"
        );
    }
}

#[test]
fn stuck_pods_are_those_beyond_their_grace_and_each_zombie_raises_the_load() {
    for Simulated { bundle, truth } in every_incident() {
        let end = bundle.header.window.end;
        let stuck: BTreeSet<&str> = bundle
            .events
            .iter()
            .filter(|e| e.kind == EventKind::PodTerminating)
            .filter(|e| e.end.unwrap_or(end).since(e.start.unwrap()) > 10 * MINUTE)
            .map(|e| e.id.as_str())
            .collect();
        let truly: BTreeSet<&str> = truth.stuck_pods.iter().map(String::as_str).collect();
        assert_eq!(stuck, truly);
        let zombies = truth.stuck_pods.len() - truth.harmless_stuck_pods.len();
        assert_eq!(zombies, if truth.exhausted_at.is_some() { 5 } else { 2 });
        let meta = |from, to| median(&bundle, "efs.metadata_io_bytes.count", from, to);
        let before = meta(truth.onset.plus(-HOUR), truth.onset);
        let first = meta(truth.onset, truth.onset.plus(8 * MINUTE));
        let later = meta(truth.onset.plus(3 * HOUR), truth.onset.plus(6 * HOUR));
        assert!(first > 3.0 * before, "{before} to {first}");
        assert!(later > 1.1 * first, "{first} to {later}");
    }
}

#[test]
fn the_return_is_slower_but_never_throttled() {
    for seed in 1..=8 {
        let Simulated { bundle, truth } = recurrence(seed);
        assert_eq!(truth.exhausted_at, None);
        let end = bundle.header.window.end;
        let balance = series(&bundle, "efs.burst_credit_balance");
        let last = *balance.samples.values().last().unwrap();
        assert!(last > 0.02 * CAP && last < 0.5 * CAP, "seed {seed}: {last}");
        let first_log = MAY_26.plus(14 * HOUR + 51 * MINUTE);
        assert!(truth.onset < first_log && first_log.since(truth.onset) < 2 * HOUR);
        let felt = truth.symptom_start.unwrap();
        assert!(
            felt > MAY_26.plus(DAY + 18 * HOUR) && felt < MAY_26.plus(2 * DAY + 12 * HOUR),
            "{felt}"
        );
        let id = &bundle.header.symptom[1];
        let before = median(&bundle, id, truth.onset.plus(-HOUR), truth.onset);
        let slow = median(&bundle, id, end.plus(-2 * HOUR), end);
        assert!(
            (1.2..3.0).contains(&(slow / before)),
            "seed {seed}: {before} to {slow}"
        );
    }
}

#[test]
fn raw_files_name_the_same_pods_as_the_events() {
    for Simulated { bundle, truth } in every_incident() {
        let listing = bundle
            .files
            .iter()
            .find(|f| f.path.starts_with("files/pods"))
            .unwrap();
        let taken = listing.observed_at.unwrap();
        let text = String::from_utf8(listing.content.clone()).unwrap();
        let listed: BTreeSet<&str> = text
            .lines()
            .filter(|line| line.contains("Terminating"))
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        let open: BTreeSet<&str> = bundle
            .events
            .iter()
            .filter(|e| truth.stuck_pods.contains(&e.id) && e.end.is_none_or(|end| end > taken))
            .map(|e| e.object.name.as_str())
            .collect();
        assert!(!open.is_empty());
        assert_eq!(listed, open);
    }
    let bundle = recurrence(1).bundle;
    let text = |path: &str| {
        let file = bundle.files.iter().find(|f| f.path == path).unwrap();
        String::from_utf8(file.content.clone()).unwrap()
    };
    let log = text("files/kubelet.log");
    assert!(log.lines().count() > 200, "{}", log.lines().count());
    assert!(
        log.lines()
            .all(|l| l.starts_with("kubelet[3851]: W0526 14:") && l.contains("/sess_"))
    );
    assert!(log.contains("W0526 14:51:"));
    assert!(text("files/nfsstat.txt").contains("31%"));
}

#[test]
fn the_bundle_says_that_it_is_simulated() {
    let header = zombie_pods(17).bundle.header;
    let notice = header.notice.unwrap();
    assert!(
        notice.contains("Simulated data") && notice.contains("seed 17"),
        "{notice}"
    );
    assert!(!header.provenance.is_empty());
    assert!(
        header
            .provenance
            .iter()
            .all(|p| p.query.contains("--seed 17"))
    );
}
