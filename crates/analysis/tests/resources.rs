//! Which resource leads: the deepest that is felt, what is used up, what stopped to ask.

#[allow(dead_code, reason = "other tests use the rest")]
mod made;

use made::{Made, noise};
use model::{Analysis, Edge, EdgeKind, EventKind, Extra, SeriesMeta};

/// The minute at which every incident here begins.
const ONSET: i64 = 700;

fn meta(resource: &str, name: &str) -> SeriesMeta {
    SeriesMeta {
        id: format!("{resource}.{name}"),
        name: name.into(),
        stat: "Average".into(),
        resource: Some(resource.into()),
        ..SeriesMeta::default()
    }
}

/// A day of a level that is another from [`ONSET`] on.
fn step(seed: u64, usual: f64, later: f64) -> impl FnMut(i64) -> f64 {
    let mut noise = noise(seed);
    move |i| {
        let level = if i < ONSET { usual } else { later };
        level * (1.0 + 0.03 * noise())
    }
}

/// The shop calls the cart and the search; the cart calls the store.
fn shop(latencies: [(f64, f64); 4]) -> Made {
    let mut made = Made::days(1);
    for ((name, (usual, later)), seed) in ["shop", "cart", "search", "store"]
        .into_iter()
        .zip(latencies)
        .zip(1..)
    {
        made = made.series(meta(name, "latency"), step(seed, usual, later));
    }
    made.evidence.symptom = vec!["shop.latency".into()];
    for (from, to) in [("shop", "cart"), ("shop", "search"), ("cart", "store")] {
        edge(&mut made, from, to, EdgeKind::Calls);
    }
    made.stated(ONSET + 1);
    made
}

fn edge(made: &mut Made, from: &str, to: &str, kind: EdgeKind) {
    made.evidence.topology.push(Edge {
        from: from.into(),
        to: to.into(),
        kind,
        extra: Extra::default(),
    });
}

fn first(out: &Analysis) -> &str {
    out.resources.first().map_or("", |r| r.resource.as_str())
}

const USUAL: [f64; 4] = [0.3, 0.1, 0.1, 0.05];

#[test]
fn the_deepest_callee_that_is_slow_leads() {
    let out = shop([(0.3, 0.6), (0.1, 0.4), (0.1, 0.1), (0.05, 0.35)]).analysed();
    assert_eq!(first(&out), "store", "{:?}", out.resources);
    let alone = shop([(0.3, 0.6), (0.1, 0.4), (0.1, 0.1), (0.05, 0.05)]).analysed();
    assert_eq!(first(&alone), "cart", "{:?}", alone.resources);
    let total: f64 = out.resources.iter().map(|r| r.score).sum();
    assert!(total <= 1.0 && out.resources.iter().all(|r| !r.series.is_empty()));
}

#[test]
fn what_is_used_up_leads_what_is_only_slow() {
    let slow = [(0.3, 0.6), (0.1, 0.4), (0.1, 0.4), (0.05, 0.05)];
    let made = shop(slow).series(meta("search", "CpuUsageRate"), step(9, 20.0, 95.0));
    assert_eq!(first(&made.analysed()), "search");
}

#[test]
fn who_stops_to_ask_is_where_requests_end() {
    let requests = |shop_later: f64, asked_later: f64| {
        let mut made = shop(USUAL.map(|u| (u, u)));
        for (name, usual, later) in [
            ("shop", 100.0, shop_later),
            ("cart", 60.0, 0.6 * asked_later),
            ("search", 40.0, 0.4 * asked_later),
        ] {
            made = made.series(meta(name, "requests"), step(7, usual, later));
        }
        made = made.series(meta("shop", "availability"), |i| {
            if i < ONSET { 100.0 } else { 80.0 }
        });
        made.evidence.symptom = vec!["shop.availability".into()];
        made.analysed()
    };
    let silent = requests(100.0, 0.0);
    assert_eq!(first(&silent), "shop", "{:?}", silent.resources);
    let score = |out: &Analysis| out.resources.first().map_or(0.0, |r| r.score);
    assert!(score(&requests(100.0, 100.0)) < score(&silent));
    // Where nobody asks the shop any more, its silence is not its own.
    assert!(score(&requests(0.0, 0.0)) < score(&silent));
}

#[test]
fn what_was_off_before_is_not_what_began_it() {
    // The store has been slower since long before, and is no slower now.
    let mut noise = noise(8);
    let mut made = shop([(0.3, 0.6), (0.1, 0.4), (0.1, 0.1), (0.05, 0.05)]);
    made.evidence
        .series
        .retain(|s| s.meta.id != "store.latency");
    let made = made.series(meta("store", "latency"), |i| {
        let level = if i < 600 { 0.05 } else { 0.4 };
        level * (1.0 + 0.03 * noise())
    });
    let out = made.analysed();
    assert_eq!(first(&out), "cart", "{:?}", out.resources);
}

#[test]
fn a_file_system_explains_what_mounts_it() {
    let mut made = shop([(0.3, 0.6), (0.1, 0.4), (0.1, 0.1), (0.05, 0.05)]);
    edge(&mut made, "cart", "aws:fs-1", EdgeKind::Mounts);
    let made = made.series(meta("aws:fs-1", "touch_seconds"), step(6, 0.01, 0.3));
    let out = made.analysed();
    assert_eq!(first(&out), "aws:fs-1", "{:?}", out.resources);
}

#[test]
fn an_event_on_what_went_on_as_usual_stays_below_one_on_what_leads() {
    let mut made = shop([(0.3, 0.6), (0.1, 0.4), (0.1, 0.1), (0.05, 0.05)]);
    made.event("near", EventKind::ConfigChange, "search", ONSET - 1);
    made.event("true", EventKind::ConfigChange, "cart", ONSET - 9);
    let out = made.analysed();
    assert_eq!(out.suspects[0].events, ["true"], "{:?}", out.suspects);
    let near = out.suspects.iter().find(|s| s.events == ["near"]);
    assert!(near.is_none_or(|s| s.score < 0.1), "{near:?}");
}
