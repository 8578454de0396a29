//! The usual metrics of the usual resources, as a table. From each service's own page of CloudWatch
//! metrics in its user guide.
//!
//! One statistic stands where one says it all. Balances of credits (`BurstCreditBalance`,
//! `BurstBalance`, `CPUCreditBalance`) are asked by their Minimum, so that a coarse period still
//! shows a balance that touched zero.

use super::efs;
use crate::aws::is_word;

/// Id of the preset whose metrics stand in [`efs`].
pub(super) const EFS: &str = "efs";

/// The usual metrics of one kind of resource.
#[derive(Debug)]
pub struct Preset {
    /// Id in the configuration, and first part of series ids.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// CloudWatch's namespace.
    pub namespace: &'static str,
    /// Dimension that names the resource.
    pub dimension: &'static str,
    /// What the resource has to look like, in words.
    pub expected: &'static str,
    /// A resource of this kind.
    pub example: &'static str,
    /// The resource as the dimension spells it; `None`: it is none of this kind. ARNs are taken.
    pub normalize: fn(&str) -> Option<String>,
    /// Its metrics.
    pub metrics: &'static [PresetMetric],
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Preset {}

/// One metric of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetMetric {
    /// Name.
    pub name: &'static str,
    /// Statistics.
    pub stats: &'static [&'static str],
    /// Unit in CloudWatch's words.
    pub unit: &'static str,
    /// Seconds between two samples at the source.
    pub every_s: u32,
    /// Seconds between two samples where the source is set to the slower of two ways (basic
    /// monitoring); 0: there is but one way.
    pub slow_s: u32,
    /// Further dimensions, whose values are listed; empty: none.
    pub with: &'static [&'static str],
    /// Why it may be missing though all is well; empty where it should always be there.
    pub may_miss: &'static str,
}

const M: PresetMetric = PresetMetric {
    name: "",
    stats: &["Average"],
    unit: "Count",
    every_s: 60,
    slow_s: 0,
    with: &[],
    may_miss: "",
};

const ONLY_WHEN: &str = "published only for minutes that had one";
const BURSTABLE: &str = "published for burstable (T) instances only";
const GP2: &str = "published for volumes with a burst bucket only (gp2, st1, sc1)";
const NODE: &[&str] = &["InstanceId", "NodeName"];
const POD: &[&str] = &["Namespace", "PodName"];

