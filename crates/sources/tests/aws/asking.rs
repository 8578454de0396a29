//! Asking CloudWatch: search, statistics in its own words, and configurations that make no sense.

use crate::choices::{LOAD_BALANCER, choice, nothing_yet, put, source};
use crate::client::answering;
use crate::published::{START, publish, window};
use crate::server::fresh;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{MetricDataResult, StatusCode};
use aws_smithy_mocks::mock;
use model::time::DAY;
use serde_json::json;
use sources::cloudwatch::{CloudWatch, CloudWatchConfig, MAX_FOUND, PresetChoice, Search};
use sources::source::{Progress, Source, SourceError, Unattended};

#[tokio::test]
async fn a_search_finds_by_words_and_is_bounded() {
    let (server, _turn) = fresh().await;
    publish(server).await;
    put(
        server,
        "AWS/ApplicationELB",
        "RequestCount",
        &json!({"LoadBalancer": LOAD_BALANCER}),
        60,
        &[1.0],
    );
    let source = source(server, nothing_yet(&server.endpoint()));
    let look = |namespace: Option<&str>, text: &str| Search {
        namespace: namespace.map(str::to_owned),
        text: text.into(),
    };
    let found = source
        .search(&look(None, "request WEB"), &Unattended)
        .await
        .expect("healthy");
    assert_eq!(found.metrics.len(), 1);
    assert_eq!(found.metrics[0].name, "RequestCount");
    assert_eq!(
        found.metrics[0].resource.as_deref(),
        Some("aws:app/web/50dc6c495c0c9188")
    );
    assert!(!found.more && found.seen > 10, "{found:?}");
    let efs = source
        .search(&look(Some("AWS/EFS"), ""), &Unattended)
        .await
        .expect("healthy");
    assert_eq!(efs.metrics.len(), 12);
    let none = source
        .search(&look(Some("AWS/EFS"), "request"), &Unattended)
        .await
        .expect("healthy");
    assert!(none.metrics.is_empty());
    for i in 0..=MAX_FOUND {
        put(server, "Many", &format!("m{i}"), &json!({}), 60, &[1.0]);
    }
    let many = source
        .search(&look(Some("Many"), ""), &Unattended)
        .await
        .expect("healthy");
    assert_eq!((many.metrics.len(), many.more), (MAX_FOUND, true));
    let cancelled = source.search(&look(None, ""), &Cancelled).await;
    assert!(
        matches!(cancelled, Err(SourceError::Cancelled { .. })),
        "{cancelled:?}"
    );
}

struct Cancelled;

impl Progress for Cancelled {
    fn step(&self, _done: u32, _total: u32, _message: &str) {}

    fn cancelled(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn percentiles_are_asked_in_cloudwatchs_words() {
    let data = mock!(aws_sdk_cloudwatch::Client::get_metric_data).then_compute_output(|input| {
        let mut answer = GetMetricDataOutput::builder();
        for query in input.metric_data_queries() {
            let stat = query
                .metric_stat()
                .and_then(|m| m.stat())
                .unwrap_or_default();
            let value = if stat == "p99.9" { 0.999 } else { 0.5 };
            let result = MetricDataResult::builder()
                .id(query.id().unwrap_or_default())
                .timestamps(DateTime::from_millis(START.millis()))
                .values(value)
                .status_code(StatusCode::Complete);
            answer = answer.metric_data_results(result.build());
        }
        answer.build()
    });
    let mut config = nothing_yet("http://127.0.0.1:1");
    let statistics = ["p99.9", "tm90", "PR(:300)"];
    config.metrics = vec![choice(
        "AWS/ApplicationELB",
        "TargetResponseTime",
        &[("LoadBalancer", LOAD_BALANCER)],
        &statistics,
    )];
    let client = answering!(aws_sdk_cloudwatch, [&data], MatchAny);
    let batch = CloudWatch::with_client(config, client)
        .pull(window(0, 10), START.plus(DAY), &Unattended)
        .await
        .expect("recorded");
    let p999 = batch
        .series
        .iter()
        .find(|s| s.meta.stat == "p99.9")
        .expect("it came");
    assert_eq!(
        p999.meta.id,
        "alb.app.web.50dc6c495c0c9188.TargetResponseTime.p99.9"
    );
    assert_eq!(
        (p999.samples.values(), p999.meta.unit.as_str()),
        (&[0.999][..], "Seconds")
    );
    assert_eq!(batch.series.len(), 3);
    assert!(batch.provenance.query.contains("PR(:300)"));
}

#[test]
fn what_makes_no_sense_is_named_by_its_field() {
    let good = CloudWatchConfig {
        metrics: vec![choice("X", "m", &[], &["Sum"])],
        ..CloudWatchConfig::default()
    };
    assert!(good.validate().is_ok());
    let with = |change: &dyn Fn(&mut CloudWatchConfig)| {
        let mut config = good.clone();
        change(&mut config);
        config
            .validate()
            .expect_err("it makes no sense")
            .to_string()
    };
    for (error, field) in [
        (
            with(&|c| c.metrics[0].statistics = vec!["p101".into()]),
            "metrics.statistics is 'p101': expected SampleCount",
        ),
        (
            with(&|c| c.metrics[0].statistics.clear()),
            "metrics.statistics",
        ),
        (
            with(&|c| c.metrics[0].period_s = Some(61)),
            "metrics.period_s is '61'",
        ),
        (
            with(&|c| c.metrics[0].namespace.clear()),
            "metrics.namespace",
        ),
        (
            with(&|c| c.metrics[0].name = "a\u{7}".into()),
            "metrics.name",
        ),
        (with(&|c| c.metrics.clear()), "file_systems is ''"),
        (
            with(&|c| c.file_systems = vec!["vol-1".into()]),
            "file_systems is 'vol-1'",
        ),
        (
            with(&|c| {
                c.presets = vec![PresetChoice {
                    preset: "nlb".into(),
                    resource: "x".into(),
                }];
            }),
            "presets.preset is 'nlb': expected one of efs, alb",
        ),
        (
            with(&|c| {
                c.presets = vec![PresetChoice {
                    preset: "ebs".into(),
                    resource: "i-1".into(),
                }];
            }),
            "presets.resource is 'i-1': expected the id of a volume",
        ),
    ] {
        assert!(error.contains(field), "{error}");
    }
    let typo = json!({"metrics": [{"namespace": "X", "name": "m", "statistic": ["Sum"]}]});
    let error = serde_json::from_value::<CloudWatchConfig>(typo)
        .expect_err("a typo")
        .to_string();
    assert!(error.contains("statistic"), "{error}");
    let old: CloudWatchConfig =
        serde_json::from_value(json!({"region": "x", "file_system_id": "fs-1"})).expect("as ever");
    assert!(old.validate().is_ok());
}
