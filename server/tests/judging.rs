//! What people decide, ask and take on, over a database in memory.

use crate::support::TestServer;
use app::backend::{
    ActionChange, ActionDraft, BackTestAsk, Backend, Caller, JudgementDraft, ShareDraft, WhatIfAsk,
};
use model::{
    Bundle, ENGINE, IncidentId,
    analysis::{
        Verdict,
        back_test::Rule,
        what_if::{Outcome, Scenario},
    },
    judgement::Ruling,
    time::DAY,
};
use server::case;
use std::sync::Arc;

const ME: Caller = Caller::LocalUser;

async fn import(server: &TestServer, bundle: &Bundle) -> IncidentId {
    let imported = case::import(&*server.store, bundle, &*server.clock).await;
    imported.unwrap().id
}

/// A server with the story.
async fn with_story() -> (TestServer, IncidentId, Arc<dyn Backend>) {
    let server = TestServer::start().await;
    let bundle = simulate::zombie_pods(1).bundle;
    let end = bundle.header.window.end;
    let now = server.state.clock.now();
    server.forward(end.since(now) + 60 * DAY);
    let id = import(&server, &bundle).await;
    let backend = server.state.backend.clone();
    (server, id, backend)
}

fn draft(suspect: &str, ruling: Ruling, reason: &str) -> JudgementDraft {
    JudgementDraft {
        suspect: suspect.into(),
        ruling,
        reason: reason.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_kept_shown_shared_exported_and_taken_back() {
    let (server, id, backend) = with_story().await;
    let case = backend.case(&ME, &id).await.unwrap();
    let suspect = case.analysis.suspects[0].id().to_owned();
    backend
        .judge(
            &ME,
            &id,
            draft(&suspect, Ruling::Cause, "rebooting ended it <b>"),
        )
        .await
        .unwrap();
    let kept = server.store.judgements(&id).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].author, "local user");
    assert_eq!(kept[0].at, Some(server.state.clock.now()));
    assert_eq!(kept[0].events, case.analysis.suspects[0].events);

    // On the page, in the report, and behind a share link.
    let (_, page) = server.get(&format!("/incidents/{id}")).await;
    assert!(page.contains("Pinned as the cause") && page.contains("rebooting ended it &lt;b&gt;"));
    let (_, text) = server.get(&format!("/incidents/{id}/report.md")).await;
    assert!(
        text.contains("**Cause:**") && text.contains("as local user decided"),
        "{text}"
    );
    let share = backend
        .share(&ME, &id, ShareDraft::default())
        .await
        .unwrap();
    let (_, shared) = server.get(&share.link_path).await;
    assert!(shared.contains("What people decided") && shared.contains("rebooting ended it"));

    // It stays when the incident is analysed again, and travels.
    case::conclude(&*server.store, &id, server.state.clock.now())
        .await
        .unwrap();
    assert_eq!(server.store.judgements(&id).await.unwrap(), kept);
    let bundle = case::export(&*server.store, &id).await.unwrap().unwrap();
    let mut zip = std::io::Cursor::new(Vec::new());
    sources::bundle::write_zip(&bundle, &mut zip).unwrap();
    let back = sources::bundle::read_zip(zip).unwrap();
    assert_eq!(back.header.judgements, kept);
    let other = TestServer::start().await;
    let there = import(&other, &back).await;
    assert_eq!(other.store.judgements(&there).await.unwrap(), kept);

    // Deciding again replaces, taking back removes.
    backend
        .judge(
            &ME,
            &id,
            draft(&suspect, Ruling::Dismissed, "it was chance"),
        )
        .await
        .unwrap();
    let kept = server.store.judgements(&id).await.unwrap();
    assert_eq!((kept.len(), kept[0].ruling), (1, Ruling::Dismissed));
    backend.take_back(&ME, &id, &suspect).await.unwrap();
    assert!(backend.take_back(&ME, &id, &suspect).await.is_err());
    assert!(server.store.judgements(&id).await.unwrap().is_empty());
    let (_, text) = server.get(&format!("/incidents/{id}/report.md")).await;
    assert!(!text.contains("What people decided"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decided_is_refused() {
    let (_, id, backend) = with_story().await;
    let case = backend.case(&ME, &id).await.unwrap();
    let suspect = case.analysis.suspects[0].id();
    for bad in [
        draft("no such suspect", Ruling::Cause, ""),
        draft("", Ruling::Cause, ""),
        draft(suspect, Ruling::Dismissed, "  "),
        draft(suspect, Ruling::Cause, &"x".repeat(5_000)),
    ] {
        assert!(backend.judge(&ME, &id, bad).await.is_err());
    }
    let share = Caller::Share("token".into());
    let good = draft(suspect, Ruling::Cause, "");
    assert!(backend.judge(&share, &id, good).await.is_err());
    assert!(backend.take_back(&share, &id, suspect).await.is_err());
    assert!(
        backend
            .what_if(&share, &id, WhatIfAsk::default())
            .await
            .is_err()
    );
    let nothing = IncidentId("f".repeat(32));
    assert!(
        backend
            .judge(&ME, &nothing, draft(suspect, Ruling::Cause, ""))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_suspect_the_credits_would_have_lasted() {
    let (server, id, backend) = with_story().await;
    let ask = WhatIfAsk {
        scenario: Some(Scenario::WithoutSuspect),
        ..WhatIfAsk::default()
    };
    let answer = backend.what_if(&ME, &id, ask).await.unwrap();
    let Some(Verdict::Found(outcome)) = &answer.outcome else {
        panic!("{:?}", answer.outcome);
    };
    let Outcome {
        exhausted_at,
        measured_exhausted_at,
        modelled,
        ..
    } = outcome;
    assert!(measured_exhausted_at.is_some() && exhausted_at.is_none());
    assert_eq!(modelled.len(), outcome.error.samples);
    assert!(outcome.impact_min_avoided > 0.0);
    let (status, page) = server.get(&format!("/incidents/{id}/what-if")).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("The credits would not have run out in this window"),
        "{page}"
    );
    assert!(page.contains("GetMetricData") || page.contains("h-basis"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_tested_back_and_taken_over() {
    let (server, id, backend) = with_story().await;
    let ask = BackTestAsk {
        rule: None,
        propose: true,
        false_per_week: 0.0,
    };
    let answer = backend.back_test(&ME, &id, ask).await.unwrap();
    let rule = answer.rule.clone().unwrap();
    assert!(matches!(rule, Rule::Threshold { .. }), "{rule:?}");
    let Some(Verdict::Found(test)) = &answer.test else {
        panic!("{:?}", answer.test);
    };
    assert!(test.lead_s.unwrap() > 86_400, "{test:?}");
    assert_eq!(test.false_alarms, 0);
    let cloudwatch = &answer.definitions[0];
    assert_eq!(cloudwatch.format, "CloudWatch");
    assert!(cloudwatch.text.is_ok(), "{cloudwatch:?}");

    let draft = ActionDraft {
        title: "Alarm <i>".into(),
        owner: "kim".into(),
        alarm: Some(rule),
    };
    backend.add_action(&ME, &id, draft).await.unwrap();
    let items = server.store.actions(&id).await.unwrap();
    let (_, page) = server.get(&format!("/incidents/{id}")).await;
    assert!(
        page.contains("Alarm &lt;i&gt;") && page.contains("PutMetricAlarm")
            || page.contains("put-metric-alarm")
    );
    let (_, text) = server.get(&format!("/incidents/{id}/report.md")).await;
    assert!(
        text.contains("## Action items") && text.contains("before people felt it"),
        "{text}"
    );
    // The report of the bundle can be recomputed from it.
    let bundle = case::export(&*server.store, &id).await.unwrap().unwrap();
    assert_eq!(bundle.header.actions, items);
    let again = server::dossier::Dossier::of_bundle(&bundle)
        .unwrap()
        .report();
    assert_eq!(bundle.report_md, Some(report::markdown(&again)));

    let action = items[0].id.clone();
    backend
        .change_action(&ME, &id, &action, ActionChange::Done)
        .await
        .unwrap();
    let (_, page) = server.get(&format!("/incidents/{id}")).await;
    assert!(page.contains("data-testid=\"action-open\""));
    backend
        .change_action(&ME, &id, &action, ActionChange::Remove)
        .await
        .unwrap();
    assert!(server.store.actions(&id).await.unwrap().is_empty());
    assert!(
        backend
            .change_action(&ME, &id, &action, ActionChange::Done)
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_return_is_like_the_story_and_no_reader_of_a_link_learns_of_it() {
    let (server, id, backend) = with_story().await;
    assert!(backend.case(&ME, &id).await.unwrap().earlier.is_empty());
    let second = import(&server, &simulate::recurrence(1).bundle).await;
    assert_eq!(server.store.fingerprints(ENGINE).await.unwrap().len(), 2);
    let case = backend.case(&ME, &second).await.unwrap();
    assert_eq!(case.earlier.len(), 1);
    assert_eq!(case.earlier[0].incident, id);
    assert!(case.earlier[0].likeness.score >= 0.5 && !case.earlier[0].likeness.reasons.is_empty());
    let (_, page) = server.get(&format!("/incidents/{second}")).await;
    assert!(page.contains(&format!("href=\"/incidents/{id}\"")));
    let (_, page) = server.get(&format!("/incidents/{second}/report")).await;
    assert!(page.contains("Seen before"));
    // A file may go anywhere, and carries the evidence of this incident alone.
    let (_, text) = server.get(&format!("/incidents/{second}/report.md")).await;
    assert!(!text.contains("Seen before"), "{text}");
    let share = backend
        .share(&ME, &second, ShareDraft::default())
        .await
        .unwrap();
    let (_, shared) = server.get(&share.link_path).await;
    assert!(!shared.contains("Seen before") && !shared.contains(&id.0));
    let bundle = case::export(&*server.store, &second)
        .await
        .unwrap()
        .unwrap();
    assert!(!bundle.report_md.unwrap().contains("Seen before"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_without_a_fingerprint_gets_one_when_it_is_asked_for() {
    let (server, id, backend) = with_story().await;
    let old = server.store.fingerprints(ENGINE).await.unwrap();
    // As another version left it.
    server
        .store
        .put_fingerprint(&id, "another", &old[0].1)
        .await
        .unwrap();
    assert!(server.store.fingerprints(ENGINE).await.unwrap().is_empty());
    let second = import(&server, &simulate::recurrence(1).bundle).await;
    let case = backend.case(&ME, &second).await.unwrap();
    assert_eq!(case.earlier.len(), 1);
    assert_eq!(server.store.fingerprints(ENGINE).await.unwrap().len(), 2);
}
