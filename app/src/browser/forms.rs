//! Forms of the server's parts of the page, sent without leaving it: where the server cannot answer, the
//! timeline, and what is written, are still there, with what is wrong and a button that tries again.
//! Without this the browser sends them itself, and the server leads it back.

use super::{Timeline, dom, dom::Ear, dom::Listener};
use crate::{ApiError, view::words::escaped};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

/// Forms that are sent this way; their functions lead to no other page.
const FORMS: &str = "form[method=post][data-stays]";

impl Timeline {
    pub(super) fn listen_to_forms(self: &Rc<Self>, listeners: &mut Vec<Listener>) {
        let weak = Rc::downgrade(self);
        let active = Ear {
            active: true,
            capture: false,
        };
        listeners.push(dom::listen(
            &dom::document(),
            "submit",
            active,
            move |event| {
                let form = dom::around(&event, FORMS)
                    .and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
                let Some((timeline, form)) = weak.upgrade().zip(form) else {
                    return;
                };
                event.prevent_default();
                // A second press while the first is under way is none.
                if !form.has_attribute("aria-busy") {
                    dom::set(&form, "aria-busy", Some("true"));
                    spawn_local(async move { timeline.send(form).await });
                }
            },
        ));
    }

    async fn send(self: Rc<Self>, form: HtmlFormElement) {
        let answer = posted(&form).await;
        dom::set(&form, "aria-busy", None);
        if let Some(said) = dom::one(&form, ".form-failed") {
            said.remove();
        }
        match answer {
            Ok(()) => {
                self.announce("Done.");
                self.ask_again();
            }
            Err(why) => {
                dom::append(
                    &form,
                    &format!(
                        "<p class=\"notice form-failed\" role=\"alert\" data-testid=\"form-failed\">{} \
                         Nothing here is lost. <button type=\"submit\" class=\"button\">Try again</button></p>",
                        escaped(&why)
                    ),
                );
            }
        }
    }
}

/// Sends a form to the function that it names; why it did not take it.
async fn posted(form: &HtmlFormElement) -> Result<(), String> {
    let silent = |_| "The server does not answer.".to_owned();
    let data = FormData::new_with_form(form).map_err(silent)?;
    // The fields in their order, as the browser would send them.
    let body = UrlSearchParams::new_with_str_sequence_sequence(&data).map_err(silent)?;
    let headers = Headers::new().map_err(silent)?;
    // A program asks: it is told what is wrong, and not sent to a page.
    headers
        .append("accept", "application/json")
        .map_err(silent)?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&body);
    let url = dom::attribute(form, "action");
    let asked = JsFuture::from(dom::window().fetch_with_str_and_init(&url, &init));
    let response: Response = asked.await.map_err(silent)?.unchecked_into();
    if response.ok() {
        return Ok(());
    }
    let status = response.status();
    let told = response.headers().has(SERVER_FN_ERROR_HEADER);
    let text = response.text().map_err(silent)?;
    let text = JsFuture::from(text).await.map_err(silent)?.as_string();
    match text.filter(|_| told.unwrap_or_default()) {
        Some(text) => Err(ApiError::de(text.into_bytes().into()).to_string()),
        None => Err(format!("The server answers {status}.")),
    }
}
