//! Every hypothesis with each of its verdicts: found, clear, unknown. `monitoring` is never found.

#[allow(dead_code, reason = "other tests use the rest")]
mod made;
#[allow(dead_code, reason = "the golden tests use the rest")]
mod script;

use made::{Made, at, noise};
use model::{Analysis, Event, EventKind, SeriesMeta, time::MINUTE};

/// The minute at which every incident here begins.
const ONSET: i64 = 3_000;

/// Three days, slower from [`ONSET`] on for five hours.
fn incident() -> Made {
    Made::days(3).symptom("lat", step(1, 0.2, 1.0))
}

/// A level that is another during the incident, with two hundredths of noise.
fn step(seed: u64, usual: f64, during: f64) -> impl FnMut(i64) -> f64 {
    let mut noise = noise(seed);
    move |i| {
        let level = if (ONSET..ONSET + 300).contains(&i) {
            during
        } else {
            usual
        };
        level * (1.0 + 0.02 * noise())
    }
}

fn meta(id: &str, name: &str, namespace: &str) -> SeriesMeta {
    SeriesMeta {
        id: id.into(),
        name: name.into(),
        namespace: namespace.into(),
        source: "cloudwatch".into(),
        stat: "Average".into(),
        ..SeriesMeta::default()
    }
}

/// The incident with one series more.
fn with_series(name: &str, namespace: &str, usual: f64, during: f64) -> Made {
    incident().series(meta("more", name, namespace), step(2, usual, during))
}

/// `found`, `clear`, `unknown`: the verdict, with what it says.
fn verdict(out: &Analysis, id: &str) -> (&'static str, String) {
    let found = out.found.iter().find(|f| f.hypothesis == id);
    let clear = out.ruled_out.iter().find(|c| c.hypothesis == id);
    let unknown = out.unknown.iter().find(|u| u.hypothesis == id);
    match (found, clear, unknown) {
        (Some(f), None, None) => ("found", f.reason.clone()),
        (None, Some(c), None) => {
            assert!(
                !c.series.is_empty() || !c.events.is_empty() || id == "provider",
                "{id} is cleared by data"
            );
            ("clear", c.reason.clone())
        }
        (None, None, Some(u)) => ("unknown", u.missing.clone()),
        other => panic!("{id} has one verdict: {other:?}"),
    }
}

#[track_caller]
fn expect(made: Made, id: &str, expected: &str) -> String {
    let out = made.analysed();
    let (verdict, why) = verdict(&out, id);
    assert_eq!(
        verdict, expected,
        "{id}: {why}; suspects {:?}",
        out.suspects
    );
    assert!(!why.is_empty());
    why
}

/// Changes the last event.
fn last(made: &mut Made, change: impl FnOnce(&mut Event)) {
    if let Some(event) = made.evidence.events.last_mut() {
        change(event);
    }
}

/// Lets the last event end when the incident does, so that it is the suspect.
fn until_the_end(made: &mut Made) {
    last(made, |e| e.end = Some(at(ONSET + 300)));
}

#[test]
fn nothing_is_cleared_where_nothing_was_measured() {
    let out = incident().analysed();
    assert!(out.ruled_out.is_empty(), "{:?}", out.ruled_out);
    assert!(out.found.is_empty(), "{:?}", out.found);
    assert_eq!(out.unknown.len(), 12);
}

#[test]
fn series_that_rise_stay_or_waver() {
    for (id, name, namespace) in [
        ("traffic", "RequestCount", "AWS/ApplicationELB"),
        ("database", "DatabaseConnections", "AWS/RDS"),
        ("node", "node_cpu_utilisation", "node-exporter"),
        ("certificate_dns", "coredns_lookup_seconds", "coredns"),
        ("quota", "ThrottledRequests", "AWS/Other"),
        ("storage_throttling", "VolumeQueueLength", "AWS/EBS"),
    ] {
        let with = |during| with_series(name, namespace, 10.0, during);
        expect(with(30.0), id, "found");
        expect(with(10.0), id, "clear");
        // A third more is too little to accuse and too much to clear.
        expect(with(13.5), id, "unknown");
    }
}

