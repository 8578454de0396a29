//! Notes from the timeline: the form is filled with where the crosshair is, and gets the focus; and
//! what a note mentions is picked out of all series and events.

use super::{Timeline, dom, fetch, menu::field};
use crate::view::words;
use chart::{Content, Role};
use js_sys::{Array, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventInit, HtmlElement, HtmlInputElement};

/// Events that are found by words.
const FOUND: usize = 20;

/// The picker of mentions.
#[derive(Default)]
pub(super) struct Mentions {
    /// The form that asked; `None`: the palette goes to places.
    form: RefCell<Option<HtmlElement>>,
    /// Events that were found by the words that are written.
    found: RefCell<Vec<(String, String)>>,
    /// The words.
    words: RefCell<String>,
}

impl Timeline {
    /// A note at the crosshair, over the selection, or else of the middle of the window.
    pub(super) fn write_note(self: &Rc<Self>) {
        let at = self.cross.get().unwrap_or_else(|| self.middle());
        let (start, end) = match self.mark.get() {
            Some(mark) if mark != at => (mark.min(at), Some(mark.max(at))),
            _ => (at, None),
        };
        fill("#note-start", &words::for_form(start));
        fill("#note-end", &end.map(words::for_form).unwrap_or_default());
        if let Some(text) = dom::in_page("#note-text") {
            text.scroll_into_view_with_bool(false);
            let _ = text.focus();
        }
    }

    /// Opens the picker where its button was pressed, or an `@` was written.
    pub(super) fn maybe_mention(self: &Rc<Self>, event: &Event) -> bool {
        let asked = dom::around(event, "[data-mention-pick]").is_some()
            || (dom::around(event, "[data-mentions]").is_some()
                && field(event, "data").as_string().as_deref() == Some("@"));
        let form = dom::around(event, ".note-form").filter(|_| asked);
        let there = form.is_some();
        if there {
            self.open_palette();
            self.mentions.form.replace(form);
            self.fill_palette();
            self.find_events();
        }
        there
    }

    /// The palette goes to places again.
    pub(super) fn forget_mention(&self) {
        self.mentions.form.take();
        self.mentions.found.take();
        self.mentions.words.take();
    }

    /// What can be mentioned; `None`: nobody asks.
    pub(super) fn mentionable(&self) -> Option<Vec<(String, String)>> {
        self.mentions.form.borrow().as_ref()?;
        let mut all = Vec::new();
        for row in self.rows.borrow().iter() {
            if let Some(lane) = row.lane()
                && let Content::Metric(plot) = &lane.content
            {
                let title = &lane.title;
                let measured = || plot.curves.iter().filter(|c| c.role == Role::Measured);
                all.extend(measured().map(|curve| {
                    let label = if measured().count() > 1 {
                        format!("{title}: {}", curve.label)
                    } else {
                        title.clone()
                    };
                    (format!("mention series:{}", curve.series), label)
                }));
            }
        }
        let listed = self.listed.borrow();
        for lane in listed.iter() {
            if let [series] = lane.series.as_slice() {
                let what = format!("mention series:{series}");
                if !all.iter().any(|(w, _)| *w == what) {
                    all.push((what, lane.title.clone()));
                }
            }
        }
        all.extend(self.mentions.found.borrow().iter().cloned());
        Some(all)
    }

    /// Finds events by the words that are written in the picker.
    pub(super) fn find_events(self: &Rc<Self>) {
        let Some(ask) = super::dialogs::palette_ask() else {
            return;
        };
        if self.mentions.form.borrow().is_none() {
            return;
        }
        let asked = ask.value();
        self.mentions.words.replace(asked.clone());
        let text = String::from(js_sys::encode_uri_component(&asked));
        let url = format!(
            "/api/incidents/{}/events?limit={FOUND}&text={text}",
            self.incident
        );
        let timeline = self.clone();
        spawn_local(async move {
            let Ok(answer) = fetch::json(&url).await else {
                return;
            };
            if *timeline.mentions.words.borrow() != asked {
                return;
            }
            let text = |row: &wasm_bindgen::JsValue, name| field(row, name).as_string();
            let found = Array::from(&field(&answer, "rows"))
                .iter()
                .filter_map(|row| {
                    let title = text(&row, "title").filter(|t| !t.is_empty());
                    let label = title.or_else(|| text(&row, "object"))?;
                    Some((format!("mention event:{}", text(&row, "id")?), label))
                })
                .collect();
            timeline.mentions.found.replace(found);
            timeline.fill_palette();
        });
    }

    /// Writes a mention into the form that asked for it.
    pub(super) fn mention(&self, value: &str, label: &str) {
        let Some(form) = self.mentions.form.take() else {
            return;
        };
        self.forget_mention();
        if let Some(input) = dom::one(&form, ".mention-add") {
            tell(&input, &format!("{label}\n{value}"));
        }
        if let Some(text) = dom::one(&form, "[data-mentions]") {
            let _ = text.focus();
            let written = field(&text, "value").as_string().unwrap_or_default();
            let blank = written.is_empty() || written.ends_with(['@', ' ', '\n']);
            let at = match (written.ends_with('@'), blank) {
                (true, _) => "",
                (false, true) => "@",
                (false, false) => " @",
            };
            tell(&text, &format!("{written}{at}{label} "));
        }
    }
}

/// Writes into an input as a reader would, so that whoever listens to it hears.
fn fill(selector: &str, value: &str) {
    let input = dom::in_page(selector).filter(|i| i.dyn_ref::<HtmlInputElement>().is_some());
    if let Some(input) = input {
        tell(&input, value);
    }
}

fn tell(input: &HtmlElement, value: &str) {
    let _ = Reflect::set(input, &"value".into(), &value.into());
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        // Nobody stops it.
        let _ = input.dispatch_event(&event);
    }
}
