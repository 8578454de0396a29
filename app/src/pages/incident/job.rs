//! How far a pull is, and what came of it.

use crate::{
    api::{self, CancelJob},
    components::fault,
    page::JobView,
};
use leptos::{form::ActionForm, prelude::*, task::spawn_local};
use model::incident::JobState;
use std::time::Duration;

/// How often a job that is not over is asked for.
const EVERY: Duration = Duration::from_secs(1);

/// Progress with a way to cancel it; what is missing when it is over.
pub(super) fn panel(job: JobView, over: Callback<()>) -> AnyView {
    let now = RwSignal::new(job);
    poll(now, over);
    let cancel = ServerAction::<CancelJob>::new();
    let refused = move || {
        cancel
            .value()
            .get()
            .and_then(Result::err)
            .map(|e| e.to_string())
    };
    let running = move || now.with(|j| !j.state.is_over());
    view! {
        <section class="panel job" aria-label="Pull">
            <p role="status" aria-live="polite">
                <strong>{move || now.with(|j| word(j.state))}</strong>
                " "
                {move || now.with(|j| j.message.clone())}
            </p>
            <Show when=running>
                <progress
                    aria-label="Progress of the pull"
                    max=move || now.with(|j| j.total.max(1).to_string())
                    value=move || now.with(|j| j.done.to_string())
                ></progress>
                <ActionForm action=cancel>
                    <input type="hidden" name="id" value=move || now.with(|j| j.id.clone()) />
                    <button type="submit" class="button">
                        "Cancel"
                    </button>
                </ActionForm>
                {fault(refused)}
            </Show>
            {move || missing(now.with(|j| j.missing.clone()))}
        </section>
    }
    .into_any()
}

/// Asks again every second until the job is over; then the whole page is asked for again. Ends
/// with the panel: a signal that is gone takes no value. An effect would not do: it belongs to the page
/// that is being made, and goes with that when the page is made once more meanwhile.
fn poll(now: RwSignal<JobView>, over: Callback<()>) {
    let running = |j: &JobView| (!j.state.is_over()).then(|| j.id.clone());
    let id = now.try_with_untracked(running).flatten();
    // The server renders the page once and asks nobody.
    let Some(id) = id.filter(|_| cfg!(target_arch = "wasm32")) else {
        return;
    };
    set_timeout(
        move || {
            spawn_local(async move {
                let answer = api::job(id).await;
                let done = answer.as_ref().is_ok_and(|j| j.state.is_over());
                let kept = now.try_update(|j| {
                    if let Ok(job) = answer {
                        *j = job;
                    }
                });
                if kept.is_none() {
                    return;
                }
                if done {
                    over.run(());
                } else {
                    // Also without an answer: the next try comes.
                    poll(now, over);
                }
            });
        },
        EVERY,
    );
}

fn word(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "Waiting.",
        JobState::Running => "Pulling.",
        JobState::Done => "Pulled.",
        JobState::Failed => "The pull failed.",
        JobState::Cancelled => "The pull was cancelled.",
    }
}

fn missing(lines: Vec<String>) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let items = lines
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    view! {
        <details class="more" open>
            <summary>"What did not come"</summary>
            <ul class="small gaps">{items}</ul>
        </details>
    }
    .into_any()
}
