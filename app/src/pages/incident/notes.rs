//! Notes on the timeline: list, add, edit, remove.

use crate::{
    api::{DeleteAnnotation, SaveAnnotation},
    components::{Field, fault},
    page::NoteView,
};
use leptos::{form::ActionForm, html, prelude::*};

/// What the form remembers while the page around it is made again.
#[derive(Clone, Copy)]
pub(super) struct Form {
    save: ServerAction<SaveAnnotation>,
    delete: ServerAction<DeleteAnnotation>,
    /// The note that is being edited.
    editing: RwSignal<Option<NoteView>>,
    element: NodeRef<html::Form>,
}

impl Form {
    /// A form for a new note. `changed` runs when a note was saved or removed.
    pub(super) fn new(changed: Callback<()>) -> Self {
        let this = Self {
            save: ServerAction::new(),
            delete: ServerAction::new(),
            editing: RwSignal::new(None),
            element: NodeRef::new(),
        };
        Effect::new(move |_| {
            if matches!(this.save.value().get(), Some(Ok(()))) {
                this.clear();
                changed.run(());
            }
        });
        Effect::new(move |_| {
            if matches!(this.delete.value().get(), Some(Ok(()))) {
                changed.run(());
            }
        });
        this
    }

    fn clear(self) {
        self.editing.set(None);
        if let Some(form) = self.element.get_untracked() {
            form.reset();
        }
    }

    fn fault(self, field: &'static str) -> impl Fn() -> Option<String> + Clone + Send + Sync {
        move || {
            self.save.value().with(|v| match v {
                Some(Err(error)) => error.field(field),
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

    fn edited<T: Default>(self, of: impl Fn(&NoteView) -> T) -> T {
        self.editing
            .with(|e| e.as_ref().map(of))
            .unwrap_or_default()
    }
}

/// The list and its form.
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
            {editor(incident, form)}
        </section>
    }
    .into_any()
}

fn note(incident: String, note: NoteView, form: Form) -> AnyView {
    let mut when = note.start.clone();
    if !note.end.is_empty() {
        when.push_str(" to ");
        when.push_str(&note.end);
    }
    when.push_str(" UTC");
    if !note.author.is_empty() {
        when.push_str(" · ");
        when.push_str(&note.author);
    }
    let edited = note.clone();
    view! {
        <li class="note" data-testid="annotation">
            <p class="small dim">{when}</p>
            <p class="note-text">{note.text}</p>
            <div class="note-actions">
                <button
                    type="button"
                    class="quiet"
                    data-testid="annotation-edit"
                    on:click=move |_| edit(form, edited.clone())
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
        </li>
    }
    .into_any()
}

fn edit(form: Form, note: NoteView) {
    form.save.clear();
    form.editing.set(Some(note));
    if let Some(element) = form.element.get_untracked() {
        element.scroll_into_view();
    }
}

fn editor(incident: String, form: Form) -> AnyView {
    let field = |name, label, required| Field {
        form: "note",
        name,
        label,
        hint: "",
        example: "",
        required,
    };
    let start = move || form.edited(|n| n.start.clone());
    let end = move || form.edited(|n| n.end.clone());
    let editing = move || form.editing.with(Option::is_some);
    let pending = form.save.pending();
    view! {
        <div class="note-form" data-testid="annotation-form">
            <h3>{move || if editing() { "Edit the note" } else { "Add a note" }}</h3>
            <ActionForm action=form.save node_ref=form.element>
                <input type="hidden" name="incident" value=incident />
                <input
                    type="hidden"
                    name="annotation"
                    prop:value=move || form.edited(|n| n.id.clone())
                />
                <div class="pair">
                    {field("start", "From (UTC)", true).time(start, form.fault("start"))}
                    {field("end", "To (UTC), empty for a point in time", false)
                        .time(end, form.fault("end"))}
                </div>
                <div class="field">
                    <label for="note-text">"Note"</label>
                    <textarea
                        id="note-text"
                        name="text"
                        rows="3"
                        required
                        prop:value=move || form.edited(|n| n.text.clone())
                    ></textarea>
                    <p class="hint">
                        <span class="field-fault">{form.fault("text")}</span>
                    </p>
                </div>
                {fault(move || form.other())}
                <p class="actions">
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="annotation-save"
                        disabled=move || pending.get()
                    >
                        "Save"
                    </button>
                    <Show when=editing>
                        <button type="button" class="button" on:click=move |_| form.clear()>
                            "Keep it as it was"
                        </button>
                    </Show>
                </p>
            </ActionForm>
        </div>
    }
    .into_any()
}
