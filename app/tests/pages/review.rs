//! The pages of a review over a backend in memory: what they show, what they ask, and that nothing
//! that somebody wrote becomes markup.

use super::{
    Fake, HOSTILE, ID, answer, assert_sound, call,
    fake::{at, now},
    get, send,
};
use app::{
    ApiError,
    backend::{
        ActionEdit, ActionRow, ActionsAsk, ActionsView, ActivityPage, Caller, ChangedSection,
        CommentDraft, Comparison, Fate, PlacedThread, ReviewAsk, ReviewView, Reviewing,
        VersionView,
    },
};
use async_trait::async_trait;
use axum::http::{StatusCode, header};
use model::{
    ActionItem, IncidentId,
    analysis::back_test::{Comparison as Compare, Periods, Rule},
    review::{
        Approval, Reopening, Review, ReviewState, VersionInfo,
        activity::{Activity, Deed},
        comment::{Anchor, Comment, Resolved, Thread},
    },
    time::MINUTE,
};
use std::sync::Arc;

fn thread(id: &str, anchor: Anchor) -> Thread {
    Thread {
        id: id.into(),
        anchor,
        about: format!("section {HOSTILE}"),
        at: now(),
        in_meeting: true,
        comments: vec![Comment {
            id: "c".into(),
            by: HOSTILE.into(),
            at: now(),
            text: format!("why\n{HOSTILE}"),
            ..Comment::default()
        }],
        ..Thread::default()
    }
}

fn threads() -> Vec<PlacedThread> {
    let section = |s: &str| Anchor::Section { section: s.into() };
    let figure = Anchor::Figure {
        figure: "window.end".into(),
    };
    let moment = Anchor::Moment {
        start: now(),
        end: Some(now().plus(40 * MINUTE)),
        lane: None,
    };
    let resolved = Thread {
        resolved: Some(Resolved {
            by: "Grace".into(),
            at: now(),
        }),
        ..thread("done", Anchor::Report)
    };
    vec![
        PlacedThread {
            thread: thread("open", section("summary")),
            holds: true,
        },
        PlacedThread {
            thread: thread("lost", section("gone")),
            holds: false,
        },
        PlacedThread {
            thread: resolved,
            holds: true,
        },
        PlacedThread {
            thread: Thread {
                about: "the end of the window".into(),
                ..thread("figure", figure)
            },
            holds: true,
        },
        PlacedThread {
            thread: Thread {
                about: "a span of the timeline".into(),
                ..thread("moment", moment)
            },
            holds: true,
        },
    ]
}

fn info(number: u32) -> VersionInfo {
    VersionInfo {
        number,
        made_at: now(),
        by: HOSTILE.into(),
        digest: format!("{number:064x}"),
    }
}

fn review() -> Review {
    Review {
        state: ReviewState::InReview,
        reviewers: vec!["Ada".into(), HOSTILE.into()],
        version: Some(2),
        approvals: vec![Approval {
            who: "Ada".into(),
            version: 2,
            at: now(),
            entered_by: "local user".into(),
        }],
        published: Some(1),
        reopened: Some(Reopening {
            version: 1,
            at: now(),
            by: HOSTILE.into(),
            what: "renamed the incident".into(),
        }),
        ..Review::default()
    }
}

#[async_trait]
impl Reviewing for Fake {
    async fn review(
        &self,
        who: &Caller,
        id: &IncidentId,
        compare: Option<Comparison>,
    ) -> Result<ReviewView, ApiError> {
        self.asks(who, &format!("review {compare:?}"));
        let incident = self.find(id)?.incident.clone();
        let runs = vec![
            (Fate::Kept, "the ".into()),
            (Fate::Removed, "pods".into()),
            (Fate::Added, HOSTILE.into()),
        ];
        let changed = ChangedSection {
            title: "Summary".into(),
            runs,
        };
        Ok(ReviewView {
            incident,
            review: review(),
            me: "local user".into(),
            speaks_for_others: true,
            versions: vec![info(1), info(2)],
            threads: threads(),
            sections: vec![("summary".into(), "Summary".into())],
            figures: vec![("rate".into(), HOSTILE.into())],
            lanes: vec![("io".into(), "IO".into())],
            compared: compare.map(|c| (c, vec![changed])),
            ..ReviewView::default()
        })
    }

