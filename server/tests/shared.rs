//! What leaves through a share link: what is inside the window and what the redaction lets through, and
//! not a byte more.

use crate::support::{TestServer, at, get, post, small_bundle, tool};
use app::backend::{
    ActionDraft, ActionEdit, AnnotationDraft, Caller, FileKind, ReviewAsk, ShareAsk, ShareDraft,
};
use axum::{
    body::Body,
    http::{HeaderMap, Response, header},
};
use model::{
    Annotation, Bundle, Event, EventKind, IncidentId, Samples, Series, SeriesMeta,
    share::RedactionRules,
    time::{DAY, HOUR},
};
use std::{collections::BTreeSet, io::Read, path::Path};

const ME: Caller = Caller::LocalUser;

async fn with(bundle: &Bundle) -> (TestServer, IncidentId) {
    let server = TestServer::start().await;
    let imported = server::case::import(&*server.store, bundle, &*server.clock).await;
    (server, imported.unwrap().id)
}

async fn whole(response: Response<Body>) -> (u16, HeaderMap, Vec<u8>) {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    (parts.status.as_u16(), parts.headers, bytes.to_vec())
}

async fn asked(server: &TestServer, path: &str) -> (u16, HeaderMap, Vec<u8>) {
    whole(server.send(get(path).body(Body::empty()).unwrap()).await).await
}

async fn share(server: &TestServer, id: &IncidentId, draft: ShareDraft) -> (String, String) {
    let made = server.state.backend.share(&ME, id, draft).await.unwrap();
    (made.link_path, made.share.id)
}

/// Everything that is a secret in a bundle: names of every kind as its events, series and edges have
/// them.
fn secrets(bundle: &Bundle) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut add = |name: &str| {
        out.insert(name.to_ascii_lowercase());
    };
    for event in &bundle.events {
        add(&event.namespace);
        add(&event.cluster);
        add(&event.node);
        if event.kind != EventKind::ProviderIncident {
            add(&event.object.name);
        }
        for key in ["user", "image", "image_before"] {
            let value = event.attribute(key).unwrap_or_default();
            add(value.split(':').next().unwrap_or_default());
        }
    }
    for edge in &bundle.topology {
        for id in [&edge.from, &edge.to] {
            add(id.strip_prefix("aws:").unwrap_or_default());
            // Cluster, namespace and name; the kind is no secret.
            let parts: Vec<&str> = id
                .strip_prefix("k8s:")
                .unwrap_or_default()
                .split('/')
                .collect();
            for place in [0, 1, 3] {
                add(parts.get(place).copied().unwrap_or_default());
            }
        }
    }
    for series in &bundle.series {
        let resource = series.meta.resource.as_deref().unwrap_or_default();
        add(resource.strip_prefix("aws:").unwrap_or_default());
        if let Some(id) = series.meta.dimensions.get("FileSystemId") {
            add(id);
        }
    }
    let everywhere = ["default", "kube-system"];
    out.retain(|name| name.len() > 2 && !everywhere.contains(&name.as_str()));
    out
}

/// Places where a secret stands in what came, as words of their own.
fn found(bytes: &[u8], secrets: &BTreeSet<String>) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let plain = text
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&quot;", "\"");
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = Vec::new();
    for secret in secrets {
        for hay in [&text, &plain] {
            for (place, _) in hay.match_indices(secret.as_str()) {
                let before = hay[..place].chars().next_back();
                let after = hay[place + secret.len()..].chars().next();
                if !word(before) && !word(after) {
                    let from = hay[..place]
                        .char_indices()
                        .rev()
                        .nth(40)
                        .map_or(0, |(i, _)| i);
                    out.push(format!("{secret} in …{}", &hay[from..place + secret.len()]));
                }
            }
        }
    }
    out
}

/// Where addresses stand in a page, and in a style sheet.
const IN_PAGES: &[&str] = &[
    "href=\"",
    "src=\"",
    "action=\"",
    "srcset=\"",
    "data=\"",
    "url(",
];
/// See [`IN_PAGES`]; attributes in a style sheet are those of elements that it is about.
const IN_STYLES: &[&str] = &["url(", "@import \""];

