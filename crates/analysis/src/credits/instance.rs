//! CPU credits of burstable instances: one credit is one vCPU at 100 % for one minute.
//!
//! Instance type and number of vCPUs are seldom in the evidence, but the balance tells them: its
//! change is a straight line over the CPU's use, whose slope is the number of vCPUs and whose height
//! at no use is what is earned. A type of the published table within 3 % makes both exact.

use super::{
    bucket::{Bucket, LONGEST, intervals},
    drain::Curve,
};
use crate::{
    case::{Case, Signal},
    series::robust,
};

/// Fewest intervals for a straight line.
const FEWEST: usize = 24;
/// How near a published type has to be to be taken for it.
const NEAR: f64 = 0.03;
/// Credits per second and vCPU at one per cent of use.
const PER_PERCENT: f64 = 1.0 / 6000.0;
/// Hours of earnings that a bucket holds at most (AWS EC2 user guide, "CPU credits").
const CAP_HOURS: f64 = 24.0;

/// Credits an hour, vCPUs, and the types that have them (AWS EC2 user guide, "CPU credits and
/// baseline utilization for burstable performance instances").
const TYPES: [(f64, f64, &str); 11] = [
    (3.0, 1.0, "t2.nano"),
    (6.0, 1.0, "t2.micro"),
    (12.0, 1.0, "t2.small"),
    (24.0, 2.0, "t2.medium, t3.small or t3.medium"),
    (36.0, 2.0, "t2.large or t3.large"),
    (54.0, 4.0, "t2.xlarge"),
    (81.6, 8.0, "t2.2xlarge"),
    (6.0, 2.0, "t3.nano"),
    (12.0, 2.0, "t3.micro"),
    (96.0, 4.0, "t3.xlarge"),
    (192.0, 8.0, "t3.2xlarge"),
];

/// The bucket of an instance, from the balance and the CPU's use.
pub(super) fn bucket(case: &Case<'_>, balance: &Signal, curve: &Curve<'_>) -> Option<Bucket> {
    let cpu = case
        .beside(&balance.meta, &["CPUUtilization"])
        .into_iter()
        .min_by_key(|s| (!s.meta.stat.eq_ignore_ascii_case("average"), s.id()))?;
    // A balance can stand for the beginning or for the end of its period: the better fit tells.
    [0, 1]
        .into_iter()
        .filter_map(|shift| fit(curve, &use_of(curve, cpu, shift)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(bucket, _)| bucket)
}

/// Mean use of the CPU in each interval, in per cent; `shift` 1 moves the interval's ends from
/// "from, not to" to "not from, but to".
fn use_of(curve: &Curve<'_>, cpu: &Signal, shift: i64) -> Vec<Option<f64>> {
    intervals(curve)
        .map(|(from, to)| {
            let part = cpu.data.between(from.plus(shift), to.plus(shift));
            (!part.is_empty() && to.since(from) <= LONGEST)
                .then(|| part.iter().sum::<f64>() / part.len() as f64)
        })
        .collect()
}

/// The bucket from a robust straight line, and what the line leaves over.
fn fit(curve: &Curve<'_>, used: &[Option<f64>]) -> Option<(Bucket, f64)> {
    let free = |v: f64| v > 5.0 * curve.zero && v < 0.999 * curve.top;
    let points: Vec<(f64, f64)> = used
        .iter()
        .zip(&curve.rates)
        .zip(curve.values.iter().zip(curve.values.iter().skip(1)))
        .filter(|(_, (a, b))| free(**a) && free(**b))
        .filter_map(|((used, rate), _)| Some(((*used)?, *rate)))
        .collect();
    let (slope, height, rest) = line(points)?;
    let (vcpus, earned) = (-slope / PER_PERCENT, height * 3600.0);
    if vcpus <= 0.0 || earned <= 0.0 {
        return None;
    }
    let near = |a: f64, b: f64| (a / b - 1.0).abs();
    let known = TYPES
        .iter()
        .map(|t| (near(earned, t.0).max(near(vcpus, t.1)), t))
        .filter(|(distance, _)| *distance <= NEAR)
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let (earned, vcpus, name) = match known {
        Some((_, (earned, vcpus, name))) => (*earned, *vcpus, format!("as {name}")),
        None => (earned, vcpus, "no published type".to_owned()),
    };
    let bucket = Bucket {
        earned_per_s: earned / 3600.0,
        cap: known.map(|_| CAP_HOURS * earned),
        spent: used
            .iter()
            .map(|u| u.map(|u| u * vcpus * PER_PERCENT))
            .collect(),
        basis: format!(
            "earned: {earned:.1} credits an hour with {vcpus:.1} vCPUs ({name}), from the balance's \
             change against CPUUtilization"
        ),
        fitted: known.is_none(),
    };
    Some((bucket, rest))
}

/// Slope, height and usual distance of a straight line that a few points far off cannot move: least
/// squares, repeated without what lies beyond four times the usual distance.
fn line(mut points: Vec<(f64, f64)>) -> Option<(f64, f64, f64)> {
    let mut last = None;
    for _ in 0..5 {
        if points.len() < FEWEST {
            return last;
        }
        let n = points.len() as f64;
        let (mx, my) = points
            .iter()
            .fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
        let (sxx, sxy) = points.iter().fold((0.0, 0.0), |(a, b), (x, y)| {
            (a + (x - mx).powi(2), b + (x - mx) * (y - my))
        });
        if sxx <= 1e-9 * n {
            return last;
        }
        let slope = sxy / sxx;
        let height = my - slope * mx;
        let far = |(x, y): &(f64, f64)| (y - height - slope * x).abs();
        let usual = robust::median(&points.iter().map(far).collect::<Vec<_>>())?;
        last = Some((slope, height, usual));
        let before = points.len();
        points.retain(|p| far(p) <= 4.0 * usual + 1e-12 * my.abs());
        if points.len() == before {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_among_points_that_do_not_belong_to_it() {
        let points: Vec<(f64, f64)> = (0..200)
            .map(|i| {
                let x = f64::from(i % 37);
                (x, if i % 11 == 0 { 9.0 } else { 2.0 - 0.1 * x })
            })
            .collect();
        let (slope, height, _) = line(points).unwrap();
        assert!(
            (slope + 0.1).abs() < 1e-6 && (height - 2.0).abs() < 1e-5,
            "{slope} {height}"
        );
        assert_eq!(line(vec![(1.0, 1.0); 100]), None);
    }
}
