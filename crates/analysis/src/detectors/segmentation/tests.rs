use super::*;

/// Deterministic noise, roughly normal: the sum of twelve uniform numbers.
fn noise(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n)
        .map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
        .collect()
}

#[test]
fn three_shifts_in_noise_and_no_more() {
    for n in [4_320, 20_160] {
        for seed in 1..=10 {
            let mut values = noise(n, seed);
            for (i, v) in values.iter_mut().enumerate() {
                *v += match i * 100 / n {
                    0..20 => 0.0,
                    20..50 => 3.0,
                    50..75 => 1.0,
                    _ => 2.5,
                };
            }
            let found: Vec<usize> = shifts(&values, 1.0).iter().map(|s| s.index).collect();
            assert_eq!(found.len(), 3, "{seed}: {found:?}");
            for (at, truth) in found.iter().zip([n / 5, n / 2, n / 4 * 3]) {
                assert!(at.abs_diff(truth) <= 10, "{seed}: {found:?}");
            }
        }
    }
}

#[test]
fn noise_alone_has_no_shift() {
    let false_ones: usize = (1..=20).map(|s| shifts(&noise(2_000, s), 1.0).len()).sum();
    assert!(false_ones <= 1, "{false_ones}");
}

#[test]
fn strong_autocorrelation_is_not_a_chain_of_shifts() {
    let mut level = 0.0;
    let values: Vec<f64> = noise(4_000, 3)
        .into_iter()
        .map(|e| {
            level = 0.95 * level + e;
            level
        })
        .collect();
    assert!(shifts(&values, 1.0).len() <= 1);
}

#[test]
fn a_step_without_any_noise_is_found_exactly() {
    let values: Vec<f64> = (0..400).map(|i| if i < 123 { 5.0 } else { 7.0 }).collect();
    let found = shifts(&values, 1.0);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].index, found[0].before, found[0].after),
        (123, 5.0, 7.0)
    );
    assert!(shifts(&[1.0; 500], 1.0).is_empty());
    assert!(shifts(&[], 1.0).is_empty());
}
