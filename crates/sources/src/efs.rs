//! Amazon EFS itself: throughput mode, size and mount targets of file systems, as of now.
//!
//! The result is one series a file system, `efs.<id>.SizeInBytes`, with a single sample: the bytes
//! in the Standard class (by which the bursting baseline is reckoned), at the instant at which EFS
//! metered them, about hourly. What the file system is stands in the descriptor's further fields:
//!
//! | field | type | meaning |
//! | --- | --- | --- |
//! | `throughput_mode` | text | `bursting`, `provisioned` or `elastic`; only bursting spends credits |
//! | `provisioned_mibps` | number | MiB/s, in provisioned mode only |
//! | `size_bytes` | number | bytes in all storage classes |
//! | `size_standard_bytes` | number | bytes in the Standard class, where EFS says so |
//! | `performance_mode` | text | `generalPurpose` or `maxIO` |
//! | `described_at` | time | when EFS was asked: the mode may have been another before |
//! | `created_at` | time | when the file system was made |
//! | `file_system_name` | text | its name tag, where it has one |
//! | `availability_zone` | text | of a One Zone file system |
//! | `mount_targets` | list | `{"id", "availability_zone", "subnet", "state"}` each |
//!
//! [`describe`] copies the first four to the metrics of the same file system.

use crate::aws::{
    Asks as _, Connected, Context, Pages, Service, asks, cancellable, code_of, explain, invalid,
};
use crate::cloudwatch::efs::{FILE_SYSTEM, NAMESPACE};
use crate::cloudwatch::presets;
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use aws_sdk_efs::types::FileSystemDescription;
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::{
    Batch, Extra, Gap, Provenance, Samples, Series, SeriesMeta, Timestamp, Window, topology,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Name of the source.
pub const NAME: &str = "efs";

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Amazon EFS",
    needs: &[
        Need {
            permission: "elasticfilesystem:DescribeFileSystems",
            purpose: "throughput mode and size, which burst credits follow from",
            optional: false,
        },
        Need {
            permission: "elasticfilesystem:DescribeMountTargets",
            purpose: "in which availability zones a file system can be mounted",
            optional: true,
        },
    ],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 3_600,
        skew_s: 0,
        // What is now, and nothing of before.
        kept: &[(0, 0)],
    },
    follow: Follow::Poll {
        every_s: 3_600,
        again_s: 0,
    },
};

const SERVICE: Service = Service {
    source: NAME,
    prefix: "elasticfilesystem",
    host: "elasticfilesystem",
};
/// Most file systems that are described: an account has 1,000 in a region at most.
const MAX_FILE_SYSTEMS: usize = 1_000;
const PAGE: i32 = 100;