    async fn take_review_step(
        &self,
        who: &Caller,
        id: &IncidentId,
        step: ReviewAsk,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("{step:?}"));
        self.find(id).map(drop)
    }

    async fn version(
        &self,
        who: &Caller,
        id: &IncidentId,
        number: u32,
    ) -> Result<VersionView, ApiError> {
        self.asks(who, &format!("version {number}"));
        let incident = self.find(id)?.incident.clone();
        if number > 2 {
            return Err(ApiError::NotFound);
        }
        Ok(VersionView {
            incident,
            version: info(number),
            html: "<article class=\"report\"><h1>frozen words</h1></article>".into(),
        })
    }

    async fn threads(&self, who: &Caller, id: &IncidentId) -> Result<Vec<PlacedThread>, ApiError> {
        self.asks(who, "threads");
        self.find(id)?;
        Ok(threads())
    }

    async fn comment(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: CommentDraft,
    ) -> Result<String, ApiError> {
        self.asks(who, &format!("{draft:?}"));
        self.find(id)?;
        Ok(draft.thread.unwrap_or_else(|| "new".into()))
    }

    async fn resolve(
        &self,
        who: &Caller,
        id: &IncidentId,
        thread: &str,
        resolved: bool,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("resolve {thread} {resolved}"));
        self.find(id).map(drop)
    }

    async fn activity(
        &self,
        who: &Caller,
        id: &IncidentId,
        before: Option<i64>,
    ) -> Result<ActivityPage, ApiError> {
        self.asks(who, &format!("activity {before:?}"));
        let incident = self.find(id)?.incident.clone();
        Ok(ActivityPage {
            incident,
            steps: vec![Activity::new(now(), "Ada", Deed::Renamed, HOSTILE)],
            older: Some(7),
        })
    }

    async fn meeting_told(
        &self,
        who: &Caller,
        _: &IncidentId,
        began: bool,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("meeting {began}"));
        Ok(())
    }

    fn name_of(&self, _: &Caller) -> String {
        "local user".into()
    }

    async fn all_actions(&self, who: &Caller, ask: ActionsAsk) -> Result<ActionsView, ApiError> {
        self.asks(who, &format!("{ask:?}"));
        let rows = self.cases.iter().map(|case| {
            let item = ActionItem {
                id: "action-1".into(),
                title: HOSTILE.into(),
                owner: "Ada".into(),
                due: Some(at("2020-05-20T00:00:00Z")),
                link: "https://tracker.example/A-1".into(),
                alarm: Some(Rule::Threshold {
                    series: "io".into(),
                    comparison: Compare::GreaterOrEqual,
                    threshold: 5.0,
                    periods: Periods::default(),
                }),
                ..ActionItem::default()
            };
            ActionRow::of(&case.incident, item, now())
        });
        Ok(ActionsView::of(rows.collect(), ask))
    }

    async fn edit_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        edit: ActionEdit,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("{action} {edit:?}"));
        self.find(id).map(drop)
    }
}

fn assert_safe(html: &str) {
    assert_sound(html);
    assert!(!html.contains("<script>alert"), "a text became markup");
}

#[tokio::test]
async fn a_review_shows_how_far_it_is_and_what_is_said() {
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}/review?from=1")).await;
    assert_eq!(status, StatusCode::OK);
    assert_safe(&html);
    for text in [
        "in review",
        "Open again since",
        "Waiting for &lt;script&gt;",
        "approved version 2",
        "(written down by local user)",
        "no longer there",
        " resolved",
        "<del>",
        "<ins>",
        "in a meeting",
        "From version ",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for id in [
        "review-approve",
        "review-withdraw",
        "approve-name",
        "version",
        "thread",
        "comment-add",
        "meeting-begin",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    assert!(html.contains("/meeting.js"));
}

#[tokio::test]
async fn a_version_and_the_log_are_shown() {
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}/versions/2")).await;
    assert_eq!(status, StatusCode::OK);
    assert_safe(&html);
    assert!(html.contains("frozen words") && html.contains("It is never changed"));
    for none in ["3", "x", "-1"] {
        let (status, _) = get(
            Fake::with_case(),
            &format!("/incidents/{ID}/versions/{none}"),
        )
        .await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{none}");
    }
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}/activity")).await;
    assert_eq!(status, StatusCode::OK);
    assert_safe(&html);
    assert!(html.contains("renamed the incident") && html.contains("activity?before=7"));
}

