//! Bursts: short stays away from a level. One is an event; many alike are the series' nature.

use super::segmentation::Shift;

/// A stay from one index to before another, away from the level by `height`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Burst {
    from: usize,
    to: usize,
    height: f64,
}

impl Burst {
    fn mass(&self) -> f64 {
        self.height.abs() * (self.to - self.from) as f64
    }
}

/// From this many alike on, bursts are usual.
const USUAL: usize = 3;
/// A burst of this many times the median mass is none of the usual ones.
const OUTSTANDING: f64 = 3.0;

/// The bursts among the shifts that are usual for a series of `n` samples.
pub(crate) fn usual(shifts: &[Shift], n: usize) -> Vec<Burst> {
    let longest = (n / 20).max(8);
    let all: Vec<Burst> = shifts
        .windows(2)
        .filter_map(|pair| {
            let [a, b] = pair else { return None };
            let (up, down) = (a.after - a.before, b.after - b.before);
            let back = (b.after - a.before).abs() < 0.5 * up.abs().min(down.abs());
            (up * down < 0.0 && back && b.index - a.index <= longest).then_some(Burst {
                from: a.index,
                to: b.index,
                height: up,
            })
        })
        .collect();
    let of_way = |way: f64| -> Vec<Burst> {
        let same: Vec<Burst> = all
            .iter()
            .filter(|b| b.height * way > 0.0)
            .copied()
            .collect();
        let mut masses: Vec<f64> = same.iter().map(Burst::mass).collect();
        let middle = crate::series::robust::median_of(&mut masses).unwrap_or(0.0);
        if same.len() < USUAL {
            return Vec::new();
        }
        same.into_iter()
            .filter(|b| b.mass() <= OUTSTANDING * middle)
            .collect()
    };
    let mut out = of_way(1.0);
    out.extend(of_way(-1.0));
    out
}

/// Replaces bursts by the samples before them, so that the noise stays what it is.
pub(crate) fn take_out(values: &mut [f64], bursts: &[Burst]) {
    let mut bursts = bursts.to_vec();
    bursts.sort_by_key(|b| b.from);
    for burst in bursts {
        let length = burst.to - burst.from;
        for i in burst.from..burst.to {
            let earlier = i.checked_sub(length).and_then(|k| values.get(k)).copied();
            if let (Some(v), Some(slot)) = (earlier, values.get_mut(i)) {
                *slot = v;
            }
        }
    }
}