/// Which file systems, and where. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EfsConfig {
    /// Region, e.g. `eu-central-1`; empty: the environment's or the profile's.
    #[serde(default)]
    pub region: String,
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the EFS API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`; `None`: none, whatever the environment
    /// says.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Ids or ARNs; empty: all of the account in the region.
    #[serde(default)]
    pub file_systems: Vec<String>,
}

impl EfsConfig {
    /// Whether it makes sense, before anybody is asked; the region may come from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)?;
        self.ids().map(|_| ())
    }

    fn ids(&self) -> Result<Vec<String>, SourceError> {
        let id = |text: &String| {
            presets::file_system(text).ok_or_else(|| {
                let expected =
                    "the id of an EFS file system such as fs-0123456789abcdef0, or its ARN";
                invalid(NAME, "file_systems", text, expected)
            })
        };
        self.file_systems.iter().map(id).collect()
    }
}

/// A connection to EFS.
pub type Efs = Connected<EfsConfig>;

asks!(EfsConfig, aws_sdk_efs, SERVICE);

impl Efs {
    /// The descriptions of this file system, or of all.
    async fn described(
        &self,
        id: Option<&str>,
        context: &Context<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<FileSystemDescription>, SourceError> {
        let mut found = Vec::new();
        let mut pages = Pages::default();
        let mut marker: Option<String> = None;
        loop {
            let request = self
                .client
                .describe_file_systems()
                .set_file_system_id(id.map(str::to_owned))
                .set_max_items(id.is_none().then_some(PAGE))
                .set_marker(marker.take());
            let answer = cancellable(NAME, progress, request.send()).await?;
            let answer = match answer {
                Err(error) if code_of(&error).starts_with("FileSystemNotFound") => {
                    return Ok(found);
                }
                other => other.map_err(|e| explain(e, "DescribeFileSystems", context))?,
            };
            found.extend_from_slice(answer.file_systems());
            marker = pages.next(answer.next_marker(), "DescribeFileSystems", context)?;
            if marker.is_none() || found.len() >= MAX_FILE_SYSTEMS {
                return Ok(found);
            }
        }
    }

    async fn mount_targets(
        &self,
        id: &str,
        context: &Context<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<serde_json::Value>, SourceError> {
        let mut out = Vec::new();
        let mut pages = Pages::default();
        let mut marker: Option<String> = None;
        loop {
            let request = self
                .client
                .describe_mount_targets()
                .file_system_id(id)
                .max_items(PAGE)
                .set_marker(marker.take());
            let answer = cancellable(NAME, progress, request.send())
                .await?
                .map_err(|e| explain(e, "DescribeMountTargets", context))?;
            out.extend(answer.mount_targets().iter().map(|target| {
                json!({
                    "id": target.mount_target_id(),
                    "availability_zone": target.availability_zone_name().unwrap_or_default(),
                    "subnet": target.subnet_id(),
                    "state": target.life_cycle_state().as_str(),
                })
            }));
            marker = pages.next(answer.next_marker(), "DescribeMountTargets", context)?;
            if marker.is_none() {
                return Ok(out);
            }
        }
    }
}

#[async_trait]
impl Source for Efs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        let region = self.link.region()?;
        let context = self.link.context();
        let ids = self.config.ids()?;
        let first = ids.first().map(String::as_str);
        let found = self.described(first, &context, &Unattended).await?;
        match (first, found.first()) {
            (Some(id), None) => Err(not_found(id, region)),
            (Some(id), Some(found)) => {
                let mode = found.throughput_mode().map_or("unknown", |m| m.as_str());
                Ok(format!("{id} is in {mode} mode, in {region}"))
            }
            (None, _) => Ok(format!("{} file systems in {region}", found.len())),
        }
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let region = self.link.region()?;
        let context = self.link.context();
        let ids = self.config.ids()?;
        let mut gaps = Vec::new();
        let mut found = Vec::new();
        if ids.is_empty() {
            found = self.described(None, &context, progress).await?;
        }
        for id in &ids {
            match self.described(Some(id), &context, progress).await? {
                none if none.is_empty() => gaps.push(Gap {
                    what: id.clone(),
                    window: None,
                    reason: format!(
                        "there is no such file system in {region}: deleted, or of another account"
                    ),
                }),
                some => found.extend(some),
            }
        }
        if found.is_empty() {
            let what = ids.first().map_or("any file system", String::as_str);
            return Err(not_found(what, region));
        }
        if window.end < now {
            gaps.push(Gap {
                what: String::new(),
                window: Some(window),
                reason: format!(
                    "EFS tells only what is now: mode and size are those of {now}; CloudTrail's \
                     UpdateFileSystem events say whether they were others"
                ),
            });
        }
        let mut series = Vec::new();
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        for (done, description) in (1u32..).zip(&found) {
            let id = description.file_system_id();
            progress.step(done, total, &format!("mount targets of {id}"));
            let targets = match self.mount_targets(id, &context, progress).await {
                Ok(targets) => Some(targets),
                Err(error @ SourceError::Cancelled { .. }) => return Err(error),
                Err(error) => {
                    gaps.push(Gap {
                        what: format!("mount targets of {id}"),
                        window: None,
                        reason: error.to_string(),
                    });
                    None
                }
            };
            series.push(size_of(description, targets, now));
        }
        series.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        Ok(Batch {
            provenance: Provenance {
                source: NAME.into(),
                query: format!("aws efs describe-file-systems --region {region}"),
                asked_at: Some(now),
                window: Some(window),
                gaps,
                series: series.iter().map(|s| s.meta.id.clone()).collect(),
                ..Provenance::default()
            },
            series,
            ..Batch::default()
        })
    }
}

fn not_found(what: &str, region: &str) -> SourceError {
    SourceError::NotFound {
        name: NAME,
        what: format!("{what} in {region}"),
        hint: "check id, region and account".into(),
    }
}

fn instant(at: &aws_sdk_efs::primitives::DateTime) -> Option<Timestamp> {
    at.to_millis().ok().map(Timestamp::from_millis)
}

fn size_of(
    description: &FileSystemDescription,
    targets: Option<Vec<serde_json::Value>>,
    now: Timestamp,
) -> Series {
    let id = description.file_system_id();
    let size = description.size_in_bytes();
    let mut extra = Extra::new();
    if let Some(mode) = description.throughput_mode() {
        extra.insert("throughput_mode".into(), mode.as_str().into());
    }
    if let Some(mibps) = description.provisioned_throughput_in_mibps() {
        extra.insert("provisioned_mibps".into(), mibps.into());
    }
    if let Some(size) = size {
        extra.insert("size_bytes".into(), size.value().into());
        if let Some(standard) = size.value_in_standard() {
            extra.insert("size_standard_bytes".into(), standard.into());
        }
    }
    let performance = description.performance_mode().as_str();
    extra.insert("performance_mode".into(), performance.into());
    extra.insert("described_at".into(), now.to_string().into());
    if let Some(created) = instant(description.creation_time()) {
        extra.insert("created_at".into(), created.to_string().into());
    }
    if let Some(name) = description.name().filter(|n| !n.is_empty()) {
        extra.insert("file_system_name".into(), name.into());
    }
    if let Some(zone) = description.availability_zone_name() {
        extra.insert("availability_zone".into(), zone.into());
    }
    if let Some(targets) = targets {
        extra.insert("mount_targets".into(), targets.into());
    }
    let sample = size.map(|size| {
        let bytes = size.value_in_standard().unwrap_or(size.value());
        let at = size.timestamp().and_then(instant).unwrap_or(now);
        (at, bytes as f64)
    });
    Series {
        meta: SeriesMeta {
            id: format!("efs.{id}.SizeInBytes"),
            name: "SizeInBytes".into(),
            source: NAME.into(),
            namespace: NAMESPACE.into(),
            dimensions: [(FILE_SYSTEM.to_owned(), id.to_owned())].into(),
            unit: "Bytes".into(),
            resource: Some(topology::aws_id(id)),
            extra,
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(sample.into_iter().collect()),
    }
}

/// Fields that [`describe`] copies.
pub const DESCRIBING: [&str; 4] = [
    "throughput_mode",
    "provisioned_mibps",
    "size_bytes",
    "size_standard_bytes",
];

/// Writes what is known of file systems (the series of this source's batch) into the descriptors
/// of the metrics of the same file systems: the fields of [`DESCRIBING`].
pub fn describe(metrics: &mut [Series], file_systems: &[Series]) {
    for known in file_systems {
        let same = |s: &&mut Series| {
            s.meta.namespace == NAMESPACE && s.meta.resource == known.meta.resource
        };
        for series in metrics.iter_mut().filter(same) {
            for field in DESCRIBING {
                match known.meta.extra.get(field) {
                    Some(value) => series.meta.extra.insert(field.into(), value.clone()),
                    None => series.meta.extra.remove(field),
                };
            }
        }
    }
}
