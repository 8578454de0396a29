//! The page as the browser has it: finding, reading and changing elements, and listening to them.
//! Nothing here can fail in a way that a reader could mend, so what is not there is left alone.

use js_sys::Function;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    AddEventListenerOptions, Document, Element, Event, EventTarget, HtmlElement, Node, Window,
};

pub(super) fn window() -> Window {
    leptos::prelude::window()
}

/// Since the page was opened; 0 where the browser does not tell.
pub(super) fn milliseconds() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

pub(super) fn document() -> Document {
    leptos::prelude::document()
}

/// The first element below `root` that a selector fits.
pub(super) fn one(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// The first element of the page that a selector fits.
pub(super) fn in_page(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element below `root` that a selector fits.
pub(super) fn all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|i| list.item(i)?.dyn_into().ok())
        .collect()
}

/// The nearest element that a selector fits, from where an event happened upwards.
pub(super) fn around(event: &Event, selector: &str) -> Option<HtmlElement> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()??.dyn_into().ok()
}

/// An attribute, empty where there is none.
pub(super) fn attribute(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}

/// A whole number in an attribute.
pub(super) fn number(element: &Element, name: &str) -> Option<i64> {
    element.get_attribute(name)?.parse().ok()
}

/// Sets an attribute, or takes it away.
pub(super) fn set(element: &Element, name: &str, value: Option<&str>) {
    // Names are our own and valid.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Sets the text of an element, where it is another. A text that is there is changed: in the place of a
/// new one the browser would style anew whatever depends on what the element holds.
pub(super) fn say(element: &Element, text: &str) {
    if element.text_content().as_deref() == Some(text) {
        return;
    }
    let only = element.first_child().filter(|node| {
        !text.is_empty() && node.node_type() == Node::TEXT_NODE && node.next_sibling().is_none()
    });
    match only {
        Some(node) => node.set_node_value(Some(text)),
        None => element.set_text_content(Some(text)),
    }
}

/// Hides an element, or shows it, where it is not so.
pub(super) fn hide(element: &HtmlElement, hidden: bool) {
    if element.hidden() != hidden {
        element.set_hidden(hidden);
    }
}

/// Sets a property of an element's style, which the policy of the page lets scripts do.
pub(super) fn style(element: &HtmlElement, name: &str, value: &str) {
    let _ = element.style().set_property(name, value);
}

/// Adds finished HTML of our own at the end of an element; gives the element that it added.
pub(super) fn append(element: &Element, html: &str) -> Option<HtmlElement> {
    element.insert_adjacent_html("beforeend", html).ok()?;
    element.last_element_child()?.dyn_into().ok()
}

/// An ear on an element, which closes when it is dropped.
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(Event)>,
    capture: bool,
}

impl Listener {
    fn function(&self) -> &Function {
        self.closure.as_ref().unchecked_ref()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback_and_bool(
            self.kind,
            self.function(),
            self.capture,
        );
    }
}

/// How an ear listens.
#[derive(Clone, Copy, Default)]
pub(super) struct Ear {
    /// Before the elements below hear.
    pub(super) capture: bool,
    /// It may keep the browser from doing what it usually does, and so holds up scrolling.
    pub(super) active: bool,
}

/// Listens to an element.
pub(super) fn listen(
    target: &EventTarget,
    kind: &'static str,
    ear: Ear,
    heard: impl FnMut(Event) + 'static,
) -> Listener {
    let listener = Listener {
        target: target.clone(),
        kind,
        closure: Closure::new(heard),
        capture: ear.capture,
    };
    let options = AddEventListenerOptions::new();
    options.set_capture(ear.capture);
    options.set_passive(!ear.active);
    let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
        kind,
        listener.function(),
        &options,
    );
    listener
}
