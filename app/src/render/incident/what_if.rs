//! What if: one thing changed, and the balance and the impact that would have been.

use super::study::{basis, head, picture, series_choice, wrong};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    ApiError,
    backend::WhatIfAnswer,
    input::Asked,
    render::{form, table},
    timeline::{percent, study},
};
use chart::value_text;
use leptos::prelude::*;
use model::{
    Timestamp,
    analysis::{Verdict, what_if::Outcome},
    time::{MINUTE, SECOND, span_text},
};

/// The page.
pub(crate) fn what_if(answer: &WhatIfAnswer, asked: Asked<'_>, error: Option<&ApiError>) -> Markup {
    let head = head(&answer.case, "What if", "/what-if");
    let Some(series) = answer.series.as_deref() else {
        return view! {
            {head}
            {wrong(error)}
            <p class="empty" data-testid="what-if-empty">
                "There is no burst balance in the evidence, and the model is about burst balances: pull \
                 BurstCreditBalance of the file system, CPUCreditBalance of the instance or BurstBalance of \
                 the volume, together with what spends it."
            </p>
        }
        .markup();
    };
    let body = match &answer.outcome {
        Some(Verdict::Found(outcome)) => found(answer, series, outcome),
        Some(Verdict::Unknown { missing }) => unknown(missing),
        Some(Verdict::Clear { reason, .. }) => unknown(reason),
        None => ().markup(),
    };
    view! {
        {head}
        <div class="lineup">
            <div class="lineup-main">
                {wrong(error)} {body} {basis(&answer.case, &[series])}
            </div>
            <aside class="lineup-side" aria-label="What is supposed">
                {scenarios(answer, series, asked)}
            </aside>
        </div>
    }
    .markup()
}

fn unknown(missing: &str) -> Markup {
    view! {
        <section
            class="panel"
            id="what-if"
            aria-labelledby="h-unknown"
            data-testid="what-if-unknown"
        >
            <h2 id="h-unknown">"Unknown"</h2>
            <p>"What would have been cannot be told: " {missing.to_owned()} "."</p>
        </section>
    }
    .markup()
}

fn found(answer: &WhatIfAnswer, series: &str, outcome: &Outcome) -> Markup {
    let lane = study::what_if(&answer.case, series, outcome).map(picture);
    let minutes = |min: f64| span_text((min * MINUTE as f64) as i64);
    let when = |at: Option<Timestamp>| {
        at.map_or_else(
            || "not in this window".to_owned(),
            |t| format!("{} UTC", t.minute()),
        )
    };
    let rows = [
        [
            "Credits at zero".to_owned(),
            when(outcome.measured_exhausted_at),
            when(outcome.exhausted_at),
        ],
        [
            "Impact".to_owned(),
            minutes(outcome.impact_min),
            minutes(outcome.impact_min_then),
        ],
        [
            "Impact avoided".to_owned(),
            "none".to_owned(),
            minutes(outcome.impact_min_avoided),
        ],
    ];
    let rows = rows
        .into_iter()
        .map(|[name, was, then]| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{was}</td>
                    <td>{then}</td>
                </tr>
            }
            .markup()
        })
        .collect();
    let notes = outcome
        .notes
        .iter()
        .map(|note| view! { <li>{note.clone()}</li> })
        .collect_view();
    view! {
        <section
            class="answer"
            id="what-if"
            aria-label="What would have been"
            data-testid="what-if-answer"
        >
            <p class="headline">{sentence(outcome)}</p>
            <p class="dim">{suspect(answer)}</p>
        </section>
        {lane}
        <section class="panel" aria-labelledby="h-numbers">
            <h2 id="h-numbers">"As it was, and as it would have been"</h2>
            {table("As it was, and as it would have been", ["What", "Measured", "Would have been"], rows)}
            <h3>"How good the model is"</h3>
            <p data-testid="model-error">{error(answer, series, outcome)}</p>
            <ul class="gaps small">{notes}</ul>
        </section>
    }
    .markup()
}

/// The answer in one sentence.
fn sentence(outcome: &Outcome) -> String {
    let minutes = |min: f64| span_text((min * MINUTE as f64) as i64);
    let credits = match (outcome.measured_exhausted_at, outcome.exhausted_at) {
        _ if outcome.curve.is_empty() => "Burst credits would not have mattered".to_owned(),
        (Some(_), None) => "The credits would not have run out in this window".to_owned(),
        (None, None) => "The credits would not have run out, as they did not".to_owned(),
        (None, Some(then)) => {
            format!("The credits would have run out at {} UTC", then.minute())
        }
        (Some(was), Some(then)) => {
            let by = then.since(was);
            match by.signum() {
                0 => "The credits would have run out at the same time".to_owned(),
                1 => format!("The credits would have run out {} later", span_text(by)),
                _ => format!("The credits would have run out {} earlier", span_text(-by)),
            }
        }
    };
    if outcome.impact_min > 0.0 {
        format!(
            "{credits}; {} of {} of impact would have been avoided.",
            minutes(outcome.impact_min_avoided),
            minutes(outcome.impact_min)
        )
    } else {
        format!("{credits}; no impact is known that could have been avoided.")
    }
}

