//! What people decided, set out to do and remember, as the report says it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

#[path = "report_of/story.rs"]
#[allow(dead_code, reason = "the story is told in other tests too")]
mod story;

use model::action::{ActionItem, ActionState, TestedAction};
use model::analysis::back_test::{BackTest, Comparison, Periods, Rule};
use model::analysis::recurrence::{Earlier, Similar};
use model::judgement::{Judgement, Ruling};
use model::{Analysis, IncidentId, Report, Window};
use report::{Input, Said, build, html, markdown};
use story::{HOSTILE, analysis, evidence, minute};

fn of(analysis: &Analysis, said: Said<'_>) -> Report {
    build(&Input {
        title: "Slow sites",
        notice: None,
        evidence: &evidence(),
        analysis,
        annotations: &[],
        said,
        document: None,
    })
}

fn judgement(suspect: &str, ruling: Ruling, at: i64) -> Judgement {
    Judgement {
        suspect: suspect.into(),
        ruling,
        reason: format!("rebooting 3 nodes ended it {HOSTILE}"),
        author: "kim".into(),
        at: Some(minute(at)),
        title: format!("what it was called {HOSTILE}"),
        events: vec![suspect.into()],
        score: Some(0.41),
        ..Judgement::default()
    }
}

fn actions() -> Vec<TestedAction> {
    let rule = Rule::Threshold {
        series: "meta".into(),
        comparison: Comparison::GreaterThan,
        threshold: 5e9,
        periods: Periods::default(),
    };
    let item = |id: &str, title: &str, alarm: Option<Rule>| ActionItem {
        id: id.into(),
        title: title.into(),
        owner: "kim".into(),
        alarm,
        ..ActionItem::default()
    };
    vec![
        TestedAction {
            item: item("a1", "Alarm on metadata", Some(rule)),
            tested: Some(BackTest {
                first: Some(minute(505)),
                lead_s: Some(89_700),
                false_alarms: 1,
                quiet_s: 29_400,
                ..BackTest::default()
            }),
            missing: String::new(),
        },
        TestedAction {
            item: item(
                "a2",
                "Watch for zombies",
                Some(Rule::ZombieAge { age_s: 600.0 }),
            ),
            tested: None,
            missing: "no Terminating pod of known start in the window".into(),
        },
        TestedAction {
            item: ActionItem {
                state: ActionState::Done,
                ..item("a3", &format!("Reboot 8 nodes {HOSTILE}"), None)
            },
            ..TestedAction::default()
        },
    ]
}

fn earlier() -> Vec<Earlier> {
    vec![Earlier {
        incident: IncidentId("0123".into()),
        title: format!("Zombies 6 days before {HOSTILE}"),
        window: Window {
            start: minute(-9_000),
            end: minute(-6_000),
        },
        likeness: Similar {
            index: 0,
            score: 0.63,
            reasons: vec!["driven by the same metric: metadataiobytes".into()],
            differences: vec!["only now: pods stuck in Terminating".into()],
        },
    }]
}

#[test]
fn a_pin_is_the_cause_and_the_analysis_is_heard() {
    let mut analysis = analysis();
    let mut other = analysis.suspects[0].clone();
    other.rank = 2;
    other.score = 0.05;
    other.events = vec!["pod".into()];
    other.title = "a node went".into();
    other.evidence.clear();
    other.explains.clear();
    analysis.suspects.push(other);
    let judgements = [
        judgement("roll", Ruling::Dismissed, 3_000),
        judgement("pod", Ruling::Cause, 3_010),
        judgement("gone", Ruling::Dismissed, 3_020),
    ];
    let (actions, earlier) = (actions(), earlier());
    let said = Said {
        judgements: &judgements,
        actions: &actions,
        earlier: &earlier,
        ..Said::default()
    };
    let report = of(&analysis, said);
    let text = markdown(&report);
    assert!(
        text.contains(
            "**Cause:** a node went, as kim decided; it began at 2020-05-20 08:10 UTC. \
         The analysis gives it a probability of 5 %, at rank 2."
        ),
        "{text}"
    );
    assert!(!text.contains("Probable cause"));
    let from = text.find("## What people decided").unwrap();
    let to = text.find("## Ruled out").unwrap();
    let and = text.find("## Action items").unwrap();
    let end = text.find("## Charts").unwrap();
    insta::assert_snapshot!(format!("{}{}", &text[from..to], &text[and..end]));
    let page = html(&report);
    assert!(page.contains("Pinned as the cause by kim.") && page.contains("Dismissed by kim."));
    assert!(!page.contains("<script>"));
}

#[test]
fn a_pin_whose_suspect_is_gone_is_still_the_cause() {
    let judgements = [judgement("gone", Ruling::Cause, 3_000)];
    let said = Said {
        judgements: &judgements,
        ..Said::default()
    };
    let mut analysis = analysis();
    analysis.suspects.clear();
    let text = markdown(&of(&analysis, said));
    assert!(text.contains("**Cause:** what it was called"), "{text}");
    assert!(text.contains("has no such suspect any more"));
    assert!(!text.contains("**No culprit.**"));
}

#[test]
fn a_dismissed_suspect_is_said_to_be_dismissed() {
    let judgements = [judgement("roll", Ruling::Dismissed, 3_000)];
    let said = Said {
        judgements: &judgements,
        ..Said::default()
    };
    let text = markdown(&of(&analysis(), said));
    let summary = text.split("## Impact").next().unwrap();
    assert!(
        summary.contains("**Probable cause:**") && summary.contains("**Dismissed by kim.**"),
        "{summary}"
    );
}

#[test]
fn nothing_decided_is_no_section() {
    let report = of(&analysis(), Said::default());
    let ids: Vec<&str> = report.sections.iter().map(|s| s.id.as_str()).collect();
    for id in ["judgements", "actions", "recurrence"] {
        assert!(!ids.contains(&id), "{id}");
    }
}
