//! Notes on the timeline: list, add, edit in place, remove, and undo of each.

mod editor;
mod undo;

use crate::{
    api::{DeleteAnnotation, SaveAnnotation},
    page::NoteView,
};
use editor::{Draft, editor};
use leptos::{form::ActionForm, prelude::*};
pub(super) use undo::toast;
use undo::{Step, Steps};

/// What the forms remember while the page around them is made again.
#[derive(Clone, Copy)]
pub(super) struct Form {
    save: ServerAction<SaveAnnotation>,
    delete: ServerAction<DeleteAnnotation>,
    /// The note that is being written.
    fresh: Draft,
    /// The note that is being edited, as it is by now.
    edited: Draft,
    /// The same as it was.
    before: RwSignal<Option<NoteView>>,
    /// Whether the form that was sent last is the one in a note's place.
    sent: RwSignal<bool>,
    /// The note that is being removed.
    removing: RwSignal<Option<NoteView>>,
    steps: Steps,
}

impl Form {
    /// Forms without anything in them. `changed` runs when a note was saved or removed.
    pub(super) fn new(changed: Callback<()>) -> Self {
        let this = Self {
            save: ServerAction::new(),
            delete: ServerAction::new(),
            fresh: Draft::default(),
            edited: Draft::default(),
            before: RwSignal::new(None),
            sent: RwSignal::new(false),
            removing: RwSignal::new(None),
            steps: Steps::new(changed),
        };
        Effect::new(move |_| {
            if let Some(Ok(id)) = this.save.value().get() {
                if !this.sent.get_untracked() {
                    this.fresh.0.set(NoteView::default());
                    this.steps.took(Step::Added(id));
                } else if let Some(before) = this.before.try_update(Option::take).flatten() {
                    this.steps.took(Step::Changed(before));
                }
                changed.run(());
            }
        });
        Effect::new(move |_| {
            if matches!(this.delete.value().get(), Some(Ok(()))) {
                if let Some(note) = this.removing.try_update(Option::take).flatten() {
                    this.steps.took(Step::Removed(note));
                }
                changed.run(());
            }
        });
        this
    }

    fn edit(self, note: NoteView) {
        self.save.clear();
        self.edited.0.set(note.clone());
        self.before.set(Some(note));
    }

    fn is_edited(self, id: &str) -> bool {
        self.before
            .with(|b| b.as_ref().is_some_and(|note| note.id == id))
    }

    /// What is wrong with an input; faults are shown in the form that was sent.
    fn fault(
        self,
        field: &'static str,
        place: bool,
    ) -> impl Fn() -> Option<String> + Clone + Send + Sync {
        move || {
            let mine = self.sent.get() == place;
            self.save.value().with(|v| match v {
                Some(Err(error)) if mine => error.field(field),
                _ => None,
            })
        }
    }

    /// What is wrong with the whole, or with a removal.
    fn other(self) -> Option<String> {
        let saved = self.save.value().get().and_then(Result::err);
        let deleted = self.delete.value().get().and_then(Result::err);
        let general = saved.filter(|e| !matches!(e, crate::ApiError::Fields(_)));
        general.or(deleted).map(|e| e.to_string())
    }
}

/// The list, and the form for one more.
pub(super) fn notes(incident: String, notes: Vec<NoteView>, form: Form) -> AnyView {
    let body = if notes.is_empty() {
        view! {
            <p class="empty">
                "No note yet. What you write here stands on the timeline and in the report."
            </p>
        }
        .into_any()
    } else {
        let id = incident.clone();
        let items = notes
            .into_iter()
            .map(|n| note(id.clone(), n, form))
            .collect_view();
        view! { <ol class="notes">{items}</ol> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="h-notes">
            <h2 id="h-notes">"Notes"</h2>
            {body}
            {editor(incident, form, false)}
        </section>
    }
    .into_any()
}

/// A note, or the form in its place.
fn note(incident: String, note: NoteView, form: Form) -> AnyView {
    let (id, key) = (note.id.clone(), note.id.clone());
    view! {
        <li class="note" data-testid="annotation" data-note=key>
            {move || {
                if form.is_edited(&id) {
                    editor(incident.clone(), form, true)
                } else {
                    read(incident.clone(), note.clone(), form)
                }
            }}
        </li>
    }
    .into_any()
}

fn read(incident: String, note: NoteView, form: Form) -> AnyView {
    let (edited, removed) = (note.clone(), note.clone());
    view! {
        <div class="note-read" inner_html=note.html></div>
        <div
            class="note-actions"
            on:submit:capture=move |_| form.removing.set(Some(removed.clone()))
        >
            <button
                type="button"
                class="quiet"
                data-testid="annotation-edit"
                on:click=move |_| form.edit(edited.clone())
            >
                "Edit"
                <span class="visually-hidden">" the note of " {note.start.clone()}</span>
            </button>
            <ActionForm action=form.delete>
                <input type="hidden" name="incident" value=incident />
                <input type="hidden" name="annotation" value=note.id />
                <button type="submit" class="quiet" data-testid="annotation-delete">
                    "Remove"
                    <span class="visually-hidden">" the note of " {note.start}</span>
                </button>
            </ActionForm>
        </div>
    }
    .into_any()
}