/// What the suspect has to do with it.
fn suspect(answer: &WhatIfAnswer) -> String {
    let Some(suspect) = &answer.suspect else {
        return "No suspect is known: what is supposed away is all that the driver did beyond its normal \
                level."
            .to_owned();
    };
    let end = suspect.end.map_or_else(
        || "to the window's end".to_owned(),
        |end| format!("to its end at {} UTC", end.minute()),
    );
    format!(
        "The suspect is {} ({}). Attributed to it is all that the driver did beyond its normal level, \
         from the onset {end}.",
        suspect.title.trim_end_matches('.'),
        percent(suspect.score)
    )
}

/// The model's own error on the measured past.
fn error(answer: &WhatIfAnswer, series: &str, outcome: &Outcome) -> String {
    let unit = answer
        .case
        .evidence
        .series(series)
        .map_or("", |s| s.meta.unit.as_str());
    let e = &outcome.error;
    let off = match e.exhaustion_s {
        None => String::new(),
        Some(0) => ", and reaches zero when it did".to_owned(),
        Some(s) => {
            let word = if s > 0 { "later" } else { "earlier" };
            format!(
                ", and reaches zero {} {word} than it did",
                span_text(s.abs() * SECOND)
            )
        }
    };
    format!(
        "Run over the measured past from the first balance on, without looking again, the model is off by \
         {} (root mean square over {} samples; {} of the largest balance), by {} in the mean{off}.",
        value_text(e.rmse, unit),
        e.samples,
        percent(e.share),
        value_text(e.bias, unit),
    )
}

/// One form for each scenario. They are sent by GET: the address is the question.
fn scenarios(answer: &WhatIfAnswer, series: &str, asked: Asked<'_>) -> Markup {
    let chosen = asked.or("scenario", "without_suspect").to_owned();
    let among: Vec<&str> = answer.balances.iter().map(String::as_str).collect();
    let suspect = answer.suspect.as_ref().map(|s| s.id().to_owned());
    let form_of = |name: &'static str, title: &'static str, inputs: Markup| {
        let choice = if among.len() > 1 {
            // Each form has its own: ids must differ.
            let id: &'static str = match name {
                "without_suspect" => "series-without",
                "mitigated" => "series-mitigated",
                "throughput" => "series-throughput",
                "size" => "series-size",
                _ => "series-less",
            };
            series_choice(&answer.case, id, series, &among)
        } else {
            view! { <input type="hidden" name="series" value=series.to_owned() /> }.markup()
        };
        let suspect = suspect
            .clone()
            .map(|id| view! { <input type="hidden" name="suspect" value=id /> });
        let path = format!("/incidents/{}/what-if#what-if", answer.case.incident.id);
        view! {
            <details class="panel form" open=name == chosen data-testid=format!("scenario-{name}")>
                <summary>
                    <h2>{title}</h2>
                </summary>
                <form method="get" action=path>
                    <input type="hidden" name="scenario" value=name />
                    {suspect}
                    {choice}
                    {inputs}
                    <p class="actions">
                        <button type="submit" class="button primary">
                            "Show"
                        </button>
                    </p>
                </form>
            </details>
        }
        .markup()
    };
    let text = |name: &'static str, label: &'static str, hint: &'static str, default: String| {
        let value = match asked.get(name) {
            "" => default,
            given => given.to_owned(),
        };
        form::input(&format!("ask-{name}"), name, label, hint, value)
    };
    let onset = answer.case.analysis.driver.as_ref().map(|d| d.onset);
    let an_hour_on = onset.map_or_else(String::new, |t| t.plus(60 * MINUTE).minute());
    let modes = [
        ("elastic", "elastic"),
        ("provisioned", "provisioned"),
        ("bursting", "bursting, with another size"),
    ];
    let parts = [
        ("all", "all of it"),
        ("metadata", "metadata: listing, looking up, opening"),
    ];
    [
        form_of("without_suspect", "Without the suspect", ().markup()),
        form_of(
            "mitigated",
            "Mitigated earlier",
            text(
                "at",
                "From (UTC)",
                "From then on the driver is back at its normal level.",
                an_hour_on,
            ),
        ),
        form_of(
            "throughput",
            "Another throughput mode or size",
            view! {
                {form::choice(
                    "ask-mode".into(),
                    "mode",
                    "Mode of the file system",
                    &modes,
                    asked.or("mode", "elastic"),
                )}
                {text("mib_per_s", "Provisioned, MiB a second", "For provisioned.", String::new())}
                {text("stored_gib", "Stored, GiB", "For bursting: in the Standard class.", String::new())}
            }
            .markup(),
        ),
        form_of(
            "less_io",
            "Less I/O",
            view! {
                {form::choice(
                    "ask-part".into(),
                    "part",
                    "Of what",
                    &parts,
                    asked.or("part", "all"),
                )}
                {text("share", "Share that is gone, %", "As when caches move off the mount.", "50".into())}
            }
            .markup(),
        ),
        form_of(
            "size",
            "Another size of instance or volume",
            view! {
                {text("earned", "Earned a second", "In the balance's unit.", String::new())}
                {text("cap", "The most that it holds", "In the balance's unit.", String::new())}
            }
            .markup(),
        ),
    ]
    .markup()
}
