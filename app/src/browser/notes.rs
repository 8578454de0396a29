//! Notes from the timeline: the form is filled with where the crosshair is, and gets the focus.

use super::{Timeline, dom};
use crate::view::words;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventInit, HtmlInputElement};

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
}

/// Writes into an input as a reader would, so that whoever listens to it hears.
fn fill(selector: &str, value: &str) {
    let input = dom::in_page(selector).and_then(|i| i.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return };
    input.set_value(value);
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        // Nobody stops it.
        let _ = input.dispatch_event(&event);
    }
}
