//! Inputs of forms: a label, a hint, and what is wrong, tied together for screen readers.

use leptos::prelude::*;

/// What an input is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Field {
    /// Prefix of its id, one a form.
    pub(crate) form: &'static str,
    /// Name and rest of its id.
    pub(crate) name: &'static str,
    /// Label.
    pub(crate) label: &'static str,
    /// What belongs into it.
    pub(crate) hint: &'static str,
    /// An example.
    pub(crate) example: &'static str,
    /// Whether the form needs it.
    pub(crate) required: bool,
}

impl Field {
    fn id(self) -> String {
        format!("{}-{}", self.form, self.name)
    }

    /// A line of text that holds `value` at first. `error` says what is wrong with it.
    pub(crate) fn line(
        self,
        value: String,
        error: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
    ) -> AnyView {
        let input = view! {
            <input
                id=self.id()
                name=self.name
                type="text"
                value=value
                placeholder=self.example
                required=self.required
                autocomplete="off"
                aria-describedby=format!("{}-hint", self.id())
            />
        };
        self.around(input.into_any(), ().into_any(), error)
    }

    /// An instant in UTC, with the reader's own time beside it. Text and not `datetime-local`,
    /// whose clock is the browser's and whose order of day and month is anybody's guess.
    pub(crate) fn time(
        self,
        value: impl Fn() -> String + Send + Sync + 'static,
        error: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
    ) -> AnyView {
        // As an attribute too: the form is filled in without JavaScript.
        let first = untrack(&value);
        let text = RwSignal::new(first.clone());
        Effect::new(move |_| text.set(value()));
        let input = view! {
            <input
                id=self.id()
                name=self.name
                type="text"
                value=first
                placeholder="2020-05-22 03:00"
                required=self.required
                autocomplete="off"
                inputmode="numeric"
                aria-describedby=format!("{}-hint", self.id())
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
        };
        let local = local_time(text);
        self.around(input.into_any(), local.into_any(), error)
    }

    fn around(
        self,
        input: AnyView,
        beside: AnyView,
        error: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
    ) -> AnyView {
        view! {
            <div class="field">
                <label for=self.id()>{self.label}</label>
                {input}
                <p class="hint" id=format!("{}-hint", self.id())>
                    <span class="field-fault">{error}</span>
                    {self.hint}
                    {beside}
                </p>
            </div>
        }
        .into_any()
    }
}

/// What a time in UTC is on the reader's own clock; empty until the page has come to life.
fn local_time(text: RwSignal<String>) -> impl IntoView {
    let local = RwSignal::new(String::new());
    Effect::new(move |_| local.set(text.with(|t| on_own_clock(t)).unwrap_or_default()));
    view! { <span class="local">{move || local.get()}</span> }
}

/// `your time: 22 May 2020, 05:00:00 CEST`, in the browser's own language. Runs in the browser
/// alone. Lenient, as it only helps: the server reads the form.
fn on_own_clock(text: &str) -> Option<String> {
    use leptos::web_sys::js_sys;
    let text = text.trim().replacen(' ', "T", 1);
    let zoned = text.len() > 16 && (text.ends_with('Z') || text.rfind('+') > Some(10));
    let iso = if zoned { text } else { format!("{text}Z") };
    let date = js_sys::Date::new(&iso.as_str().into());
    if iso.len() < "2020-05-22T03:00Z".len() || date.get_time().is_nan() {
        return None;
    }
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "long")] {
        // A plain object takes every property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    let text = String::from(date.to_locale_string("default", &options));
    Some(format!("your time: {text}"))
}
