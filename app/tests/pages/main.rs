//! The pages as the server renders them, over a backend in memory.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod fake;
mod judging;
mod people;
mod review;
mod writing;

use app::backend::{Asking, Backend, Caller};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
    routing::post,
};
use fake::{FAULTY, Fake, HOSTILE, ID, NOTICE};
use leptos::prelude::*;
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list, handle_server_fns_with_context,
};
use std::sync::{Arc, LazyLock};
use tower::ServiceExt;

/// Listed once, and before anything is rendered: while leptos lists the routes it lets no resource
/// load, in the whole process, and a page that is rendered at that moment waits for ever.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

fn router(backend: Arc<Fake>) -> Router {
    routed(move || {
        provide_context::<Arc<dyn Backend>>(backend.clone());
        provide_context(Caller::LocalUser);
    })
}

/// Where the request has to say who asks.
fn router_of_nobody(backend: Arc<Fake>) -> Router {
    routed(move || provide_context::<Arc<dyn Backend>>(backend.clone()))
}

fn routed(context: impl Fn() + Clone + Send + Sync + 'static) -> Router {
    let options = LeptosOptions::builder().output_name("lineup").build();
    let routes = ROUTES.clone();
    let call = context.clone();
    let fallback = context.clone();
    let (shell, other) = (options.clone(), options.clone());
    Router::new()
        .route(
            "/api/{*call}",
            post(move |request| handle_server_fns_with_context(call.clone(), request)),
        )
        .leptos_routes_with_context(&options, routes, context, move || app::shell(shell.clone()))
        .fallback(leptos_axum::render_app_async_with_context(
            fallback,
            move || app::shell(other.clone()),
        ))
        .with_state(options)
}

async fn get(backend: Fake, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    answer(Arc::new(backend), request).await
}

