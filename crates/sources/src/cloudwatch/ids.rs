//! Ids of series and resources: the same for the same metric, however it was asked for.

use super::efs::{self, METRICS};
use super::presets;
use crate::aws::short_hash;

/// Names and values of dimensions, in order of the names.
pub(super) type Dimensions = Vec<(String, String)>;

/// Longest id of a series.
const MAX_ID: usize = 128;

/// `efs.fs-12345.MetadataIOBytes.Sum`, `alb.app.web.50dc6c495c0c9188.TargetResponseTime.p99`: the
/// namespace, the value of the dimension that names the resource (others with their names), the
/// metric, the statistic. What an id may not hold is replaced, and a hash of the whole follows, so
/// that two metrics never share an id.
pub(super) fn series(
    namespace: &str,
    name: &str,
    dimensions: &[(String, String)],
    stat: &str,
) -> String {
    let mut id = Id::default();
    if namespace == efs::NAMESPACE
        && let Some(plain) = of_file_system(name, dimensions, stat)
    {
        return plain;
    }
    match presets::of_namespace(namespace) {
        Some(preset) => id.push(preset.id),
        None => id.push(
            &namespace
                .strip_prefix("AWS/")
                .unwrap_or(namespace)
                .to_lowercase(),
        ),
    }
    let main = presets::of_namespace(namespace).map(|p| p.dimension);
    // The resource first, whatever the order of the alphabet.
    let is_main = |(n, _): &&(String, String)| Some(n.as_str()) == main;
    for (_, value) in dimensions.iter().filter(is_main) {
        id.push(value);
    }
    for (dimension, value) in dimensions.iter().filter(|d| !is_main(d)) {
        id.push(dimension);
        id.push(value);
    }
    id.push(name);
    id.push_stat(stat);
    id.finish(&format!("{namespace}\n{name}\n{dimensions:?}\n{stat}"))
}

/// Metrics of the EFS table: the spelling of the table, the storage class after the name.
fn of_file_system(name: &str, dimensions: &[(String, String)], stat: &str) -> Option<String> {
    let metric = METRICS.iter().find(|m| m.is(name))?;
    let value = |wanted: &str| {
        let mut found = dimensions.iter().filter(|(n, _)| n == wanted);
        found.next().map(|(_, v)| v.as_str())
    };
    let class = value(efs::STORAGE_CLASS);
    if dimensions.len() != 1 + usize::from(class.is_some()) {
        return None;
    }
    let mut id = Id::default();
    id.push("efs");
    id.push(value(efs::FILE_SYSTEM)?);
    id.push(metric.id_name());
    if let Some(class) = class {
        id.push(class);
    }
    id.push_stat(stat);
    Some(id.finish(&format!("{}\n{dimensions:?}\n{stat}", metric.id_name())))
}

#[derive(Default)]
struct Id {
    text: String,
    /// Whether something was replaced, so that another text could read the same.
    lossy: bool,
}

impl Id {
    fn push(&mut self, part: &str) {
        self.dot();
        let slashes = is_load_balancer(part);
        for c in part.chars() {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                self.text.push(c);
            } else if c == '/' && slashes {
                self.text.push('.');
            } else {
                self.text.push(if c == '.' { '.' } else { '_' });
                self.lossy = true;
            }
        }
    }

    /// A statistic comes last, so that the dot of `p99.9` ends no part.
    fn push_stat(&mut self, stat: &str) {
        if stat.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') {
            self.dot();
            self.text.push_str(stat);
        } else {
            self.push(stat);
        }
    }

    fn dot(&mut self) {
        if !self.text.is_empty() {
            self.text.push('.');
        }
    }

    fn finish(mut self, identity: &str) -> String {
        if !self.lossy && self.text.len() <= MAX_ID {
            return self.text;
        }
        let hash = short_hash(identity);
        self.text.truncate(MAX_ID - 1 - hash.len());
        format!("{}-{hash}", self.text)
    }
}

/// `app/NAME/HASH`: names of load balancers hold neither dot nor underscore.
fn is_load_balancer(part: &str) -> bool {
    presets::find("alb").is_some_and(|alb| (alb.normalize)(part).as_deref() == Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dims(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn ids_read_like_what_they_are() {
        let fs = dims(&[("FileSystemId", "fs-1"), ("StorageClass", "IA")]);
        assert_eq!(
            series("AWS/EFS", "StorageBytes", &fs, "Average"),
            "efs.fs-1.StorageBytes.IA.Average"
        );
        assert_eq!(
            series("AWS/EFS", "MetaDataIOBytes", &fs[..1], "Sum"),
            "efs.fs-1.MetadataIOBytes.Sum",
            "both spellings are one series"
        );
        let lb = dims(&[("LoadBalancer", "app/web/50dc6c495c0c9188")]);
        assert_eq!(
            series("AWS/ApplicationELB", "TargetResponseTime", &lb, "p99.9"),
            "alb.app.web.50dc6c495c0c9188.TargetResponseTime.p99.9"
        );
        let queue = dims(&[("QueueName", "orders")]);
        assert_eq!(
            series("AWS/SQS", "NumberOfMessagesSent", &queue, "Sum"),
            "sqs.QueueName.orders.NumberOfMessagesSent.Sum"
        );
        let odd = series("My App", "läuft", &[], "TM(10%:90%)");
        assert!(odd.starts_with("my_app.l_uft.TM_10__90__-"), "{odd}");
    }

    proptest! {
        /// Whatever the texts: ids are ids, and no two metrics share one.
        #[test]
        fn ids_are_valid_and_differ(
            a in ("\\PC{1,80}", "[a-z./_-]{1,8}", "[a-z./_-]{1,8}"),
            b in ("\\PC{1,80}", "[a-z./_-]{1,8}", "[a-z./_-]{1,8}"),
        ) {
            let id = |(name, dim, value): &(String, String, String)| {
                series("X", name, &[(dim.clone(), value.clone())], "Sum")
            };
            let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let (x, y) = (id(&a), id(&b));
            prop_assert!(x.len() <= 128 && x.chars().all(good), "{}", x);
            prop_assert_eq!(a == b, x == y, "{} {}", x, y);
        }
    }
}
