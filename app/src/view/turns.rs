//! Whose turn it is to be drawn where a frame has no time for all.

/// A lane that may be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Whether any of it is in sight.
    pub in_sight: bool,
    /// Whether it is in sight or nearly, so that scrolling finds it drawn. What is neither is not drawn.
    pub near: bool,
    /// Frames that have passed it by since it was drawn last.
    pub waited: u32,
}

/// The lanes (by their places) in the order in which they are drawn: those in sight first, of these the one
/// that waited longest. So however many there are and however few a frame can draw, all get their turn.
pub fn order(lanes: &[Waiting]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..lanes.len()).collect();
    places.sort_by_key(|place| {
        let lane = lanes.get(*place).copied().unwrap_or_default();
        (!lane.in_sight, std::cmp::Reverse(lane.waited))
    });
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nobody_in_sight_waits_longer_than_a_round(
            sights in proptest::collection::vec(any::<bool>(), 1..40),
            a_frame in 1_usize..10,
        ) {
            let mut lanes: Vec<Waiting> =
                sights.iter().map(|s| Waiting { in_sight: *s, near: true, waited: 0 }).collect();
            let seen = sights.iter().filter(|s| **s).count();
            for _ in 0..50 {
                let order = order(&lanes);
                prop_assert!(order.iter().copied().collect::<std::collections::BTreeSet<_>>().len() == lanes.len());
                for (turn, place) in order.into_iter().enumerate() {
                    lanes[place].waited = if turn < a_frame { 0 } else { lanes[place].waited + 1 };
                }
                let longest = lanes.iter().filter(|l| l.in_sight).map(|l| l.waited).max();
                prop_assert!(longest.unwrap_or(0) as usize <= seen.div_ceil(a_frame));
            }
        }
    }
}
