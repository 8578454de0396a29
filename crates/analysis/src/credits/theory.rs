//! The theoretical course of a balance: the bucket's equation, run forward over what was measured to be
//! spent, from the first measured balance on.
//!
//! It is drawn beside the balance to be compared with it. So there is none where what is earned was read
//! off the balance itself: such a line would follow it whatever happened.

use super::{
    bucket::{self, Bucket, intervals},
    drain::Curve,
    metered::Metered,
};
use model::{Samples, Timestamp, Window, analysis::Theory};

/// How far the corners may lead from the line itself, as a share of the largest balance. A fifth of a
/// pixel in a plot of two hundred; samples of two weeks become a few hundred corners.
const EXACT: f64 = 0.001;

/// The theoretical line, or why there is none.
pub(super) fn theory(
    curve: &Curve<'_>,
    bucket: Option<&Bucket>,
    metered: Option<&Metered<'_>>,
) -> Result<Theory, &'static str> {
    let Some(bucket) = bucket else {
        return Err(if metered.is_some() {
            UNKNOWN_SIZE
        } else {
            "nothing in the evidence says what spends the credits: pull MeteredIOBytes, CPUUtilization, \
             or VolumeReadOps and VolumeWriteOps of the same thing"
        });
    };
    if bucket.fitted {
        return Err(if metered.is_some() {
            UNKNOWN_SIZE
        } else {
            "the type or the size, and so what is earned, is known from the balance alone"
        });
    }
    bucket.enough()?;
    let (cap, spent) = (bucket.holds(curve), bucket.filled());
    let mut balance = curve.value(0);
    let mut points = vec![(curve.at(0), balance)];
    let mut square = 0.0;
    for (i, (spent, (from, to))) in spent.iter().zip(intervals(curve)).enumerate() {
        let seconds = to.since(from) as f64 / 1000.0;
        balance = bucket::after(balance, bucket.earned_per_s - spent, seconds, cap);
        square += (balance - curve.value(i + 1)).powi(2);
        points.push((to, balance));
    }
    let rmse = (square / points.len() as f64).sqrt();
    let mut basis = bucket.basis.clone();
    if let Some(note) = metered.and_then(|m| m.note.as_deref()) {
        basis = format!("{basis}; {note}");
    }
    Ok(Theory {
        line: corners(&points, EXACT * curve.top),
        unmeasured: unmeasured(curve, bucket),
        error_share: if curve.top > 0.0 {
            rmse / curve.top
        } else {
            0.0
        },
        basis,
    })
}

const UNKNOWN_SIZE: &str = "the size of the file system, and so its baseline, is not known: pull StorageBytes or \
                            PermittedThroughput, or let Lineup ask DescribeFileSystems";

/// Spans between balances in which what spends is not known.
fn unmeasured(curve: &Curve<'_>, bucket: &Bucket) -> Vec<Window> {
    let mut out: Vec<Window> = Vec::new();
    for (spent, (start, end)) in bucket.spent.iter().zip(intervals(curve)) {
        match out.last_mut() {
            _ if spent.is_some() => {}
            Some(last) if last.end == start => last.end = end,
            _ => out.push(Window { start, end }),
        }
    }
    out
}

/// The first point and the last, and of those between only corners: the straight line from one to the
/// next passes every point that was left out at no more than `off`. From each corner on it goes as far as
/// the slopes allow that all points since have in common.
fn corners(points: &[(Timestamp, f64)], off: f64) -> Samples {
    let mut out = Samples::default();
    let Some((mut corner, rest)) = points.split_first().map(|(first, rest)| (*first, rest)) else {
        return out;
    };
    out.push(corner.0, corner.1);
    let mut last = corner;
    let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
    for point in rest {
        let slope = |corner: (Timestamp, f64), value: f64| {
            (value - corner.1) / point.0.since(corner.0).max(1) as f64
        };
        let direct = slope(corner, point.1);
        if direct < least || direct > most {
            out.push(last.0, last.1);
            corner = last;
            (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        }
        least = least.max(slope(corner, point.1 - off));
        most = most.min(slope(corner, point.1 + off));
        last = *point;
    }
    out.push(last.0, last.1);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn corners_lead_past_every_point(
            steps in prop::collection::vec((1..600i64, -1.0..1.0f64), 1..400), off in 0.0..5.0f64,
        ) {
            let (mut at, mut value) = (0, 0.0);
            let points: Vec<(Timestamp, f64)> = steps
                .into_iter()
                .map(|(seconds, step)| {
                    (at, value) = (at + seconds, value + step);
                    (Timestamp::from_seconds(at), value)
                })
                .collect();
            let theory = Theory { line: corners(&points, off), ..Theory::default() };
            prop_assert!(theory.line.len() <= points.len());
            for (at, value) in points {
                let near = theory.at(at).unwrap();
                prop_assert!((near - value).abs() <= off + 1e-9, "{at}: {near} for {value}");
            }
        }
    }

    #[test]
    fn a_straight_line_has_two_ends_and_a_bend_one_corner_more() {
        let points = |bend: i64| -> Vec<(Timestamp, f64)> {
            let value = |i: i64| (i.min(bend) - (i - bend).max(0)) as f64;
            (0..1_000)
                .map(|i| (Timestamp::from_seconds(i * 60), value(i)))
                .collect()
        };
        assert_eq!(corners(&points(2_000), 1e-6).len(), 2);
        assert_eq!(corners(&points(400), 1e-6).len(), 3);
        assert_eq!(corners(&[], 1.0).len(), 0);
    }

    #[test]
    fn nothing_is_said_where_nothing_was_measured_and_outside() {
        let at = Timestamp::from_seconds;
        let theory = Theory {
            line: Samples::from_unordered(vec![(at(0), 0.0), (at(100), 100.0)]),
            unmeasured: vec![Window {
                start: at(40),
                end: at(60),
            }],
            ..Theory::default()
        };
        assert_eq!(theory.at(at(40)), Some(40.0));
        assert_eq!(theory.at(at(60)), None);
        assert_eq!(theory.at(at(61)), Some(61.0));
        assert_eq!(theory.at(at(101)), None);
        assert_eq!(theory.at(at(-1)), None);
    }
}
