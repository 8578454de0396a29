//! The living document behind the routes: saved by two at once, offered a new draft, carried by every
//! export.

use crate::support::{TestServer, get};
use app::backend::{Backend, Caller, Saved, SectionChange, SectionDraft};
use axum::body::Body;
use http_body_util::BodyExt;
use model::{IncidentId, bundle::Bundle};
use server::{case, commands::CommandError};
use std::{io::Cursor, sync::Arc};

async fn incident(server: &TestServer) -> IncidentId {
    let bundle = simulate::zombie_pods(1).bundle;
    // All of it is past.
    server.forward(30 * model::time::DAY);
    let imported = case::import(&*server.store, &bundle, &*server.clock).await;
    imported.unwrap().id
}

fn backend(server: &TestServer) -> Arc<dyn Backend> {
    server.state.backend.clone()
}

async fn save(server: &TestServer, id: &IncidentId, revision: u64, text: &str) -> Saved {
    let view = backend(server).document(&Caller::LocalUser, id).await;
    let view = view.unwrap();
    let section = view.sections.iter().find(|s| s.id == "summary").unwrap();
    let draft = SectionDraft {
        section: "summary".into(),
        text: text.into(),
        title: None,
        revision,
        draft: section.digest.clone(),
    };
    let backend = backend(server);
    let saved = backend.save_section(&Caller::LocalUser, id, draft).await;
    saved.unwrap()
}