#[tokio::test]
async fn action_items_of_all_incidents_are_listed_and_filtered() {
    let (status, html) = get(Fake::with_case(), "/actions").await;
    assert_eq!(status, StatusCode::OK);
    assert_safe(&html);
    for text in [
        "overdue",
        "2020-05-20",
        "https://tracker.example/A-1",
        "back-test?",
        "Alarm on ",
        "aria-current=\"page\"",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let (_, html) = get(Fake::with_case(), "/actions?owner=-").await;
    assert!(html.contains("No action item is like that"));
    let (_, html) = get(Fake::default(), "/actions").await;
    assert!(html.contains("Nothing is to be done yet"));
}

#[tokio::test]
async fn plain_forms_ask_what_they_say_and_go_back_to_their_place() {
    let backend = Arc::new(Fake::with_case());
    for (name, form, place) in [
        (
            "comment",
            "about=section:summary&text=+why+&back=report",
            "report?done=comment#thread-new",
        ),
        (
            "comment",
            "thread=t-1&text=x&back=review",
            "review?done=reply#thread-t-1",
        ),
        (
            "resolve",
            "thread=t-1&resolved=true&back=review",
            "review?done=thread-resolved#thread-t-1",
        ),
        (
            "resolve",
            "thread=a%20b%3Fc&resolved=false&back=report",
            "report?done=thread-opened",
        ),
    ] {
        let form = format!("incident={ID}&{form}");
        let (status, headers) = send(backend.clone(), call(name, &form, "text/html")).await;
        assert_eq!(status, StatusCode::FOUND);
        let to = headers[header::LOCATION].to_str().unwrap();
        assert_eq!(to, format!("/incidents/{ID}/{place}"));
    }
    // What the address of the form says is no place to be led to.
    let form = format!("incident={ID}&text=x&back=//evil.example%23a");
    let (_, headers) = send(backend.clone(), call("comment", &form, "text/html")).await;
    let to = headers[header::LOCATION].to_str().unwrap();
    assert!(to.starts_with("http://localhost/incidents/new"), "{to}");

    for (name, form) in [
        ("review_step", "step=name&reviewers=Ada%0AGrace".to_owned()),
        (
            "review_step",
            "step=approve&version=2&in_name_of=Ada".to_owned(),
        ),
        ("resolve", "thread=t&resolved=true".to_owned()),
        (
            "comment",
            format!("text=note&view=/incidents/{ID}/report%23root-cause"),
        ),
        (
            "edit_action",
            "action=a&title=Alert&due=2020-06-01&link=https://t.example&state=done".to_owned(),
        ),
    ] {
        let form = format!("incident={ID}&{form}");
        let (status, body) = answer(backend.clone(), call(name, &form, "application/json")).await;
        assert_eq!(status, StatusCode::OK, "{name}: {body}");
    }
    let asked = backend.asked.lock().unwrap().join("\n");
    for expected in [
        "text: \"why\"",
        "Name([\"Ada\", \"Grace\"])",
        "Approve { version: 2, in_name_of: \"Ada\" }",
        "resolve t true",
        "section: \"root-cause\" }, text: \"note\", in_meeting: true",
        "state: Done",
    ] {
        assert!(asked.contains(expected), "{expected} in {asked}");
    }
    for (name, form) in [
        ("comment", format!("incident={ID}&text=+")),
        ("comment", format!("incident={ID}&text=x&about=else")),
        ("review_step", format!("incident={ID}&step=teleport")),
        (
            "edit_action",
            format!("incident={ID}&action=a&title=x&link=javascript:1"),
        ),
    ] {
        let (status, _) = answer(backend.clone(), call(name, &form, "application/json")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name} {form}");
    }
}

#[tokio::test]
async fn what_is_said_about_a_section_stands_below_it() {
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}/report")).await;
    assert_eq!(status, StatusCode::OK);
    assert_safe(&html);
    let section = html.find("id=\"summary\"").expect("the section");
    let comments = "data-testid=\"section-comments\" data-section=\"summary\"";
    let said = html.find(comments).expect("its comments");
    assert!(said > section);
    assert!(html.contains("1 open thread"));
}

/// The list item of a thread from its id on, and where that stands on the page.
fn item<'p>(page: &'p str, thread: &str) -> Option<(usize, &'p str)> {
    let begin = page.find(&format!("id=\"thread-{thread}\""))?;
    let end = page[begin..].find("</form></div></li>")?;
    Some((begin, &page[begin..begin + end]))
}

