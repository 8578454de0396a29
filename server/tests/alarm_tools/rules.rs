//! Rules of Prometheus: checked by `promtool`, and fed with the incident's own samples, where they go off at the
//! minute that the evaluator says and in no other.

use super::{
    incident::{above, definition, demonstration, forecast, series, tested},
    promtool::{Expected, Input, check, test},
};
use model::{
    EventKind, Evidence, Timestamp,
    analysis::back_test::{BackTest, Rule},
    time::MINUTE,
};

/// The incident with a series as Prometheus would have had it: the same samples under a name and labels.
fn in_prometheus(evidence: &Evidence, id: &str) -> Evidence {
    let mut evidence = evidence.clone();
    for series in evidence.series.iter_mut().filter(|s| s.meta.id == id) {
        series.meta.source = "prometheus".into();
        series.meta.namespace = format!("efs_{}", series.meta.name.to_lowercase());
    }
    evidence
}

/// The series of a rule as input of a test that begins with it.
fn input(evidence: &Evidence, id: &str) -> (Input, Timestamp) {
    let series = evidence.series(id).expect("it is there");
    let (times, values) = series.samples.inside(evidence.window);
    let zero = times[0].floor_to(MINUTE);
    let labels: Vec<String> = series
        .meta
        .dimensions
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    let name = format!("{}{{{}}}", series.meta.namespace, labels.join(","));
    let samples = times.iter().copied().zip(values.iter().copied());
    (Input::of(name, zero, samples), zero)
}

fn minute(at: Timestamp, zero: Timestamp) -> i64 {
    at.since(zero) / MINUTE
}

/// That it fires in exactly the minutes in which the evaluator says so, up to the last sample.
fn same(test: &BackTest, zero: Timestamp, last: i64) -> Vec<Expected> {
    let mut expected = Vec::new();
    let mut fired = 0;
    for window in &test.fired {
        let (start, end) = (minute(window.start, zero), minute(window.end, zero));
        // Silent up to then, but for what fired before.
        expected.push(Expected::fired(start - 1, (fired > 0).then_some(fired)));
        expected.push(Expected::firing(start - 1, None));
        expected.push(Expected::firing(start, Some(1)));
        expected.push(Expected::firing(end - 1, Some(1)));
        if end <= last {
            expected.push(Expected::firing(end, None));
        }
        fired += end - start;
    }
    expected.push(Expected::fired(last, (fired > 0).then_some(fired)));
    expected
}

#[test]
fn promtool_takes_every_rule() {
    let (evidence, _) = demonstration();
    let title = "it's \"here\" {{ $labels.pod }} {{ \\ ü";
    for series in &evidence.series {
        let evidence = in_prometheus(&evidence, &series.meta.id);
        let mut rules = vec![forecast(&series.meta.id)];
        for (m, n) in [(1, 1), (2, 3), (30, 30)] {
            rules.push(above(&series.meta.id, -1.5e-3, 300, m, n));
        }
        for rule in rules {
            let text = definition(&evidence, &rule, title, "Prometheus");
            check(&text).unwrap_or_else(|said| panic!("{text}: {said}"));
        }
    }
    let zombies = Rule::ZombieAge { age_s: 600.0 };
    let text = definition(&evidence, &zombies, title, "Prometheus");
    check(&text).unwrap();
    // That it would say something is seen by one that is wrong.
    let said = check(&text.replace("time()", "time(")).unwrap_err();
    assert!(said.contains("could not parse expression"), "{said}");
}

#[test]
fn a_rule_goes_off_at_the_minute_that_the_evaluator_says() {
    let (evidence, analysis) = demonstration();
    let metadata = series(&evidence, "MetadataIOBytes", "Sum");
    let balance = series(&evidence, "BurstCreditBalance", "Minimum");
    let driver = analysis.driver.as_ref().unwrap();
    let between = |share: f64| driver.before + (driver.after - driver.before) * share;
    assert_eq!(driver.series, metadata);
    let mut rules = vec![(balance.as_str(), forecast(&balance))];
    for (period_s, m, n, share) in [
        (60, 1, 1, 0.5),
        (300, 1, 1, 0.3),
        (300, 3, 3, 0.3),
        (300, 2, 3, 0.5),
        (900, 3, 5, 0.4),
    ] {
        let threshold = between(share) * f64::from(period_s) / 60.0;
        rules.push((
            metadata.as_str(),
            above(&metadata, threshold, period_s, m, n),
        ));
    }
    for (id, rule) in rules {
        let evidence = in_prometheus(&evidence, id);
        let result = tested(&evidence, &analysis, &rule);
        let first = result.first.expect("it fires for the incident");
        assert!(result.lead_s.unwrap() > 3_600, "{rule:?}: {result:?}");
        let (input, zero) = input(&evidence, id);
        let last = i64::try_from(input.values.len()).unwrap() - 1;
        let text = definition(&evidence, &rule, "test", "Prometheus");
        let expected = same(&result, zero, last);
        let inputs = [input];
        test(&text, &inputs, &expected)
            .unwrap_or_else(|said| panic!("{text}: {said}\n{:?}", result.fired));
        // A minute too early is found.
        let early = minute(first, zero) - 1;
        let wrong = [Expected::firing(early, Some(1))];
        assert!(test(&text, &inputs, &wrong).is_err(), "{text}");
    }
}

#[test]
fn the_zombie_monitor_goes_off_when_a_pod_is_past_its_grace() {
    let (mut evidence, analysis) = demonstration();
    let window = evidence.window;
    // What was Terminating before fires from the first minute on, in either.
    evidence
        .events
        .retain(|e| e.start.is_some_and(|start| start >= window.start));
    let rule = Rule::ZombieAge { age_s: 600.0 };
    let result = tested(&evidence, &analysis, &rule);
    let first = result.first.expect("it catches the incident");
    assert!(result.lead_s.unwrap() > 86_400, "{result:?}");
    let zero = window.start.floor_to(MINUTE);
    let last = minute(window.end, zero);
    let terminating = |e: &&model::Event| e.kind == EventKind::PodTerminating;
    let inputs: Vec<Input> = evidence
        .events
        .iter()
        .filter(terminating)
        .enumerate()
        .map(|(n, e)| {
            let start = e.start.unwrap();
            let until = e.end.map_or(last, |end| minute(end, zero).min(last));
            let deleted = start.since(zero) as f64 / 1_000.0;
            let minutes = minute(start, zero) + 1..=until;
            let samples = minutes.map(|m| (zero.plus(m * MINUTE), deleted));
            let pod = &e.object.name;
            // Names repeat in no cluster, and may in a simulation.
            let name = format!(
                "kube_pod_deletion_timestamp{{namespace=\"{}\",pod=\"{pod}-{n}\"}}",
                e.namespace
            );
            Input::of(name, zero, samples)
        })
        .filter(|input| !input.values.is_empty())
        .collect();
    let text = definition(&evidence, &rule, "zombies", "Prometheus");
    // An age is past at the first minute after it.
    let moment = minute(first, zero) + 1;
    let before: Vec<i64> = result
        .fired
        .iter()
        .filter(|w| w.start < first)
        .map(|w| minute(w.start, zero))
        .collect();
    assert_eq!(before, [0_i64; 0], "nothing is stuck on quiet time");
    let together = Expected {
        minute: moment,
        expression: "min(ALERTS{alertstate=\"firing\"})".to_owned(),
        value: Some(1),
    };
    let expected = [
        Expected::fired(moment - 1, None),
        Expected::firing(moment - 1, None),
        together,
    ];
    test(&text, &inputs, &expected).unwrap();
}
