//! EFS itself: from a real API server (moto) over HTTP, and on recorded answers for sizes, which that
//! server says are 0.

use crate::client::{REGION, answering, impatient};
use crate::server::{AwsServer, fresh};
use aws_sdk_efs::operation::describe_file_systems::DescribeFileSystemsOutput;
use aws_sdk_efs::operation::describe_mount_targets::{
    DescribeMountTargetsError, DescribeMountTargetsOutput,
};
use aws_sdk_efs::primitives::DateTime;
use aws_sdk_efs::types::{
    FileSystemDescription, FileSystemSize, LifeCycleState, PerformanceMode, Tag, ThroughputMode,
};
use aws_smithy_mocks::mock;
use aws_smithy_types::error::ErrorMetadata;
use model::time::{DAY, HOUR, MINUTE};
use model::{Samples, Series, SeriesMeta, Timestamp, Window};
use serde_json::json;
use sources::efs::{Efs, EfsConfig, describe};
use sources::source::{Source, SourceError, Unattended};

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

fn window() -> Window {
    Window::new(START, START.plus(HOUR)).expect("forwards")
}

fn config(endpoint: &str, ids: &[&str]) -> EfsConfig {
    EfsConfig {
        region: REGION.into(),
        endpoint: Some(endpoint.into()),
        file_systems: ids.iter().map(|i| (*i).to_owned()).collect(),
        ..EfsConfig::default()
    }
}

fn source(server: &AwsServer, ids: &[&str]) -> Efs {
    let endpoint = server.endpoint();
    Efs::with_client(config(&endpoint, ids), impatient!(aws_sdk_efs, &endpoint))
}

async fn create(
    server: &AwsServer,
    token: &str,
    mode: ThroughputMode,
    mibps: Option<f64>,
) -> String {
    let client = impatient!(aws_sdk_efs, server.endpoint());
    let made = client
        .create_file_system()
        .creation_token(token)
        .throughput_mode(mode)
        .set_provisioned_throughput_in_mibps(mibps)
        .tags(
            Tag::builder()
                .key("Name")
                .value(token)
                .build()
                .expect("whole"),
        )
        .send()
        .await
        .expect("moto makes file systems");
    made.file_system_id().to_owned()
}

#[tokio::test]
async fn modes_of_real_file_systems_are_told() {
    let (server, _turn) = fresh().await;
    let bursting = create(server, "www", ThroughputMode::Bursting, None).await;
    let provisioned = create(server, "media", ThroughputMode::Provisioned, Some(128.0)).await;
    let elastic = create(server, "new", ThroughputMode::Elastic, None).await;
    let one = source(server, &[&bursting]);
    assert_eq!(
        one.check().await.expect("it is there"),
        format!("{bursting} is in bursting mode, in {REGION}")
    );
    let all = source(server, &[]);
    assert_eq!(
        all.check().await.expect("healthy"),
        format!("3 file systems in {REGION}")
    );
    let batch = all
        .pull(window(), START.plus(HOUR), &Unattended)
        .await
        .expect("healthy");
    let of = |id: &str| {
        let series = batch
            .series
            .iter()
            .find(|s| s.meta.dimensions["FileSystemId"] == id);
        &series.expect("it came").meta
    };
    assert_eq!(of(&bursting).extra["throughput_mode"], "bursting");
    assert_eq!(of(&bursting).extra.get("provisioned_mibps"), None);
    assert_eq!(of(&provisioned).extra["throughput_mode"], "provisioned");
    assert_eq!(of(&provisioned).extra["provisioned_mibps"], 128.0);
    assert_eq!(of(&elastic).extra["throughput_mode"], "elastic");
    assert_eq!(of(&elastic).extra["file_system_name"], "new");
    assert_eq!(
        of(&elastic).resource.as_deref(),
        Some(format!("aws:{elastic}").as_str())
    );
    assert_eq!(of(&elastic).extra["mount_targets"], json!([]));
    assert_eq!(server.count("DescribeMountTargets"), 3);
    assert!(
        batch.provenance.gaps.is_empty(),
        "{:?}",
        batch.provenance.gaps
    );

    let gone = source(server, &["fs-0badbadbadbadbad0"]);
    for error in [
        gone.check().await.expect_err("none"),
        gone.pull(window(), START.plus(HOUR), &Unattended)
            .await
            .expect_err("none"),
    ] {
        assert!(matches!(error, SourceError::NotFound { .. }), "{error}");
    }
    let some = source(server, &["fs-0badbadbadbadbad0", &elastic]);
    let batch = some
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("one is there");
    assert_eq!(batch.series.len(), 1);
    let said: Vec<&str> = batch
        .provenance
        .gaps
        .iter()
        .map(|g| g.reason.as_str())
        .collect();
    assert!(said[0].contains("no such file system"), "{said:?}");
    assert!(
        said[1].contains("only what is now"),
        "the window is over: {said:?}"
    );
}