async fn exported(server: &TestServer, id: &IncidentId) -> Bundle {
    let request = get(&format!("/incidents/{id}/bundle.zip"));
    let response = server.send(request.body(Body::empty()).unwrap()).await;
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    sources::bundle::read_zip(Cursor::new(bytes)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_save_is_put_together_and_in_every_export() {
    let server = TestServer::start().await;
    let id = incident(&server).await;
    let first = save(&server, &id, 0, "One.\n\nTwo.\n\nThree.").await;
    assert_eq!((first.revision, first.written), (1, 1));
    // Nothing new is no new state.
    assert_eq!(
        save(&server, &id, 1, "One.\r\n\r\nTwo.\r\n\r\nThree. ").await,
        first
    );
    let kim = save(&server, &id, 1, "One, by kim.\n\nTwo.\n\nThree.").await;
    assert_eq!(kim.revision, 2);
    let lee = save(&server, &id, 1, "One.\n\nTwo.\n\nThree, by lee.").await;
    assert_eq!(lee.text, "One, by kim.\n\nTwo.\n\nThree, by lee.");
    // What was sent is a state of its own, which the sender's next save is based on.
    assert_eq!((lee.written, lee.revision, lee.conflicts), (3, 4, 0));
    let on = save(
        &server,
        &id,
        lee.written,
        "One.\n\nTwo.\n\nThree, by lee, who went on.",
    )
    .await;
    assert_eq!(
        on.text,
        "One, by kim.\n\nTwo.\n\nThree, by lee, who went on."
    );
    assert_eq!(on.conflicts, 0);
    let both = save(&server, &id, lee.revision, "Other.").await;
    assert!(both.conflicts > 0 && both.text.contains("Other.") && both.text.contains("went on"));
    for path in ["report", "report.html", "report.md", "report.json"] {
        let (status, text) = server.get(&format!("/incidents/{id}/{path}")).await;
        assert_eq!(status, 200, "{path}");
        assert!(
            text.contains("Other.") && text.contains("who went on"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redraft_is_offered_and_goes_over_nobodys_words() {
    let server = TestServer::start().await;
    let id = incident(&server).await;
    let who = Caller::LocalUser;
    save(&server, &id, 0, "Our words about {{credits.exhausted_at}}.").await;
    let summary = || async {
        let view = backend(&server).document(&who, &id).await.unwrap();
        view.sections
            .into_iter()
            .find(|s| s.id == "summary")
            .unwrap()
    };
    let before = summary().await;
    assert!(
        before.offered.is_none() && before.unresolved.is_empty(),
        "{before:?}"
    );
    assert!(
        before.html.contains("data-figure=\"credits."),
        "{}",
        before.html
    );
    // Another title of the suspect, as another version of the analysis may give it.
    let mut analysis = server.store.analysis(&id).await.unwrap().unwrap();
    analysis.suspects[0].title = "something else altogether".into();
    let now = server.state.clock.now();
    server
        .store
        .put_analysis(&id, &analysis, now)
        .await
        .unwrap();
    let after = summary().await;
    assert!(after.html.contains("Our words about"));
    let offered = after.offered.unwrap();
    assert!(
        offered.contains("<ins>") && offered.contains("altogether"),
        "{offered}"
    );
    let change = |change| {
        let (backend, id) = (backend(&server), id.clone());
        async move {
            let who = Caller::LocalUser;
            backend
                .change_section(&who, &id, "summary", change)
                .await
                .unwrap();
        }
    };
    change(SectionChange::KeepText).await;
    let kept = summary().await;
    assert!(kept.offered.is_none() && kept.html.contains("Our words about"));
    change(SectionChange::TakeDraft).await;
    let taken = summary().await;
    assert!(taken.html.contains("altogether") && !taken.html.contains("Our words"));
    change(SectionChange::Restore(1)).await;
    assert!(summary().await.html.contains("Our words about"));
    let history = backend(&server).section_history(&who, &id, "summary").await;
    assert_eq!(history.unwrap().states.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_and_an_import_lose_no_word() -> Result<(), CommandError> {
    let server = TestServer::start().await;
    let id = incident(&server).await;
    save(&server, &id, 0, "First words.").await;
    save(&server, &id, 1, "Last words.").await;
    let who = Caller::LocalUser;
    let chosen = backend(&server).choose_template(&who, &id, "short").await;
    chosen.unwrap();
    let bundle = exported(&server, &id).await;
    assert!(bundle.report_md.as_ref().unwrap().contains("Last words."));
    let other = TestServer::start().await;
    other.forward(30 * model::time::DAY);
    let imported = case::import(&*other.store, &bundle, &*other.clock).await?;
    let there = other.store.whole_document(&imported.id).await.unwrap();
    assert_eq!(there, server.store.whole_document(&id).await.unwrap());
    assert_eq!(there.history.len(), 1);
    // The same again from there, but for what names the installation.
    let again = exported(&other, &imported.id).await;
    assert_eq!(again.header.document, bundle.header.document);
    assert_eq!(again.report_md, bundle.report_md);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_edited_unchanged_and_the_reading_aid_finds_nothing_in_it() {
    let server = TestServer::start().await;
    let id = incident(&server).await;
    let who = Caller::LocalUser;
    let view = backend(&server).document(&who, &id).await.unwrap();
    let mut seen = 0;
    for section in view.sections.iter().filter(|s| !s.text.is_empty()) {
        // The draft as Markdown, saved as it is, is still the draft.
        let draft = SectionDraft {
            section: section.id.clone(),
            text: section.text.replace('\n', "\r\n"),
            title: Some(section.title.clone()),
            revision: 0,
            draft: section.digest.clone(),
        };
        let saved = backend(&server).save_section(&who, &id, draft).await;
        assert_eq!(saved.unwrap().revision, 0, "{}", section.id);
        let backend = backend(&server);
        let shown = backend.preview_section(&who, &id, &section.text).await;
        let shown = shown.unwrap();
        assert_eq!(shown.unresolved, Vec::<String>::new(), "{}", section.id);
        assert_eq!(shown.remarks, [], "{}", section.id);
        // Read back it refers to the same figures, in the same order.
        let figures = |html: &str| -> Vec<String> {
            let parts = html.split("data-figure=\"").skip(1);
            parts
                .filter_map(|p| p.split('"').next())
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(
            figures(&shown.html),
            figures(&section.html),
            "{}",
            section.id
        );
        seen += figures(&shown.html).len();
    }
    assert!(seen > 100, "{seen}");
}
