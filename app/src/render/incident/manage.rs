//! The incident as a whole: another title, and away with it.

use crate::backend::Case;
use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;
use model::incident::JobState;

/// The panel with both forms. Deleting asks twice: it has no way back.
pub(crate) fn manage(case: &Case) -> Markup {
    let id = case.incident.id.to_string();
    view! {
        <section class="panel" aria-labelledby="h-manage" data-testid="manage">
            <h2 id="h-manage">"This incident"</h2>
            <form method="post" action="/api/rename">
                <input type="hidden" name="incident" value=id.clone() />
                <div class="field">
                    <label for="manage-title">"Title"</label>
                    <input
                        id="manage-title"
                        name="title"
                        type="text"
                        required
                        maxlength="200"
                        autocomplete="off"
                        value=case.incident.title.clone()
                    />
                </div>
                <p class="actions">
                    <button type="submit" class="button">
                        "Change the title"
                    </button>
                </p>
            </form>
            <details class="more">
                <summary>"Delete this incident"</summary>
                <form method="post" action="/api/delete_incident">
                    <input type="hidden" name="incident" value=id />
                    <p class="small">
                        "Its evidence, files, notes, report and share links go with it, and there is no \
                         way back. A bundle (on the page of the report) keeps all of it as one file."
                    </p>
                    <p>
                        <label>
                            <input type="checkbox" name="confirmed" value="true" required />
                            " Delete it for good"
                        </label>
                    </p>
                    <p class="actions">
                        <button type="submit" class="button">
                            "Delete the incident"
                        </button>
                    </p>
                </form>
            </details>
        </section>
    }
    .markup()
}

/// A button that does the newest work once more, where it failed or was cancelled.
pub(crate) fn again(case: &Case) -> Markup {
    let newest = case.jobs.first();
    let Some(job) = newest.filter(|j| matches!(j.state, JobState::Failed | JobState::Cancelled))
    else {
        return ().markup();
    };
    view! {
        <form class="actions" method="post" action="/api/retry_job">
            <input type="hidden" name="id" value=job.id.clone() />
            <button type="submit" class="button primary">
                "Try again"
            </button>
            <span class="small dim">"With the same choices."</span>
        </form>
    }
    .markup()
}

/// Which files wait for an answer, said where everybody looks.
pub(crate) fn waiting(case: &Case) -> Markup {
    let asked = case.files.iter().filter(|f| !f.questions.is_empty());
    let names: Vec<&str> = asked
        .map(|f| {
            let path = f.file.path.as_str();
            path.strip_prefix("files/").unwrap_or(path)
        })
        .collect();
    let text = match names.as_slice() {
        [] => return ().markup(),
        [one] => format!("1 file waits for an answer: {one}."),
        several => format!(
            "{} files wait for an answer: {}.",
            several.len(),
            several.join(", ")
        ),
    };
    view! {
        <p class="notice" role="note" data-testid="waiting">
            {text}
            " "
            <a href="#h-files" rel="external">
                "Answer"
            </a>
        </p>
    }
    .markup()
}
