//! Instants on pages: UTC on the server and in the browser alike. The reader's own time comes
//! after hydration, as a title on hover or focus (see `shell.js`) or from [`local_time`].

use leptos::prelude::*;
use model::{Timestamp, Window};

/// `2020-05-22 03:00`, marked up as a time. UTC; pages say so in their headings.
pub(crate) fn instant(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.to_string()>{at.minute()}</time> }
}

/// `2020-05-20 00:00 to 2020-05-23 00:00 UTC`.
pub(crate) fn span(window: Window) -> impl IntoView {
    view! {
        <span class="span">
            {instant(window.start)} " to " {instant(window.end)} " UTC"
        </span>
    }
}

/// What an instant is on the reader's own clock; empty until the page has come to life.
pub(crate) fn local_time(
    at: impl Fn() -> Option<Timestamp> + Send + Sync + 'static,
) -> impl IntoView {
    let (text, set_text) = signal(String::new());
    Effect::new(move |_| set_text.set(at().map(local_text).unwrap_or_default()));
    view! { <span class="local">{move || text.get()}</span> }
}

/// `5/22/2020, 5:00 AM GMT+2`, in the browser's own language. Runs in the browser alone.
fn local_text(at: Timestamp) -> String {
    use leptos::web_sys::js_sys;
    let date = js_sys::Date::new(&js_sys::Number::from(at.millis() as f64));
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "long")] {
        // A plain object takes every property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    let text = String::from(date.to_locale_string("default", &options));
    format!("your time: {text}")
}
