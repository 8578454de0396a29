//! Heavy tails made light, so that rare wild values do not hide a shift and are none themselves.

use crate::series::robust::{MAD_TO_SD, median, median_of};

/// Distance from the centre, in robust standard deviations of the noise, from which on values are
/// compressed.
const LINEAR: f64 = 2.0;

/// The inverse hyperbolic sine of the distance from the median: near it the values as they are,
/// far away their logarithm (Johnson 1949). It keeps the order of values, so every shift stays one.
/// The noise is measured on the differences of neighbours, which shifts of the level do not touch.
pub(super) fn tamed(values: &[f64]) -> Vec<f64> {
    let Some(centre) = median(values) else {
        return Vec::new();
    };
    let mut steps: Vec<f64> = values
        .iter()
        .zip(values.iter().skip(1))
        .map(|(a, b)| (b - a).abs())
        .collect();
    let noise = MAD_TO_SD * median_of(&mut steps).unwrap_or(0.0) / std::f64::consts::SQRT_2;
    let unit = LINEAR * noise;
    if unit <= 0.0 {
        return values.to_vec();
    }
    values
        .iter()
        .map(|v| unit * asinh((v - centre) / unit))
        .collect()
}

/// asinh without the standard library's care for the last digits of tiny arguments.
fn asinh(x: f64) -> f64 {
    // Beyond, the square would overflow.
    let a = x.abs().min(1e150);
    (a + (a * a + 1.0).sqrt()).ln().copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_stays_and_wild_values_shrink() {
        let mut values: Vec<f64> = (0..100).map(|i| f64::from((i * 37) % 11)).collect();
        values[40] = 1e9;
        let tame = tamed(&values);
        assert!(tame[40] < 1_000.0, "{}", tame[40]);
        for (a, b) in values.iter().zip(&tame) {
            for (c, d) in values.iter().zip(&tame) {
                assert_eq!(a.total_cmp(c), b.total_cmp(d), "{a} {c}");
            }
        }
        assert_eq!(tamed(&[1.0; 9]), [1.0; 9]);
        assert!(tamed(&[]).is_empty());
    }
}
