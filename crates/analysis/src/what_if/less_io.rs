//! With less I/O: a share of it is gone over the whole window, as when caches are moved off the mount.

use super::{run::Plan, world::World};
use model::analysis::what_if::Part;

pub(super) fn plan(world: &World, part: Part, share: f64) -> Result<Plan, String> {
    if !(0.0..=1.0).contains(&share) {
        return Err(format!(
            "the share of the I/O is {share}: it must be from 0 to 1"
        ));
    }
    let plan = world.plan();
    match part {
        Part::All => Ok(plan.wanting(|i| (1.0 - share) * world.wanted(i))),
        Part::Metadata if world.has_metadata() => {
            Ok(plan.wanting(|i| world.wanted(i) - share * world.metadata(i)))
        }
        Part::Metadata => Err("no MetadataIOBytes (Sum) in the evidence: pull it".into()),
    }
}