fn described() -> FileSystemDescription {
    let size = FileSystemSize::builder()
        .value(3_000)
        .value_in_standard(2_000)
        .value_in_ia(1_000)
        .timestamp(DateTime::from_millis(START.plus(20 * MINUTE).millis()));
    FileSystemDescription::builder()
        .owner_id("1")
        .creation_token("www")
        .file_system_id("fs-1")
        .creation_time(DateTime::from_millis(0))
        .life_cycle_state(LifeCycleState::Available)
        .number_of_mount_targets(1)
        .size_in_bytes(size.build())
        .performance_mode(PerformanceMode::GeneralPurpose)
        .throughput_mode(ThroughputMode::Bursting)
        .tags(
            Tag::builder()
                .key("Name")
                .value("www")
                .build()
                .expect("whole"),
        )
        .build()
        .expect("whole")
}

#[tokio::test]
async fn the_size_is_one_sample_and_describes_the_metrics() {
    let list = mock!(aws_sdk_efs::Client::describe_file_systems).then_output(|| {
        DescribeFileSystemsOutput::builder()
            .file_systems(described())
            .build()
    });
    let refused = mock!(aws_sdk_efs::Client::describe_mount_targets).then_error(|| {
        DescribeMountTargetsError::generic(
            ErrorMetadata::builder()
                .code("AccessDeniedException")
                .build(),
        )
    });
    let client = answering!(aws_sdk_efs, [&list, &refused], MatchAny);
    let batch = Efs::with_client(config("http://127.0.0.1:1", &["fs-1"]), client)
        .pull(window(), START.plus(HOUR), &Unattended)
        .await
        .expect("recorded");
    let size = &batch.series[0];
    assert_eq!(size.meta.id, "efs.fs-1.SizeInBytes");
    let samples: Vec<(Timestamp, f64)> = size.samples.iter().collect();
    assert_eq!(
        samples,
        [(START.plus(20 * MINUTE), 2_000.0)],
        "the Standard class, when it was metered"
    );
    assert_eq!(size.meta.extra["size_bytes"], 3_000);
    assert_eq!(size.meta.extra["size_standard_bytes"], 2_000);
    assert_eq!(size.meta.extra["performance_mode"], "generalPurpose");
    let gap = &batch.provenance.gaps[0];
    assert_eq!(gap.what, "mount targets of fs-1");
    assert!(
        gap.reason
            .contains("elasticfilesystem:DescribeMountTargets"),
        "{}",
        gap.reason
    );
    assert_eq!(
        size.meta.extra.get("mount_targets"),
        None,
        "unknown, and not none"
    );

    let metric = |namespace: &str, id: &str| Series {
        meta: SeriesMeta {
            namespace: namespace.into(),
            resource: Some(format!("aws:{id}")),
            ..SeriesMeta::default()
        },
        samples: Samples::default(),
    };
    let mut metrics = [
        metric("AWS/EFS", "fs-1"),
        metric("AWS/EFS", "fs-2"),
        metric("AWS/EC2", "fs-1"),
    ];
    describe(&mut metrics, &batch.series);
    let fields: Vec<usize> = metrics.iter().map(|m| m.meta.extra.len()).collect();
    assert_eq!(fields, [3, 0, 0]);
    assert_eq!(metrics[0].meta.extra["throughput_mode"], "bursting");
    assert_eq!(metrics[0].meta.extra["size_bytes"], 3_000);
}

#[tokio::test]
async fn mount_targets_name_their_zones() {
    let list = mock!(aws_sdk_efs::Client::describe_file_systems).then_output(|| {
        DescribeFileSystemsOutput::builder()
            .file_systems(described())
            .build()
    });
    let targets = mock!(aws_sdk_efs::Client::describe_mount_targets).then_output(|| {
        let target = aws_sdk_efs::types::MountTargetDescription::builder()
            .mount_target_id("fsmt-1")
            .file_system_id("fs-1")
            .subnet_id("subnet-1")
            .availability_zone_name("eu-central-1a")
            .life_cycle_state(LifeCycleState::Available);
        DescribeMountTargetsOutput::builder()
            .mount_targets(target.build().expect("whole"))
            .build()
    });
    let client = answering!(aws_sdk_efs, [&list, &targets], MatchAny);
    let batch = Efs::with_client(config("http://127.0.0.1:1", &["fs-1"]), client)
        .pull(window(), START.plus(HOUR), &Unattended)
        .await
        .expect("recorded");
    assert_eq!(
        batch.series[0].meta.extra["mount_targets"],
        json!([{"id": "fsmt-1", "availability_zone": "eu-central-1a", "subnet": "subnet-1", "state": "available"}])
    );
}
