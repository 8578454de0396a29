//! The AWS/EFS metrics that are asked for, as a table: spellings, statistics, unit, period.
//!
//! From "CloudWatch metrics for Amazon EFS" in the Amazon EFS User Guide. One statistic is asked
//! where one says it all, since two series of one fact would be two facts to whoever counts them:
//!
//! - `BurstCreditBalance`, `PermittedThroughput`: Minimum, the smallest value of any minute of the
//!   period. At one minute all statistics are equal; in the coarse periods of an old window the
//!   minimum still shows a balance that touched zero and a throughput that was cut.
//! - `PercentIOLimit`: Maximum, for the same reason: the limit is reached from below.
//! - I/O metrics: Sum is bytes, `SampleCount` is the number of operations (a storm of small
//!   requests, such as readdir, shows in it first). The other statistics are per operation.
//! - `MeteredIOBytes`: Sum only, since it is what the credits are spent by.
//! - `ClientConnections`: Sum, divided by the minutes of the period: what is published is one
//!   sample a minute for each connection.
//! - `StorageBytes`: Average, per storage class, published every 15 minutes.

/// CloudWatch's namespace for EFS.
pub const NAMESPACE: &str = "AWS/EFS";
/// Dimension that names the file system.
pub const FILE_SYSTEM: &str = "FileSystemId";
/// Second dimension of `StorageBytes`.
pub const STORAGE_CLASS: &str = "StorageClass";
/// Values of [`STORAGE_CLASS`] that are asked for where `ListMetrics` shows none.
pub const STORAGE_CLASSES: [&str; 4] = ["Total", "Standard", "IA", "Archive"];

/// One metric that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Spellings in use, the one of today's documents first: it is the one in series ids.
    pub spellings: &'static [&'static str],
    /// Statistics that mean something, in CloudWatch's words.
    pub stats: &'static [&'static str],
    /// Unit in CloudWatch's words.
    pub unit: &'static str,
    /// Seconds between two samples at the source.
    pub every_s: u32,
    /// Whether it has the dimension [`STORAGE_CLASS`] too.
    pub by_storage_class: bool,
    /// Whether Sum is a count of minutes and is divided by the minutes of a period.
    pub per_minute: bool,
    /// Why it may be missing though all is well; empty where it should always be there.
    pub may_miss: &'static str,
}

impl Metric {
    /// The spelling in series ids.
    pub fn id_name(&self) -> &'static str {
        self.spellings.first().copied().unwrap_or_default()
    }

    /// Whether a name that CloudWatch lists is this metric, whatever its case.
    pub fn is(&self, name: &str) -> bool {
        self.spellings.iter().any(|s| s.eq_ignore_ascii_case(name))
    }
}

const BASE: Metric = Metric {
    spellings: &[],
    stats: &["Sum", "SampleCount"],
    unit: "Bytes",
    every_s: 60,
    by_storage_class: false,
    per_minute: false,
    may_miss: "",
};

const SPLIT: &str = "not published for every file system";

/// Every metric that is asked for.
pub const METRICS: &[Metric] = &[
    Metric {
        spellings: &["BurstCreditBalance"],
        stats: &["Minimum"],
        may_miss: "may be absent outside of bursting mode, where there are no credits to spend",
        ..BASE
    },
    Metric {
        spellings: &["PermittedThroughput"],
        stats: &["Minimum"],
        unit: "Bytes/Second",
        ..BASE
    },
    Metric {
        spellings: &["PercentIOLimit"],
        stats: &["Maximum"],
        unit: "Percent",
        may_miss: "published in the General Purpose performance mode only",
        ..BASE
    },
    Metric {
        spellings: &["MetadataIOBytes", "MetaDataIOBytes"],
        ..BASE
    },
    Metric {
        spellings: &["MetadataReadIOBytes", "MetaDataReadIOBytes"],
        may_miss: SPLIT,
        ..BASE
    },
    Metric {
        spellings: &["MetadataWriteIOBytes", "MetaDataWriteIOBytes"],
        may_miss: SPLIT,
        ..BASE
    },
    Metric {
        spellings: &["DataReadIOBytes"],
        ..BASE
    },
    Metric {
        spellings: &["DataWriteIOBytes"],
        ..BASE
    },
    Metric {
        spellings: &["TotalIOBytes"],
        ..BASE
    },
    Metric {
        spellings: &["MeteredIOBytes"],
        stats: &["Sum"],
        may_miss: "absent from older data: metered traffic then lies between reads in full and at one third",
        ..BASE
    },
    Metric {
        spellings: &["ClientConnections"],
        stats: &["Sum"],
        unit: "Count",
        per_minute: true,
        ..BASE
    },
    Metric {
        spellings: &["StorageBytes"],
        stats: &["Average"],
        every_s: 900,
        by_storage_class: true,
        ..BASE
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_name_a_statistic_and_a_period_that_cloudwatch_takes() {
        for metric in METRICS {
            assert!(!metric.id_name().is_empty());
            assert!(!metric.stats.is_empty(), "{}", metric.id_name());
            assert_eq!(metric.every_s % 60, 0, "{}", metric.id_name());
            for spelling in metric.spellings {
                let owners = METRICS.iter().filter(|m| m.is(spelling)).count();
                assert_eq!(owners, 1, "{spelling} belongs to {owners} metrics");
            }
        }
    }

    #[test]
    fn a_spelling_of_any_case_is_known() {
        let metadata = METRICS.iter().find(|m| m.is("metadataiobytes"));
        assert_eq!(metadata.map(Metric::id_name), Some("MetadataIOBytes"));
        assert!(!METRICS.iter().any(|m| m.is("TimeSinceLastSync")));
    }
}