/// Every address that a text names behind those marks.
fn addresses(text: &str, marks: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for mark in marks {
        for part in text.split(mark).skip(1) {
            let end = part.find(['"', ')', '\'']).unwrap_or(part.len());
            out.push(part[..end].trim_matches('"').replace("&amp;", "&"));
        }
    }
    out
}

/// What a file says, whatever it is packed in.
fn inside(kind: &str, bytes: Vec<u8>) -> Vec<u8> {
    match kind {
        "application/zip" => {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            let mut out = Vec::new();
            for n in 0..zip.len() {
                let mut file = zip.by_index(n).unwrap();
                out.extend_from_slice(file.name().as_bytes());
                let from = out.len();
                file.read_to_end(&mut out).unwrap();
                if Path::new(file.name())
                    .extension()
                    .is_some_and(|e| e == "png")
                {
                    // Pixels, and chunks without words, as in the picture by address.
                    assert!(
                        chunks(&out[from..])
                            .iter()
                            .all(|n| ["IHDR", "IDAT", "IEND"].contains(&n.as_str()))
                    );
                    out.truncate(from);
                }
            }
            out
        }
        "application/pdf" => {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("shared.pdf").display().to_string();
            std::fs::write(&file, &bytes).unwrap();
            let mut out = tool("pdftotext", &["-layout", &file, "-"]).into_bytes();
            // Bookmarks, descriptions of charts and what the file says of itself.
            out.extend(
                tool("qpdf", &["--qdf", "--object-streams=disable", &file, "-"]).into_bytes(),
            );
            assert!(!tool("pdfdetach", &["-list", &file]).contains("bundle"));
            out
        }
        _ => bytes,
    }
}

/// The chunks of a PNG by their names.
fn chunks(png: &[u8]) -> Vec<String> {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let mut out = Vec::new();
    let mut rest = &png[8..];
    while rest.len() >= 12 {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        out.push(String::from_utf8_lossy(&rest[4..8]).into_owned());
        rest = &rest[12 + length..];
    }
    assert!(rest.is_empty(), "bytes after the picture");
    out
}

