//! New incident: ask CloudWatch, or upload what there is. Plain forms, with or without JavaScript.

use crate::{
    address::Address,
    api,
    components::{Field, IMPORT, fault_of, html, loaded, page_data},
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
            {forms(asked)}
        </div>
    }
}

/// All three ways. The address is the form that asks `CloudWatch`, so that its price can be shown
/// before it starts.
fn forms(asked: Vec<(String, String)>) -> AnyView {
    let page = page_data(move || asked.clone(), api::new_pull);
    loaded(page, |page| {
        view! {
            <div class="forms">
                <div>{html("stack", page.html)}</div>
                {bundle()}
                {files(&page.start, &page.end)}
            </div>
        }
        .into_any()
    })
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

/// What was written into an input before the upload was refused, else a proposal.
fn kept(name: &str, proposed: &str) -> String {
    let kept = Address::of_page().value(&format!("upload[{name}]"));
    kept.unwrap_or_else(|| proposed.to_owned())
}

/// Files, from `start` to `end` unless somebody says otherwise.
fn files(start: &str, end: &str) -> AnyView {
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
    let fault = |field| fault_of(IMPORT, field);
    let start = kept("start", start);
    let end = kept("end", end);
    let observed_at = kept("observed_at", "");
    view! {
        <section class="panel form" aria-labelledby="h-files">
            <h2 id="h-files">"Upload files"</h2>
            <form method="post" action="/import" enctype="multipart/form-data">
                {field("title", "Title", "", "Sites slow since 03:00")
                    .line(kept("title", ""), fault("title"))}
                <div class="pair">
                    {field("start", "Start (UTC)", "", "")
                        .time(move || start.clone(), fault("start"))}
                    {field("end", "End (UTC)", "", "").time(move || end.clone(), fault("end"))}
                </div>
                <div class="pair">
                    {optional(
                        "observed_at",
                        "All taken at (UTC)",
                        "A kubectl table says ages, a log no year. Empty, also where the files were \
                         taken at different times: each is asked for where it matters. ",
                        "",
                    )
                        .time(move || observed_at.clone(), fault("observed_at"))}
                    {optional(
                        "timezone",
                        "Time zone of times without one",
                        "Empty: asked where it matters. ",
                        "UTC",
                    )
                        .line(kept("timezone", ""), fault("timezone"))}
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
                        <code>"/proc/self/mountstats"</code> "; CSV with a time column, named (file or column) like the metric in CloudWatch, such \
                         as BurstCreditBalance.csv; JSON of "
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
