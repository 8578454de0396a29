//! Are the scores probabilities? Generated incidents in which only the time of events speaks.
//!
//! A service gets slower at some minute of a day. In the incidents with a culprit a rollout or a
//! change of the configuration came before, by an exponential lag of four minutes in the mean, now and
//! then of half an hour; in those without nobody did. In both up to forty other rollouts, changes and
//! runs of jobs happened at times of their own.

#[allow(dead_code, reason = "the small incidents use the rest")]
mod made;

use made::{Made, noise, uniform};
use model::{Analysis, EventKind};

const CASES: u64 = 600;

/// One incident; its culprit has the id `culprit`.
fn generated(seed: u64, with_culprit: bool) -> Analysis {
    let mut even = uniform(seed * 2 + u64::from(with_culprit));
    for _ in 0..8 {
        even();
    }
    let mut minute = |from: f64, to: f64| (from + even() * (to - from)) as i64;
    let from = minute(300.0, 1300.0);
    let decoys = minute(0.0, 41.0);
    let mut shake = noise(seed + 7);
    let mut made = Made::days(1).symptom("lat", |i| {
        0.2 + if i >= from { 0.6 } else { 0.0 } + 0.02 * shake()
    });
    for k in 0..decoys {
        let (kind, name) = match minute(0.0, 10.0) {
            0..6 => (EventKind::Rollout, format!("team-{k}")),
            6..8 => (EventKind::JobRun, format!("job-{}", k % 5)),
            8 => (EventKind::ConfigChange, format!("map-{k}")),
            _ => (EventKind::Scale, format!("team-{k}")),
        };
        made.event(&format!("d{k}"), kind, &name, minute(0.0, 1440.0));
    }
    if with_culprit {
        let kind = if minute(0.0, 4.0) == 0 {
            EventKind::ConfigChange
        } else {
            EventKind::Rollout
        };
        let mean = if minute(0.0, 10.0) == 0 { 30.0 } else { 4.0 };
        let lag = -(minute(1.0, 1e6) as f64 / 1e6).ln() * mean * 60.0;
        made.event("culprit", kind, "web", from);
        made.earlier_by(lag as i64);
    }
    made.analysed()
}

#[test]
fn scores_are_probabilities() {
    let (mut first, mut accused, mut brier, mut sum) = (0, 0, 0.0, 0.0);
    let mut bins = [(0_u32, 0.0, 0_u32); 10];
    for seed in 1..=CASES {
        for with_culprit in [true, false] {
            let out = generated(seed, with_culprit);
            let Some(top) = out.suspects.first() else {
                continue;
            };
            let right = top.events.first().is_some_and(|e| e == "culprit");
            first += u32::from(right);
            accused += u32::from(!with_culprit && top.score >= 0.5);
            for s in &out.suspects {
                let right = s.events.first().is_some_and(|e| e == "culprit");
                let bin = &mut bins[((s.score * 10.0) as usize).min(9)];
                *bin = (bin.0 + 1, bin.1 + s.score, bin.2 + u32::from(right));
                brier += (s.score - f64::from(u8::from(right))).powi(2);
                sum += 1.0;
            }
        }
    }
    let table: Vec<String> = bins
        .iter()
        .filter(|b| b.0 > 0)
        .map(|(n, score, right)| {
            let all = f64::from(*n);
            format!(
                "{n:5} scores of {:.2} in the mean, {:.2} of them right",
                score / all,
                f64::from(*right) / all
            )
        })
        .collect();
    let table = format!(
        "{}\ntop-1 {first} of {CASES}, accused {accused} of {CASES}, Brier {:.3}",
        table.join("\n"),
        brier / sum
    );
    println!("{table}");
    assert!(u64::from(first) * 10 >= CASES * 9, "{table}");
    assert!(u64::from(accused) * 20 <= CASES, "{table}");
    // Half of these incidents have no culprit. Too sure is worse than not sure enough.
    for (n, score, right) in bins.iter().filter(|b| b.0 >= 20) {
        let (said, is) = (score / f64::from(*n), f64::from(*right) / f64::from(*n));
        assert!(said - is <= 0.05, "{said} was said, {is} is right: {table}");
    }
}