#[test]
fn provider() {
    let with = |region: &str, service: &str, minute: i64| {
        let meta = SeriesMeta {
            resource: Some("k8s:web-eu-west-1/shop/Deployment/web".into()),
            ..meta("cpu", "ConsumedWriteCapacity", "AWS/DynamoDB")
        };
        let mut made = incident().series(meta, step(3, 5.0, 5.0));
        made.event("status", EventKind::ProviderIncident, "", minute);
        let (region, service) = (region.to_owned(), service.to_owned());
        last(&mut made, |e| {
            e.title = format!("{service} in {region}");
            e.end = Some(at(ONSET + 400));
            e.attributes.insert("region".into(), region.into());
            e.attributes.insert("service".into(), service.into());
        });
        made
    };
    let mut down = with("eu-west-1", "DynamoDB", ONSET - 1);
    until_the_end(&mut down);
    expect(down, "provider", "found");
    expect(
        with("eu-west-1", "Amazon EC2", ONSET + 60),
        "provider",
        "unknown",
    );
    expect(
        with("eu-west-1", "Amazon DynamoDB", ONSET + 60),
        "provider",
        "unknown",
    );
    expect(
        with("us-east-1", "Amazon EC2", ONSET + 60),
        "provider",
        "clear",
    );
    expect(
        with("eu-west-1", "Amazon Connect", ONSET + 60),
        "provider",
        "clear",
    );
    expect(
        with("eu-west-1", "Amazon EC2", ONSET + 200),
        "provider",
        "clear",
    );
    let mut before = with("eu-west-1", "Amazon EC2", 100);
    last(&mut before, |e| e.end = Some(at(200)));
    expect(before, "provider", "clear");
}

#[test]
fn cron() {
    let mut often = incident();
    for hour in 0..50 {
        often.event(&format!("j{hour}"), EventKind::JobRun, "report", hour * 60);
    }
    expect(often, "cron", "clear");
    let mut first = incident();
    first.event("once", EventKind::JobRun, "import", ONSET - 40);
    expect(first, "cron", "unknown");
    let mut guilty = incident();
    guilty.event("long", EventKind::JobRun, "import", ONSET - 1);
    until_the_end(&mut guilty);
    expect(guilty, "cron", "found");
}

#[test]
fn rollouts() {
    for id in ["rollout_near_symptom", "bad_rollout"] {
        let mut guilty = incident();
        guilty.rollout("bad", "web", ONSET - 2);
        guilty.rollout("back", "web", ONSET + 298);
        expect(guilty, id, "found");
        let mut long_ago = incident();
        long_ago.rollout("old", "web", 60);
        expect(long_ago, id, "clear");
        let mut many = incident();
        for k in 0..6 {
            many.rollout(&format!("r{k}"), &format!("team-{k}"), ONSET - 100 + 9 * k);
        }
        expect(many, id, "unknown");
    }
}

#[test]
fn an_earlier_rollout_that_leads_is_never_contradicted() {
    let evidence = script::Script::story().evidence();
    let settings = analysis::Settings::default();
    let out = analysis::analyse(&evidence, &settings, evidence.window.end);
    assert_eq!(out.suspects[0].events[0], "patch");
    let (near, why) = verdict(&out, "rollout_near_symptom");
    assert_eq!(near, "clear", "{why}");
    let (bad, why) = verdict(&out, "bad_rollout");
    assert_eq!(bad, "found", "{why}");
    assert_eq!(verdict(&out, "storage_throttling").0, "found");
}

#[test]
fn something_else_that_leads_clears_the_rollouts() {
    let mut made = incident();
    made.rollout("r", "docs", ONSET - 600);
    made.event("flag", EventKind::ConfigChange, "web", ONSET - 1);
    until_the_end(&mut made);
    let why = expect(made, "bad_rollout", "clear");
    assert!(why.contains("explains it better"), "{why}");
}

