//! Undo of what was done to notes, step by step.

use crate::{api, page::NoteView};
use leptos::{prelude::*, task::spawn_local};

/// Something that was done, with what undoes it.
#[derive(Clone)]
pub(super) enum Step {
    /// A note was written: its id.
    Added(String),
    /// A note was changed: as it was.
    Changed(NoteView),
    /// A note was removed.
    Removed(NoteView),
}

impl Step {
    fn told(&self) -> &'static str {
        match self {
            Self::Added(_) => "The note is saved.",
            Self::Changed(_) => "The note is changed.",
            Self::Removed(_) => "The note is removed.",
        }
    }
}

/// Steps that can be undone, the last at the end.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    done: RwSignal<Vec<Step>>,
    shown: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    changed: Callback<()>,
}

impl Steps {
    pub(super) fn new(changed: Callback<()>) -> Self {
        Self {
            done: RwSignal::new(Vec::new()),
            shown: RwSignal::new(false),
            failed: RwSignal::new(None),
            changed,
        }
    }

    pub(super) fn took(self, step: Step) {
        self.done.update(|done| done.push(step));
        self.failed.set(None);
        self.shown.set(true);
    }

    /// Undoes the last step; the one before it comes next.
    fn undo(self, incident: String) {
        let Some(step) = self.done.with_untracked(|done| done.last().cloned()) else {
            return;
        };
        spawn_local(async move {
            let undone = match step {
                Step::Added(id) => api::delete_annotation(incident, id).await,
                Step::Changed(note) | Step::Removed(note) => {
                    let mentions = note.mentions.into_iter().map(|m| m.value).collect();
                    let saved = api::save_annotation(
                        incident, note.id, note.start, note.end, note.text, mentions,
                    );
                    saved.await.map(drop)
                }
            };
            match undone {
                Ok(()) => {
                    self.done.update(|done| {
                        done.pop();
                    });
                    self.shown
                        .set(self.done.with_untracked(|done| !done.is_empty()));
                    self.changed.run(());
                }
                Err(error) => self.failed.set(Some(error.to_string())),
            }
        });
    }
}

/// Says what was done last, with the way to undo it. It stays until it is closed.
pub(in super::super) fn toast(incident: String, form: super::Form) -> AnyView {
    let steps = form.steps;
    let said = move || {
        let failed = steps
            .failed
            .get()
            .map(|why| format!("It could not be undone: {why}"));
        let last = steps.done.with(|done| done.last().map(Step::told));
        failed.unwrap_or_else(|| last.unwrap_or_default().to_owned())
    };
    view! {
        <div class="toast" data-testid="toast" hidden=move || !steps.shown.get()>
            <p role="status">{said}</p>
            <button
                type="button"
                class="button"
                data-undo
                on:click=move |_| steps.undo(incident.clone())
            >
                "Undo"
            </button>
            <button type="button" class="quiet" on:click=move |_| steps.shown.set(false)>
                "×"
                <span class="visually-hidden">" Close"</span>
            </button>
        </div>
    }
    .into_any()
}
