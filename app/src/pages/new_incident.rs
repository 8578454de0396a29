//! New incident: ask CloudWatch, or upload what there is. Plain forms, with or without JavaScript.

use crate::{
    api::StartPull,
    components::{Field, fault},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

/// `/incidents/new`.
pub(crate) fn new_incident() -> impl IntoView {
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
            <div class="forms">{pull()} {bundle()} {files()}</div>
        </div>
    }
}

fn pull() -> AnyView {
    let action = ServerAction::<StartPull>::new();
    let value = action.value();
    let pending = action.pending();
    let wrong = move |name: &'static str| {
        move || {
            value.with(|v| match v {
                Some(Err(error)) => error.field(name),
                _ => None,
            })
        }
    };
    let field = |name, label, hint, example, required| Field {
        form: "pull",
        name,
        label,
        hint,
        example,
        required,
    };
    let other = move || {
        value.with(|v| match v {
            Some(Err(crate::ApiError::Fields(_))) => {
                Some("Some inputs cannot be used; each says why.".to_owned())
            }
            Some(Err(error)) => Some(error.to_string()),
            _ => None,
        })
    };
    view! {
        <section class="panel form" aria-labelledby="h-pull">
            <h2 id="h-pull">"Pull from CloudWatch"</h2>
            <ActionForm action=action>
                {fault(other)}
                {field("title", "Title", "", "Sites slow since 03:00", true).line(wrong("title"))}
                <div class="pair">
                    {field("start", "Start (UTC)", "", "", true).time(String::new, wrong("start"))}
                    {field("end", "End (UTC)", "", "", true).time(String::new, wrong("end"))}
                </div>
                <div class="pair">
                    {field("region", "Region", "", "eu-west-1", true).line(wrong("region"))}
                    {field("file_system_id", "File system", "", "fs-0123456789abcdef0", true)
                        .line(wrong("file_system_id"))}
                </div>
                <details class="more">
                    <summary>"Profile and endpoint"</summary>
                    {field("profile", "Profile", "Empty: the AWS SDK's default chain. ", "", false)
                        .line(wrong("profile"))}
                    {field("endpoint", "Endpoint", "Empty: AWS. ", "https://…", false)
                        .line(wrong("endpoint"))}
                </details>
                <p class="actions">
                    <button type="submit" class="button primary" disabled=move || pending.get()>
                        "Pull"
                    </button>
                    <span class="small dim">
                        "Reads the metrics of AWS/EFS in this window; nothing is changed in AWS."
                    </span>
                </p>
            </ActionForm>
        </section>
    }
    .into_any()
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
