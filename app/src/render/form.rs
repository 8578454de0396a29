//! Inputs of plain forms: complete without JavaScript, and nothing that the browser's module has to
//! know. What was refused is said above the page (`components::refused`).

use leptos::prelude::*;

/// A line of text that is filled in by the server, so that it is there without JavaScript too.
pub(crate) fn input(
    id: &str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
) -> AnyView {
    view! {
        <div class="field">
            <label for=id.to_owned()>{label}</label>
            <input
                id=id.to_owned()
                name=name
                type="text"
                value=value
                autocomplete="off"
                aria-describedby=format!("{id}-hint")
            />
            <p class="hint" id=format!("{id}-hint")>
                {hint}
            </p>
        </div>
    }
    .into_any()
}

pub(crate) fn choice(
    id: String,
    name: &'static str,
    label: &'static str,
    options: &[(&'static str, &'static str)],
    chosen: &str,
) -> AnyView {
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
    .into_any()
}