/// The demonstration with something outside its window that nobody outside may learn of.
fn demonstration() -> Bundle {
    let mut bundle = simulate::zombie_pods(1).bundle;
    let window = bundle.header.window;
    bundle.events.push(Event {
        id: "outside".into(),
        kind: EventKind::ConfigChange,
        start: Some(window.start.plus(-DAY)),
        title: "OUTSIDEWINDOW before".into(),
        ..Event::default()
    });
    bundle.annotations.push(Annotation {
        id: "outside-note".into(),
        start: window.end.plus(HOUR),
        text: "OUTSIDEWINDOW after".into(),
        ..Annotation::default()
    });
    let mut samples = Samples::default();
    samples.push(window.start.plus(-HOUR), 987_654_321.125);
    samples.push(window.start.plus(HOUR), 1.0);
    samples.push(window.end.plus(HOUR), 987_654_321.125);
    bundle.series.push(Series {
        meta: SeriesMeta {
            id: "beyond".into(),
            name: "beyond".into(),
            unit: "Count".into(),
            ..SeriesMeta::default()
        },
        samples,
    });
    bundle
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_that_a_share_page_can_load_holds_a_redacted_name() {
    let bundle = demonstration();
    let secrets = secrets(&bundle);
    assert!(secrets.len() > 60, "{}", secrets.len());
    let (server, id) = with(&bundle).await;
    let plain = share(&server, &id, ShareDraft::default()).await.0;
    let (_, _, open) = asked(&server, &plain).await;
    assert!(found(&open, &secrets).len() > 50, "the test can fail");

    let draft = ShareDraft {
        rules: RedactionRules::all(),
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft.clone()).await;
    let (status, headers, page) = asked(&server, &link).await;
    assert_eq!(status, 200);
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("script") && policy.starts_with("default-src 'none'"));
    let html = String::from_utf8(page.clone()).unwrap();
    assert!(!html.contains("<script") && !html.contains("wasm") && !html.contains(&id.0));
    assert!(
        html.contains("app-1") && html.contains("node-A"),
        "the story is still told"
    );

    // Whatever the page names, and what somebody who has its address could guess.
    let lanes: Vec<String> = html
        .split("data-lane=\"")
        .skip(1)
        .filter_map(|t| t.split('"').next().map(str::to_owned))
        .collect();
    assert!(lanes.len() > 8, "{lanes:?}");
    let mut paths: BTreeSet<String> = addresses(&html, IN_PAGES)
        .into_iter()
        .filter(|a| a.starts_with('/'))
        .collect();
    for lane in &lanes {
        paths.insert(format!("{link}/charts/{lane}.svg"));
        paths.insert(format!("{link}/charts/{lane}.png"));
    }
    // Names of lanes as they are inside, of another link, other ids, and calls of the application.
    for lane in chart::lanes(
        &sources::evidence_of(&bundle).unwrap(),
        &model::Analysis::default(),
        &[],
    ) {
        paths.insert(format!("{link}/charts/{}.svg", lane.id));
    }
    for kind in FileKind::ALL {
        paths.insert(format!("{link}/{}", kind.name()));
    }
    for guess in [
        "/charts",
        "/charts/",
        "/charts/../x.svg",
        "/charts/%2e%2e%2fx.svg",
        "/charts/.svg",
        "/report.json",
        "/report.md",
        "/bundle.zip",
        "/figures.json",
        "?made=1",
        "/",
        "/lanes",
        "/events",
    ] {
        paths.insert(format!("{link}{guess}"));
    }
    paths.insert(format!("/s/{}", "Z".repeat(43)));
    let mut pictures = 0;
    let mut read = 0;
    for path in &paths {
        let (status, headers, bytes) = asked(&server, path).await;
        let kind = headers
            .get(header::CONTENT_TYPE)
            .map_or("", |k| k.to_str().unwrap())
            .to_owned();
        assert!(
            status == 200 || status == 404 || status >= 300,
            "{path}: {status}"
        );
        if status == 200 {
            read += 1;
        }
        let bytes = inside(&kind, bytes);
        assert_eq!(found(&bytes, &secrets), Vec::<String>::new(), "{path}");
        for name in ["OUTSIDEWINDOW", "987654321", "987,654,321"] {
            assert!(
                !String::from_utf8_lossy(&bytes).contains(name),
                "{path}: {name}"
            );
        }
        let mut told = format!("{headers:?}");
        told.make_ascii_lowercase();
        assert_eq!(
            found(told.as_bytes(), &secrets),
            Vec::<String>::new(),
            "{path}"
        );
        if kind == "image/png" {
            pictures += 1;
            let names = chunks(&bytes);
            assert!(
                names
                    .iter()
                    .all(|n| ["IHDR", "IDAT", "IEND"].contains(&n.as_str())),
                "{path}: {names:?}"
            );
        }
        if kind.starts_with("text/css") {
            for address in addresses(&String::from_utf8_lossy(&bytes), IN_STYLES) {
                assert!(address.starts_with("data:"), "{path} loads {address}");
            }
        }
    }
    assert_eq!(pictures, lanes.len());
    assert!(read > 2 * lanes.len(), "{read}");
    // Nothing is loaded but the style sheet.
    let loaded: Vec<&String> = paths.iter().filter(|p| !p.starts_with(&link)).collect();
    assert!(
        loaded
            .iter()
            .all(|p| p.starts_with("/pkg/") || p.starts_with("/s/")),
        "{loaded:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_has_the_same_stand_in_on_the_page_and_in_every_picture() {
    let (server, id) = with(&demonstration()).await;
    let rules = RedactionRules::all();
    let ask = ShareAsk {
        rules: rules.clone(),
        ..ShareAsk::default()
    };
    let page = server
        .state
        .backend
        .share_page(&ME, &id, ask)
        .await
        .unwrap();
    let draft = ShareDraft {
        rules,
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft).await;
    let (_, _, html) = asked(&server, &link).await;
    let html = String::from_utf8(html).unwrap();
    // What was previewed is what is shared, to the byte.
    assert!(html.contains(&page.report_html));
    let (_, _, svg) = asked(&server, &format!("{link}/charts/stuck-pods.svg")).await;
    let svg = String::from_utf8(svg).unwrap();
    let pod = page
        .names
        .iter()
        .find(|n| n.kind == "pod" && svg.contains(&n.stand_in));
    assert!(pod.is_some_and(|p| html.contains(&p.stand_in)), "{svg}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_link_opens_so_often_and_no_more() {
    let (server, id) = with(&small_bundle()).await;
    let draft = ShareDraft {
        max_views: Some(3),
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft).await;
    // A preview and a picture use up nothing, and show nothing.
    for agent in ["Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1"] {
        let request = get(&link).header(header::USER_AGENT, agent);
        let (status, _, bytes) =
            whole(server.send(request.body(Body::empty()).unwrap()).await).await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(status == 200 && !text.contains("shop") && !text.contains("shared-report"));
    }
    let (status, ..) = asked(&server, &format!("{link}/charts/rollouts.svg")).await;
    assert_eq!(status, 404);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let state = server.state.clone();
        let path = link.clone();
        tries.spawn(async move {
            use tower::ServiceExt;
            let request = get(&path).body(Body::empty()).unwrap();
            let router = server::http::router(state);
            router.oneshot(request).await.unwrap().status().as_u16()
        });
    }
    let answers = tries.join_all().await;
    assert_eq!(
        answers.iter().filter(|s| **s == 200).count(),
        3,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|s| **s == 404).count(),
        9,
        "{answers:?}"
    );
    let rows = server.state.backend.shares(&ME, &id).await.unwrap();
    assert_eq!((rows[0].views, rows[0].log.len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_views_has_times_and_counts_and_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lineup.db");
    let server = TestServer::at(&format!("sqlite:{}", file.display())).await;
    let imported = server::case::import(&*server.store, &small_bundle(), &*server.clock).await;
    let id = imported.unwrap().id;
    let draft = ShareDraft {
        max_views: Some(9),
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft).await;
    for _ in 0..2 {
        let request = get(&link)
            .header(header::USER_AGENT, "RareBrowser/7.7")
            .header(header::REFERER, "https://wiki.example.net/rare-page")
            .header(header::ACCEPT_LANGUAGE, "rm-CH")
            .header(header::COOKIE, "rare=cookie-of-somebody")
            .header("x-forwarded-for", "203.0.113.77")
            .body(Body::empty());
        let (status, headers, _) = whole(server.send(request.unwrap()).await).await;
        assert_eq!(status, 200);
        assert!(!headers.contains_key(header::SET_COOKIE), "{headers:?}");
    }
    server.forward(5 * 60_000);
    assert_eq!(asked(&server, &link).await.0, 200);
    let (_, _, page) = asked(&server, &format!("/incidents/{id}/share")).await;
    let page = String::from_utf8(page).unwrap();
    for line in [
        "3 of 9 views, the last 2020-05-20 00:05 UTC",
        "<li>2020-05-20 00:05 UTC: 1 view</li>",
        "<li>2020-05-20 00:00 UTC: 2 views</li>",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    server.store.close().await;
    let mut kept = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        kept.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let kept = String::from_utf8_lossy(&kept);
    assert!(
        kept.contains("signing_keys") && kept.contains("Slow"),
        "the database was read"
    );
    for trace in [
        "RareBrowser",
        "rare-page",
        "rm-CH",
        "cookie-of-somebody",
        "203.0.113.77",
    ] {
        assert!(!kept.contains(trace), "{trace}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_opens_one_link_for_a_while() {
    let (server, id) = with(&small_bundle()).await;
    let draft = ShareDraft {
        password: Some("open sesame".into()),
        ..ShareDraft::default()
    };
    let (link, share_id) = share(&server, &id, draft.clone()).await;
    let (other, _) = share(&server, &id, draft).await;
    let (status, _, form) = asked(&server, &link).await;
    let form = String::from_utf8(form).unwrap();
    assert_eq!(status, 200);
    assert!(form.contains("type=\"password\"") && !form.contains("shop"));
    assert_eq!(
        asked(&server, &format!("{link}/charts/rollouts.svg"))
            .await
            .0,
        404
    );

    let enter = async |password: &str| {
        let request = post(&link)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("password={password}")));
        whole(server.send(request.unwrap()).await).await
    };
    let (status, headers, _) = enter("wrong").await;
    assert_eq!(status, 403);
    assert!(!headers.contains_key(header::SET_COOKIE));
    let (status, headers, _) = enter("open+sesame").await;
    assert_eq!(status, 303);
    assert_eq!(headers[header::LOCATION], link.as_str());
    let cookie = headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains(&format!("Path={link};")), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let pass = cookie.split(';').next().unwrap().to_owned();
    let opened = async |path: &str| {
        let request = get(path).header(header::COOKIE, &pass).body(Body::empty());
        let (status, _, bytes) = whole(server.send(request.unwrap()).await).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (status, text.contains("shared-report"))
    };
    assert_eq!(opened(&link).await, (200, true));
    assert_eq!(
        opened(&other).await,
        (200, false),
        "the pass is for one link"
    );
    server.forward(31 * 60_000);
    assert_eq!(opened(&link).await, (200, false), "the pass is over");
    for _ in 0..10 {
        enter("wrong").await;
    }
    let (status, headers, _) = enter("open+sesame").await;
    assert_eq!(status, 429);
    assert!(headers.contains_key(header::RETRY_AFTER));
    server
        .state
        .backend
        .revoke_share(&ME, &share_id)
        .await
        .unwrap();
    assert_eq!(enter("open+sesame").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_link_is_given_out_of_memory_and_follows_what_changes() {
    let (server, id) = with(&small_bundle()).await;
    let (link, share_id) = share(&server, &id, ShareDraft::default()).await;
    let (_, _, first) = asked(&server, &link).await;
    let request = get(&link).header(header::ACCEPT_ENCODING, "gzip, br");
    let (_, headers, packed) = whole(server.send(request.body(Body::empty()).unwrap()).await).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "br");
    assert!(packed.len() * 3 < first.len());
    // What it shows, its readers see as soon as it is written.
    let note = Annotation {
        id: "n".into(),
        start: at(100),
        text: "written later".into(),
        ..Annotation::default()
    };
    server.store.put_annotation(&id, &note).await.unwrap();
    let (_, _, second) = asked(&server, &link).await;
    assert!(String::from_utf8(second).unwrap().contains("written later"));
    let rows = server.state.backend.shares(&ME, &id).await.unwrap();
    assert_eq!((rows[0].views, rows[0].last_view_at), (3, Some(at(0))));
    assert!(rows[0].log.is_empty(), "nothing was written per view");
    server
        .state
        .backend
        .revoke_share(&ME, &share_id)
        .await
        .unwrap();
    assert_eq!(asked(&server, &link).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_another_process_revoked_is_closed_within_a_second() {
    let (server, id) = with(&small_bundle()).await;
    let (link, share_id) = share(&server, &id, ShareDraft::default()).await;
    assert_eq!(asked(&server, &link).await.0, 200);
    server.store.revoke_share(&share_id, at(0)).await.unwrap();
    server.forward(1_000);
    assert_eq!(asked(&server, &link).await.0, 404);
    assert_eq!(asked(&server, &link).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_has_a_link_of_its_own_and_may_be_shown_elsewhere() {
    let (server, id) = with(&small_bundle()).await;
    let draft = ShareDraft {
        lane: Some("rollouts".into()),
        rules: RedactionRules::all(),
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft).await;
    assert!(link.ends_with("/charts/rollouts.svg"), "{link}");
    let (status, headers, svg) = asked(&server, &link).await;
    assert_eq!(status, 200);
    assert_eq!(headers[header::CONTENT_TYPE], "image/svg+xml");
    assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    let svg = String::from_utf8(svg).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("app-1") && !svg.contains("shop"));
    assert!(!svg.contains("var("), "colours need no page");
    let png = link.replace(".svg", ".png");
    let (status, headers, bytes) = asked(&server, &png).await;
    assert_eq!(
        (status, &headers[header::CONTENT_TYPE]),
        (200, &"image/png".parse().unwrap())
    );
    assert_eq!(bytes, asked(&server, &png).await.2);
    // Nothing else lies behind it.
    let base = link.split("/charts").next().unwrap();
    for path in [base.to_owned(), format!("{base}/charts/symptom.svg")] {
        assert_eq!(asked(&server, &path).await.0, 404, "{path}");
    }
    let rows = server.state.backend.shares(&ME, &id).await.unwrap();
    assert_eq!(rows[0].views, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shared_so_is_refused() {
    let (server, id) = with(&small_bundle()).await;
    let backend = &server.state.backend;
    let draft = ShareDraft::default();
    for wrong in [
        ShareDraft {
            expires_in_days: Some(0),
            ..draft.clone()
        },
        ShareDraft {
            max_views: Some(0),
            ..draft.clone()
        },
        ShareDraft {
            password: Some("x".into()),
            ..draft.clone()
        },
        ShareDraft {
            password: Some("x".repeat(201)),
            ..draft.clone()
        },
        ShareDraft {
            lane: Some("../x".into()),
            ..draft.clone()
        },
        ShareDraft {
            version: Some(99),
            ..draft.clone()
        },
        ShareDraft {
            rules: RedactionRules {
                patterns: vec!["x".into(); 201],
                ..RedactionRules::default()
            },
            ..draft.clone()
        },
    ] {
        assert!(
            backend.share(&ME, &id, wrong.clone()).await.is_err(),
            "{wrong:?}"
        );
    }
    assert_eq!(backend.shares(&ME, &id).await.unwrap(), []);
    let guest = Caller::Share("x".into());
    assert!(backend.share(&guest, &id, draft).await.is_err());
    assert!(
        backend
            .share_page(&guest, &id, ShareAsk::default())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_after_a_version_was_frozen_is_not_shown_and_uncovers_nobody() {
    let (server, id) = with(&small_bundle()).await;
    let backend = &server.state.backend;
    let draft = ActionDraft {
        title: "Raise the alarm".into(),
        owner: "Wolfram".into(),
        alarm: None,
    };
    backend.add_action(&ME, &id, draft).await.unwrap();
    let approve = ReviewAsk::Approve {
        version: 1,
        in_name_of: String::new(),
    };
    for step in [ReviewAsk::Ask, approve, ReviewAsk::Publish] {
        backend.take_review_step(&ME, &id, step).await.unwrap();
    }
    let draft = ShareDraft {
        rules: RedactionRules::all(),
        ..ShareDraft::default()
    };
    let (link, _) = share(&server, &id, draft).await;
    let (_, _, before) = asked(&server, &link).await;
    assert!(String::from_utf8_lossy(&before).contains("Raise the alarm"));

    let action = server.store.actions(&id).await.unwrap().remove(0);
    let edit = ActionEdit {
        title: action.title.clone(),
        owner: "Ford".into(),
        ..ActionEdit::default()
    };
    backend
        .edit_action(&ME, &id, &action.id, edit)
        .await
        .unwrap();
    let note = AnnotationDraft {
        start: at(60),
        text: "AFTERFREEZE words of Wolfram".into(),
        ..AnnotationDraft::default()
    };
    backend.put_annotation(&ME, &id, note).await.unwrap();
    // The reader's page is made anew: nothing that was made before is given out.
    let (link, _) = share(
        &server,
        &id,
        ShareDraft {
            rules: RedactionRules::all(),
            ..ShareDraft::default()
        },
    )
    .await;
    let files = FileKind::ALL.map(|kind| format!("{link}/{}", kind.name()));
    for path in files.iter().chain([&link]) {
        let (status, headers, bytes) = asked(&server, path).await;
        assert_eq!(status, 200, "{path}");
        let kind = headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let bytes = inside(&kind, bytes);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("Raise the alarm"), "{path}");
        for name in ["Wolfram", "Ford", "AFTERFREEZE"] {
            assert!(!text.contains(name), "{name} in {path}");
        }
    }
    let gone = ShareDraft {
        lane: Some("nope".into()),
        ..ShareDraft::default()
    };
    let refused = backend.share(&ME, &id, gone).await.unwrap_err();
    assert!(refused.field("lane").is_some(), "{refused}");
}
