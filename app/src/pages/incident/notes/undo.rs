//! Undo of what was done to notes, step by step.

use crate::{
    api::{DeleteAnnotation, SaveAnnotation},
    page::NoteView,
};
use leptos::prelude::*;

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
    save: ServerAction<SaveAnnotation>,
    delete: ServerAction<DeleteAnnotation>,
}

impl Steps {
    /// No step yet. `changed` runs when one was undone.
    pub(super) fn new(changed: Callback<()>) -> Self {
        let this = Self {
            done: RwSignal::new(Vec::new()),
            shown: RwSignal::new(false),
            save: ServerAction::new(),
            delete: ServerAction::new(),
        };
        Effect::new(move |_| {
            let saved = matches!(this.save.value().get(), Some(Ok(_)));
            let deleted = matches!(this.delete.value().get(), Some(Ok(())));
            if saved || deleted {
                this.save.clear();
                this.delete.clear();
                this.done.update(|done| {
                    done.pop();
                });
                let more = this.done.with_untracked(|done| !done.is_empty());
                this.shown.set(more);
                changed.run(());
            }
        });
        this
    }

    pub(super) fn took(self, step: Step) {
        self.done.update(|done| done.push(step));
        self.save.clear();
        self.delete.clear();
        self.shown.set(true);
    }

    /// Undoes the last step; the one before it comes next.
    fn undo(self, incident: String) {
        match self.done.with_untracked(|done| done.last().cloned()) {
            Some(Step::Added(annotation)) => {
                self.delete.dispatch(DeleteAnnotation {
                    incident,
                    annotation,
                });
            }
            Some(Step::Changed(note) | Step::Removed(note)) => {
                self.save.dispatch(SaveAnnotation {
                    incident,
                    annotation: note.id,
                    start: note.start,
                    end: note.end,
                    text: note.text,
                    mentions: note.mentions.into_iter().map(|m| m.value).collect(),
                });
            }
            None => {}
        }
    }

    fn said(self) -> String {
        let saved = self.save.value().get().and_then(Result::err);
        let deleted = self.delete.value().get().and_then(Result::err);
        if let Some(why) = saved.or(deleted) {
            return format!("It could not be undone: {why}");
        }
        let last = self.done.with(|done| done.last().map(Step::told));
        last.unwrap_or_default().to_owned()
    }
}

/// Says what was done last, with the way to undo it. It stays until it is closed.
pub(in super::super) fn toast(incident: String, form: super::Form) -> AnyView {
    let steps = form.steps;
    view! {
        <div class="toast" data-testid="toast" hidden=move || !steps.shown.get()>
            <p role="status">{move || steps.said()}</p>
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
