//! A long table of which only what is in sight is made.

use std::ops::Range;

/// Rows that are asked for at once.
pub const PAGE: usize = 100;

/// Rows that are made beyond what is in sight, on either side: what a quick finger scrolls before
/// the next frame.
const SPARE: usize = 8;

/// The rows that are in sight of a box `height` high that is scrolled down by `top`, with some to
/// spare; all in CSS pixels.
pub fn in_sight(top: f64, height: f64, row: f64, total: usize) -> Range<usize> {
    let row = row.max(1.0);
    let first = (top.max(0.0) / row).floor() as usize;
    let count = (height.max(0.0) / row).ceil() as usize + 1;
    let from = first.saturating_sub(SPARE).min(total);
    from..first.saturating_add(count + SPARE).min(total).max(from)
}

/// The pages that hold those rows, by number.
pub fn pages(rows: &Range<usize>) -> Range<usize> {
    if rows.is_empty() {
        return 0..0;
    }
    rows.start / PAGE..rows.end.div_ceil(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_in_sight_is_made_and_few_others(
            top in 0.0..4_000_000.0f64, height in 0.0..2_000.0f64, total in 0..120_000usize,
        ) {
            let rows = in_sight(top, height, 32.0, total);
            prop_assert!(rows.end <= total);
            prop_assert!(rows.len() <= (height / 32.0) as usize + 2 * SPARE + 3);
            for i in 0..total.min(200) {
                let i = (top / 32.0) as usize + i;
                let (from, to) = (i as f64 * 32.0, (i + 1) as f64 * 32.0);
                if i < total && to > top && from < top + height {
                    prop_assert!(rows.contains(&i));
                }
            }
            let held = pages(&rows);
            prop_assert!(rows.is_empty() || held.start * PAGE <= rows.start && rows.end <= held.end * PAGE);
            prop_assert!(held.len() <= rows.len() / PAGE + 2);
        }
    }

    #[test]
    fn nothing_has_no_pages() {
        assert_eq!(in_sight(0.0, 500.0, 32.0, 0), 0..0);
        assert_eq!(pages(&(0..0)), 0..0);
        assert_eq!(pages(&(0..100)), 0..1);
        assert_eq!(pages(&(99..101)), 0..2);
        assert_eq!(in_sight(f64::NAN, f64::NAN, 0.0, 5), 0..5);
    }
}
