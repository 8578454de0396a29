//! With another size of instance or volume: more is earned, and the bucket holds more.

use super::{run::Plan, world::World};

pub(super) fn plan(world: &World, earned_per_s: f64, cap: f64) -> Result<Plan, String> {
    if !(earned_per_s > 0.0 && cap > 0.0) {
        return Err("what is earned and what the bucket holds must be above zero".into());
    }
    Ok(world.plan().sized(earned_per_s, cap))
}
