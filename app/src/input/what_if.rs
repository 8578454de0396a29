//! Questions about a burst balance as they stand in an address: what if.

use super::{
    Fields,
    asked::{Asked, unknown},
    instant, optional,
};
use crate::{ApiError, backend::WhatIfAsk};
use model::analysis::what_if::{Part, Scenario, Throughput};

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;

/// Inputs of a question about a burst balance.
const OF_WHAT_IF: [&str; 11] = [
    "scenario",
    "series",
    "suspect",
    "at",
    "mode",
    "stored_gib",
    "mib_per_s",
    "earned",
    "cap",
    "part",
    "share",
];

/// A question about a burst balance out of its address.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn what_if(asked: Asked<'_>) -> Result<WhatIfAsk, ApiError> {
    let mut fields = Fields::default();
    fields.misspelt(asked, &OF_WHAT_IF);
    let scenario = match asked.or("scenario", "without_suspect") {
        "without_suspect" => Some(Scenario::WithoutSuspect),
        "mitigated" => fields
            .read("at", instant(asked.get("at")))
            .map(|at| Scenario::Mitigated { at }),
        "throughput" => throughput(&mut fields, asked).map(Scenario::Throughput),
        "size" => {
            let earned = fields.positive(asked, "earned", "");
            let cap = fields.positive(asked, "cap", "");
            earned
                .zip(cap)
                .map(|(earned_per_s, cap)| Scenario::Size { earned_per_s, cap })
        }
        "less_io" => {
            let parts = [("all", Part::All), ("metadata", Part::Metadata)];
            let part = fields.one_of(asked, "part", &parts);
            let share = fields.number(asked, "share", "");
            let share = share.and_then(|percent| {
                let good = (0.0..=100.0).contains(&percent);
                let share = good.then_some(percent / 100.0);
                fields.read(
                    "share",
                    share.ok_or("it must be from 0 to 100 %".to_owned()),
                )
            });
            part.zip(share)
                .map(|(part, share)| Scenario::LessIo { part, share })
        }
        other => {
            let known = "without_suspect, mitigated, throughput, size, less_io";
            fields.read("scenario", Err(unknown(other, known)))
        }
    };
    if !fields.0.is_empty() {
        return Err(ApiError::Fields(fields.0));
    }
    Ok(WhatIfAsk {
        series: optional(asked.get("series")),
        suspect: optional(asked.get("suspect")),
        scenario,
    })
}

fn throughput(fields: &mut Fields, asked: Asked<'_>) -> Option<Throughput> {
    match asked.or("mode", "elastic") {
        "bursting" => {
            let gib = fields.positive(asked, "stored_gib", "");
            gib.map(|gib| Throughput::Bursting {
                stored_bytes: gib * GIB,
            })
        }
        "provisioned" => {
            let rate = fields.positive(asked, "mib_per_s", "");
            rate.map(|mib_per_s| Throughput::Provisioned { mib_per_s })
        }
        "elastic" => Some(Throughput::Elastic),
        other => fields.read(
            "mode",
            Err(unknown(other, "elastic, provisioned, bursting")),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::asked::pairs, *};

    #[test]
    fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
        let asked = pairs(&[("senario", "size"), ("earned", "1"), ("cap", "2")]);
        let error = what_if(Asked(&asked)).unwrap_err();
        assert!(
            error.field("scenario").unwrap().contains("'senario'"),
            "{error}"
        );
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (query, field) in [
            (&[("scenario", "mitigated")][..], "at"),
            (&[("scenario", "less_io"), ("share", "101")], "share"),
            (&[("scenario", "size"), ("earned", "1")], "cap"),
            (
                &[
                    ("scenario", "throughput"),
                    ("mode", "provisioned"),
                    ("mib_per_s", "0"),
                ],
                "mib_per_s",
            ),
            (&[("scenario", "magic")], "scenario"),
            (&[("scenario", "throughput"), ("mode", "warp")], "mode"),
            (
                &[("scenario", "less_io"), ("part", "half"), ("share", "5")],
                "part",
            ),
        ] {
            let error = what_if(Asked(&pairs(query))).unwrap_err();
            assert!(error.field(field).is_some(), "{query:?}: {error}");
        }
    }

    #[test]
    fn a_scenario_is_read_in_the_units_of_people() {
        let asked = pairs(&[
            ("scenario", "throughput"),
            ("mode", "bursting"),
            ("stored_gib", "2"),
        ]);
        let scenario = what_if(Asked(&asked)).unwrap().scenario;
        let stored_bytes = 2.0 * GIB;
        assert_eq!(
            scenario,
            Some(Scenario::Throughput(Throughput::Bursting { stored_bytes }))
        );
        let asked = pairs(&[
            ("scenario", "less_io"),
            ("part", "metadata"),
            ("share", "50"),
        ]);
        let scenario = what_if(Asked(&asked)).unwrap().scenario;
        let half = Scenario::LessIo {
            part: Part::Metadata,
            share: 0.5,
        };
        assert_eq!(scenario, Some(half));
    }
}
