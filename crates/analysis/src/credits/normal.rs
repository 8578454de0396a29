//! The normal distribution.

/// Probability that a standard normal value is at most `z`. Abramowitz and Stegun 1964, formula
/// 7.1.26; off by less than 1.5e-7.
pub(super) fn cdf(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * poly * (-x * x).exp();
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::cdf;

    #[test]
    fn known_quantiles() {
        for (z, p) in [
            (0.0, 0.5),
            (1.644_854, 0.95),
            (-1.959_964, 0.025),
            (9.0, 1.0),
        ] {
            assert!((cdf(z) - p).abs() < 2e-7, "{z}: {}", cdf(z));
        }
    }
}
