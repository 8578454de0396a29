//! Without the suspect: what the driver does beyond its normal level never happens. Normal is its
//! mean by hour of the day before the onset, or its mean where less than a day is known.

use super::{run::Plan, world::World};

pub(super) fn plan(world: &World) -> Result<Plan, String> {
    let onset = world
        .onset
        .ok_or("no driver was found: there is no suspect to leave out")?;
    Ok(world
        .plan_from(onset)
        .wanting(|i| world.wanted(i) - world.excess(i)))
}
