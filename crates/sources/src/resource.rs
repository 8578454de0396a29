//! Ids of resources in AWS, the same whoever names them: a metric's dimensions, an alarm, an ARN in a
//! log of changes, a label of an exporter.

use model::topology;

/// Dimensions that name a resource, the most specific first.
const RESOURCES: [&str; 5] = [
    "FileSystemId",
    "VolumeId",
    "InstanceId",
    "DBInstanceIdentifier",
    "LoadBalancer",
];

/// What a metric with these dimensions measures, where that is known.
pub(crate) fn of_dimensions<'a>(
    namespace: &str,
    dimensions: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> Option<String> {
    let value = |name: &str| {
        let mut found = dimensions.clone().filter(|(n, _)| *n == name);
        found.next().map(|(_, v)| v)
    };
    if namespace == "ContainerInsights" {
        // `PodName` there is the name of the workload: no pod has it. Nodes are named as in
        // Kubernetes.
        let (cluster, node) = (value("ClusterName")?, value("NodeName")?);
        return Some(topology::k8s_id(cluster, "", "Node", node));
    }
    let id = RESOURCES.iter().find_map(|name| value(name))?;
    Some(topology::aws_id(id))
}

/// The same of labels as exporters spell dimensions: `file_system_id`, `dimension_FileSystemId`.
pub(crate) fn of_labels<'a>(
    labels: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> Option<String> {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let value = |dimension: &&str| {
        let wanted = dimension.to_ascii_lowercase();
        let mut found = labels.clone().filter(|(name, value)| {
            let name = name.strip_prefix("dimension_").unwrap_or(name);
            !value.is_empty() && plain(name) == wanted
        });
        found.next().map(|(_, value)| value)
    };
    RESOURCES.iter().find_map(value).map(topology::aws_id)
}

/// The resource that an ARN or a plain name means. In an ARN what counts is the name behind the type,
/// except with load balancers, whose dimension is a path.
#[cfg(feature = "aws")]
pub(crate) fn of_name(text: &str) -> Option<String> {
    let end = match text.split_once(":loadbalancer/") {
        Some((_, path)) => path,
        None if text.starts_with("arn:") => text.rsplit(['/', ':']).next().unwrap_or_default(),
        None => text.rsplit('/').next().unwrap_or_default(),
    };
    (!end.is_empty()).then(|| topology::aws_id(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(namespace: &str, list: &[(&'static str, &'static str)]) -> Option<String> {
        of_dimensions(namespace, &list.iter().copied())
    }

    #[test]
    fn resources_are_named_where_they_are_known() {
        let target = [("LoadBalancer", "app/web/5"), ("TargetGroup", "t")];
        assert_eq!(
            of("AWS/ApplicationELB", &target).as_deref(),
            Some("aws:app/web/5")
        );
        let attached = [("InstanceId", "i-1"), ("VolumeId", "vol-1")];
        assert_eq!(of("AWS/EBS", &attached).as_deref(), Some("aws:vol-1"));
        let node = [
            ("ClusterName", "c"),
            ("InstanceId", "i-1"),
            ("NodeName", "n"),
        ];
        assert_eq!(
            of("ContainerInsights", &node).as_deref(),
            Some("k8s:c//Node/n")
        );
        let workload = [("ClusterName", "c"), ("PodName", "web")];
        assert_eq!(of("ContainerInsights", &workload), None);
        assert_eq!(of("AWS/SQS", &[("QueueName", "q")]), None);
    }

    #[test]
    fn labels_of_exporters_name_the_same() {
        for label in [
            "file_system_id",
            "dimension_FileSystemId",
            "dimension_file_system_id",
        ] {
            let labels = [("alertname", "x"), (label, "fs-1")];
            assert_eq!(
                of_labels(&labels.into_iter()).as_deref(),
                Some("aws:fs-1"),
                "{label}"
            );
        }
        assert_eq!(of_labels(&[("resource", "cpu")].into_iter()), None);
        assert_eq!(of_labels(&[("volume_id", "")].into_iter()), None);
    }

    #[cfg(feature = "aws")]
    #[test]
    fn an_arn_means_what_its_metrics_are_about() {
        for (text, id) in [
            ("fs-1", Some("aws:fs-1")),
            (
                "arn:aws:elasticfilesystem:eu-central-1:1:file-system/fs-1",
                Some("aws:fs-1"),
            ),
            ("arn:aws:ec2:eu-central-1:1:volume/vol-1", Some("aws:vol-1")),
            ("arn:aws:rds:eu-central-1:1:db:orders", Some("aws:orders")),
            (
                "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/web/5",
                Some("aws:app/web/5"),
            ),
            ("role/ops", Some("aws:ops")),
            ("", None),
        ] {
            assert_eq!(of_name(text).as_deref(), id, "{text}");
        }
    }
}
