//! Seeded randomness: one independent `ChaCha` stream for each purpose, so that a new series or a
//! new kind of event never changes what the others draw.

use crate::exact::exp;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// A stream of random numbers for one purpose.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of that seed and purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // FNV-1a: equal names give equal streams on every platform and in every release of Rust.
        let stream = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| {
            (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..=high`; `low` where the range is empty.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1);
        // Multiply-shift instead of `random_range`: it draws once, whatever the width.
        let scaled = (u128::from(self.0.next_u64()) * u128::from(width)) >> 64;
        low + i64::try_from(scaled).unwrap_or(0)
    }

    /// An index below `len`; 0 where there is none.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        let last = i64::try_from(len).unwrap_or(i64::MAX) - 1;
        usize::try_from(self.whole(0, last)).unwrap_or(0)
    }

    /// True with that probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }

    /// Pareto with exponent 2, from 1 upwards (`1/sqrt(u)`), cut at 12: bursts and stragglers.
    pub(crate) fn heavy(&mut self) -> f64 {
        (1.0 / (1.0 - self.unit()).sqrt()).min(12.0)
    }

    /// So many letters of an alphabet.
    pub(crate) fn letters(&mut self, alphabet: &str, len: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..len)
            .filter_map(|_| letters.get(self.index(letters.len())).copied())
            .collect()
    }

    /// A UUID (version 4).
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.0.next_u64(), self.0.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0x3fff | 0x8000,
            b & 0xffff_ffff_ffff
        )
    }
}

/// Autocorrelated, multiplicative noise around 1 with heavy-tailed bursts, as load and latency
/// have it.
pub(crate) struct Noise {
    random: Random,
    state: f64,
    memory: f64,
    sigma: f64,
    bursts: f64,
}

impl Noise {
    /// `memory`: correlation of neighbouring minutes; `sigma`: standard deviation of the logarithm;
    /// `bursts`: probability of a burst in a minute.
    pub(crate) fn new(random: Random, memory: f64, sigma: f64, bursts: f64) -> Self {
        Self {
            random,
            state: 0.0,
            memory,
            sigma,
            bursts,
        }
    }

    /// The factor of the next minute.
    pub(crate) fn next(&mut self) -> f64 {
        let fresh = (1.0 - self.memory * self.memory).sqrt();
        self.state = self.memory * self.state + fresh * self.random.normal();
        let burst = if self.random.chance(self.bursts) {
            1.0 + 0.25 * self.random.heavy()
        } else {
            1.0
        };
        exp(self.sigma * self.state) * burst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_independent() {
        let draw = |seed, purpose| {
            let mut r = Random::new(seed, purpose);
            (0..4).map(|_| r.whole(0, 999_999)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }

    #[test]
    fn whole_numbers_reach_both_ends_and_no_further() {
        let mut r = Random::new(7, "ends");
        let drawn: Vec<i64> = (0..500).map(|_| r.whole(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
    }
}
