//! Any metric of CloudWatch against a real AWS API server (moto) over HTTP: chosen ones and presets.

use crate::client::{FILE_SYSTEM, REGION, config, hasty};
use crate::published::{START, expected, got, publish, window};
use crate::server::{AwsServer, fresh};
use model::Window;
use model::time::{DAY, HOUR, MINUTE, SECOND};
use serde_json::{Value, json};
use sources::cloudwatch::{CloudWatch, CloudWatchConfig, MetricChoice, PresetChoice};
use sources::source::{Progress, Source, Unattended};

pub(crate) const LOAD_BALANCER: &str = "app/web/50dc6c495c0c9188";

pub(crate) fn source(server: &AwsServer, config: CloudWatchConfig) -> CloudWatch {
    CloudWatch::with_client(config, hasty(&server.endpoint()))
}

pub(crate) fn nothing_yet(endpoint: &str) -> CloudWatchConfig {
    CloudWatchConfig {
        file_system_id: String::new(),
        ..config(endpoint)
    }
}

pub(crate) fn put(
    server: &AwsServer,
    namespace: &str,
    name: &str,
    dimensions: &Value,
    period: i64,
    values: &[f64],
) {
    server.control(
        "series",
        &json!({"namespace": namespace, "name": name, "dimensions": dimensions,
                "start": START.seconds(), "period": period, "values": values}),
    );
}

pub(crate) fn choice(
    namespace: &str,
    name: &str,
    dimensions: &[(&str, &str)],
    statistics: &[&str],
) -> MetricChoice {
    let pair = |(n, v): &(&str, &str)| ((*n).to_owned(), (*v).to_owned());
    MetricChoice {
        namespace: namespace.into(),
        name: name.into(),
        dimensions: dimensions.iter().map(pair).collect(),
        statistics: statistics.iter().map(|s| (*s).to_owned()).collect(),
        period_s: None,
    }
}

