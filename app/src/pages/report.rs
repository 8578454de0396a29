//! The report of an incident, its files, and the links that share it.

use crate::{
    api::{self, CreateShare, RevokeShare},
    components::{fault, html, loaded},
    page::{LinkView, ReportPage},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

/// What making and revoking links remember while the page around them is made again.
#[derive(Clone, Copy)]
struct Sharing {
    create: ServerAction<CreateShare>,
    revoke: ServerAction<RevokeShare>,
}

/// `/incidents/{id}/report`.
pub(crate) fn report(id: &str) -> impl IntoView + use<> {
    let id = id.to_owned();
    let report = Resource::new_blocking(move || id.clone(), api::report);
    let sharing = Sharing {
        create: ServerAction::new(),
        revoke: ServerAction::new(),
    };
    Effect::new(move |_| {
        if matches!(sharing.create.value().get(), Some(Ok(_))) {
            report.refetch();
        }
    });
    Effect::new(move |_| {
        if matches!(sharing.revoke.value().get(), Some(Ok(()))) {
            // The link that was just made may be the one that opens no more.
            sharing.create.clear();
            report.refetch();
        }
    });
    view! { <div class="page wide">{loaded(report, move |view| page(view, sharing))}</div> }
}

fn page(data: ReportPage, sharing: Sharing) -> AnyView {
    let base = format!("/incidents/{}", data.id);
    view! {
        <Title text=format!("Report: {}", data.title) />
        {html("", data.head)}
        <div class="reading">
            <aside class="reading-side" aria-label="Share and download">
                {downloads(&base)}
                {share(data.id, data.links, sharing)}
            </aside>
            <div class="panel paper" data-testid="report" inner_html=data.report></div>
        </div>
    }
    .into_any()
}

fn downloads(base: &str) -> AnyView {
    let link = |file: &str, label: &'static str| {
        view! {
            <li>
                <a href=format!("{base}/{file}") rel="external" download="">
                    {label}
                </a>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="h-downloads">
            <h2 id="h-downloads">"Download"</h2>
            <ul class="downloads">
                {link("report.html", "HTML, one file")}
                {link("report.pdf", "PDF")}
                {link("report.md.zip", "Markdown with images")}
                {link("report.md", "Markdown")}
                {link("report.json", "JSON")}
                {link("bundle.zip", "Bundle with all evidence")}
            </ul>
        </section>
    }
    .into_any()
}

fn share(id: String, links: Vec<LinkView>, sharing: Sharing) -> AnyView {
    let open = !links.is_empty();
    let pending = sharing.create.pending();
    let error = move || {
        let created = sharing.create.value().get().and_then(Result::err);
        let revoked = sharing.revoke.value().get().and_then(Result::err);
        created.or(revoked).map(|e| e.to_string())
    };
    view! {
        <section class="panel" aria-labelledby="h-share">
            <details class="more share" open=open>
                <summary data-testid="share-open">
                    <h2 id="h-share">"Share"</h2>
                </summary>
                <p class="small">
                    "Whoever has the link reads this report without an account, and nothing else. \
                     It opens where this installation can be reached."
                </p>
                <ActionForm action=sharing.create>
                    <input type="hidden" name="incident" value=id />
                    <div class="field">
                        <label for="share-days">"The link opens"</label>
                        <select id="share-days" name="days">
                            <option value="1">"for a day"</option>
                            <option value="7" selected>
                                "for 7 days"
                            </option>
                            <option value="30">"for 30 days"</option>
                            <option value="0">"until it is revoked"</option>
                        </select>
                    </div>
                    <p class="actions">
                        <button
                            type="submit"
                            class="button primary"
                            data-testid="share-create"
                            disabled=move || pending.get()
                        >
                            "Make a link"
                        </button>
                    </p>
                </ActionForm>
                {fault(error)}
                {move || made(sharing.create.value().get().and_then(Result::ok))}
                {list(links, sharing)}
            </details>
        </section>
    }
    .into_any()
}

/// The new link: shown once, because only its hash is kept.
fn made(path: Option<String>) -> AnyView {
    let Some(path) = path else {
        return ().into_any();
    };
    let url = format!("{}{path}", origin());
    view! {
        <div class="made" role="status">
            <label for="share-url">"New link, shown only now"</label>
            <div class="copy">
                <input
                    id="share-url"
                    type="text"
                    readonly
                    data-testid="share-url"
                    value=url
                />
                <button type="button" class="button" data-copy="share-url">
                    <span class="copy-todo">"Copy"</span>
                    <span class="copy-done">"Copied"</span>
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The address of this installation as the browser sees it. A link is made after hydration only.
fn origin() -> String {
    if cfg!(feature = "ssr") {
        String::new()
    } else {
        window().location().origin().unwrap_or_default()
    }
}

fn list(links: Vec<LinkView>, sharing: Sharing) -> AnyView {
    if links.is_empty() {
        return ().into_any();
    }
    let items = links.into_iter().map(|l| link(l, sharing)).collect_view();
    view! { <ul class="links">{items}</ul> }.into_any()
}

fn link(link: LinkView, sharing: Sharing) -> impl IntoView {
    let class = if link.opens { "chip chip-good" } else { "chip" };
    let until = if link.until.is_empty() {
        "until it is revoked".to_owned()
    } else {
        format!("until {} UTC", link.until)
    };
    let of = format!(" the link made {}", link.made);
    let revoke = link.opens.then(|| {
        view! {
            <ActionForm action=sharing.revoke>
                <input type="hidden" name="share" value=link.id />
                <button type="submit" class="quiet" data-testid="share-revoke">
                    "Revoke" <span class="visually-hidden">{of}</span>
                </button>
            </ActionForm>
        }
    });
    view! {
        <li data-testid="share-row">
            <p>
                <span class=class>{link.state}</span>
                " "
                <span class="small dim">{format!("made {} UTC, {until}", link.made)}</span>
            </p>
            {revoke}
        </li>
    }
}