/// Every preset.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: EFS,
        title: "Amazon EFS file system",
        namespace: efs::NAMESPACE,
        dimension: efs::FILE_SYSTEM,
        expected: "the id of an EFS file system such as fs-0123456789abcdef0, or its ARN",
        example: "fs-0123456789abcdef0",
        normalize: file_system,
        // In `efs::METRICS`: spellings differ there.
        metrics: &[],
    },
    Preset {
        id: "alb",
        title: "Application Load Balancer",
        namespace: "AWS/ApplicationELB",
        dimension: "LoadBalancer",
        expected: "the ARN of an application load balancer, or its end app/NAME/HASH",
        example: "app/web/50dc6c495c0c9188",
        normalize: load_balancer,
        metrics: &[
            PresetMetric {
                name: "TargetResponseTime",
                stats: &["p50", "p99", "Average"],
                unit: "Seconds",
                may_miss: "published only for minutes with requests",
                ..M
            },
            PresetMetric {
                name: "RequestCount",
                stats: &["Sum"],
                may_miss: "published only for minutes with requests",
                ..M
            },
            PresetMetric {
                name: "HTTPCode_ELB_5XX_Count",
                stats: &["Sum"],
                may_miss: ONLY_WHEN,
                ..M
            },
            PresetMetric {
                name: "HTTPCode_Target_5XX_Count",
                stats: &["Sum"],
                may_miss: ONLY_WHEN,
                ..M
            },
        ],
    },
    Preset {
        id: "rds",
        title: "Amazon RDS instance",
        namespace: "AWS/RDS",
        dimension: "DBInstanceIdentifier",
        expected: "the name of a DB instance, or its ARN",
        example: "orders",
        normalize: database,
        metrics: &[
            PresetMetric {
                name: "CPUUtilization",
                unit: "Percent",
                ..M
            },
            PresetMetric {
                name: "DatabaseConnections",
                ..M
            },
            PresetMetric {
                name: "ReadLatency",
                unit: "Seconds",
                ..M
            },
            PresetMetric {
                name: "WriteLatency",
                unit: "Seconds",
                ..M
            },
            PresetMetric {
                name: "BurstBalance",
                stats: &["Minimum"],
                unit: "Percent",
                slow_s: 300,
                may_miss: "published for General Purpose (gp2) storage only",
                ..M
            },
            PresetMetric {
                name: "CPUCreditBalance",
                stats: &["Minimum"],
                every_s: 300,
                may_miss: BURSTABLE,
                ..M
            },
        ],
    },
    Preset {
        id: "ec2",
        title: "Amazon EC2 instance",
        namespace: "AWS/EC2",
        dimension: "InstanceId",
        expected: "the id of an instance such as i-0123456789abcdef0, or its ARN",
        example: "i-0123456789abcdef0",
        normalize: instance,
        metrics: &[
            PresetMetric {
                name: "CPUUtilization",
                unit: "Percent",
                slow_s: 300,
                ..M
            },
            PresetMetric {
                name: "CPUCreditBalance",
                stats: &["Minimum"],
                every_s: 300,
                may_miss: BURSTABLE,
                ..M
            },
            PresetMetric {
                name: "StatusCheckFailed",
                stats: &["Maximum"],
                ..M
            },
        ],
    },
    Preset {
        id: "ebs",
        title: "Amazon EBS volume",
        namespace: "AWS/EBS",
        dimension: "VolumeId",
        expected: "the id of a volume such as vol-0123456789abcdef0, or its ARN",
        example: "vol-0123456789abcdef0",
        normalize: volume,
        metrics: &[
            PresetMetric {
                name: "BurstBalance",
                stats: &["Minimum"],
                unit: "Percent",
                slow_s: 300,
                may_miss: GP2,
                ..M
            },
            PresetMetric {
                name: "VolumeReadOps",
                stats: &["Sum"],
                slow_s: 300,
                ..M
            },
            PresetMetric {
                name: "VolumeWriteOps",
                stats: &["Sum"],
                slow_s: 300,
                ..M
            },
            PresetMetric {
                name: "VolumeQueueLength",
                slow_s: 300,
                ..M
            },
        ],
    },
    Preset {
        id: "container-insights",
        title: "Container Insights of a cluster",
        namespace: "ContainerInsights",
        dimension: "ClusterName",
        expected: "the name of an EKS cluster, or its ARN",
        example: "shop",
        normalize: cluster,
        metrics: &[
            PresetMetric {
                name: "cluster_failed_node_count",
                stats: &["Maximum"],
                ..M
            },
            PresetMetric {
                name: "node_cpu_utilization",
                unit: "Percent",
                with: NODE,
                ..M
            },
            PresetMetric {
                name: "node_memory_utilization",
                unit: "Percent",
                with: NODE,
                ..M
            },
            PresetMetric {
                name: "pod_cpu_utilization",
                unit: "Percent",
                with: POD,
                ..M
            },
            PresetMetric {
                name: "pod_memory_utilization",
                unit: "Percent",
                with: POD,
                ..M
            },
            PresetMetric {
                name: "pod_number_of_container_restarts",
                stats: &["Maximum"],
                with: POD,
                ..M
            },
        ],
    },
];

/// The preset of that id.
pub fn find(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|p| p.id == id)
}

/// The preset of that namespace.
pub(super) fn of_namespace(namespace: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|p| p.namespace == namespace)
}

/// What the tables say of a metric; `None` where it stands in none.
pub(super) fn known(namespace: &str, name: &str) -> Option<&'static PresetMetric> {
    let preset = of_namespace(namespace)?;
    preset.metrics.iter().find(|m| m.name == name)
}