#[tokio::test]
async fn chosen_metrics_of_any_namespace_come_back() {
    let (server, _turn) = fresh().await;
    let queue = json!({"QueueName": "orders"});
    put(
        server,
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        &queue,
        60,
        &[1.0, 2.0, 3.0, 4.0],
    );
    put(server, "Shop", "cart size", &json!({}), 10, &[5.0; 24]);
    let mut config = nothing_yet(&server.endpoint());
    let age = choice(
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        &[("QueueName", "orders")],
        &["Maximum", "Sum"],
    );
    let carts = MetricChoice {
        period_s: Some(10),
        ..choice("Shop", "cart size", &[], &["Sum"])
    };
    let coarse = MetricChoice {
        period_s: Some(120),
        ..choice(
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            &[("QueueName", "orders")],
            &["Minimum"],
        )
    };
    config.metrics = vec![age, carts, coarse];
    let source = source(server, config);
    assert_eq!(
        source.check().await.expect("listed"),
        format!("3 chosen metrics in {REGION}")
    );
    let batch = source
        .pull(window(0, 4), START.plus(HOUR), &Unattended)
        .await
        .expect("a healthy server");
    let of = |id: &str| {
        let series = batch.series.iter().find(|s| s.meta.id == id);
        series.unwrap_or_else(|| panic!("{id} of {:?}", batch.provenance.series))
    };
    let maximum = of("sqs.QueueName.orders.ApproximateAgeOfOldestMessage.Maximum");
    assert_eq!(maximum.samples.values(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(maximum.meta.namespace, "AWS/SQS");
    assert_eq!(maximum.meta.dimensions["QueueName"], "orders");
    let minimum = of("sqs.QueueName.orders.ApproximateAgeOfOldestMessage.Minimum");
    assert_eq!(minimum.samples.values(), [1.0, 3.0]);
    assert_eq!(minimum.meta.period_s, Some(120));
    let carts = batch
        .series
        .iter()
        .find(|s| s.meta.namespace == "Shop")
        .expect("it came");
    assert_eq!(carts.samples.len(), 24, "ten seconds apart");
    assert_eq!(carts.samples.step_ms(), Some(10 * SECOND));
    assert!(
        batch.provenance.gaps.is_empty(),
        "{:?}",
        batch.provenance.gaps
    );

    // A day later there is nothing under a minute any more.
    let later = source
        .pull(window(0, 4), START.plus(DAY), &Unattended)
        .await
        .expect("kept");
    let carts = later
        .series
        .iter()
        .find(|s| s.meta.namespace == "Shop")
        .expect("it came");
    assert_eq!(
        (carts.meta.period_s, carts.samples.values()),
        (Some(60), &[30.0; 4][..])
    );
}

#[tokio::test]
async fn presets_name_their_resources_and_what_is_missing() {
    let (server, _turn) = fresh().await;
    let lb = json!({"LoadBalancer": LOAD_BALANCER});
    put(
        server,
        "AWS/ApplicationELB",
        "RequestCount",
        &lb,
        60,
        &[10.0; 60],
    );
    put(
        server,
        "AWS/EC2",
        "CPUUtilization",
        &json!({"InstanceId": "i-1"}),
        300,
        &[50.0; 12],
    );
    put(
        server,
        "AWS/EC2",
        "StatusCheckFailed",
        &json!({"InstanceId": "i-1"}),
        60,
        &[0.0; 60],
    );
    put(
        server,
        "AWS/EBS",
        "BurstBalance",
        &json!({"VolumeId": "vol-1"}),
        60,
        &[99.0; 60],
    );
    put(
        server,
        "AWS/RDS",
        "DatabaseConnections",
        &json!({"DBInstanceIdentifier": "orders"}),
        60,
        &[7.0; 60],
    );
    for node in ["a", "b"] {
        let of = json!({"ClusterName": "shop", "InstanceId": format!("i-{node}"), "NodeName": format!("node-{node}")});
        put(
            server,
            "ContainerInsights",
            "node_cpu_utilization",
            &of,
            60,
            &[20.0; 60],
        );
    }
    let pod = json!({"ClusterName": "shop", "Namespace": "web", "PodName": "cart"});
    put(
        server,
        "ContainerInsights",
        "pod_number_of_container_restarts",
        &pod,
        60,
        &[1.0; 60],
    );
    let mut config = nothing_yet(&server.endpoint());
    let arn = format!("arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/{LOAD_BALANCER}");
    config.presets = [
        ("alb", arn.as_str()),
        ("ec2", "i-1"),
        ("ebs", "vol-1"),
        ("rds", "orders"),
        ("container-insights", "shop"),
    ]
    .map(|(preset, resource)| PresetChoice {
        preset: preset.into(),
        resource: resource.into(),
    })
    .to_vec();
    let source = source(server, config);
    let said = source.check().await.expect("all are listed");
    assert!(said.contains("1 metric of vol-1"), "{said}");
    let batch = source
        .pull(window(0, 60), START.plus(2 * HOUR), &Unattended)
        .await
        .expect("healthy");
    let found: Vec<(&str, Option<&str>, Option<u32>)> = batch
        .series
        .iter()
        .map(|s| {
            (
                s.meta.id.as_str(),
                s.meta.resource.as_deref(),
                s.meta.period_s,
            )
        })
        .collect();
    let expected = [
        (
            "alb.app.web.50dc6c495c0c9188.RequestCount.Sum",
            Some("aws:app/web/50dc6c495c0c9188"),
            Some(60),
        ),
        (
            "container-insights.shop.InstanceId.i-a.NodeName.node-a.node_cpu_utilization.Average",
            Some("k8s:shop//Node/node-a"),
            Some(60),
        ),
        (
            "container-insights.shop.InstanceId.i-b.NodeName.node-b.node_cpu_utilization.Average",
            Some("k8s:shop//Node/node-b"),
            Some(60),
        ),
        (
            "container-insights.shop.Namespace.web.PodName.cart.pod_number_of_container_restarts.Maximum",
            None,
            Some(60),
        ),
        (
            "ebs.vol-1.BurstBalance.Minimum",
            Some("aws:vol-1"),
            Some(60),
        ),
        // Basic monitoring: five minutes between samples are no gaps.
        ("ec2.i-1.CPUUtilization.Average", Some("aws:i-1"), Some(300)),
        (
            "ec2.i-1.StatusCheckFailed.Maximum",
            Some("aws:i-1"),
            Some(60),
        ),
        (
            "rds.orders.DatabaseConnections.Average",
            Some("aws:orders"),
            Some(60),
        ),
    ];
    assert_eq!(found, expected);
    let gap = |what: &str| {
        let mut gaps = batch.provenance.gaps.iter();
        gaps.find(|g| g.what == what)
            .map(|g| g.reason.as_str())
            .unwrap_or_default()
    };
    let mut absent = batch.provenance.absent.iter();
    assert!(
        absent.any(|a| a.starts_with("ec2.i-1.CPUCreditBalance") && a.contains("burstable")),
        "{:?}",
        batch.provenance.absent
    );
    assert!(gap("container-insights.shop.pod_cpu_utilization").contains("lists none"));
}

#[tokio::test]
async fn several_file_systems_come_in_one_pull() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    let other = "fs-0fedcba9876543210";
    server.put(
        other,
        "BurstCreditBalance",
        START.seconds(),
        60,
        &[7.0; 180],
    );
    let mut config = config(&server.endpoint());
    config.file_systems = vec![
        FILE_SYSTEM.into(),
        format!("arn:aws:elasticfilesystem:x:1:file-system/{other}"),
    ];
    let batch = source(server, config)
        .pull(window(30, 150), START.plus(DAY), &Unattended)
        .await
        .expect("healthy");
    let mut want = expected(30, 150);
    let points = (30..150).map(|i| (START.plus(i * MINUTE), 7.0)).collect();
    want.insert(format!("efs.{other}.BurstCreditBalance.Minimum"), points);
    assert_eq!(got(&batch), want);
    let missing = |what: &str| batch.provenance.gaps.iter().any(|g| g.what == what);
    assert!(
        missing(&format!("efs.{other}.PermittedThroughput")),
        "{:?}",
        batch.provenance.gaps
    );
    let read = format!("efs.{FILE_SYSTEM}.MetadataReadIOBytes");
    let mut absent = batch.provenance.absent.iter();
    assert!(absent.any(|a| a.starts_with(&read)));
}

#[tokio::test]
async fn more_metrics_than_a_call_takes_come_in_several() {
    let (server, _turn) = fresh().await;
    let mut config = nothing_yet(&server.endpoint());
    for i in 0..200 {
        put(
            server,
            "X",
            &format!("m{i}"),
            &json!({}),
            60,
            &[f64::from(i); 5],
        );
        let statistics = ["Sum", "Minimum", "Maximum"];
        config
            .metrics
            .push(choice("X", &format!("m{i}"), &[], &statistics));
    }
    let batch = source(server, config)
        .pull(window(0, 5), START.plus(DAY), &Unattended)
        .await
        .expect("healthy");
    assert_eq!(batch.series.len(), 600);
    assert!(batch.series.iter().all(|s| s.samples.len() == 5));
    assert_eq!(server.count("GetMetricData"), 2);
}

/// Credentials that expire after the first of several calls: what came is kept, the rest is named.
#[tokio::test]
async fn credentials_that_expire_in_the_middle_keep_what_came() {
    let (server, _turn) = fresh().await;
    let values = vec![1.0; 14 * 1_440];
    put(server, "X", "m", &json!({}), 60, &values);
    let mut config = nothing_yet(&server.endpoint());
    let statistics = ["Sum", "Minimum", "Maximum", "Average", "SampleCount", "p50"];
    config.metrics = vec![
        choice("X", "m", &[], &statistics[..5]),
        choice("X", "n", &[], &["Sum"]),
    ];
    let fortnight = Window::new(START, START.plus(14 * DAY)).expect("forwards");
    let batch = source(server, config)
        .pull(fortnight, START.plus(14 * DAY + HOUR), &Expiring(server))
        .await
        .expect("the first call was good");
    let sum = batch
        .series
        .iter()
        .find(|s| s.meta.id == "x.m.Sum")
        .expect("it came");
    let (first, last) = sum.samples.span().expect("samples");
    assert_eq!(first, START);
    let gap = batch
        .provenance
        .gaps
        .iter()
        .find(|g| g.reason.contains("log in again"));
    let gap = gap.and_then(|g| g.window).expect("the rest is named");
    assert_eq!((gap.start, gap.end), (last.plus(MINUTE), fortnight.end));
}

struct Expiring<'a>(&'a AwsServer);

impl Progress for Expiring<'_> {
    fn step(&self, done: u32, _total: u32, _message: &str) {
        if done == 2 {
            let fault = json!({"operation": "GetMetricData", "times": 9, "status": 403, "code": "ExpiredToken"});
            self.0.control("behave", &json!({"faults": [fault]}));
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}
