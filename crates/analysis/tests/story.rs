//! Golden incidents, scripted by hand: what must be found, and what must not be claimed.

mod script;

use analysis::{Settings, analyse};
use model::{
    Analysis, EventKind, Evidence, Timestamp,
    analysis::CreditState,
    time::{DAY, HOUR, MINUTE},
};
use script::{Script, at};

fn run(evidence: &Evidence) -> Analysis {
    analyse(evidence, &Settings::default(), evidence.window.end)
}

fn ids(analysis: &Analysis) -> Vec<&str> {
    analysis
        .ruled_out
        .iter()
        .map(|r| r.hypothesis.as_str())
        .collect()
}

#[test]
fn the_story_names_the_rollout_that_left_zombies_two_days_before() {
    let evidence = Script::story().evidence();
    let out = run(&evidence);
    let driver = out.driver.as_ref().expect("a driver");
    assert_eq!(driver.series, "meta");
    assert!(
        driver.onset.since(at(2 * DAY)).abs() <= 5 * MINUTE,
        "{driver:?}"
    );
    let credit = &out.credits[0];
    let truth = script::empty_at();
    assert!(
        credit.exhausted_at.expect("exhausted").since(truth).abs() <= 2 * MINUTE,
        "{credit:?}, not {truth}"
    );
    assert_eq!(credit.state, CreditState::Recovering);
    assert!(
        credit
            .recovery_start
            .expect("recovery")
            .since(at(5 * DAY))
            .abs()
            <= 15 * MINUTE
    );
    assert!(
        credit.residual.expect("traffic is there") < 0.05,
        "{credit:?}"
    );
    let first = &out.suspects[0];
    assert_eq!(first.events[..1], ["patch".to_owned()]);
    assert!(first.events.contains(&"zombie-0".to_owned()));
    assert!(first.score >= 0.8, "{first:?}");
    assert!(out.suspects.iter().skip(1).all(|s| s.score < 0.2));
    assert_eq!(out.stuck_pods.len(), 4);
    for hypothesis in ["traffic", "database", "cron", "rollout_near_symptom"] {
        assert!(
            ids(&out).contains(&hypothesis),
            "{hypothesis}: {:?}",
            out.unknown
        );
    }
    assert!(out.impact.expect("felt").during > 0.5);
}

#[test]
fn a_decoy_right_before_the_symptom_stays_below() {
    let mut script = Script::story();
    let empty = script::empty_at();
    for (k, minutes) in [3, 9, 25, 50].into_iter().enumerate() {
        script.rollout(
            &format!("decoy-{k}"),
            &format!("other-{k}"),
            empty.plus(-minutes * MINUTE),
        );
    }
    let out = run(&script.evidence());
    assert_eq!(out.suspects[0].events[0], "patch");
    let near = out
        .ruled_out
        .iter()
        .find(|r| r.hypothesis == "rollout_near_symptom");
    assert!(
        near.expect("ruled out")
            .events
            .contains(&"decoy-0".to_owned())
    );
}

#[test]
fn a_surge_of_traffic_without_a_culprit_accuses_nobody() {
    let mut script = Script::quiet();
    script.surge(3 * DAY);
    let out = run(&script.evidence());
    assert!(out.impact.is_some());
    assert!(
        out.suspects.iter().all(|s| s.score < 0.5),
        "{:?}",
        out.suspects
    );
    assert!(
        out.found.iter().any(|f| f.hypothesis == "traffic"),
        "{:?}",
        out.unknown
    );
}

#[test]
fn a_quiet_window_accuses_nobody_and_clears_nothing() {
    let out = run(&Script::quiet().evidence());
    assert!(out.suspects.is_empty(), "{:?}", out.suspects);
    assert!(out.impact.is_none() && out.driver.is_none());
    assert!(out.ruled_out.is_empty() && out.found.is_empty());
}

#[test]
fn without_a_series_its_hypothesis_is_unknown() {
    let mut evidence = Script::story().evidence();
    evidence
        .series
        .retain(|s| !["requests", "db"].contains(&s.meta.id.as_str()));
    let out = run(&evidence);
    for hypothesis in ["traffic", "database"] {
        assert!(!ids(&out).contains(&hypothesis));
        assert!(out.unknown.iter().any(|u| u.hypothesis == hypothesis));
    }
    assert_eq!(out.suspects[0].events[0], "patch");
}

#[test]
fn a_drain_that_is_not_over_is_forecast() {
    let mut evidence = Script::story().evidence();
    evidence.window.end = script::empty_at().plus(-6 * HOUR);
    let out = run(&evidence);
    let credit = &out.credits[0];
    assert_eq!(credit.exhausted_at, None);
    assert_eq!(credit.state, CreditState::Draining);
    let forecast = credit.forecast.as_ref().expect("a forecast");
    assert!(
        forecast.exhausts_at.since(script::empty_at()).abs() <= HOUR,
        "{forecast:?}"
    );
    assert!(forecast.low <= forecast.exhausts_at && forecast.exhausts_at <= forecast.high);
    assert_eq!(out.suspects[0].events[0], "patch");
}

#[test]
fn a_stuck_pod_of_unknown_start_is_listed_without_an_age() {
    let mut evidence = Script::quiet().evidence();
    let mut pod = script::pod("shown", "web-797fbbbc6d-whjpp", Timestamp::default(), None);
    pod.start = None;
    pod.attributes
        .insert("observed_at".into(), at(3 * DAY).to_string().into());
    evidence.events.push(pod);
    let mut short = script::pod(
        "short",
        "web-797fbbbc6d-zzzzz",
        at(DAY),
        Some(at(DAY + 9 * MINUTE)),
    );
    short.kind = EventKind::PodTerminating;
    evidence.events.push(short);
    let out = run(&evidence);
    let stuck: Vec<_> = out
        .stuck_pods
        .iter()
        .map(|p| (p.event.as_str(), p.age_s))
        .collect();
    assert_eq!(stuck, [("shown", None)]);
}

#[test]
fn the_age_of_a_pod_in_a_listing_that_nobody_dated_is_unknown() {
    let mut evidence = Script::quiet().evidence();
    for (id, source) in [("listed", "kubernetes-json"), ("watched", "kubernetes")] {
        let mut pod = script::pod(id, id, at(DAY), None);
        pod.source = source.into();
        evidence.events.push(pod);
    }
    let until_end = evidence.window.end.since(at(DAY)) / 1_000;
    let out = run(&evidence);
    let age = |id: &str| {
        let mut pods = out.stuck_pods.iter();
        pods.find(|p| p.event == id).expect("listed").age_s
    };
    assert_eq!((age("listed"), age("watched")), (None, Some(until_end)));
    let event = |e: &&mut model::Event| e.id == "listed";
    let listed = evidence.events.iter_mut().find(event).expect("there");
    let seen = at(DAY + 90 * MINUTE).to_string();
    listed.attributes.insert("observed_at".into(), seen.into());
    let out = run(&evidence);
    let age = out.stuck_pods.iter().find(|p| p.event == "listed");
    assert_eq!(age.expect("listed").age_s, Some(90 * 60));
}
