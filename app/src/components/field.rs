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
    /// An example, of a line of text.
    #[cfg_attr(
        not(feature = "ssr"),
        expect(
            dead_code,
            reason = "lines of text are on pages that the server makes alone"
        )
    )]
    pub(crate) example: &'static str,
    /// Whether the form needs it.
    pub(crate) required: bool,
}

impl Field {
    fn id(self) -> String {
        format!("{}-{}", self.form, self.name)
    }

    /// A line of text that holds `value` at first, on pages that the server makes alone. `error` says what is
    /// wrong with it.
    #[cfg(feature = "ssr")]
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
                prop:value=value
            />
        };
        // `shell.js` writes into it, on pages that are not alive too.
        let local = view! { <span class="local"></span> };
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
