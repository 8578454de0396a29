//! The form of a note. What is written is kept outside of the page, which may be made again at any
//! time because something else has changed.

use super::Form;
use crate::{
    components::{Field, fault},
    page::{MentionView, NoteView},
    view::words::escaped,
};
use leptos::{ev::Event, form::ActionForm, prelude::*, web_sys::Element};
use std::fmt::Write;

/// A note as it is written by now.
#[derive(Clone, Copy)]
pub(super) struct Draft(pub(super) RwSignal<NoteView>);

impl Default for Draft {
    fn default() -> Self {
        Self(RwSignal::new(NoteView::default()))
    }
}

impl Draft {
    fn of(self, part: fn(&NoteView) -> &String) -> impl Fn() -> String + Clone + Send + Sync {
        move || self.0.with(|note| part(note).clone())
    }

    /// Takes what was written into an input.
    fn take(self, event: &Event) {
        let value = event_target_value(event);
        let name = event_target::<Element>(event).get_attribute("name");
        self.0.update(|note| match name.as_deref() {
            Some("start") => note.start = value,
            Some("end") => note.end = value,
            Some("text") => note.text = value,
            _ => {}
        });
    }

    /// Takes a mention that the picker has given: as the form sends it, and what people call it.
    fn mention(self, event: &Event) {
        let given = event_target_value(event);
        let Some((label, value)) = given.split_once('\n') else {
            return;
        };
        self.0.update(|note| {
            if !note.mentions.iter().any(|m| m.value == value) {
                note.mentions.push(MentionView {
                    value: value.to_owned(),
                    label: label.to_owned(),
                });
            }
        });
    }

    /// The mentions as the form sends them, each with a button that takes it out.
    fn chips(self) -> String {
        self.0.with(|note| {
            let mut html = String::new();
            for mention in &note.mentions {
                let (value, label) = (escaped(&mention.value), escaped(&mention.label));
                // Writing to a string cannot fail.
                let _ = write!(
                    html,
                    "<li class=\"mention\"><input type=\"hidden\" name=\"mentions[]\" value=\"{value}\">{label} \
                     <button type=\"button\" class=\"quiet\" data-unmention=\"{value}\" \
                     aria-label=\"Do not mention {label}\">×</button></li>"
                );
            }
            html
        })
    }

    /// A click among the mentions.
    fn unmention(self, event: &Event) {
        let value = event_target::<Element>(event).get_attribute("data-unmention");
        if let Some(value) = value {
            self.0
                .update(|note| note.mentions.retain(|m| m.value != value));
        }
    }
}

/// The form: of a new note, or in the `place` of the one that is edited.
pub(super) fn editor(incident: String, form: Form, place: bool) -> AnyView {
    let (draft, prefix, testid) = if place {
        (form.edited, "edit", "annotation-edit-form")
    } else {
        (form.fresh, "note", "annotation-form")
    };
    let field = |name, label, required| Field {
        form: prefix,
        name,
        label,
        hint: "",
        example: "",
        required,
    };
    let pending = form.save.pending();
    let text_id = format!("{prefix}-text");
    let let_go = move |_| {
        form.save.clear();
        form.before.set(None);
    };
    view! {
        <div
            class="note-form"
            data-testid=testid
            on:input=move |event| draft.take(&event)
            on:submit:capture=move |_| form.sent.set(place)
        >
            {(!place).then(|| view! { <h3>"Add a note"</h3> })}
            <ActionForm action=form.save>
                <input type="hidden" name="incident" value=incident />
                <input type="hidden" name="annotation" prop:value=draft.of(|n| &n.id) />
                <div class="pair">
                    {field("start", "From (UTC)", true)
                        .time(draft.of(|n| &n.start), form.fault("start", place))}
                    {field("end", "To (UTC), empty for a point in time", false)
                        .time(draft.of(|n| &n.end), form.fault("end", place))}
                </div>
                <div class="field">
                    <label for=text_id.clone()>"Note"</label>
                    <textarea
                        id=text_id
                        name="text"
                        rows="3"
                        required
                        data-mentions
                        prop:value=draft.of(|n| &n.text)
                    ></textarea>
                    <p class="hint">
                        <span class="field-fault">{form.fault("text", place)}</span>
                    </p>
                </div>
                <ul
                    class="references mentions"
                    inner_html=move || draft.chips()
                    on:click=move |event| draft.unmention(&event)
                ></ul>
                <input
                    type="hidden"
                    class="mention-add"
                    on:input=move |event| draft.mention(&event)
                />
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
                    <button type="button" class="button needs-browser" data-mention-pick>
                        "Mention…"
                    </button>
                    {place
                        .then(|| {
                            view! {
                                <button type="button" class="button" on:click=let_go>
                                    "Keep it as it was"
                                </button>
                            }
                        })}
                </p>
            </ActionForm>
        </div>
    }
    .into_any()
}
