//! What a label of the `CloudWatch` console or command line says: metric, statistic, file system.

use model::{SeriesMeta, topology::aws_id};

/// Metrics of Amazon EFS (its "Monitoring with CloudWatch"), in the spellings in use.
const EFS: [&str; 14] = [
    "BurstCreditBalance",
    "PermittedThroughput",
    "PercentIOLimit",
    "MeteredIOBytes",
    "MetadataIOBytes",
    "MetaDataIOBytes",
    "MetadataReadIOBytes",
    "MetadataWriteIOBytes",
    "DataReadIOBytes",
    "DataWriteIOBytes",
    "TotalIOBytes",
    "ClientConnections",
    "StorageBytes",
    "TimeSinceLastSync",
];

/// Puts name, statistic, namespace and file system into a descriptor, as far as the label's words
/// say them; a word that is none of these stays in the name.
pub(super) fn describe(label: &str, meta: &mut SeriesMeta) {
    let label = crate::kubernetes::short(label, 200);
    let words: Vec<&str> = label
        .split(|c: char| c.is_whitespace() || "/|,()".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let file_system = words.iter().find(|word| {
        let id = word.strip_prefix("fs-").unwrap_or("");
        id.len() >= 8 && id.chars().all(|c| c.is_ascii_hexdigit())
    });
    let metric = words.iter().find(|word| EFS.contains(word));
    if let Some(stat) = words.iter().find_map(|word| statistic(word)) {
        stat.clone_into(&mut meta.stat);
    }
    match metric {
        Some(metric) => {
            (*metric).clone_into(&mut meta.name);
            "AWS/EFS".clone_into(&mut meta.namespace);
            meta.dimensions.insert("label".into(), label.clone());
        }
        None => meta.name.clone_from(&label),
    }
    if let Some(id) = file_system {
        meta.dimensions
            .insert("FileSystemId".into(), (*id).to_owned());
        meta.resource = Some(aws_id(id));
    }
}

/// A statistic as `CloudWatch` calls it.
fn statistic(word: &str) -> Option<&str> {
    let percentile = |word: &str| {
        word.strip_prefix('p')
            .is_some_and(|n| n.parse::<f64>().is_ok_and(|n| (0.0..=100.0).contains(&n)))
    };
    let known = matches!(
        word,
        "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount"
    );
    (known || percentile(word)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_metric_statistic_and_file_system() {
        let mut meta = SeriesMeta::default();
        describe("fs-0123456789abcdef0 MetadataIOBytes Sum", &mut meta);
        assert_eq!((&*meta.name, &*meta.stat), ("MetadataIOBytes", "Sum"));
        assert_eq!(meta.namespace, "AWS/EFS");
        assert_eq!(meta.resource.as_deref(), Some("aws:fs-0123456789abcdef0"));
        let mut meta = SeriesMeta::default();
        describe("slow sites p99", &mut meta);
        assert_eq!((&*meta.name, &*meta.stat), ("slow sites p99", "p99"));
        assert_eq!(meta.resource, None);
    }
}
