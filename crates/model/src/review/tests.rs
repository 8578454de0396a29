use super::*;
use crate::report::{Figure, Section};
use proptest::prelude::*;

fn at(s: i64) -> Timestamp {
    Timestamp::from_seconds(s)
}

fn approve(who: &str, version: u32) -> Step {
    Step::Approve(Approval {
        who: who.into(),
        version,
        at: at(1),
        ..Approval::default()
    })
}

fn reopening(version: u32) -> Step {
    Step::Reopen(Reopening {
        version,
        at: at(2),
        by: "Ada".into(),
        what: "renamed it".into(),
    })
}

fn walk(steps: &[Step]) -> Result<Review, Refused> {
    let mut review = Review::default();
    for step in steps {
        review = after(&review, step.clone())?;
    }
    Ok(review)
}

#[test]
fn a_report_goes_from_draft_to_published() {
    let names = Step::Name(vec![
        " Ada ".into(),
        "Grace".into(),
        "Ada".into(),
        " ".into(),
    ]);
    let mut steps = vec![names, Step::Ask { version: 1 }, approve("Grace", 1)];
    let waiting = walk(&steps).unwrap();
    assert_eq!(waiting.state, ReviewState::InReview);
    assert_eq!(waiting.reviewers, ["Ada", "Grace"]);
    assert_eq!(waiting.awaited(), ["Ada"]);
    steps.extend([approve("Ada", 1), Step::Publish]);
    let published = walk(&steps).unwrap();
    assert_eq!(published.state, ReviewState::Published);
    assert_eq!(published.published, Some(1));
    // A change opens it again; what was published stays so until the next one is.
    steps.push(reopening(1));
    let again = walk(&steps).unwrap();
    assert_eq!(again.state, ReviewState::Draft);
    assert_eq!(again.published, Some(1));
    assert_eq!(again.reopened.as_ref().unwrap().by, "Ada");
    steps.push(Step::Ask { version: 2 });
    let second = walk(&steps).unwrap();
    assert_eq!(second.reopened, None);
    assert_eq!(
        second.awaited(),
        ["Ada", "Grace"],
        "approvals were of the first"
    );
    assert_eq!(second.approvals.len(), 2, "and are kept");
}

#[test]
fn without_named_reviewers_one_approval_is_enough() {
    let steps = [Step::Ask { version: 1 }, approve("anybody", 1)];
    assert_eq!(walk(&steps).unwrap().state, ReviewState::Approved);
}

#[test]
fn who_is_no_longer_named_is_not_waited_for() {
    let both = Step::Name(vec!["Ada".into(), "Grace".into()]);
    let one = Step::Name(vec!["Ada".into()]);
    let steps = [both, Step::Ask { version: 1 }, approve("Ada", 1), one];
    assert_eq!(walk(&steps).unwrap().state, ReviewState::Approved);
}

#[test]
fn what_is_not_allowed_says_what_to_do() {
    let ask = |version| Step::Ask { version };
    for (steps, words) in [
        (
            vec![Step::Publish],
            "the report is draft: it has to be approved first",
        ),
        (vec![Step::Withdraw], "only what is in review"),
        (vec![approve("Ada", 1)], "ask for a review first"),
        (vec![reopening(1)], "only what is approved or published"),
        (vec![ask(1), Step::Publish], "the report is in review"),
        (vec![ask(2), approve("Ada", 1)], "read version 2"),
        (vec![ask(1), ask(1)], "not newer"),
        (vec![ask(1), approve(" ", 1)], "needs the name"),
        (
            vec![Step::Name(vec!["Ada".into()]), ask(1), approve("Eve", 1)],
            "Eve is no reviewer",
        ),
        (
            vec![
                Step::Name(vec!["Ada".into(), "Grace".into()]),
                ask(1),
                approve("Ada", 1),
                approve("Ada", 1),
            ],
            "already",
        ),
        (
            vec![ask(1), approve("Ada", 1), ask(2)],
            "open it again first",
        ),
        (
            vec![Step::Name(
                (0..=MOST_REVIEWERS).map(|n| n.to_string()).collect(),
            )],
            "at most 50",
        ),
    ] {
        let refused = walk(&steps).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn the_digest_is_of_what_the_report_says() {
    let section = |id: &str, title: &str| Section {
        id: id.into(),
        title: title.into(),
        blocks: Vec::new(),
    };
    let figure = |id: &str| Figure {
        id: id.into(),
        value: serde_json::json!(1),
        unit: "Ratio".into(),
        evidence: Vec::new(),
        span: None,
        text: "1".into(),
    };
    let report = Report {
        title: "Zombies".into(),
        engine: "1".into(),
        sections: vec![section("summary", "Summary")],
        figures: vec![figure("a")],
        ..Report::default()
    };
    let digest = content_digest(&report);
    assert_eq!(digest.len(), 64);
    let mut same = report.clone();
    same.engine = "2".into();
    same.sections.push(section("recurrence", "Seen before"));
    same.figures.push(figure("earlier.x.score"));
    same.sections.push(section("actions", "Action items"));
    same.figures.push(figure("action.x.due"));
    assert_eq!(content_digest(&same), digest);
    let mut others = vec![report.clone(); 4];
    others[0].title.push('!');
    others[1].sections[0].title.push('!');
    others[2].figures[0].text = "2".into();
    others[3].notice = Some("a simulation".into());
    for other in others {
        assert_ne!(content_digest(&other), digest);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let name = prop::sample::select(vec!["Ada", "Grace", "Eve"]);
    prop_oneof![
        prop::collection::vec(name.clone().prop_map(str::to_owned), 0..3).prop_map(Step::Name),
        (1_u32..9).prop_map(|version| Step::Ask { version }),
        Just(Step::Withdraw),
        (name, 1_u32..9).prop_map(|(who, version)| approve(who, version)),
        Just(Step::Publish),
        (1_u32..9).prop_map(reopening),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: nothing is approved that was not read, nothing published
    /// that was not approved, and no approval and no published version is ever lost.
    #[test]
    fn no_order_of_steps_gets_around_the_reviewers(steps in prop::collection::vec(step(), 0..60)) {
        let mut review = Review::default();
        for step in steps {
            let published = step == Step::Publish;
            let Ok(next) = after(&review, step) else { continue };
            prop_assert!(next.approvals.starts_with(&review.approvals));
            prop_assert!(next.published >= review.published);
            prop_assert!(next.version >= review.version);
            if next.published != review.published {
                prop_assert!(published && review.state == ReviewState::Approved);
                prop_assert_eq!(next.published, review.version);
            }
            if next.is_settled() {
                prop_assert!(next.awaited().is_empty());
                prop_assert!(next.current_approvals().next().is_some());
            }
            if next.state == ReviewState::InReview {
                prop_assert!(next.version.is_some() && !next.is_complete());
            }
            for approval in next.current_approvals() {
                let twice = next.current_approvals().filter(|a| a.who == approval.who).count();
                prop_assert_eq!(twice, 1);
            }
            let text = serde_json::to_string(&next).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Review>(&text).unwrap(), &next);
            review = next;
        }
    }
}