/// `fs-…` of an id or an ARN.
pub(crate) fn file_system(text: &str) -> Option<String> {
    short_id(text, "fs-")
}

fn instance(text: &str) -> Option<String> {
    short_id(text, "i-")
}

fn volume(text: &str) -> Option<String> {
    short_id(text, "vol-")
}

/// The last part of an ARN, or the id itself, where it begins with `prefix`.
fn short_id(text: &str, prefix: &str) -> Option<String> {
    let id = text.rsplit('/').next().unwrap_or_default();
    (id.starts_with(prefix) && id.len() > prefix.len() && is_word(id, 48)).then(|| id.to_owned())
}

/// `app/NAME/HASH` of a load balancer's ARN.
fn load_balancer(text: &str) -> Option<String> {
    let end = match text.split_once(":loadbalancer/") {
        Some((_, end)) => end,
        None => text,
    };
    let parts: Vec<&str> = end.split('/').collect();
    let good =
        matches!(parts.as_slice(), ["app", name, hash] if is_word(name, 32) && is_word(hash, 32));
    good.then(|| end.to_owned())
}

fn database(text: &str) -> Option<String> {
    let id = text.rsplit(':').next().unwrap_or_default();
    is_word(id, 63).then(|| id.to_owned())
}

fn cluster(text: &str) -> Option<String> {
    let id = text.rsplit('/').next().unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    ((1..=100).contains(&id.len()) && id.chars().all(good)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::config::PERIODS;
    use super::super::statistic;
    use super::*;

    #[test]
    fn every_preset_is_whole() {
        for preset in PRESETS {
            assert_eq!(PRESETS.iter().filter(|p| p.id == preset.id).count(), 1);
            assert_eq!(find(preset.id), Some(preset));
            let example = (preset.normalize)(preset.example);
            assert_eq!(example.as_deref(), Some(preset.example));
            assert!(
                !preset.metrics.is_empty() || preset.id == EFS,
                "{}",
                preset.id
            );
            for metric in preset.metrics {
                assert!(!metric.stats.is_empty(), "{}", metric.name);
                assert!(
                    metric.stats.iter().all(|s| statistic::is_valid(s)),
                    "{}",
                    metric.name
                );
                assert!(PERIODS.contains(&metric.every_s), "{}", metric.name);
                let same = preset.metrics.iter().filter(|m| m.name == metric.name);
                assert_eq!(same.count(), 1, "{}", metric.name);
            }
        }
    }

    #[test]
    fn resources_are_taken_as_ids_and_as_arns() {
        for (preset, text, resource) in [
            (
                "efs",
                "arn:aws:elasticfilesystem:eu-central-1:1:file-system/fs-1",
                Some("fs-1"),
            ),
            (
                "alb",
                "app/web/50dc6c495c0c9188",
                Some("app/web/50dc6c495c0c9188"),
            ),
            (
                "alb",
                "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/web/50dc6c495c0c9188",
                Some("app/web/50dc6c495c0c9188"),
            ),
            ("alb", "net/web/50dc6c495c0c9188", None),
            ("alb", "web", None),
            (
                "rds",
                "arn:aws:rds:eu-central-1:1:db:orders",
                Some("orders"),
            ),
            ("rds", "orders; drop", None),
            ("ec2", "i-0123456789abcdef0", Some("i-0123456789abcdef0")),
            ("ec2", "vol-1", None),
            (
                "ebs",
                "arn:aws:ec2:eu-central-1:1:volume/vol-1",
                Some("vol-1"),
            ),
            ("ebs", "vol-", None),
            (
                "container-insights",
                "arn:aws:eks:eu-central-1:1:cluster/shop_1",
                Some("shop_1"),
            ),
            ("container-insights", "", None),
        ] {
            let preset = find(preset).expect("it is in the table");
            assert_eq!((preset.normalize)(text).as_deref(), resource, "{text}");
        }
    }
}