async fn answer(backend: Arc<Fake>, request: Request<Body>) -> (StatusCode, String) {
    let response = router(backend).oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// What a plain form is answered with.
async fn send(backend: Arc<Fake>, request: Request<Body>) -> (StatusCode, HeaderMap) {
    let response = router(backend).oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

fn call(name: &str, form: &str, accept: &str) -> Request<Body> {
    Request::post(format!("/api/{name}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, accept)
        .header(header::REFERER, "http://localhost/incidents/new")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

/// What holds for every page: it is complete, hydration finds the tree that it expects, and the
/// content security policy blocks nothing of it.
fn assert_sound(html: &str) {
    let count = |what: &str| html.matches(what).count();
    assert_eq!(count("<table"), count("<tbody"), "every table has a body");
    assert_eq!(count("<main"), 1);
    assert_eq!(count("<h1"), 1, "one heading of the first order");
    assert!(!html.contains(" style=\""), "style attributes are blocked");
    assert!(
        !html.contains("http://") || !html.contains("src=\"http"),
        "nothing from elsewhere"
    );
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains("nonce="), "a script without a nonce: {tag}");
    }
}

#[tokio::test]
async fn the_overview_shows_what_is_known_and_as_of_when() {
    let (status, html) = get(Fake::with_case(), "/").await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for id in [
        "overview",
        "incident-link",
        "credit-row",
        "zombie-row",
        "source-row",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    for text in [
        "zero in 3 h 30 min",
        "draining",
        "web-797fbbbc6d-whjpp",
        "ClientConnections",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(html.contains("1 MiB left"));
}

#[tokio::test]
async fn empty_pages_say_what_to_do() {
    let (status, html) = get(Fake::default(), "/").await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    assert!(html.contains("No incident yet"));
    assert!(html.contains("kubectl get pods --all-namespaces"));
    let (_, html) = get(Fake::default(), "/incidents").await;
    assert!(html.contains("/incidents/new"));
}

#[tokio::test]
async fn an_incident_is_whole_without_javascript() {
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for id in [
        "suspect",
        "suspect-score",
        "ruled-out",
        "unknown",
        "lane",
        "annotation-form",
        "annotation-save",
        "annotation",
        "annotation-edit",
        "annotation-delete",
        "report-link",
        "notice",
        "theme-toggle",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    for text in [
        NOTICE,
        "94 %",
        "Rollout of shop/web left 1 pod Terminating",
        "35 min after it began",
        "Requests stay at 100 a minute.",
        "No database metrics",
        "GetMetricData AWS/EFS",
        "<svg",
        "role=\"status\"",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn an_address_opens_exactly_its_view_without_javascript() {
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    let all = html.matches("data-testid=\"lane\"").count();
    let first = html.split("data-lane=\"").nth(1).unwrap();
    let first = first.split('"').next().unwrap();
    assert!(html.contains("data-preset=\"everything\"") && html.contains("class=\"strip-brush\""));

    // 2020-05-22 03:00 to 05:00.
    let query = format!("from=1590116400000&to=1590123600000&hide={first}&tall=x:200&what=5");
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}?{query}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    assert!(html.contains("2020-05-22 03:00 to 05:00 UTC, 2 h"));
    assert_eq!(html.matches("data-testid=\"lane\"").count(), all - 1);
    assert!(!html.contains(&format!("data-lane=\"{first}\"")));
    assert!(html.contains("what (no such setting)"));
    // Presets and the filter keep what else the view holds.
    assert!(html.contains(&format!("hide={first}&amp;tall=x:200")));
    assert!(html.contains(&format!("name=\"hide\" value=\"{first}\"")));
}

#[tokio::test]
async fn a_suspect_is_lit_by_its_address() {
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    assert!(!html.contains("lane-dim"));
    let id = html.split("data-suspect=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    assert!(html.contains(&format!("href=\"?focus={id}#timeline\"")));
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}?focus={id}")).await;
    assert!(html.contains("Show all lanes alike"));
    assert!(html.contains("lane-dim"));
}

#[tokio::test]
async fn hostile_texts_are_only_texts_and_parameters_stay_on_the_server() {
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    assert!(!html.contains(HOSTILE));
    assert!(!html.contains("<script>alert"));
    assert!(!html.contains("<img src=x"));
    assert!(html.contains("&lt;script&gt;alert('title')&lt;/script&gt;"));
    assert!(!html.contains("parameters stay on the server"));
}

#[tokio::test]
async fn sources_say_how_they_are_and_what_to_do() {
    let (status, html) = get(Fake::with_case(), "/sources").await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for text in [
        "credentials have expired",
        "failing",
        "Test now",
        "cloudwatch:GetMetricData",
        "at most 512 MiB",
        "/sources/prod/metrics",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("<script>alert"));
    let (_, html) = get(Fake::default(), "/sources").await;
    assert_sound(&html);
    assert!(html.contains("No source is configured") && html.contains("[[source]]"));
}

#[tokio::test]
async fn a_window_on_the_live_sources_is_a_page_of_its_own() {
    let (status, html) = get(Fake::with_case(), "/explore?words=credit").await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    assert!(html.contains("data-testid=\"lane\""));
    assert!(html.contains("Make this an incident"));
    assert!(
        html.contains("data-testid=\"asking\"") && html.contains("about 0.02 US dollars an hour")
    );
    assert!(html.contains("value=\"credit\""));
    assert!(html.contains("data-testid=\"coverage\""));
    assert!(html.contains("is not followed live: nothing of it is shown"));
    assert!(html.contains("/incidents/new?start="));
    assert!(!html.contains("<script>alert"));
    let (_, html) = get(Fake::default(), "/explore").await;
    assert!(html.contains("No source is followed live"));
    let (status, html) = get(Fake::with_case(), "/explore?start=soon&end=later").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(html.contains("soon"));
}

#[tokio::test]
async fn metrics_are_found_and_chosen_in_one_form() {
    let (status, html) = get(Fake::with_case(), "/sources/prod/metrics?text=credit").await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    assert!(html.contains("name=\"choices[]\""));
    assert!(html.contains("There are more"));
    assert!(!html.contains("<script>alert"));
    let fake = Arc::new(Fake::with_case());
    let form = "source=prod&title=Slow&start=2020-05-20+00:00&end=2020-05-23+00:00&choices[]=a&choices[]=b";
    let (status, _) = answer(fake.clone(), call("pull_metrics", form, "text/html")).await;
    assert!(status.is_redirection(), "{status}");
    let asked = fake.asked.lock().unwrap().clone();
    assert!(asked[0].contains("[\"a\", \"b\"]"), "{asked:?}");
}

#[tokio::test]
async fn an_incident_says_what_it_has_and_what_is_about_to_go() {
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    assert!(html.contains("data-testid=\"coverage\""));
    assert!(html.contains("begin to leave Amazon CloudWatch in 3 d 4 h"));
    assert!(html.contains("Freeze now") && html.contains("Close the incident"));
    assert!(
        html.contains("Asking the sources for all of this window costs about 0.25 US dollars.")
    );
    let mut fake = Fake::with_case();
    fake.cases[0].incident.live = true;
    let (_, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert!(
        html.contains("That costs about 0.02 US dollars an hour."),
        "{html}"
    );
    let mut fake = Fake::with_case();
    fake.cases[0].asking = Asking::default();
    let (_, html) = get(fake, &format!("/incidents/{ID}")).await;
    assert!(html.contains("Freeze now") && !html.contains("Asking the sources for all"));
    let fake = Arc::new(Fake::with_case());
    let form = format!("incident={ID}&closed=true");
    answer(fake.clone(), call("set_closed", &form, "application/json")).await;
    answer(fake.clone(), call("freeze", &form, "application/json")).await;
    let asked = fake.asked.lock().unwrap().clone();
    assert!(
        asked[0].contains("closed true") && asked[1].contains("freeze"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn an_open_end_is_an_incident_that_goes_on() {
    let fake = Arc::new(Fake::with_case());
    let form = "title=Slow&start=2020-05-20+00:00&end=";
    let (status, _) = answer(fake.clone(), call("open_incident", form, "text/html")).await;
    assert!(status.is_redirection(), "{status}");
    let asked = fake.asked.lock().unwrap().clone();
    assert!(asked[0].contains("open Slow None"), "{asked:?}");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_says_what_to_do() {
    let other = "f".repeat(32);
    for path in [
        format!("/incidents/{other}"),
        format!("/incidents/{other}/report"),
        "/incidents/not-an-id".to_owned(),
    ] {
        let (status, html) = get(Fake::with_case(), &path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_sound(&html);
        assert!(html.contains("Nothing here"), "{path}");
    }
    let (status, html) = get(Fake::with_case(), "/no/such/page").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_sound(&html);
    assert!(html.contains("This address leads nowhere"));
}

#[tokio::test]
async fn a_fault_is_an_answer() {
    for path in ["", "/report", "/what-if"] {
        let (status, html) = get(Fake::with_case(), &format!("/incidents/{FAULTY}{path}")).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(html.contains("A fault of Lineup itself"), "{path}: {html}");
        assert_sound(&html);
    }
}

#[tokio::test]
async fn a_report_can_be_read_downloaded_and_shared() {
    let (status, html) = get(Fake::with_case(), &format!("/incidents/{ID}/report")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for id in ["report", "share-open", "share-create"] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    for file in ["report.html", "report.md", "report.json", "bundle.zip"] {
        assert!(
            html.contains(&format!("/incidents/{ID}/{file}\"")),
            "{file}"
        );
    }
}

#[tokio::test]
async fn who_shares_sees_what_is_hidden_and_the_new_link_once() {
    let path = format!("/incidents/{ID}/share?chosen=1&pods=1&patterns=acme*&made=link-1");
    let (status, html) = get(Fake::with_case(), &path).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for id in [
        "share-rules",
        "share-preview",
        "share-names",
        "share-url",
        "share-make",
        "share-row",
        "share-revoke",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    assert!(html.contains(">version 2<") && html.contains("acme*</textarea>"));
    // Runs of one job are one row that opens, and every name is there.
    assert!(html.contains("4 names are replaced") && html.contains(": 3 runs<"));
    assert_eq!(html.matches("data-testid=\"hidden-name\"").count(), 4);
    assert_eq!(html.matches("data-testid=\"hidden-runs\"").count(), 1);
    // Complete without the browser's module; the link is made of what the form says, looked at or not,
    // and the password is no part of any address.
    assert!(!html.contains("modulepreload"));
    assert!(html.contains("formmethod=\"post\" formaction=\"/api/make_share\""));
    assert!(!html.contains("<form method=\"get\"") && html.contains("type=\"password\""));
}

#[tokio::test]
async fn a_link_is_made_of_what_the_form_says() {
    let backend = Arc::new(Fake::with_case());
    let form = format!("incident={ID}&rules[hide][0]=pods&days=7&password=&views=");
    let (status, _) = answer(
        backend.clone(),
        call("make_share", &form, "application/json"),
    )
    .await;
    assert!(status.is_success() || status.is_redirection(), "{status}");
    assert_eq!(
        backend.asked.lock().unwrap().clone(),
        ["LocalUser share Some(7)"]
    );
    let form = format!("incident={ID}&rules[version]=soon&days=7");
    let (status, body) = answer(backend, call("make_share", &form, "application/json")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("is no whole number"), "{body}");
}

#[tokio::test]
async fn the_forms_of_a_new_incident_are_plain() {
    let (_, html) = get(Fake::default(), "/incidents/new").await;
    assert_sound(&html);
    assert!(html.contains("method=\"get\" action=\"/incidents/new\""));
    assert!(
        !html.contains("action=\"/api/start_pull\""),
        "not priced yet"
    );
    assert!(html.contains("action=\"/import\" enctype=\"multipart/form-data\""));
    for name in [
        "title",
        "start",
        "end",
        "region",
        "resources[efs]",
        "resources[rds]",
        "profile",
        "endpoint",
        "bundle",
        "observed_at",
        "files",
    ] {
        assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
    }
}

#[tokio::test]
async fn a_call_from_the_page_answers_with_status_and_error() {
    let backend = Arc::new(Fake::with_case());
    let form = format!("incident={ID}&start=soon&end=&text=");
    let (status, body) = answer(
        backend.clone(),
        call("save_annotation", &form, "application/json"),
    )
    .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("'soon' is no time") && body.contains("a note is needed"));
    assert!(backend.asked.lock().unwrap().is_empty());

    let form = format!("incident={ID}&start=2020-05-22+03:00&text=alerts+begin");
    let (status, _) = answer(
        backend.clone(),
        call("save_annotation", &form, "application/json"),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let asked = backend.asked.lock().unwrap().clone();
    assert_eq!(asked, vec!["LocalUser note alerts begin"]);
}

#[tokio::test]
async fn files_say_what_was_read_and_their_forms_hold_the_proposals() {
    let (_, html) = get(Fake::with_case(), &format!("/incidents/{ID}")).await;
    assert_sound(&html);
    for id in [
        "files",
        "file",
        "file-question",
        "file-answer",
        "files-add",
        "files-submit",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    for text in [
        "files/&lt;kubelet&gt;.log",
        "a log, 3.2 MB: 0 series, 4 events",
        "a table of samples, 20 bytes: 1 series, 0 events",
        "the times of this log have no year: when does it end?",
        "value=\"2020-05-22 04:00\"",
        "value=\"UTC\"",
        "value=\"when\"",
        "<option value=\"m/d/y\" selected>",
        "<option value=\"yes\" selected>",
        &format!("action=\"/incidents/{ID}/files\" enctype=\"multipart/form-data\""),
    ] {
        assert!(html.contains(text), "{text}");
    }
    // What is asked is open, what need not be said is folded.
    let files = html.split("id=\"h-files\"").nth(1).unwrap();
    let files = files.split("</section>").next().unwrap();
    let open = files.split("<details").skip(1).filter(|tag| {
        let tag = tag.split('>').next().unwrap();
        tag.contains("more") && tag.contains(" open")
    });
    assert_eq!(open.count(), 1);
}

#[tokio::test]
async fn an_answer_reaches_the_backend_and_a_bad_one_does_not() {
    let backend = Arc::new(Fake::with_case());
    let form = format!("incident={ID}&path=files/a&observed_at=soon");
    let request = call("answer_file", &form, "application/json");
    let (status, body) = answer(backend.clone(), request).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("'soon' is no time"));
    assert!(backend.asked.lock().unwrap().is_empty());
    let form = format!("incident={ID}&path=files/a&observed_at=2020-05-22+04:00&timezone=UTC");
    let request = call("answer_file", &form, "application/json");
    let (status, _) = answer(backend.clone(), request).await;
    assert_eq!(status, StatusCode::OK);
    let asked = backend.asked.lock().unwrap().clone();
    assert!(
        asked[0].contains("files/a") && asked[0].contains("Some(\"UTC\")"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_plain_form_is_sent_back_with_its_error_or_on_to_the_incident() {
    let backend = Arc::new(Fake::default());
    let request = call(
        "start_pull",
        "title=&start=&end=&region=&resources[efs]=",
        "text/html",
    );
    let response = router(backend.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    let back = response.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        back.starts_with("http://localhost/incidents/new?"),
        "{back}"
    );
    let path = back.trim_start_matches("http://localhost");
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (_, html) = answer(backend.clone(), request).await;
    assert!(html.contains("a title is needed"));

    let form = "title=Slow&start=2020-05-19+00:00&end=2020-05-23+00:00&region=eu-west-1\
                &resources[efs]=fs-0123456789abcdef0&resources[rds]=";
    let response = router(backend)
        .oneshot(call("start_pull", form, "text/html"))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(
        response.headers()[header::LOCATION],
        format!("/incidents/{ID}")
    );
}

#[tokio::test]
async fn a_pull_is_priced_before_it_can_be_started() {
    let backend = Arc::new(Fake::default());
    let address = "/incidents/new?title=%3Cb%3ESlow&start=2020-05-19+00:00&end=2020-05-23+00:00\
                   &region=eu-west-1&resources%5Befs%5D=fs-1,+fs-2&resources%5Brds%5D=";
    let request = Request::get(address).body(Body::empty()).unwrap();
    let (status, html) = answer(backend.clone(), request).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    for text in [
        "data-testid=\"price\"",
        "about 0.31 US dollars",
        "about 13.58 US dollars",
        "asked every 1 min",
        "only the pull learns how many there are",
        "action=\"/api/start_pull\"",
        "name=\"resources[efs]\" value=\"fs-1, fs-2\"",
        "name=\"agreed\" value=\"true\"",
    ] {
        let plain = html.replace("<!>", "").replace("<!---->", "");
        assert!(plain.contains(text), "{text}: {plain}");
    }
    let asked = backend.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        vec!["LocalUser price [(\"efs\", \"fs-1\"), (\"efs\", \"fs-2\")]".to_owned()]
    );

    let wrong = "/incidents/new?title=&start=soon&end=&region=&resources%5Befs%5D=fs-1";
    let request = Request::get(wrong).body(Body::empty()).unwrap();
    let (_, html) = answer(backend, request).await;
    assert_sound(&html);
    assert!(
        html.contains("a title is needed") && html.contains("&#x27;soon&#x27; is no time")
            || html.contains("'soon' is no time")
    );
    assert!(html.contains("value=\"fs-1\"") && !html.contains("data-testid=\"price\""));
}

#[tokio::test]
async fn without_a_backend_nothing_is_answered() {
    let router = Router::new().route(
        "/api/{*call}",
        post(|request| handle_server_fns_with_context(|| (), request)),
    );
    for name in [
        "overview",
        "incidents",
        "timeline",
        "report",
        "section_history",
        "save_section",
        "change_section",
        "arrange_timeline",
        "choose_template",
        "preview_section",
        "share_page",
        "make_share",
        "preview_share",
        "save_annotation",
        "delete_annotation",
        "revoke_share",
        "start_pull",
        "answer_file",
        "study",
        "judge",
        "take_back",
        "add_action",
        "change_action",
        "job",
        "cancel_job",
    ] {
        let form = "incident=a&annotation=a&start=a&end=a&text=a&days=1&share=a&id=a&token=a\
                    &title=a&region=a&path=a&study=a&suspect=a&ruling=a&action=a&change=a\
                    &section=a&revision=1&template=a";
        let request = call(name, form, "application/json");
        let response = router.clone().oneshot(request).await.unwrap();
        assert!(
            response.status().is_server_error(),
            "{name}: {}",
            response.status()
        );
    }
}

#[tokio::test]
async fn a_comparison_without_scripts_is_of_the_lanes_of_the_view() {
    let asked = async |query: &str| -> Vec<String> {
        let backend = Arc::new(Fake::with_case());
        let request = Request::get(format!("/incidents/{ID}{query}"));
        let (status, _) = answer(backend.clone(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        let asked = backend.asked.lock().unwrap().clone();
        let lanes = asked.iter().filter_map(|a| a.split_once(" lanes "));
        let lanes = lanes.flat_map(|(_, ids)| ids.split(' '));
        lanes.map(str::to_owned).collect()
    };
    let all = asked("?compare=shift:86400000").await;
    let (first, rest) = all.split_first().unwrap();
    assert!(rest.contains(&"notes".to_owned()), "{all:?}");
    let query = format!("?compare=shift:86400000&hide={first}");
    assert_eq!(asked(&query).await, rest);
    let query = format!("?compare=shift:86400000&lanes=notes,{first}");
    assert_eq!(asked(&query).await, ["notes", first]);
    assert_eq!(asked("").await, [""; 0]);
}
