//! Judging suspects, what if and back-test, as the server renders them.

use super::{
    Fake, assert_sound, call,
    fake::{HOSTILE, ID, at},
    get, send,
};
use app::backend::AlarmText;
use axum::http::{StatusCode, header};
use model::{
    ActionItem, IncidentId, Judgement, Window,
    action::TestedAction,
    analysis::{
        back_test::Rule,
        recurrence::{Earlier, Similar},
        recycle::NodeToRecycle,
    },
    judgement::Ruling,
};

fn judgement(suspect: &str, ruling: Ruling) -> Judgement {
    Judgement {
        suspect: suspect.into(),
        ruling,
        reason: format!("because {HOSTILE}"),
        author: format!("kim {HOSTILE}"),
        at: Some(at("2020-05-23T09:00:00Z")),
        title: format!("words of then {HOSTILE}"),
        events: vec![suspect.into()],
        score: Some(0.41),
        ..Judgement::default()
    }
}

#[tokio::test]
async fn a_suspect_can_be_judged_and_is_found_by_the_browser() {
    let mut fake = Fake::with_case();
    let span = Window {
        start: at("2020-05-20T09:30:00Z"),
        end: at("2020-05-20T10:05:00Z"),
    };
    fake.cases[0].analysis.suspects[0].evidence[0].span = Some(span);
    let (status, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for part in [
        "data-suspect=\"rollout\"",
        "data-series=\"burst\"",
        "action=\"/api/judge\"",
        "data-testid=\"pin\"",
        "data-testid=\"dismiss\"",
        "href=\"?from=",
        "/what-if?suspect=rollout",
        "/back-test\"",
        "No incident of this installation is like this one",
        "Nothing is to be done yet",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let lit = html.split("data-events=\"").nth(1).unwrap();
    let mut events = lit.split('"').next().unwrap().split(' ');
    assert!(events.any(|e| e == "rollout"), "{lit:.80}");
    assert!(!html.contains("data-testid=\"ruling\""));
}

#[tokio::test]
async fn a_threshold_of_the_address_is_tried_below_its_lane() {
    let path = format!("/incidents/{ID}?alarm=below:5e11:burst&hide=x");
    let (status, html) = get(Fake::with_case(), &path).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    let panel = html.split("data-testid=\"alarm\"").nth(1).unwrap();
    let panel = panel.split("</article>").next().unwrap();
    for part in [
        "Below 466 GiB",
        "1 d 16 h before people felt it",
        "Once in alarm",
        "data-alarm=\"above:5e11:burst\"",
        "data-alarm=\"below:5e11:other\"",
        "hide=x",
        "action=\"/api/add_action\"",
        "name=\"alarm[comparison]\" value=\"less_than\"",
    ] {
        assert!(panel.contains(part), "{part}: {panel}");
    }
    let (_, html) = get(
        Fake::with_case(),
        &format!("/incidents/{ID}?alarm=below:1:nothing"),
    )
    .await;
    assert!(html.contains("alarm (there is no such series)"));
    assert!(!html.contains("data-testid=\"alarm\""));
}

#[tokio::test]
async fn what_was_decided_is_shown_with_who_when_and_why() {
    let mut fake = Fake::with_case();
    fake.cases[0].judgements = vec![
        judgement("gone", Ruling::Dismissed),
        judgement("rollout", Ruling::Cause),
    ];
    let (_, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert_sound(&html);
    assert_eq!(html.matches("data-testid=\"ruling\"").count(), 2);
    assert_eq!(html.matches("action=\"/api/take_back\"").count(), 2);
    assert!(html.contains("Pinned as the cause") && html.contains("2020-05-23 09:00"));
    assert!(html.contains("data-testid=\"gone\""));
    assert!(html.contains("it has no such suspect any more"));
    assert!(html.contains("Cause, as kim"));
    assert!(!html.contains("<script>alert"));
    assert!(
        !html.contains("data-testid=\"pin\""),
        "it is judged already"
    );
}

#[tokio::test]
async fn earlier_incidents_and_actions_are_on_the_page() {
    let mut fake = Fake::with_case();
    let case = &mut fake.cases[0];
    case.earlier = vec![Earlier {
        incident: IncidentId("ffff".into()),
        title: format!("Six days before {HOSTILE}"),
        window: case.incident.window,
        likeness: Similar {
            index: 0,
            score: 0.63,
            reasons: vec!["driven by the same metric: metadataiobytes".into()],
            differences: vec!["only now: a node".into()],
        },
    }];
    case.actions = vec![TestedAction {
        item: ActionItem {
            id: "a1".into(),
            title: format!("Alarm {HOSTILE}"),
            alarm: Some(Rule::ZombieAge { age_s: 600.0 }),
            ..ActionItem::default()
        },
        tested: None,
        missing: "no pod".into(),
    }];
    let text = AlarmText {
        format: "Prometheus".into(),
        how: "promtool check rules".into(),
        file: "alarm.yml".into(),
        text: Ok("</textarea><script>alert(1)</script>".into()),
    };
    case.definitions.insert("a1".into(), vec![text]);
    let (_, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert_sound(&html);
    for part in [
        "href=\"/incidents/ffff\"",
        "63 %",
        "Driven by the same metric",
        "data-testid=\"action-done\"",
        "data-testid=\"action-remove\"",
        "a pod Terminating for more than 10 min past its grace",
        "/back-test?rule=zombie_age&amp;age=10",
        "&lt;/textarea&gt;&lt;script&gt;",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("</textarea><script>"));
}

#[tokio::test]
async fn what_if_answers_in_a_sentence_a_picture_and_a_table() {
    let path = format!("/incidents/{ID}/what-if");
    let (status, html) = get(Fake::with_case(), &path).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for part in [
        "The credits would not have run out in this window; 3 h of 3 h of impact would have been avoided.",
        "<svg",
        "would have been",
        "data-testid=\"model-error\"",
        "data-testid=\"scenario-less_io\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script>alert"));
    let unknown = format!("{path}?scenario=mitigated&at=2020-05-20%2012:00");
    let (_, html) = get(Fake::with_case(), &unknown).await;
    assert_sound(&html);
    assert!(
        html.contains("data-testid=\"what-if-unknown\"") && html.contains("nobody measured it")
    );
    assert!(
        html.contains("value=\"2020-05-20 12:00\""),
        "the form holds the question"
    );
    let (status, html) = get(
        Fake::with_case(),
        &format!("{path}?scenario=less_io&share=200"),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("share: it must be from 0 to 100 %"));
    let mut bare = Fake::with_case();
    bare.cases[0].analysis.credits.clear();
    let (_, html) = get(bare, &path).await;
    assert!(html.contains("data-testid=\"what-if-empty\""));
}

#[tokio::test]
async fn back_test_says_when_how_long_before_and_how_often_for_nothing() {
    let path = format!("/incidents/{ID}/back-test");
    let asked = format!("{path}?series=burst&comparison=less_than&threshold=1024");
    let (status, html) = get(Fake::with_case(), &asked).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for part in [
        "It would have gone off at 2020-05-20 10:35 UTC, 1 d 16 h before people felt it",
        "data-testid=\"sweep\"",
        "proposed",
        "name=\"alarm[threshold]\" value=\"1024\"",
        "data-testid=\"take-over\"",
        "threshold=2048",
        "Only 1.0 quiet days",
        "none, because",
        "<svg",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script>alert"));
    let (_, html) = get(Fake::with_case(), &path).await;
    assert_sound(&html);
    assert!(html.contains("data-testid=\"back-test-empty\""));
    let (status, html) = get(Fake::with_case(), &format!("{asked}&period=0")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("period: it must be a whole number"), "{html}");
    let (status, _) = get(Fake::with_case(), &format!("/incidents/{ID}/nothing")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn plain_forms_decide_and_say_what_they_were_refused_for() {
    let fake = std::sync::Arc::new(Fake::with_case());
    let good = [
        (
            "judge",
            "suspect=rollout&ruling=cause",
            "judge rollout Cause ",
        ),
        (
            "judge",
            "suspect=rollout&ruling=dismissed&reason=no+way",
            "judge rollout Dismissed no way",
        ),
        ("take_back", "suspect=rollout", "take back rollout"),
        (
            "add_action",
            "title=Watch&alarm[rule]=zombie_age&alarm[age]=11",
            "action Watch Some(ZombieAge { age_s: 660.0 })",
        ),
        ("add_action", "title=Reboot", "action Reboot None"),
        ("change_action", "action=a1&change=done", "Done a1"),
    ];
    for (name, form, asked) in good {
        let form = format!("incident={ID}&{form}");
        let (status, headers) = send(fake.clone(), call(name, &form, "text/html")).await;
        assert!(status.is_redirection(), "{name}: {status}");
        let place = headers[header::LOCATION].to_str().unwrap();
        assert!(!place.contains("__err"), "{name}: {place}");
        let last = fake.asked.lock().unwrap().last().cloned().unwrap();
        assert!(last.ends_with(asked), "{last}");
    }
    for (name, form) in [
        ("judge", "suspect=rollout&ruling=dismissed"),
        ("judge", "suspect=rollout&ruling=hang"),
        ("add_action", "title="),
        ("change_action", "action=a1&change=burn"),
    ] {
        let form = format!("incident={ID}&{form}");
        let (status, headers) = send(fake.clone(), call(name, &form, "text/html")).await;
        assert!(status.is_redirection(), "{name}: {status}");
        let place = headers[header::LOCATION].to_str().unwrap();
        assert!(place.contains("__err"), "{name}: {place}");
    }
}

#[tokio::test]
async fn nodes_to_recycle_have_reasons_and_commands_that_are_only_shown() {
    let mut fake = Fake::with_case();
    let node = |rank: u32, name: &str| NodeToRecycle {
        rank,
        node: name.into(),
        reasons: vec![format!("hosts 2 pods {HOSTILE}"), "up for 43 d".into()],
        ..NodeToRecycle::default()
    };
    let done = NodeToRecycle {
        done_at: Some(at("2020-05-23T09:00:00Z")),
        ..node(2, "node-done")
    };
    fake.cases[0].analysis.nodes_to_recycle = vec![node(1, HOSTILE), done];
    let (status, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for part in [
        "data-testid=\"recycle\"",
        "Hosts 2 pods",
        "kubectl cordon &#39;",
        "Lineup shows these and runs none",
        "node-done",
    ] {
        let plain = part.replace("&#39;", "'");
        assert!(html.contains(part) || html.contains(&plain), "{part}");
    }
    assert!(
        !html.contains("10m node-done"),
        "what is done needs no command"
    );
}
