//! New incident: ask CloudWatch, or upload what there is. Plain forms, with or without JavaScript.

use crate::{
    address::Address,
    api,
    components::{Field, html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents/new`.
pub(crate) fn new_incident(address: &Address) -> impl IntoView + use<> {
    let asked = address.pairs();
    view! {
        <Title text="New incident" />
        <div class="page">
            <header class="page-head">
                <h1>"New incident"</h1>
                <p class="meta">
                    "Evidence is copied into this installation and stays there: what a source forgets, \
                     the incident keeps."
                </p>
            </header>
            <div class="forms">{pull(asked)} {bundle()} {files()}</div>
        </div>
    }
}

/// Asks `CloudWatch`. The address is the form, so that its price can be shown before it starts.
fn pull(asked: Vec<(String, String)>) -> AnyView {
    let page = Resource::new_blocking(move || asked.clone(), api::new_pull);
    view! { <div>{loaded(page, |page| html("stack", page.html))}</div> }.into_any()
}

fn bundle() -> AnyView {
    view! {
        <section class="panel form" aria-labelledby="h-bundle">
            <h2 id="h-bundle">"Upload a bundle"</h2>
            <form method="post" action="/import" enctype="multipart/form-data">
                <div class="field">
                    <label for="bundle-file">"Bundle"</label>
                    <input
                        id="bundle-file"
                        name="bundle"
                        type="file"
                        accept=".zip,application/zip"
                        required
                        aria-describedby="bundle-hint"
                    />
                    <p class="hint" id="bundle-hint">
                        "A .zip that Lineup exported, or one made after the public format."
                    </p>
                </div>
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Import"
                    </button>
                </p>
            </form>
        </section>
    }
    .into_any()
}

fn files() -> AnyView {
    let field = |name, label, hint, example| Field {
        form: "files",
        name,
        label,
        hint,
        example,
        required: true,
    };
    let optional = |name, label, hint, example| Field {
        required: false,
        ..field(name, label, hint, example)
    };
    let fine = || None;
    view! {
        <section class="panel form" aria-labelledby="h-files">
            <h2 id="h-files">"Upload files"</h2>
            <form method="post" action="/import" enctype="multipart/form-data">
                {field("title", "Title", "", "Sites slow since 03:00").line(fine)}
                <div class="pair">
                    {field("start", "Start (UTC)", "", "").time(String::new, fine)}
                    {field("end", "End (UTC)", "", "").time(String::new, fine)}
                </div>
                <div class="pair">
                    {optional(
                        "observed_at",
                        "Taken at (UTC)",
                        "A kubectl table says ages, a log no year. Empty: asked where it matters. ",
                        "",
                    )
                        .time(String::new, fine)}
                    {optional(
                        "timezone",
                        "Time zone of times without one",
                        "Empty: asked where it matters. ",
                        "UTC",
                    )
                        .line(fine)}
                </div>
                <div class="field">
                    <label for="files-files">"Files"</label>
                    <input
                        id="files-files"
                        name="files"
                        type="file"
                        multiple
                        aria-describedby="files-files-hint"
                    />
                    <p class="hint" id="files-files-hint">
                        "Output of " <code>"kubectl get pods --all-namespaces"</code> " or of "
                        <code>"kubectl get pods,replicasets,deployments,nodes,events -A -o json"</code>
                        "; logs of the kubelet or the journal; " <code>"nfsstat"</code> " and "
                        <code>"/proc/self/mountstats"</code> "; CSV with a time column; JSON of "
                        <code>"aws cloudwatch get-metric-data"</code> " or of Grafana's annotations."
                    </p>
                </div>
                <div class="field">
                    <label for="files-text">"Or pasted text"</label>
                    <textarea
                        id="files-text"
                        name="text"
                        rows="4"
                        spellcheck="false"
                        placeholder="$ time touch /mnt/efs/testFile"
                    ></textarea>
                </div>
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Import"
                    </button>
                </p>
            </form>
        </section>
    }
    .into_any()
}
