//! Inputs of plain forms: complete without JavaScript, and nothing that the browser's module has to
//! know. What was refused is said above the page (`components::refused`).

use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;

/// A line of text that is filled in by the server, so that it is there without JavaScript too.
#[derive(Default)]
pub(crate) struct Line {
    /// Its id, unique on the page.
    pub(crate) id: String,
    /// Name of the input.
    pub(crate) name: String,
    /// Label.
    pub(crate) label: &'static str,
    /// What belongs into it.
    pub(crate) hint: &'static str,
    /// What stands in it.
    pub(crate) value: String,
    /// An example.
    pub(crate) example: &'static str,
    /// What is wrong with it.
    pub(crate) fault: Option<String>,
}

impl Line {
    pub(crate) fn view(self) -> Markup {
        let hint = format!("{}-hint", self.id);
        let wrong = self.fault.is_some().then_some("true");
        let fault = self.fault.map(|fault| {
            view! { <span class="field-fault">{fault}</span> }
        });
        view! {
            <div class="field">
                <label for=self.id.clone()>{self.label}</label>
                <input
                    id=self.id
                    name=self.name
                    type="text"
                    value=self.value
                    placeholder=self.example
                    autocomplete="off"
                    aria-invalid=wrong
                    aria-describedby=hint.clone()
                />
                <p class="hint" id=hint>
                    {fault}
                    {self.hint}
                </p>
            </div>
        }
        .markup()
    }
}

/// A [`Line`] that the server finds nothing wrong with.
pub(crate) fn input(
    id: &str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
) -> Markup {
    let (id, name) = (id.to_owned(), name.to_owned());
    Line {
        id,
        name,
        label,
        hint,
        value,
        ..Line::default()
    }
    .view()
}

/// How long a link opens; the form that it belongs to is named where it stands outside of it.
pub(crate) fn days(id: &'static str, label: &'static str, form: Option<&'static str>) -> Markup {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id name="days" form=form>
                <option value="1">"for a day"</option>
                <option value="7" selected>
                    "for 7 days"
                </option>
                <option value="30">"for 30 days"</option>
                <option value="0">"until it is revoked"</option>
            </select>
        </div>
    }
    .markup()
}

pub(crate) fn choice(
    id: String,
    name: &'static str,
    label: &'static str,
    options: &[(&'static str, &'static str)],
    chosen: &str,
) -> Markup {
    let options = options
        .iter()
        .map(|(value, words)| {
            let selected = *value == chosen;
            view! {
                <option value=*value selected=selected>
                    {*words}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>
                {options}
            </select>
        </div>
    }
    .markup()
}