#[tokio::test]
async fn threads_about_a_figure_and_a_moment_lead_there() {
    let (_, page) = get(Fake::with_case(), &format!("/incidents/{ID}/review")).await;
    let (_, figure) = item(&page, "figure").expect("the thread about a figure");
    let there = format!("<a href=\"/incidents/{ID}/report#figures\">the end of the window</a>");
    assert!(figure.contains(&there), "{figure}");
    let (_, moment) = item(&page, "moment").expect("the thread about a moment");
    // With a quarter of it on each side.
    let from = now().plus(-10 * MINUTE).millis();
    let to = now().plus(50 * MINUTE).millis();
    let there = format!("href=\"/incidents/{ID}?from={from}&amp;to={to}#timeline\"");
    assert!(moment.contains(&there), "{moment}");
    for thread in [figure, moment] {
        for form in ["/api/comment", "/api/resolve"] {
            assert!(thread.contains(&format!("action=\"{form}\"")), "{thread}");
        }
    }
    // In the report what is said about figures stands below the list of them; a moment is no part of it.
    let (_, report) = get(Fake::with_case(), &format!("/incidents/{ID}/report")).await;
    let list = report.find("id=\"figures\"").expect("the list of figures");
    let (said, _) = item(&report, "figure").expect("the thread about a figure");
    assert!(said > list);
    assert!(item(&report, "moment").is_none());
    let comments = report.find("data-testid=\"figure-comments\"");
    assert!(comments.is_some_and(|begin| begin < said));
}

/// A plain form that stood on a page with this address.
fn form_on(page: &str, name: &str, form: &str) -> axum::http::Request<axum::body::Body> {
    let mut request = call(name, form, "text/html");
    let page = format!("http://localhost{page}").parse().unwrap();
    request.headers_mut().insert(header::REFERER, page);
    request
}

#[tokio::test]
async fn a_page_says_what_the_form_did_that_led_to_it() {
    let backend = Arc::new(Fake::with_case());
    let form = format!("incident={ID}&action=a&title=Alert");
    let page = "/actions?owner=A+b&done=comment&overdue=yes";
    let (status, headers) = send(backend.clone(), form_on(page, "edit_action", &form)).await;
    assert_eq!(status, StatusCode::FOUND);
    let to = headers[header::LOCATION].to_str().unwrap();
    let kept = "/actions?owner=A+b&overdue=yes&done=action-saved";
    assert_eq!(to, format!("{kept}#{ID}-a"));
    let (_, html) = get(Fake::with_case(), kept).await;
    assert_safe(&html);
    let status = html.split("role=\"status\"").nth(1).unwrap();
    assert!(status.contains("The action item is saved."));

    // A form that says nothing of what it did leaves nothing of an earlier one behind.
    let page = format!("/incidents/{ID}/report?done=comment&edit=summary");
    let form = format!("incident={ID}&text=note&view=/incidents/{ID}");
    let (_, headers) = send(backend.clone(), form_on(&page, "comment", &form)).await;
    let to = headers[header::LOCATION].to_str().unwrap();
    assert_eq!(to, format!("/incidents/{ID}/report?edit=summary"));
    // Another host is none of ours, whatever a path looks like.
    let form = format!("incident={ID}&step=ask");
    let (_, headers) = send(backend, form_on("//evil.example/", "review_step", &form)).await;
    let to = headers[header::LOCATION].to_str().unwrap();
    assert_eq!(to, "/evil.example/?done=review-asked");
}

#[tokio::test]
async fn pages_say_sentences_of_ours_alone() {
    for page in [
        "review",
        "report",
        "activity",
        "share",
        "what-if",
        "back-test",
    ] {
        let path = format!("/incidents/{ID}/{page}");
        let (_, html) = get(Fake::with_case(), &format!("{path}?done=published")).await;
        assert_sound(&html);
        assert_eq!(
            html.matches("The report is published.").count(),
            1,
            "{page}"
        );
        for words in ["done=Call+the+number", "done=", "done=published&__err=e30"] {
            let (_, html) = get(Fake::with_case(), &format!("{path}?{words}")).await;
            assert!(!html.contains("data-testid=\"done\""), "{page} {words}");
            assert!(!html.contains("Call the number"), "{page} {words}");
        }
    }
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}?done=judged")).await;
    assert_sound(&html);
    assert!(html.contains("The decision is noted."));
    assert!(!html.contains("were not understood"));
}
