//! With another throughput mode or size of a file system (Amazon EFS user guide, "Throughput modes").

use super::{run::Plan, world::World};
use crate::credits::efs;
use model::analysis::what_if::Throughput;

const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn plan(world: &World, throughput: Throughput) -> Result<Plan, String> {
    if !world.is_file_system() {
        return Err(
            "only a file system has a throughput mode: ask for another size instead".into(),
        );
    }
    match throughput {
        Throughput::Bursting { stored_bytes } if stored_bytes >= 0.0 => Ok(world
            .plan()
            .sized(efs::earned(stored_bytes), efs::cap(stored_bytes))),
        Throughput::Provisioned { mib_per_s } if mib_per_s > 0.0 => {
            // Where the stored bytes earn more than is provisioned, that is what is permitted.
            let limit = (mib_per_s * MIB).max(world.earned);
            Ok(world.plan().limited(
                Some(limit),
                format!(
                    "provisioned throughput knows no burst credits: limited to {:.1} MiB/s of metered \
                     bytes, billed whether used or not",
                    limit / MIB
                ),
            ))
        }
        Throughput::Elastic => {
            let gib: f64 = world.total_wanted() / (1024.0 * MIB);
            Ok(world.plan().limited(
                None,
                format!(
                    "elastic throughput knows no burst credits: {gib:.0} GiB of metered bytes in the \
                     window would have been billed by the GiB"
                ),
            ))
        }
        _ => Err("a size or a throughput must be above zero".into()),
    }
}
