//! With the mitigation: from an hour on the driver is back at its normal level, as it was after the
//! suspect's end. Until then everything is as it was.

use super::{run::Plan, world::World};
use model::Timestamp;

pub(super) fn plan(world: &World, at: Timestamp) -> Result<Plan, String> {
    world
        .onset
        .ok_or("no driver was found: there is nothing to mitigate")?;
    if at < world.start() || at >= world.end() {
        return Err(format!(
            "the mitigation at {at} lies outside the window: choose a time inside"
        ));
    }
    Ok(world
        .plan_from(at)
        .wanting(|i| world.wanted(i) - world.excess(i)))
}
