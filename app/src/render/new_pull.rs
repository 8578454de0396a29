//! The form for a pull from `CloudWatch`, and its price before it starts. The address is the form: what
//! is asked for is priced by one look, and pulled by a second press of a button.

use super::{form::Line, labels::usd_text};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    ApiError,
    backend::{PullKind, PullPrice},
    input::PullForm,
};
use leptos::prelude::*;
use model::time::{SECOND, span_text};

/// The price where there is one, and the form.
pub(super) fn new_pull(
    kinds: &[PullKind],
    form: &PullForm,
    price: Option<Result<PullPrice, ApiError>>,
) -> Markup {
    let (priced, error) = match price {
        Some(Ok(price)) => (Some(offer(form, price)), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    view! {
        {priced}
        {asking(kinds, form, error.as_ref())}
    }
    .markup()
}

fn asking(kinds: &[PullKind], form: &PullForm, error: Option<&ApiError>) -> Markup {
    let line = |name: &str, label, hint, example, value: &str| {
        Line {
            id: format!("pull-{name}"),
            name: name.to_owned(),
            label,
            hint,
            value: value.to_owned(),
            example,
            fault: error.and_then(|e| e.field(name)),
        }
        .view()
    };
    let resources = kinds.iter().map(|kind| resource(kind, form, error));
    let fault = error.map(|error| {
        let text = match error {
            ApiError::Fields(_) => "Some inputs cannot be used; each says why.".to_owned(),
            other => other.to_string(),
        };
        view! {
            <p class="fault" role="alert">
                {text}
            </p>
        }
    });
    let nothing = error.and_then(|e| e.field("resources")).map(|text| {
        view! { <p class="hint"><span class="field-fault">{text}</span></p> }
    });
    let elsewhere = !form.profile.is_empty() || !form.endpoint.is_empty();
    view! {
        <section class="panel form" aria-labelledby="h-pull">
            <h2 id="h-pull">"Pull from CloudWatch"</h2>
            <form method="get" action="/incidents/new">
                {fault}
                {line("title", "Title", "", "Sites slow since 03:00", &form.title)}
                <div class="pair">
                    {line("start", "Start (UTC)", "", "2020-05-22 03:00", &form.start)}
                    {line("end", "End (UTC)", "", "2020-05-22 06:00", &form.end)}
                </div>
                {line("region", "Region", "", "eu-west-1", &form.region)}
                <fieldset class="group">
                    <legend>"The usual metrics of"</legend>
                    <p class="hint">"Fill in what was involved; several with commas between them."</p>
                    {nothing}
                    <div class="pair">{resources.collect_view()}</div>
                </fieldset>
                <details class="more" open=elsewhere>
                    <summary>"Profile and endpoint"</summary>
                    {line(
                        "profile",
                        "Profile",
                        "Empty: the AWS SDK's default chain.",
                        "",
                        &form.profile,
                    )}
                    {line("endpoint", "Endpoint", "Empty: AWS.", "https://…", &form.endpoint)}
                </details>
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Show what it costs"
                    </button>
                    <span class="small dim">"Asks nobody yet."</span>
                </p>
            </form>
        </section>
    }
    .markup()
}

fn resource(kind: &PullKind, form: &PullForm, error: Option<&ApiError>) -> Markup {
    let name = PullForm::input_of(kind.id);
    Line {
        id: format!("pull-{}", kind.id),
        label: kind.title,
        hint: kind.expected,
        value: form.resources.get(kind.id).cloned().unwrap_or_default(),
        example: kind.example,
        fault: error.and_then(|e| e.field(&name)),
        name,
    }
    .view()
}

/// What it costs, and the button that starts it.
fn offer(form: &PullForm, price: PullPrice) -> Markup {
    let open = price.open.then(|| {
        view! {
            <p>
                "Metrics by node and pod are counted once here: only the pull learns how many there are, \
                 and each costs as much again."
            </p>
        }
    });
    let every = span_text(i64::from(price.every_s) * SECOND);
    let (metrics, calls) = (price.metrics, price.calls);
    let calls = if calls == 1 {
        "1 call".to_owned()
    } else {
        format!("{calls} calls")
    };
    view! {
        <section class="panel form" aria-labelledby="h-price" data-testid="price">
            <h2 id="h-price">"What it costs"</h2>
            <dl class="facts">
                <div>
                    <dt>"This pull"</dt>
                    <dd>{usd_text(price.usd)} " for " {metrics} " metrics in " {calls}</dd>
                </div>
                <div>
                    <dt>"Followed live"</dt>
                    <dd>{usd_text(price.usd_per_month)} " a month, asked every " {every}</dd>
                </div>
            </dl>
            {open}
            <p class="small dim">
                "By CloudWatch's list price of 0.01 US dollars for 1,000 metrics, without taxes. A metric \
                 counts once for each of its statistics in each call. Nothing is changed in AWS."
            </p>
            <details class="more">
                <summary>"Follow the same live"</summary>
                <p class="small">
                    "These lines in the configuration file, and a new start of Lineup:"
                </p>
                <pre class="code" tabindex="0">
                    {price.configuration}
                </pre>
            </details>
            <form method="post" action="/api/start_pull">
                {carried(form)} <p class="actions">
                    <button type="submit" class="button primary">
                        "Pull now"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

/// The form once more, for the button.
fn carried(form: &PullForm) -> Markup {
    let fixed = [
        ("title", &form.title),
        ("start", &form.start),
        ("end", &form.end),
        ("region", &form.region),
        ("profile", &form.profile),
        ("endpoint", &form.endpoint),
    ]
    .map(|(name, value)| (name.to_owned(), value.clone()));
    let resources = form
        .resources
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(kind, text)| (PullForm::input_of(kind), text.clone()));
    let agreed = ("agreed".to_owned(), "true".to_owned());
    fixed
        .into_iter()
        .chain(resources)
        .chain([agreed])
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
        .markup()
}