#[test]
fn monitoring() {
    let probe = |during| {
        let probe = SeriesMeta {
            source: "blackbox".into(),
            resource: Some("site".into()),
            ..meta("probe", "probe_duration_seconds", "outside")
        };
        let site = SeriesMeta {
            resource: Some("site".into()),
            ..meta("lat", "latency", "ingress")
        };
        let mut made = Made::days(3)
            .series(site, step(1, 0.2, 1.0))
            .series(probe, step(2, 0.3, during));
        made.evidence.symptom = vec!["lat".into()];
        made
    };
    expect(probe(1.4), "monitoring", "clear");
    let why = expect(probe(0.3), "monitoring", "unknown");
    assert!(why.contains("find out which is right"), "{why}");
    expect(incident(), "monitoring", "unknown");
    // The same metric of another site from the same source is no second opinion.
    let same = with_series("lat", "", 0.2, 1.0);
    let mut same = same;
    same.evidence.series[0].meta.source = "cloudwatch".into();
    expect(same, "monitoring", "unknown");
}

#[test]
fn cms_update() {
    let with = |namespace: &str, minute: i64| {
        let other = SeriesMeta {
            resource: Some("k8s:c/blog/Deployment/blog".into()),
            ..meta("blog", "latency", "blog")
        };
        let mut made = incident().series(other, step(5, 0.2, 0.9));
        made.event("cms", EventKind::ConfigChange, "web", minute);
        let namespace = namespace.to_owned();
        last(&mut made, |e| {
            e.title = "automatic update of a CMS plug-in".into();
            e.namespace = namespace;
        });
        made
    };
    let mut guilty = with("shop", ONSET - 1);
    until_the_end(&mut guilty);
    expect(guilty, "cms_update", "found");
    expect(with("shop", 100), "cms_update", "clear");
    // The blog had no update and is slow as well.
    expect(with("shop", ONSET - 300), "cms_update", "clear");
    expect(with("blog", ONSET - 300), "cms_update", "unknown");
}

#[test]
fn a_node_out_of_order_is_not_cleared_by_quiet_processors() {
    let with = |end: i64| {
        let mut made = with_series("node_cpu_utilisation", "node-exporter", 40.0, 40.0);
        made.event("ill", EventKind::NodeNotReady, "node-1", ONSET - 400);
        last(&mut made, |e| e.end = Some(at(end)));
        made
    };
    expect(with(ONSET + 30), "node", "unknown");
    expect(with(ONSET - 300), "node", "clear");
}

#[test]
fn a_log_that_names_a_certificate_is_found() {
    let mut made = incident();
    made.event("log", EventKind::LogPattern, "proxy", ONSET + 1);
    last(&mut made, |e| {
        e.title = "Log, 30 times: x509: certificate has expired or is not yet valid".into();
    });
    expect(made, "certificate_dns", "found");
    let expired = with_series("DaysToExpiry", "AWS/CertificateManager", 0.0, 0.0);
    expect(expired, "certificate_dns", "found");
}

#[test]
fn an_availability_that_falls_by_three_points_is_an_impact() {
    for (usual, during, hurts) in [(99.9, 97.0, true), (99.9, 99.7, false), (0.999, 0.97, true)] {
        let mut noise = noise(4);
        let all = if usual > 1.0 { 100.0 } else { 1.0 };
        let out = Made::days(1)
            .symptom("availability", |i| {
                let level = if i >= 900 { during } else { usual };
                (level + 0.0004 * all * noise()).min(all)
            })
            .analysed();
        assert_eq!(out.impact.is_some(), hurts, "{usual} to {during}");
        if let Some(impact) = out.impact {
            assert_eq!(impact.start.since(at(0)) / MINUTE, 900);
        }
    }
}

#[test]
fn a_mount_that_was_touched_once_is_named_and_nothing_is_concluded() {
    let mut made = incident();
    let touch = SeriesMeta {
        unit: "Seconds".into(),
        ..meta("touch", "touch /mnt/efs", "")
    };
    made = made.series(touch, step(2, 0.334, 0.334));
    let series = made.evidence.series.iter_mut();
    let touch = series.into_iter().find(|s| s.meta.id == "touch").unwrap();
    touch.samples = model::Samples::from_unordered(vec![(at(ONSET + 60), 0.334)]);
    made.event(
        "files/touch.txt#1",
        EventKind::Other("measurement".into()),
        "",
        ONSET + 60,
    );
    last(&mut made, |e| {
        e.title = "touch on /mnt/efs took 334 ms, 33 times as long as on /app (10 ms)".into();
    });
    let out = made.analysed();
    let (verdict, said) = verdict(&out, "storage_throttling");
    assert_eq!(verdict, "unknown");
    for part in ["was measured once", "33 times as long", "burst balance"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
